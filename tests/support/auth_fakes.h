#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/providers_port.h"

/// Providers and accounts in memory, for the admin interface. The real ports are tested with service/auth.
namespace causeway::test {

class MemoryProviders final : public auth::ProvidersPort {
public:
    MemoryProviders() {
        Provider provider;
        provider.id = 1;
        provider.name = "Staff";
        provider.kind = ProviderKind::Ldap;
        provider.settings = {{"servers", "dc1.example.com"}, {"bases", "dc=example,dc=com"}};
        provider.secretsSet = {"bind_password"};
        provider.revision = 1;
        rows[1] = provider;
    }
    std::mutex lock;
    std::map<std::uint64_t, Provider> rows;
    std::map<std::uint64_t, PendingRevert> waiting;
    std::map<std::uint64_t, PendingRevert> domainsWaiting;
    std::optional<PendingRevert> nextSaveWaits;
    auth::SecretChanges lastSecrets;
    std::optional<auth::Rehearsal> lastRehearsal;
    std::function<void()> duringTest;  ///< called without the lock
    int chainSaves = 0;
    int saves = 0;
    bool isFine = false;  ///< what graded tests say

    std::set<std::uint64_t> ids() {
        const std::lock_guard hold{lock};
        std::set<std::uint64_t> all;
        for (const auto& [id, each] : rows)
            all.insert(id);
        return all;
    }
    Result<std::vector<ProviderView>> providers() override {
        const std::lock_guard hold{lock};
        std::vector<ProviderView> all;
        for (const auto& [id, each] : rows)
            all.push_back(viewOf(each));
        return all;
    }
    Result<ProviderView> provider(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (!rows.contains(id)) return Error{Code::NotFound, "There is no such provider."};
        return viewOf(rows[id]);
    }
    Result<std::vector<ProviderProblem>> check(const auth::ProviderDraft& draft) override {
        return checkProvider(draft.provider);
    }
    Result<ProviderView> save(const auth::ProviderDraft& draft, std::vector<ProviderProblem>& problems) override {
        problems = checkProvider(draft.provider);
        if (draft.source == auth::DraftSource::Import) {
            std::erase_if(problems, [&](const ProviderProblem& each) {
                return findProviderField(draft.provider.kind, each.field) != nullptr &&
                       findProviderField(draft.provider.kind, each.field)->type == FieldType::Secret;
            });
        }
        if (hasErrors(problems)) return Error{Code::BadInput, "The provider was not saved."};
        const std::lock_guard hold{lock};
        ++saves;
        auto saved = draft.provider;
        if (saved.id == 0) saved.id = rows.size() + 1;
        ++saved.revision;
        rows[saved.id] = saved;
        lastSecrets = draft.secrets;
        if (nextSaveWaits) waiting[saved.id] = *nextSaveWaits;
        return viewOf(saved);
    }
    Result<void> remove(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        rows.erase(id);
        return {};
    }
    Result<ProofStep> test(const auth::ProviderDraft& draft, const std::optional<auth::Rehearsal>& rehearsal) override {
        if (hasErrors(checkProvider(draft.provider)))
            return Error{Code::BadInput, "The provider cannot be tested yet."};
        if (duringTest) duringTest();
        const std::lock_guard hold{lock};
        lastSecrets = draft.secrets;
        lastRehearsal = rehearsal;
        if (isFine) return ProofStep{.id = "provider", .name = draft.provider.name, .state = ProofState::Fine};
        ProofStep proof{"provider", draft.provider.name, ProofState::Broken, "", fromEpochMillis(5),
                        5ms,        "Bind: refused.",    "Mend it."};
        proof.children.push_back({"bind",
                                  "Bind",
                                  ProofState::Broken,
                                  "",
                                  fromEpochMillis(5),
                                  5ms,
                                  "refused.",
                                  "Mend it.",
                                  {{"Server", "dc1"}}});
        return proof;
    }
    Result<auth::People> people(std::uint64_t id, std::size_t most, const std::string& filter) override {
        if (auto known = provider(id); !known) return known.error();
        auth::People found;
        for (const char* name : {"ann", "bob", "eve"}) {
            if (std::string(name).find(filter) == std::string::npos) continue;
            if (found.items.size() == most) {
                found.isComplete = false;
                break;
            }
            found.items.push_back({.localPart = name});
        }
        return found;
    }
    Result<void> confirm(std::uint64_t id) override { return end(waiting, id); }
    Result<void> revert(std::uint64_t id) override { return end(waiting, id); }
    Result<void> confirmDomain(std::uint64_t id) override { return end(domainsWaiting, id); }
    Result<void> revertDomain(std::uint64_t id) override { return end(domainsWaiting, id); }
    std::optional<PendingRevert> pendingOfDomain(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        const auto at = domainsWaiting.find(id);
        if (at == domainsWaiting.end()) return std::nullopt;
        return at->second;
    }
    Result<void> saveDomainChain(const ChatDomain& before, const ChatDomain& after,
                                 const std::function<Result<void>()>& save) override {
        auto done = save();
        const std::lock_guard hold{lock};
        ++chainSaves;
        if (done && before.providers.size() > after.providers.size()) {
            domainsWaiting[before.id] = {fromEpochMillis(9000), "Somebody is locked out."};
        }
        return done;
    }

private:
    ProviderView viewOf(const Provider& provider) {
        ProviderView view;
        view.provider = provider;
        view.address = addressSummary(provider);
        if (const auto at = waiting.find(provider.id); at != waiting.end()) view.revert = at->second;
        return view;
    }
    Result<void> end(std::map<std::uint64_t, PendingRevert>& all, std::uint64_t id) {
        const std::lock_guard hold{lock};
        if (all.erase(id) == 0) return Error{Code::NotFound, "Nothing waits to be confirmed here."};
        return {};
    }
};

class MemoryAccounts final : public auth::AccountsPort {
public:
    std::mutex lock;
    std::map<std::uint64_t, Account> rows;
    std::string lastPassword;
    std::string lastFrom;

