#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/dialog.h>
#include <wx/scrolwin.h>
#include <wx/textctrl.h>
#include <wx/timer.h>

#include "console/presenters/provider_form.h"
#include "console/views/pages.h"
#include "console/views/proof_view.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/life.h"
#include "console/widgets/status_mark.h"

namespace causeway::console {

struct SavedProvider {
    std::uint64_t id = 0;  ///< 0: nothing was saved
    std::optional<ProofStep> tested;
};

/// The form of one provider, made from the field table of its kind, and the graded test beside it.
class ProviderDialog : public wxDialog {
public:
    ProviderDialog(wxWindow* parent, AppContext& app, std::unique_ptr<ProviderFormPresenter> form);
    ~ProviderDialog() override;
    /// What was saved, and the test of exactly that, if it was fine.
    SavedProvider saved() const;

private:
    struct Row {
        std::string key;
        FieldType type = FieldType::Text;
        FormField field;
        wxTextCtrl* text = nullptr;
        wxChoice* choice = nullptr;
        wxCheckBox* box = nullptr;
        wxStaticText* secretState = nullptr;
        wxButton* change = nullptr;
        wxButton* clear = nullptr;
        wxString shownProblem;
        bool isShown = true;
    };
    wxWindow* makeForm(wxWindow* parent);
    wxWindow* makeTest(wxWindow* parent);
    void addRow(FormGrid& grid, const ProviderFieldView& view);
    wxWindow* makeSecret(wxWindow* parent, Row& row, const ProviderFieldView& view);
    void updateFields();
    void updateSecret(Row& row, const ProviderFieldView& view);
    void updateTest();
    void runTest();
    void trySave();
    void focusProblem();
    void tryClose();

    AppContext& app_;
    std::unique_ptr<ProviderFormPresenter> form_;
    wxScrolledWindow* scrolled_ = nullptr;
    wxTextCtrl* name_ = nullptr;
    FormField nameField_;
    wxString nameProblem_;
    wxCheckBox* enabled_ = nullptr;
    std::vector<std::unique_ptr<Row>> rows_;
    std::map<std::string, wxStaticText*> heads_;
    wxTextCtrl* rehearsalName_ = nullptr;
    wxTextCtrl* rehearsalPassword_ = nullptr;
    wxChoice* rehearsalDomain_ = nullptr;
    std::vector<std::string> domains_;
    wxButton* test_ = nullptr;
    StatusMark* testMark_ = nullptr;
    WrapText* testText_ = nullptr;
    ProofView* proof_ = nullptr;
    WrapText* general_ = nullptr;
    wxButton* save_ = nullptr;
    wxTimer timer_;
    std::uint64_t savedId_ = 0;
    Life life_;
};

/// Asks for the kind of a new provider, then shows its form.
SavedProvider addProvider(wxWindow* parent, AppContext& app);
SavedProvider editProvider(wxWindow* parent, AppContext& app, const ProviderView& view);

}  // namespace causeway::console
