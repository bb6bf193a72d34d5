#include "console/views/visibility_card.h"

#include <wx/intl.h>
#include <wx/sizer.h>
#include <wx/statbmp.h>
#include <wx/stattext.h>

#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr int kFirstWidth = 300;

}  // namespace

VisibilityCardView::VisibilityCardView(wxWindow* parent, const wxString& name)
    : wxScrolledWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL | wxBORDER_NONE,
                       name) {
    SetScrollRate(0, FromDIP(8));
    setAccessibleName(this, _("Verdict"));
    theme().watch(this, [this] {
        if (isBuilt_) build();
    });
}

void VisibilityCardView::set(const VisibilityCard& card) {
    if (isBuilt_ && card == card_) return;
    card_ = card;
    build();
}

void VisibilityCardView::build() {
    isBuilt_ = true;
    Freeze();
    SetSizer(nullptr);
    DestroyChildren();
    auto* column = new wxBoxSizer(wxVERTICAL);
    const auto muted = theme().colour(Theme::Ink::Muted);
    const auto add = [this, column](const std::string& text, int border) {
        auto* label = new WrapText(this, toWx(text), kFirstWidth);
        column->Add(label, wxSizerFlags().Expand().Border(wxTOP, border));
        return label;
    };
    const auto section = [this, column](const wxString& text) {
        auto* label = new wxStaticText(this, wxID_ANY, text);
        label->SetFont(headFont(this));
        column->Add(label, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    };
    auto* head = new wxBoxSizer(wxHORIZONTAL);
    if (card_.mark != Mark::None)
        head->Add(new wxStaticBitmap(this, wxID_ANY, markIcon(card_.mark, 20)),
                  wxSizerFlags().Border(wxRIGHT, gap(this)));
    auto* title = new WrapText(this, wxEmptyString, kFirstWidth);
    title->SetFont(GetFont().Scaled(1.15F).Bold());
    title->setText(toWx(card_.title));
    head->Add(title, wxSizerFlags(1).CentreVertical());
    column->Add(head, wxSizerFlags().Expand());
    if (!card_.certainty.empty()) add(card_.certainty, halfGap(this))->SetForegroundColour(muted);
    if (!card_.sentence.empty()) add(card_.sentence, gap(this));
    if (!card_.todo.empty()) {
        section(_("What to do"));
        add(card_.todo, halfGap(this));
    }
    if (!card_.retestNote.empty()) add(card_.retestNote, gap(this))->SetForegroundColour(muted);
    if (!card_.facts.empty()) {
        auto* grid = new wxFlexGridSizer(2, halfGap(this), gap(this, 2));
        for (const auto& fact : card_.facts) {
            auto* label = new wxStaticText(this, wxID_ANY, toWx(fact.label));
            label->SetForegroundColour(muted);
            auto* value = new wxStaticText(this, wxID_ANY, escapedLabel(toWx(fact.value)));
            if (!fact.hint.empty()) value->SetToolTip(toWx(fact.hint));
            grid->Add(label);
            grid->Add(value);
        }
        column->Add(grid, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    }
    if (!card_.changes.empty()) {
        section(_("What changed before"));
        for (const auto& change : card_.changes)
            add(change, halfGap(this));
    }
    auto* padded = new wxBoxSizer(wxVERTICAL);
    padded->Add(column, wxSizerFlags(1).Expand().Border(wxRIGHT, gap(this)));
    SetSizer(padded);
    FitInside();
    Layout();
    Scroll(0, 0);
    Thaw();
}

}  // namespace causeway::console
