#include "console/views/detail_pane.h"

#include <wx/sizer.h>

#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

DetailPane::DetailPane(wxWindow* parent, const wxString& name)
    : wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, name) {
    auto* column = new wxBoxSizer(wxVERTICAL);
    titleRow_ = new wxBoxSizer(wxHORIZONTAL);
    title_ = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    title_->SetFont(GetFont().Scaled(1.15F).Bold());
    titleRow_->Add(title_, wxSizerFlags(1).CentreVertical());
    auto* close = iconButton(this, {}, "remove", _("Close the details"));
    close->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        if (onClose) onClose();
    });
    titleRow_->Add(close, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    book_ = new wxNotebook(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, 0, name + ".tabs");
    turnPagesByKey(book_);
    setAccessibleName(book_, _("Details of the selected user"));
    const auto page = [this](wxWindow* content, const wxString& title) {
        auto* holder = content->GetParent();
        auto* sizer = new wxBoxSizer(wxVERTICAL);
        sizer->Add(content, wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
        holder->SetSizer(sizer);
        book_->AddPage(holder, title);
    };
    facts_ = new FactList(new wxPanel(book_), name + ".facts", _("Facts"));
    page(facts_, _("Facts"));
    addresses_ = new PlainList(new wxPanel(book_), name + ".addresses", _("Addresses"),
                               {{_("Address"), 180, false}, {_("Last seen"), 120, false}, {_("Time"), 360, false}});
    page(addresses_, _("Addresses"));
    history_ = new PlainList(new wxPanel(book_), name + ".history", _("History"),
                             {{_("Time"), 160, false}, {_("What happened"), 560, false}});
    page(history_, _("History"));
    column->Add(titleRow_, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    column->Add(book_, wxSizerFlags(1).Expand());
    SetSizer(column);
    book_->Bind(wxEVT_NOTEBOOK_PAGE_CHANGED, [this](wxBookCtrlEvent& event) {
        event.Skip();
        if (isHistoryShown() && onHistoryShown) onHistoryShown();
    });
}

void DetailPane::setTitle(const wxString& title) {
    const wxString label = escapedLabel(title);
    if (title_->GetLabel() != label) title_->SetLabel(label);
}

wxButton* DetailPane::addAction(const wxString& label, const wxString& iconName, std::function<void()> action,
                                const wxString& tooltip) {
    auto* button = iconButton(this, label, iconName, tooltip);
    onPress(button, std::move(action));
    // In front of the close button, which was made first.
    titleRow_->Insert(titleRow_->GetItemCount() - 1, button, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    button->MoveBeforeInTabOrder(titleRow_->GetItem(titleRow_->GetItemCount() - 1)->GetWindow());
    return button;
}

void DetailPane::setAddresses(const std::vector<Fact>& addresses) {
    std::vector<PlainList::Row> rows;
    for (const Fact& fact : addresses) {
        rows.push_back({rows.size() + 1, false, {toWx(fact.label), toWx(fact.value), toWx(fact.hint)}});
    }
    addresses_->setRows(std::move(rows));
}

void DetailPane::setHistory(const std::vector<Fact>& history, const wxString& none) {
    std::vector<PlainList::Row> rows;
    for (const Fact& fact : history)
        rows.push_back({rows.size() + 1, false, {toWx(fact.hint), toWx(fact.value)}});
    if (rows.empty() && !none.empty()) rows.push_back({1, false, {wxString(), none}});
    history_->setRows(std::move(rows));
}

wxString DetailPane::asText() const {
    return title_->GetLabelText() + "\n" + facts_->asText();
}

}  // namespace causeway::console
