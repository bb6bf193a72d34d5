#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/admin/login_guard.h"
#include "service/store/store_port.h"
#include "shared/api/admins_json.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway::admin {

/// Who makes a request.
struct Identity {
    std::string name;
    Role role = Role::Viewer;
    api::IdentityKind kind = api::IdentityKind::Local;

    /// As the audit log says it: "local", "alice", "token backup".
    std::string who() const;
};

/// Administrators, API tokens, sessions and the local token. Any thread.
/// Bounds: 1,000 sessions (the one used longest ago ends), 200 administrators, 500 tokens; two passwords are checked at
/// a time, others wait at most two seconds for their turn.
class Accounts {
public:
    struct Rules {
        std::function<TimePoint()> now;
        std::function<Duration()> sessionLength;  ///< without use
        unsigned passwordRounds = 600'000;
    };
    Accounts(store::StorePort& store, Log& log, Rules rules);

    /// Reads administrators and tokens from the store.
    Result<void> load();
    void setLocalToken(const Secret& token);

    /// Whose token that is; nullopt = nobody's (any more). A session lives on by this.
    std::optional<Identity> identify(std::string_view token);

    /// Errors: Denied (one sentence for every reason), Busy (throttled; `wait` says how long).
    struct LoginResult {
        Result<api::LoginAnswer> answer;
        Duration wait{};
    };
    LoginResult login(const api::LoginRequest& request, const std::string& from);
    /// Ends a session; nothing for other tokens.
    void logout(std::string_view token);

    std::vector<Administrator> admins();
    std::optional<Administrator> admin(std::uint64_t id);
    Result<Administrator> addAdmin(const api::AdminRequest& request);
    Result<Administrator> changeAdmin(std::uint64_t id, const api::AdminRequest& change);
    Result<void> removeAdmin(std::uint64_t id);
    /// For an import: the role and switch of that name; a new one has no password and is disabled.
    Result<Administrator> importAdmin(const std::string& name, Role role, bool isDisabled);
    /// An enabled administrator of role admin has a password: a remote listener may be opened.
    bool canServeRemotely();
    /// Empty if this name may be given to an administrator, else the sentence.
    static std::string nameTrouble(const std::string& name);

    std::vector<ApiToken> tokens();
    Result<api::TokenCreated> addToken(const api::TokenRequest& request);
    Result<ApiToken> removeToken(std::uint64_t id);

    std::uint64_t failedLogins() const;

private:
    struct Session {
        std::uint64_t admin = 0;
        TimePoint lastUse{};
    };
    using AdminRow = store::StorePort::AdminRow;
    using TokenRow = store::StorePort::TokenRow;

    Result<void> loadAdminsLocked();
    Result<void> loadTokensLocked();
    AdminRow* rowLocked(std::uint64_t id);
    AdminRow* rowLocked(const std::string& name);
    /// Another enabled administrator of role admin with a password, or at least enabled, stays when this one goes.
    bool isLastAdminLocked(std::uint64_t id) const;
    Result<Administrator> saveLocked(AdminRow row);
    std::optional<Identity> tokenLocked(const std::string& hash, TimePoint now);
    std::optional<Identity> sessionLocked(const std::string& hash, TimePoint now);
    Secret openSessionLocked(std::uint64_t admin, TimePoint now);

    store::StorePort& store_;
    Log& log_;
    Rules rules_;
    mutable std::mutex lock_;
    std::counting_semaphore<2> passwordTurns_{2};
    std::string localTokenHash_;
    std::vector<AdminRow> admins_;
    std::vector<TokenRow> tokens_;
    std::unordered_map<std::string, Session> sessions_;  ///< by SHA-256 of the token
    LoginGuard guard_;
    std::uint64_t failedLogins_ = 0;
};

}  // namespace causeway::admin
