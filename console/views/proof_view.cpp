#include "console/views/proof_view.h"

#include <wx/intl.h>
#include <wx/sizer.h>
#include <wx/stattext.h>

#include "console/views/text_tools.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

ProofView::ProofView(wxWindow* parent, const wxString& name, const wxString& accessibleName)
    : wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, name) {
    auto* column = new wxBoxSizer(wxVERTICAL);
    list_ = new wxDataViewListCtrl(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(420, 112)),
                                   wxDV_SINGLE | wxDV_ROW_LINES);
    list_->SetName(name + ".steps");
    setAccessibleName(list_, accessibleName);
    list_->AppendTextColumn(_("Step"), wxDATAVIEW_CELL_INERT, FromDIP(236), wxALIGN_LEFT, wxDATAVIEW_COL_RESIZABLE);
    list_->AppendIconTextColumn(_("Result"), wxDATAVIEW_CELL_INERT, FromDIP(92), wxALIGN_LEFT,
                                wxDATAVIEW_COL_RESIZABLE);
    list_->AppendTextColumn(_("Time"), wxDATAVIEW_CELL_INERT, FromDIP(58), wxALIGN_RIGHT, wxDATAVIEW_COL_RESIZABLE);
    list_->AppendTextColumn(_("What it proves"), wxDATAVIEW_CELL_INERT, FromDIP(320), wxALIGN_LEFT,
                            wxDATAVIEW_COL_RESIZABLE);
    details_ = new wxTextCtrl(this, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(-1, 76)),
                              wxTE_MULTILINE | wxTE_READONLY | wxTE_BESTWRAP);
    details_->SetName(name + ".details");
    setAccessibleName(details_, _("All about the chosen step"));
    column->Add(list_, wxSizerFlags(3).Expand());
    column->Add(details_, wxSizerFlags(2).Expand().Border(wxTOP, gap(this)));
    SetSizer(column);
    list_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        if (isFilling_) return;
        wasChosen_ = true;
        showDetails();
    });
}

void ProofView::setProof(const ProofStep& proof) {
    const int before = list_->GetSelectedRow();
    const bool isFirst = rows_.empty();
    proof_ = proof;
    hint_.clear();
    auto rows = proofRows(proof);
    isFilling_ = true;
    const bool isSameShape = rows.size() == rows_.size() && list_->GetItemCount() == static_cast<int>(rows.size());
    if (!isSameShape) list_->DeleteAllItems();
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const auto& row = rows[at];
        wxVector<wxVariant> values;
        values.push_back(wxString(' ', row.depth * 4) + toWx(row.name));
        wxVariant result;
        result << wxDataViewIconText(toWx(row.result), markIcon(row.mark));
        values.push_back(result);
        values.push_back(toWx(row.took));
        values.push_back(toWx(row.proves));
        if (!isSameShape) {
            list_->AppendItem(values);
            continue;
        }
        for (unsigned column = 0; column < values.size(); ++column)
            list_->SetValue(values[column], static_cast<unsigned>(at), column);
    }
    rows_ = std::move(rows);
    int wanted = wasChosen_ && !isFirst && isSameShape ? before : wxNOT_FOUND;
    if (wanted == wxNOT_FOUND)
        wanted = static_cast<int>(troubleRow(rows_).value_or(rows_.empty() ? 0 : rows_.size() - 1));
    if (wanted < static_cast<int>(rows_.size())) {
        list_->SelectRow(static_cast<unsigned>(wanted));
        list_->EnsureVisible(list_->RowToItem(wanted));
    }
    isFilling_ = false;
    showDetails();
}

void ProofView::setHint(const wxString& text) {
    proof_ = {};
    rows_.clear();
    hint_ = text;
    wasChosen_ = false;
    isFilling_ = true;
    list_->DeleteAllItems();
    isFilling_ = false;
    showDetails();
}

void ProofView::showDetails() {
    const int at = list_->GetSelectedRow();
    const wxString text = at >= 0 && static_cast<std::size_t>(at) < rows_.size()
                              ? toWx(rows_[static_cast<std::size_t>(at)].details)
                              : hint_;
    if (details_->GetValue() != text) details_->ChangeValue(text);
}

ProofDialog::ProofDialog(wxWindow* parent, AppContext& app, const wxString& title, const wxString& fileName)
    : wxDialog(parent, wxID_ANY, title, wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      app_(app) {
    SetName("dialog.proof");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    sentence_ = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    sentence_->SetFont(headFont(this));
    view_ = new ProofView(this, "proof", _("Steps of the proof"));
    outer->Add(sentence_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxTOP, gap(this, 2)));
    outer->Add(view_, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    check_ = iconButton(this, _("Chec&k again"), "refresh", _("Measure now; the steps follow"));
    check_->Hide();
    auto* copy = iconButton(this, _("&Copy"), "copy", _("Copy the whole proof as text"));
    auto* exporting = iconButton(this, _("E&xport..."), "export", _("Save the whole proof as a text file"));
    row->Add(check_, wxSizerFlags().Border(wxRIGHT, gap(this)));
    row->Add(copy, wxSizerFlags().Border(wxRIGHT, gap(this)));
    row->Add(exporting);
    row->AddStretchSpacer();
    row->Add(new wxButton(this, wxID_CLOSE));
    outer->Add(row, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxBOTTOM, gap(this, 2)));
    onPress(check_, [this] {
        if (action_) action_();
    });
    copy->Bind(wxEVT_BUTTON,
               [this](wxCommandEvent&) { copyText(app_, toWx(proofText(view_->proof())), _("Copied the proof.")); });
    onPress(exporting, [this, fileName] {
        saveText(this, app_, _("Save the proof"), fileName, _("Text files (*.txt)|*.txt"), proofText(view_->proof()));
    });
    SetEscapeId(wxID_CLOSE);
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(560, 400)));
    SetSize(FromDIP(wxSize(840, 560)));
    CentreOnParent();
    view_->SetFocus();
}

void ProofDialog::setProof(const ProofStep& proof, const wxString& sentence) {
    const wxString label = escapedLabel(sentence);
    if (sentence_->GetLabel() != label) {
        sentence_->SetLabel(label);
        sentence_->SetToolTip(sentence);
    }
    if (proofRows(proof).empty()) {
        view_->setHint(_("Nothing was measured yet. Choose Check again."));
    } else {
        view_->setProof(proof);
    }
}

void ProofDialog::setCheck(std::function<void()> check) {
    action_ = std::move(check);
    check_->Show(action_ != nullptr);
    Layout();
}

}  // namespace causeway::console
