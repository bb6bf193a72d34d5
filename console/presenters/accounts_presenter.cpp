#include "console/presenters/accounts_presenter.h"

#include <algorithm>

#include "console/presenters/domains_presenter.h"
#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kPageSize = 500;
constexpr std::size_t kLeastPassword = 8;

struct SavedAccount {
    Result<Account> account;
    api::ErrorDocument details;
    std::vector<std::string> warnings{};
};

}  // namespace

AccountsTable::AccountsTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(AccountColumn::Name), true);
}

const std::vector<Column>& AccountsTable::columns() const {
    static const std::vector<Column> kColumns{
        {"localPart", later("Name"), 130},
        {"displayName", later("Shown as"), 150},
        {"mail", later("Mail"), 170},
        {"department", later("Department"), 110},
        {"state", later("State"), 110, false, true},
        {"passwordChanged", later("Password changed"), 140},
    };
    return kColumns;
}

std::string AccountsTable::textOfCell(const Account& account, std::size_t column) const {
    switch (static_cast<AccountColumn>(column)) {
        case AccountColumn::Name:
            return account.localPart;
        case AccountColumn::DisplayName:
            return account.displayName;
        case AccountColumn::Mail:
            return account.mail;
        case AccountColumn::Department:
            return account.department;
        case AccountColumn::State:
            return account.isDisabled ? tr("Disabled") : tr("May log in");
        case AccountColumn::PasswordChanged:
            return account.passwordChangedAt ? relativeTime(*account.passwordChangedAt, now_()) : tr("never");
    }
    return {};
}

std::string AccountsTable::cell(std::size_t row, std::size_t column) const {
    return textOfCell(at(row), column);
}

Mark AccountsTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(AccountColumn::State)) return Mark::None;
    return at(row).isDisabled ? Mark::Unknown : Mark::Fine;
}

std::string AccountsTable::keyOf(Slot slot, std::size_t column) const {
    const auto& account = record(slot);
    if (column == static_cast<std::size_t>(AccountColumn::PasswordChanged))
        return numberKey(account.passwordChangedAt ? epochMillis(*account.passwordChangedAt) : 0);
    return foldText(textOfCell(account, column));
}

std::string AccountsTable::searchTextOf(Slot slot) const {
    const auto& account = record(slot);
    return foldText(account.localPart + "\n" + account.displayName + "\n" + account.mail + "\n" + account.department);
}

AccountsPresenter::AccountsPresenter(Session& session, std::uint64_t domain, std::string domainName)
    : Presenter(session),
      domain_(domain),
      domainName_(std::move(domainName)),
      table_(session.executor(), [&session] { return session.now(); }) {}

std::string AccountsPresenter::stateText() const {
    const auto total = table_.totalCount();
    auto text = trn("%1 account", "%1 accounts", total);
    if (isLoading_) return fill(tr("%1, loading ..."), {text});
    if (!table_.filter().empty()) text += ", " + trn("%1 shown", "%1 shown", table_.rowCount());
    return text;
}

std::string AccountsPresenter::emptyText() const {
    if (problem_) return errorLines(*problem_);
    if (isLoading_) return tr("Loading ...");
    if (table_.totalCount() > 0) return tr("No account matches the filter. Use fewer letters.");
    return fill(
        tr("Accounts that this service keeps itself for %1, beside those of the company's directory. Choose Add, "
           "or Import for a whole list."),
        {domainName_});
}

std::string AccountsPresenter::whyReadOnly() const {
    if (!session_.hasService()) return tr("No service is connected.");
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    return session_.mayChange() ? std::string{}
                                : tr("Your role may only look. Ask for the role admin to change accounts.");
}

void AccountsPresenter::load() {
    ++run_;
    isLoading_ = true;
    problem_.reset();
    table_.clear();
    changed();
    if (!session_.hasService()) {
        isLoading_ = false;
        problem_ = notConnected();
        changed();
        return;
    }
    loadPage({}, run_);
}

void AccountsPresenter::loadPage(const std::string& cursor, std::uint64_t run) {
    session_.ask(
        life(),
        [domain = domain_, cursor](client::ApiClient& service) {
            return service.accounts(domain, {}, cursor, kPageSize);
        },
        [this, run](const Result<api::AccountPage>& answer) {
            if (run != run_) return;
            if (!answer) {
                problem_ = answer.error();
                isLoading_ = false;
                changed();
                return;
            }
            std::vector<std::pair<std::uint64_t, Account>> rows;
            rows.reserve(answer->items.size());
            for (const auto& account : answer->items)
                rows.emplace_back(account.id, account);
            table_.apply(std::move(rows), {}, false);
            isLoading_ = !answer->next.empty();
            if (isLoading_) loadPage(answer->next, run);
            changed();
        });
}

AccountForm AccountsPresenter::formOf(std::uint64_t id) const {
    AccountForm form;
    if (const auto* account = table_.find(id)) {
        form.id = id;
        form.revision = account->revision;
        form.localPart = account->localPart;
        form.displayName = account->displayName;
        form.mail = account->mail;
        form.department = account->department;
        form.isDisabled = account->isDisabled;
    }
    return form;
}

std::vector<FieldText> AccountsPresenter::checkPassword(const AccountForm& form) const {
    std::vector<FieldText> found;
    if (form.password.size() < kLeastPassword)
        found.push_back({"password", tr("The password needs at least 8 characters.")});
    if (form.password != form.passwordAgain) found.push_back({"passwordAgain", tr("The two passwords differ.")});
    return found;
}

