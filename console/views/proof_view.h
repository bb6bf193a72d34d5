#pragma once

#include <optional>
#include <vector>

#include <wx/dataview.h>
#include <wx/dialog.h>
#include <wx/panel.h>
#include <wx/textctrl.h>

#include "console/presenters/domain_words.h"
#include "console/views/pages.h"

namespace causeway::console {

/// A proof tree: one row a step with result, time and what it proves; below all that is known of the chosen step.
/// The step to mend is chosen at first.
class ProofView : public wxPanel {
public:
    ProofView(wxWindow* parent, const wxString& name, const wxString& accessibleName);
    void setProof(const ProofStep& proof);
    /// Instead of steps: "Testing ..." or how to begin.
    void setHint(const wxString& text);
    const ProofStep& proof() const { return proof_; }
    bool isEmpty() const { return rows_.empty(); }

private:
    void showDetails();
    wxDataViewListCtrl* list_;
    wxTextCtrl* details_;
    ProofStep proof_;
    std::vector<ProofRow> rows_;
    wxString hint_;
    bool isFilling_ = false;
    bool wasChosen_ = false;  ///< by the user, so that a new proof keeps the row
};

/// The proof behind a dot, kept up to date while it is open; can be copied and exported.
class ProofDialog : public wxDialog {
public:
    ProofDialog(wxWindow* parent, AppContext& app, const wxString& title, const wxString& fileName);
    void setProof(const ProofStep& proof, const wxString& sentence);
    /// A button that measures again; the new proof comes through setProof().
    void setCheck(std::function<void()> check);

private:
    AppContext& app_;
    wxStaticText* sentence_;
    ProofView* view_;
    wxButton* check_;
    std::function<void()> action_;
};

}  // namespace causeway::console
