#include "console/views/fact_list.h"

#include <algorithm>

#include <wx/sizer.h>

#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

FactList::FactList(wxWindow* parent, const wxString& name, const wxString& accessibleName)
    : wxScrolledWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL | wxBORDER_NONE,
                       name) {
    SetScrollRate(0, FromDIP(8));
    setAccessibleName(this, accessibleName);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        if (columnsFor(event.GetSize().x) != columns_) arrange();
    });
    theme().watch(this, [this] {
        for (std::size_t at = 0; at < lines_.size(); ++at) {
            lines_[at].label->SetForegroundColour(theme().colour(Theme::Ink::Muted));
            if (at < facts_.size()) lines_[at].mark->SetBitmap(markIcon(facts_[at].mark));
        }
    });
}

int FactList::columnsFor(int width) const {
    return std::clamp(width / FromDIP(330), 1, mostColumns_);
}

void FactList::set(const std::vector<Fact>& facts) {
    while (lines_.size() < facts.size()) {
        Line line{};
        line.label = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxALIGN_RIGHT);
        line.label->SetForegroundColour(theme().colour(Theme::Ink::Muted));
        line.mark = new wxStaticBitmap(this, wxID_ANY, markIcon(Mark::Unknown, 14));
        line.value = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
        line.cell = nullptr;
        lines_.push_back(line);
    }
    bool needsLayout = facts.size() != arranged_;
    for (std::size_t at = 0; at < facts.size(); ++at) {
        const Fact& fact = facts[at];
        Line& line = lines_[at];
        const wxString label = escapedLabel(toWx(fact.label));
        const wxString value = escapedLabel(toWx(fact.value));
        if (line.label->GetLabel() != label) {
            line.label->SetLabel(label);
            needsLayout = true;
        }
        if (line.value->GetLabel() != value) {
            line.value->SetLabel(value);
            needsLayout = true;
        }
        const bool hasMark = fact.mark != Mark::None;
        if (at >= facts_.size() || facts_[at].mark != fact.mark) {
            line.mark->SetBitmap(markIcon(fact.mark, 14));
            needsLayout = true;
        }
        const wxString hint = toWx(fact.hint.empty() ? fact.value : fact.hint);
        if (line.value->GetToolTipText() != hint) line.value->SetToolTip(hint);
        line.mark->Show(hasMark);
    }
    facts_ = facts;
    if (needsLayout) arrange();
}

void FactList::arrange() {
    columns_ = columnsFor(GetSize().x);
    const std::size_t columns = static_cast<std::size_t>(columns_);
    const std::size_t rows = (facts_.size() + columns - 1) / columns;
    arranged_ = facts_.size();
    auto* outer = new wxBoxSizer(wxHORIZONTAL);
    for (std::size_t at = 0; at < lines_.size(); ++at) {
        const bool isUsed = at < facts_.size();
        lines_[at].label->Show(isUsed);
        lines_[at].value->Show(isUsed);
        if (!isUsed) lines_[at].mark->Hide();
        for (wxWindow* part : {static_cast<wxWindow*>(lines_[at].label), static_cast<wxWindow*>(lines_[at].mark),
                               static_cast<wxWindow*>(lines_[at].value)}) {
            if (part->GetContainingSizer()) part->GetContainingSizer()->Detach(part);
        }
    }
    for (std::size_t column = 0; column < columns; ++column) {
        auto* grid = new wxFlexGridSizer(2, wxSize(gap(this), halfGap(this)));
        grid->AddGrowableCol(1);
        for (std::size_t at = column * rows; at < std::min((column + 1) * rows, facts_.size()); ++at) {
            auto* cell = new wxBoxSizer(wxHORIZONTAL);
            cell->Add(lines_[at].mark, wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
            cell->Add(lines_[at].value, wxSizerFlags(1).CentreVertical());
            lines_[at].value->SetMinSize(wxSize(FromDIP(60), -1));
            grid->Add(lines_[at].label, wxSizerFlags().Right().CentreVertical());
            grid->Add(cell, wxSizerFlags(1).Expand().CentreVertical());
        }
        outer->Add(grid, wxSizerFlags(1).Border(wxRIGHT, gap(this, 2)));
    }
    SetSizer(outer);
    FitInside();
    Layout();
}

wxString FactList::asText() const {
    wxString text;
    for (const Fact& fact : facts_)
        text += toWx(fact.label) + "\t" + toWx(fact.value) + "\n";
    return text;
}

}  // namespace causeway::console
