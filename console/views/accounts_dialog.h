#pragma once

#include <wx/dialog.h>
#include <wx/stattext.h>

#include "console/presenters/accounts_presenter.h"
#include "console/views/pages.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/life.h"
#include "console/widgets/table_view.h"

namespace causeway::console {

/// Built-in accounts of one domain: find, add, change, disable, set a password, delete, import.
class AccountsDialog : public wxDialog {
public:
    AccountsDialog(wxWindow* parent, AppContext& app, std::uint64_t domain, const std::string& domainName);
    ~AccountsDialog() override;

private:
    void update();
    void edit(const AccountForm& form);
    void setPassword();
    void switchDisabled();
    void removeAccount();
    void openImport();

    AppContext& app_;
    AccountsPresenter presenter_;
    FilterBox* filter_;
    wxStaticText* state_;
    TableView* table_;
    EmptyState* empty_;
    wxButton* add_;
    wxButton* edit_;
    wxButton* password_;
    wxButton* disable_;
    wxButton* delete_;
    wxButton* import_;
    Life life_;
};

}  // namespace causeway::console
