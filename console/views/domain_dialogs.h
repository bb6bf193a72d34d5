#pragma once

#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/textctrl.h>

#include "console/presenters/domains_presenter.h"
#include "console/views/form_dialog.h"
#include "console/views/provider_chain.h"

namespace causeway::console {

/// Everything of a chat domain that may change; its name stays.
class DomainDialog : public FormDialog {
public:
    DomainDialog(wxWindow* parent, DomainsPresenter& presenter, DomainForm form);

private:
    std::vector<FieldText> check() override;
    void save(Answer answer) override { presenter_.save(form_, std::move(answer)); }
    void certificateChosen();

    DomainsPresenter& presenter_;
    DomainForm form_;
    wxChoice* reach_;
    wxChoice* endToEnd_;
    ProviderChain* chain_;
    wxChoice* certificate_;
    wxTextCtrl* certificateFile_;
    wxTextCtrl* keyFile_;
    FormField certificateRow_;
    FormField keyRow_;
    wxTextCtrl* ttl_;
    wxTextCtrl* extra_;
    wxTextCtrl* note_;
};

/// A supernode that is entered by hand, or that registers itself with a token.
class SupernodeDialog : public FormDialog {
public:
    SupernodeDialog(wxWindow* parent, DomainsPresenter& presenter, SupernodeForm form);

private:
    std::vector<FieldText> check() override;
    void save(Answer answer) override { presenter_.saveSupernode(form_, std::move(answer)); }

    DomainsPresenter& presenter_;
    SupernodeForm form_;
    wxChoice* origin_ = nullptr;
    wxTextCtrl* name_;
    wxTextCtrl* lan_;
    wxTextCtrl* internet_;
    wxTextCtrl* port_;
    wxTextCtrl* tlsPort_;
    wxTextCtrl* priority_;
    wxTextCtrl* weight_;
    wxCheckBox* enabled_;
};

/// Deletes a domain once its name was typed again; says what is lost.
class DeleteDomainDialog : public FormDialog {
public:
    DeleteDomainDialog(wxWindow* parent, DomainsPresenter& presenter, std::uint64_t id);

private:
    std::vector<FieldText> check() override;
    void save(Answer answer) override;

    DomainsPresenter& presenter_;
    std::uint64_t id_;
    wxTextCtrl* typed_;
};

}  // namespace causeway::console