std::vector<FieldText> AccountsPresenter::check(const AccountForm& form) const {
    std::vector<FieldText> found;
    if (form.id == 0) {
        const auto name = trimmed(form.localPart);
        if (name.empty()) {
            found.push_back({"localPart", tr("Write the part left of the @, such as alice.")});
        } else if (const auto trouble = localPartTrouble(name); !trouble.empty()) {
            found.push_back({"localPart", trouble});
        }
        for (auto& problem : checkPassword(form))
            found.push_back(std::move(problem));
    }
    return found;
}

void AccountsPresenter::save(const AccountForm& form, SaveDone done) {
    if (const auto found = check(form); !found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    api::AccountRequest request;
    if (form.id == 0) {
        request.localPart = std::string(trimmed(form.localPart));
        request.password = Secret{form.password};
    }
    request.displayName = std::string(trimmed(form.displayName));
    request.mail = std::string(trimmed(form.mail));
    request.department = std::string(trimmed(form.department));
    request.isDisabled = form.isDisabled;
    session_.ask(
        life(),
        [request, domain = domain_, id = form.id, revision = form.revision](client::ApiClient& service) {
            api::ErrorDocument details;
            if (id != 0) {
                auto changed = service.changeAccount(id, request, revision, &details);
                return SavedAccount{std::move(changed), std::move(details)};
            }
            auto added = service.addAccount(domain, request, &details);
            if (!added) return SavedAccount{added.error(), std::move(details)};
            return SavedAccount{std::move(added->account), std::move(details), std::move(added->warnings)};
        },
        [this, done = std::move(done)](const SavedAccount& answer) {
            if (answer.account) put(*answer.account);
            warnings_ = answer.warnings;
            if (!done) return;
            if (answer.account) {
                done(Result<void>{}, {});
            } else {
                done(answer.account.error(), fieldTexts(answer.details));
            }
        });
}

void AccountsPresenter::setPassword(const AccountForm& form, SaveDone done) {
    if (const auto found = checkPassword(form); !found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    api::AccountRequest request;
    request.password = Secret{form.password};
    session_.ask(
        life(),
        [request, id = form.id, revision = form.revision](client::ApiClient& service) {
            api::ErrorDocument details;
            auto saved = service.changeAccount(id, request, revision, &details);
            return SavedAccount{std::move(saved), std::move(details)};
        },
        [this, done = std::move(done)](const SavedAccount& answer) {
            if (answer.account) put(*answer.account);
            if (!done) return;
            if (answer.account) {
                done(Result<void>{}, {});
            } else {
                done(answer.account.error(), fieldTexts(answer.details));
            }
        });
}

void AccountsPresenter::setDisabled(std::uint64_t id, bool isDisabled, Done done) {
    auto form = formOf(id);
    form.isDisabled = isDisabled;
    save(form, [done = std::move(done)](const Result<void>& result, const auto&) {
        if (done) done(result);
    });
}

void AccountsPresenter::remove(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeAccount(id); },
        [this, id, done = std::move(done)](const Result<void>& result) {
            if (result) table_.apply({}, {id});
            changed();
            if (done) done(result);
        });
}

void AccountsPresenter::put(const Account& account) {
    table_.apply({{account.id, account}});
    changed();
}

void AccountsPresenter::tryImport(std::string csv) {
    csv_ = std::move(csv);
    import_ = {};
    // What is wrong with the file itself is said at once; the service also knows the names that are taken.
    const auto list = parseAccountImport(csv_);
    if (!list.problems.empty()) {
        import_.problems = list.problems;
        import_.summary = trn("%1 problem; nothing would be imported. Mend it in the file and choose it again.",
                              "%1 problems; nothing would be imported. Mend them in the file and choose it again.",
                              list.problems.size());
        if (onImport) onImport();
        return;
    }
    runImport(true);
}

void AccountsPresenter::import() {
    if (import_.mayImport) runImport(false);
}

void AccountsPresenter::runImport(bool isDry) {
    import_ = {};
    import_.isDry = isDry;
    if (!session_.hasService()) {
        import_.summary = notConnected().text();
        if (onImport) onImport();
        return;
    }
    import_.isRunning = true;
    import_.summary = isDry ? tr("Trying the file; nothing is added ...")
                            : tr("Importing; the keys of many passwords take a while ...");
    if (onImport) onImport();
    session_.ask(
        life(),
        [domain = domain_, request = api::AccountImportRequest{csv_, isDry}](client::ApiClient& service) {
            return service.importAccounts(domain, request);
        },
        [this, isDry](const Result<api::AccountImportAnswer>& answer) {
            import_.isRunning = false;
            if (!answer) {
                import_.summary = errorLines(answer.error());
            } else {
                // What does not stop the import stands in the same list.
                import_.problems = answer->problems.empty() ? answer->warnings : answer->problems;
                import_.names = answer->names;
                if (!answer->problems.empty()) {
                    import_.summary =
                        trn("%1 problem; nothing was imported. Mend it in the file and choose it again.",
                            "%1 problems; nothing was imported. Mend them in the file and choose it again.",
                            answer->problems.size());
                } else if (isDry) {
                    const auto count = std::max<std::uint64_t>(answer->added, answer->names.size());
                    import_.summary = trn("The file is fine: %1 account would be added.",
                                          "The file is fine: %1 accounts would be added.", count);
                    import_.mayImport = count > 0;
                } else {
                    import_.summary = trn("%1 account was added.", "%1 accounts were added.", answer->added);
                    load();
                }
            }
            if (onImport) onImport();
        });
}

}  // namespace causeway::console
