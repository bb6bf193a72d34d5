#include "console/views/trace_card.h"

#include <wx/button.h>
#include <wx/intl.h>
#include <wx/sizer.h>
#include <wx/statbmp.h>
#include <wx/textctrl.h>

#include "console/presenters/text_format.h"
#include "console/views/text_tools.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr int kFirstWidth = 340;

}  // namespace

TraceCardView::TraceCardView(wxWindow* parent, AppContext& app, const wxString& name)
    : wxScrolledWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL | wxBORDER_NONE,
                       name),
      app_(app) {
    SetScrollRate(0, FromDIP(8));
    setAccessibleName(this, _("Verdict"));
    theme().watch(this, [this] {
        if (isBuilt_) build();
    });
}

void TraceCardView::set(const TraceCard& card, Mark retestMark, const std::string& retest) {
    if (isBuilt_ && card == card_ && retestMark == retestMark_ && retest == retest_) return;
    card_ = card;
    retestMark_ = retestMark;
    retest_ = retest;
    build();
}

void TraceCardView::addCommand(wxSizer* column, const wxString& command, std::size_t number) {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    auto* field = new wxTextCtrl(this, wxID_ANY, command, wxDefaultPosition, FromDIP(wxSize(80, -1)), wxTE_READONLY);
    field->SetFont(wxFont(wxFontInfo(GetFont().GetPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    field->SetToolTip(command);
    const auto what = wxString::Format(_("Command of step %s"), toWx(countText(number)));
    setAccessibleName(field, what);
    auto* copy = iconButton(this, _("Copy command"), "copy");
    copy->SetToolTip(command);
    setAccessibleName(copy, wxString::Format(_("Copy the command of step %s"), toWx(countText(number))));
    copy->Bind(wxEVT_BUTTON, [this, command](wxCommandEvent&) { copyText(app_, command, _("Copied the command.")); });
    row->Add(field, wxSizerFlags(1).CentreVertical());
    row->Add(copy, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    column->Add(row, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
}

void TraceCardView::build() {
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

    auto* head = new wxBoxSizer(wxHORIZONTAL);
    if (card_.mark != Mark::None) {
        auto* picture = new wxStaticBitmap(this, wxID_ANY, markIcon(card_.mark, 20));
        head->Add(picture, wxSizerFlags().Border(wxRIGHT, gap(this)));
    }
    auto* title = new WrapText(this, wxEmptyString, kFirstWidth);
    title->SetFont(GetFont().Scaled(1.15F).Bold());
    title->setText(toWx(card_.title));
    head->Add(title, wxSizerFlags(1).CentreVertical());
    column->Add(head, wxSizerFlags().Expand());
    if (!card_.certainty.empty()) add(card_.certainty, halfGap(this))->SetForegroundColour(muted);
    if (!card_.sentence.empty()) add(card_.sentence, gap(this));
    if (!retest_.empty()) {
        auto* row = new wxBoxSizer(wxHORIZONTAL);
        row->Add(new wxStaticBitmap(this, wxID_ANY, markIcon(retestMark_)), wxSizerFlags().Border(wxRIGHT, gap(this)));
        row->Add(new WrapText(this, toWx(retest_), kFirstWidth), wxSizerFlags(1).Expand());
        column->Add(row, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    }
    const auto section = [this, column](const wxString& text) {
        auto* label = new wxStaticText(this, wxID_ANY, text);
        label->SetFont(headFont(this));
        column->Add(label, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    };
    if (!card_.todo.empty()) {
        section(_("What to do"));
        std::size_t number = 0;
        for (const auto& step : card_.todo) {
            ++number;
            auto* row = new wxBoxSizer(wxHORIZONTAL);
            auto* count = new wxStaticText(this, wxID_ANY, toWx(countText(number)) + ".");
            count->SetMinSize(wxSize(GetTextExtent("00.").x, -1));
            auto* inside = new wxBoxSizer(wxVERTICAL);
            inside->Add(new WrapText(this, toWx(step.text), kFirstWidth - 24), wxSizerFlags().Expand());
            if (!step.command.empty()) addCommand(inside, toWx(step.command), number);
            row->Add(count, wxSizerFlags());
            row->Add(inside, wxSizerFlags(1).Border(wxLEFT, halfGap(this)));
            column->Add(row, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
        }
        auto* all = iconButton(this, _("&Copy all steps"), "copy");
        all->Bind(wxEVT_BUTTON,
                  [this](wxCommandEvent&) { copyText(app_, toWx(remedyText(card_)), _("Copied what to do.")); });
        column->Add(all, wxSizerFlags().Border(wxTOP, gap(this)));
    }
    if (!card_.missing.empty()) add(card_.missing, gap(this, 2));
    if (!card_.others.empty()) {
        section(_("Also found"));
        add(card_.others, halfGap(this));
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
