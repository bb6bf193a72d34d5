#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <wx/button.h>
#include <wx/dialog.h>

#include "console/presenters/presenter.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/life.h"

namespace causeway::console {

/// A small form with Save and Cancel. Saving asks the service and does not block: the dialog stays open, its buttons
/// rest, and it closes when the service accepted; otherwise sentences stand at the fields.
class FormDialog : public wxDialog {
public:
    FormDialog(wxWindow* parent, const wxString& name, const wxString& title, const wxString& saveLabel);

protected:
    FormGrid& form() { return *form_; }
    /// `field` is the word that the service and the presenter use for it.
    void addField(const std::string& field, const FormField& row) { fields_[field] = row; }
    /// Lays out; call at the end of the constructor.
    void finish(wxWindow* first);

    /// What is wrong with what was typed; empty = may be sent.
    virtual std::vector<FieldText> check() = 0;
    using Answer = std::function<void(const Result<void>&, const std::vector<FieldText>&)>;
    virtual void save(Answer answer) = 0;

private:
    void trySave();
    void showProblems(const std::vector<FieldText>& problems, const wxString& general);

    std::unique_ptr<FormGrid> form_;
    std::map<std::string, FormField> fields_;
    std::map<std::string, bool> hasError_;
    wxString saveLabel_;
    WrapText* general_;
    wxButton* save_ = nullptr;
    Life life_;
};

}  // namespace causeway::console
