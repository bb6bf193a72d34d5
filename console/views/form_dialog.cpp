#include "console/views/form_dialog.h"

#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/presenters/words.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

FormDialog::FormDialog(wxWindow* parent, const wxString& name, const wxString& title, const wxString& saveLabel)
    : wxDialog(parent, wxID_ANY, title, wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      form_(std::make_unique<FormGrid>(this)),
      saveLabel_(saveLabel),
      general_(new WrapText(this, wxEmptyString, 420)) {
    SetName(name);
    setAccessibleDialog(this);
    general_->Hide();
    theme().watch(general_, [this] { general_->SetForegroundColour(theme().colour(Theme::Ink::ErrorText)); });
    Bind(
        wxEVT_BUTTON, [this](wxCommandEvent&) { trySave(); }, wxID_OK);
}

void FormDialog::finish(wxWindow* first) {
    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(form_->sizer(), wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    outer->Add(general_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxBOTTOM, gap(this, 2)));
    // Made after the fields, so that they come last in Tab order.
    auto* buttons = new wxStdDialogButtonSizer();
    save_ = new wxButton(this, wxID_OK, saveLabel_);
    save_->SetDefault();
    buttons->AddButton(save_);
    buttons->AddButton(new wxButton(this, wxID_CANCEL));
    buttons->Realize();
    outer->Add(buttons, wxSizerFlags().Expand().Border(wxALL, gap(this)));
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(480, -1)));
    Fit();
    CentreOnParent();
    first->SetFocus();
}

void FormDialog::trySave() {
    if (auto problems = check(); !problems.empty()) {
        showProblems(problems, {});
        return;
    }
    showProblems({}, {});
    save_->Disable();
    save([this, alive = life_.token()](const Result<void>& result, const std::vector<FieldText>& problems) {
        if (alive.expired()) return;
        save_->Enable();
        if (result) {
            EndModal(wxID_OK);
            return;
        }
        showProblems(problems, problems.empty() ? toWx(errorLines(result.error())) : wxString());
    });
}

void FormDialog::showProblems(const std::vector<FieldText>& problems, const wxString& general) {
    wxString rest = general;
    bool isFocused = false;
    for (auto& [field, row] : fields_) {
        wxString text;
        for (const auto& problem : problems) {
            if (problem.field == field) text = toWx(problem.text);
        }
        if (hasError_[field] != !text.empty() || !text.empty()) row.setError(text);
        hasError_[field] = !text.empty();
        if (!text.empty() && !isFocused) {
            row.control->SetFocus();
            isFocused = true;
        }
    }
    for (const auto& problem : problems) {
        if (!fields_.contains(problem.field)) rest << (rest.empty() ? "" : "\n") << toWx(problem.text);
    }
    general_->setText(rest);
    general_->Show(!rest.empty());
    Layout();
    Fit();
}

}  // namespace causeway::console
