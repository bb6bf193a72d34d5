#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class AccountColumn { Name, DisplayName, Mail, Department, State, PasswordChanged };

class AccountsTable final : public RecordTable<Account> {
public:
    AccountsTable(Executor& executor, std::function<TimePoint()> clockOfService);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;

private:
    std::string textOfCell(const Account& account, std::size_t column) const;
    std::function<TimePoint()> now_;
};

/// An account as it is edited; the password is set apart for one that exists.
struct AccountForm {
    std::uint64_t id = 0;
    std::uint64_t revision = 0;
    std::string localPart;
    std::string displayName;
    std::string mail;
    std::string department;
    bool isDisabled = false;
    std::string password;
    std::string passwordAgain;
};

/// What a file of people would bring, or brought.
struct ImportView {
    bool isRunning = false;
    bool isDry = true;
    std::string summary;                  ///< "12 accounts would be added", "3 lines are wrong"
    std::vector<ImportProblem> problems;  ///< by line; warnings where nothing is wrong
    std::vector<std::string> names;
    bool mayImport = false;  ///< the dry run was fine and the file is still the same
};

/// Built-in accounts of one chat domain.
class AccountsPresenter final : public Presenter {
public:
    using SaveDone = std::function<void(const Result<void>&, const std::vector<FieldText>&)>;

    AccountsPresenter(Session& session, std::uint64_t domain, std::string domainName);

    const std::string& domainName() const { return domainName_; }
    AccountsTable& table() { return table_; }
    bool isLoading() const { return isLoading_; }
    const std::optional<Error>& problem() const { return problem_; }
    std::string stateText() const;
    std::string emptyText() const;
    std::string whyReadOnly() const;
    bool isEditable() const { return whyReadOnly().empty(); }
    /// Reads all pages anew.
    void load();

    AccountForm formOf(std::uint64_t id) const;
    std::vector<FieldText> check(const AccountForm& form) const;
    void save(const AccountForm& form, SaveDone done);
    /// What the service said of the account that was saved last although it took it: a provider has the same name.
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// A new password for an account.
    std::vector<FieldText> checkPassword(const AccountForm& form) const;
    void setPassword(const AccountForm& form, SaveDone done);
    void setDisabled(std::uint64_t id, bool isDisabled, Done done);
    void remove(std::uint64_t id, Done done);

    // Import
    /// A new file: its lines are read here at once and then tried by the service without adding anything.
    void tryImport(std::string csv);
    /// The file of the last dry run.
    void import();
    const ImportView& importView() const { return import_; }
    std::function<void()> onImport;
    static constexpr std::size_t kMostFile = std::size_t{4} << 20U;

    void resync() override { load(); }
    void connectionChanged() override { changed(); }

private:
    void loadPage(const std::string& cursor, std::uint64_t run);
    void put(const Account& account);
    void runImport(bool isDry);

    std::uint64_t domain_;
    std::string domainName_;
    AccountsTable table_;
    bool isLoading_ = false;
    std::uint64_t run_ = 0;
    std::vector<std::string> warnings_;
    std::optional<Error> problem_;
    std::string csv_;
    ImportView import_;
};

}  // namespace causeway::console