    Result<auth::AccountsFound> accounts(std::uint64_t domain, const auth::AccountQuery& query) override {
        if (domain != 1) return Error{Code::NotFound, "There is no such chat domain."};
        const std::lock_guard hold{lock};
        auth::AccountsFound found;
        found.total = rows.size();
        for (const auto& [id, each] : rows) {
            if (each.localPart <= query.after || each.localPart.find(query.filter) == std::string::npos) continue;
            if (found.items.size() == query.most) {
                found.next = found.items.back().localPart;
                break;
            }
            found.items.push_back(each);
        }
        return found;
    }
    Result<Account> account(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (!rows.contains(id)) return Error{Code::NotFound, "There is no such account."};
        return rows[id];
    }
    Result<Account> add(std::uint64_t domain, Account draft, const Secret& password,
                        std::vector<DraftProblem>& problems) override {
        if (domain != 1) return Error{Code::NotFound, "There is no such chat domain."};
        if (password.empty()) {
            problems = {{"password", "The password is empty."}};
            return Error{Code::BadInput, "The account was not saved."};
        }
        const std::lock_guard hold{lock};
        draft.id = rows.size() + 1;
        draft.domain = "chat.example.com";
        draft.revision = 1;
        lastPassword = password.reveal();
        return rows[draft.id] = draft;
    }
    std::vector<std::string> namesakes(const Account& account) override {
        if (account.localPart != "double") return {};
        return {"Staff has somebody named double too."};
    }
    Result<Account> change(Account draft, const std::optional<Secret>& password, std::vector<DraftProblem>&) override {
        const std::lock_guard hold{lock};
        if (password) lastPassword = password->reveal();
        ++draft.revision;
        return rows[draft.id] = draft;
    }
    Result<void> removeAccount(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        rows.erase(id);
        return {};
    }
    Result<auth::AccountsImported> import(std::uint64_t domain, std::string_view csv, ImportRun run) override {
        if (domain != 1) return Error{Code::NotFound, "There is no such chat domain."};
        auto list = parseAccountImport(csv);
        auth::AccountsImported out;
        for (const auto& each : list.accounts)
            out.names.push_back(each.localPart);
        out.problems = list.problems;
        out.warnings = list.warnings;
        if (run == ImportRun::Real && out.problems.empty()) out.added = list.accounts.size();
        return out;
    }
    Result<LoginTrail> loginTest(std::uint64_t domain, const std::string& name, const Secret& password,
                                 const std::string& from) override {
        if (domain != 1) return Error{Code::NotFound, "There is no such chat domain."};
        const std::lock_guard hold{lock};
        lastFrom = from;
        LoginTrail trail;
        trail.address = name + "@chat.example.com";
        trail.outcome = password.reveal() == "right" ? "right" : "wrong-password";
        trail.sentence = "Staff said so.";
        trail.steps.push_back({1, "Staff", trail.outcome, "login", "said so", 3ms, false});
        return trail;
    }
};

}  // namespace causeway::test
