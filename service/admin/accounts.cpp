#include "service/admin/accounts.h"

#include <algorithm>
#include <utility>

#include "service/admin/crypto.h"
#include "service/admin/door.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

constexpr std::size_t kMostSessions = 1000;
constexpr std::size_t kMostAdmins = 200;
constexpr std::size_t kMostTokens = 500;
/// How exact "last used" of a token is: a script that polls must not write to the disk each time.
constexpr Duration kLastUsedStep = 60s;

std::string folded(const std::string& name) {
    return lowerAscii(trimmed(name));
}

Error wrongLogin() {
    return Error{Code::Denied, "The login failed.", "The name or the password is wrong, or the account is disabled.",
                 "Check both; another administrator can set a new password."};
}

Error throttled(Duration wait) {
    const auto seconds = std::to_string((wait.count() + 999) / 1000);
    return Error{Code::Busy, "Too many failed logins.",
                 "Logins from this address, or as this name from addresses that it never used, failed several times.",
                 "Wait " + seconds + " s, then try again."};
}

Error notFound(const char* kind, std::uint64_t id) {
    return Error{Code::NotFound, std::string("There is no ") + kind + " " + std::to_string(id) + ".",
                 "It may have been removed meanwhile.", "Load the list again."};
}

Error lastAdmin() {
    return Error{Code::Conflict, "The last enabled administrator cannot go.",
                 "Nobody could change anything from another machine any more.",
                 "Add another administrator of role admin first."};
}

}  // namespace

std::string Identity::who() const {
    return kind == api::IdentityKind::Token ? "token " + name : name;
}

Accounts::Accounts(store::StorePort& store, Log& log, Rules rules)
    : store_(store), log_(log), rules_(std::move(rules)) {}

Result<void> Accounts::load() {
    const std::lock_guard hold{lock_};
    if (auto loaded = loadAdminsLocked(); !loaded) return loaded;
    return loadTokensLocked();
}

Result<void> Accounts::loadAdminsLocked() {
    auto rows = store_.administrators();
    if (!rows) return rows.error();
    admins_ = std::move(*rows);
    return {};
}

Result<void> Accounts::loadTokensLocked() {
    auto rows = store_.tokens();
    if (!rows) return rows.error();
    tokens_ = std::move(*rows);
    return {};
}

void Accounts::setLocalToken(const Secret& token) {
    const std::lock_guard hold{lock_};
    localTokenHash_ = sha256Hex(token.reveal());
}

std::optional<Identity> Accounts::identify(std::string_view token) {
    if (token.empty() || token.size() > 200) return std::nullopt;
    const auto hash = sha256Hex(token);
    const auto now = rules_.now();
    const std::lock_guard hold{lock_};
    if (equalInConstantTime(hash, localTokenHash_)) return Identity{"local", Role::Admin, api::IdentityKind::Local};
    if (auto session = sessionLocked(hash, now)) return session;
    return tokenLocked(hash, now);
}

std::optional<Identity> Accounts::sessionLocked(const std::string& hash, TimePoint now) {
    const auto found = sessions_.find(hash);
    if (found == sessions_.end()) return std::nullopt;
    const auto* row = rowLocked(found->second.admin);
    // The role is read each time: who was disabled or demoted loses it at once.
    if (row == nullptr || row->admin.isDisabled || now - found->second.lastUse >= rules_.sessionLength()) {
        sessions_.erase(found);
        return std::nullopt;
    }
    found->second.lastUse = now;
    return Identity{row->admin.name, row->admin.role, api::IdentityKind::Session};
}

std::optional<Identity> Accounts::tokenLocked(const std::string& hash, TimePoint now) {
    for (auto& row : tokens_) {
        if (!equalInConstantTime(row.tokenHash, hash)) continue;
        if (row.token.expiresAt && *row.token.expiresAt <= now) return std::nullopt;
        if (!row.token.lastUsed || now - *row.token.lastUsed >= kLastUsedStep) {
            row.token.lastUsed = now;
            if (auto saved = store_.saveToken(row); !saved)
                log_.write(LogLevel::Warning, "ADMIN_STORE_FAILED", saved.error().text());
        }
        return Identity{row.token.name, row.token.role, api::IdentityKind::Token};
    }
    return std::nullopt;
}

Accounts::LoginResult Accounts::login(const api::LoginRequest& request, const std::string& from) {
    const auto name = folded(request.name.substr(0, 200));
    const auto caller = callerOf(from);
    std::string hash;
    {
        const std::lock_guard hold{lock_};
        const auto wait = guard_.begin(name, caller, rules_.now());
        if (wait > 0ms) return {throttled(wait), wait};
        const auto* row = rowLocked(name);
        if (row != nullptr && !row->admin.isDisabled) hash = row->passwordHash;
    }
    if (!passwordTurns_.try_acquire_for(2s)) {
        const std::lock_guard hold{lock_};
        guard_.cancelled(name, caller, rules_.now());
        return {Error{Code::Busy, "Too many people log in at the moment.", "", "Try again in a few seconds."}, 2s};
    }
    const bool isRight = checkPassword(request.password, hash, rules_.passwordRounds);
    passwordTurns_.release();

    const auto now = rules_.now();
    const std::lock_guard hold{lock_};
    auto* row = rowLocked(name);
    if (!isRight || row == nullptr || row->admin.isDisabled || row->passwordHash != hash) {
        ++failedLogins_;
        log_.write(LogLevel::Warning, "ADMIN_LOGIN_FAILED",
                   "A login as \"" + cleanUtf8(cutUtf8(request.name, 64)) + "\" from " + from + " failed.");
        return {wrongLogin(), 0ms};
    }
    guard_.succeeded(name, caller, now);
    row->admin.lastLogin = now;
    if (auto saved = store_.saveAdministrator({row->admin, ""}); !saved)
        log_.write(LogLevel::Warning, "ADMIN_STORE_FAILED", saved.error().text());
    api::LoginAnswer answer;
    answer.token = openSessionLocked(row->admin.id, now);
    answer.role = row->admin.role;
    answer.name = row->admin.name;
    answer.expiresAt = now + rules_.sessionLength();
    return {answer, 0ms};
}

Secret Accounts::openSessionLocked(std::uint64_t admin, TimePoint now) {
    if (sessions_.size() >= kMostSessions) {
        sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& left, const auto& right) {
            return left.second.lastUse < right.second.lastUse;
        }));
    }
    auto token = newToken();
    sessions_[sha256Hex(token.reveal())] = {admin, now};
    return token;
}

void Accounts::logout(std::string_view token) {
    const auto hash = sha256Hex(token);
    const std::lock_guard hold{lock_};
    sessions_.erase(hash);
}

Accounts::AdminRow* Accounts::rowLocked(std::uint64_t id) {
    const auto found =
        std::find_if(admins_.begin(), admins_.end(), [id](const AdminRow& row) { return row.admin.id == id; });
    return found == admins_.end() ? nullptr : &*found;
}

Accounts::AdminRow* Accounts::rowLocked(const std::string& name) {
    const auto found = std::find_if(admins_.begin(), admins_.end(),
                                    [&](const AdminRow& row) { return folded(row.admin.name) == folded(name); });
    return found == admins_.end() ? nullptr : &*found;
}

bool Accounts::isLastAdminLocked(std::uint64_t id) const {
    const auto counts = [](const AdminRow& row) { return row.admin.role == Role::Admin && !row.admin.isDisabled; };
    bool isOne = false;
    for (const auto& row : admins_) {
        if (!counts(row)) continue;
        if (row.admin.id != id) return false;
        isOne = true;
    }
    return isOne;
}

std::string Accounts::nameTrouble(const std::string& name) {
    const auto text = trimmed(name);
    if (text.empty()) return "The name must not be empty.";
    if (!isValidUtf8(text) || cleanUtf8(text) != text) return "The name holds characters that cannot be shown.";
    const auto characters =
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (characters > 64) return "The name is longer than 64 characters.";
    const auto low = lowerAscii(text);
    // The audit log names the local console and API tokens like this.
    if (low == "local" || low.starts_with("token ")) return "\"local\" and \"token ...\" are names of the service.";
    return {};
}

std::vector<Administrator> Accounts::admins() {
    const std::lock_guard hold{lock_};
    std::vector<Administrator> all;
    for (const auto& row : admins_)
        all.push_back(row.admin);
    return all;
}

std::optional<Administrator> Accounts::admin(std::uint64_t id) {
    const std::lock_guard hold{lock_};
    const auto* row = rowLocked(id);
    return row == nullptr ? std::nullopt : std::optional(row->admin);
}

Result<Administrator> Accounts::saveLocked(AdminRow row) {
    auto saved = store_.saveAdministrator(row);
    if (!saved) return saved.error();
    row.admin = *saved;
    if (auto* old = rowLocked(saved->id)) {
        if (row.passwordHash.empty()) row.passwordHash = old->passwordHash;
        *old = std::move(row);
    } else {
        admins_.push_back(std::move(row));
    }
    return saved;
}

Result<Administrator> Accounts::addAdmin(const api::AdminRequest& request) {
    const auto name = std::string(trimmed(request.name.value_or("")));
    if (auto trouble = nameTrouble(name); !trouble.empty()) return Error{Code::BadInput, trouble};
    if (!request.role) return Error{Code::BadInput, "The role is missing.", "", "Give viewer, operator or admin."};
    if (!request.password) return Error{Code::BadInput, "The password is missing."};
    if (auto trouble = passwordTrouble(*request.password); !trouble.empty()) return Error{Code::BadInput, trouble};
    AdminRow row;
    row.passwordHash = hashPassword(*request.password, rules_.passwordRounds);
    row.admin.name = name;
    row.admin.role = *request.role;
    row.admin.isDisabled = request.isDisabled.value_or(false);
    row.admin.createdAt = rules_.now();
    const std::lock_guard hold{lock_};
    if (rowLocked(name) != nullptr) {
        return Error{Code::Conflict, "There is an administrator of the name \"" + name + "\" already.", "",
                     "Choose another name, or change that one."};
    }
    if (admins_.size() >= kMostAdmins)
        return Error{Code::TooMany, "There are " + std::to_string(kMostAdmins) + " administrators already."};
    return saveLocked(std::move(row));
}

Result<Administrator> Accounts::changeAdmin(std::uint64_t id, const api::AdminRequest& change) {
    std::string hash;
    if (change.name) {
        if (auto trouble = nameTrouble(*change.name); !trouble.empty()) return Error{Code::BadInput, trouble};
    }
    if (change.password) {
        if (auto trouble = passwordTrouble(*change.password); !trouble.empty()) return Error{Code::BadInput, trouble};
        hash = hashPassword(*change.password, rules_.passwordRounds);
    }
    const std::lock_guard hold{lock_};
    const auto* old = rowLocked(id);
    if (old == nullptr) return notFound("administrator", id);
    AdminRow row{old->admin, hash};
    if (change.name) row.admin.name = trimmed(*change.name);
    if (change.role) row.admin.role = *change.role;
    if (change.isDisabled) row.admin.isDisabled = *change.isDisabled;
    const auto* same = rowLocked(row.admin.name);
    if (same != nullptr && same->admin.id != id) {
        return Error{Code::Conflict, "There is an administrator of the name \"" + row.admin.name + "\" already.", "",
                     "Choose another name."};
    }
    const bool goes = row.admin.isDisabled || row.admin.role != Role::Admin;
    if (goes && isLastAdminLocked(id)) return lastAdmin();
    if (!row.admin.isDisabled && hash.empty() && old->passwordHash.empty()) {
        return Error{Code::Conflict, "\"" + row.admin.name + "\" has no password yet.",
                     "The account came from an imported configuration, which holds no passwords.",
                     "Set a password together with enabling it."};
    }
    auto saved = saveLocked(std::move(row));
    // A new password ends the sessions that the old one opened.
    if (saved && !hash.empty()) std::erase_if(sessions_, [id](const auto& entry) { return entry.second.admin == id; });
    return saved;
}

Result<void> Accounts::removeAdmin(std::uint64_t id) {
    const std::lock_guard hold{lock_};
    if (rowLocked(id) == nullptr) return notFound("administrator", id);
    if (isLastAdminLocked(id)) return lastAdmin();
    if (auto removed = store_.removeAdministrator(id); !removed) return removed;
    std::erase_if(admins_, [id](const AdminRow& row) { return row.admin.id == id; });
    std::erase_if(sessions_, [id](const auto& entry) { return entry.second.admin == id; });
    return {};
}

Result<Administrator> Accounts::importAdmin(const std::string& name, Role role, bool isDisabled) {
    const std::lock_guard hold{lock_};
    AdminRow row;
    if (const auto* old = rowLocked(name)) {
        row.admin = old->admin;
        row.admin.isDisabled = isDisabled || old->passwordHash.empty();
    } else {
        row.admin.name = trimmed(name);
        row.admin.createdAt = rules_.now();
        row.admin.isDisabled = true;
        if (admins_.size() >= kMostAdmins)
            return Error{Code::TooMany, "There are " + std::to_string(kMostAdmins) + " administrators already."};
    }
    row.admin.role = role;
    const bool goes = row.admin.isDisabled || role != Role::Admin;
    if (row.admin.id != 0 && goes && isLastAdminLocked(row.admin.id)) return lastAdmin();
    return saveLocked(std::move(row));
}

bool Accounts::canServeRemotely() {
    const std::lock_guard hold{lock_};
    return std::any_of(admins_.begin(), admins_.end(), [](const AdminRow& row) {
        return row.admin.role == Role::Admin && !row.admin.isDisabled && !row.passwordHash.empty();
    });
}

std::vector<ApiToken> Accounts::tokens() {
    const std::lock_guard hold{lock_};
    std::vector<ApiToken> all;
    for (const auto& row : tokens_)
        all.push_back(row.token);
    return all;
}

Result<api::TokenCreated> Accounts::addToken(const api::TokenRequest& request) {
    const auto name = std::string(trimmed(request.name));
    if (auto trouble = nameTrouble(name); !trouble.empty()) return Error{Code::BadInput, trouble};
    const auto now = rules_.now();
    if (request.expiresAt && *request.expiresAt <= now) {
        return Error{Code::BadInput, "The token would be expired from the start.", "expiresAt is in the past.",
                     "Give a later time, or none."};
    }
    api::TokenCreated created;
    created.token = newToken();
    TokenRow row;
    row.token.name = name;
    row.token.role = request.role;
    row.token.createdAt = now;
    row.token.expiresAt = request.expiresAt;
    row.tokenHash = sha256Hex(created.token.reveal());
    const std::lock_guard hold{lock_};
    const auto same = [&](const TokenRow& other) { return folded(other.token.name) == folded(name); };
    if (std::any_of(tokens_.begin(), tokens_.end(), same)) {
        return Error{Code::Conflict, "There is a token of the name \"" + name + "\" already.", "",
                     "Choose another name, or remove that one."};
    }
    if (tokens_.size() >= kMostTokens)
        return Error{Code::TooMany, "There are " + std::to_string(kMostTokens) + " tokens already."};
    auto saved = store_.saveToken(row);
    if (!saved) return saved.error();
    row.token = *saved;
    created.record = *saved;
    tokens_.push_back(std::move(row));
    return created;
}

Result<ApiToken> Accounts::removeToken(std::uint64_t id) {
    const std::lock_guard hold{lock_};
    const auto found =
        std::find_if(tokens_.begin(), tokens_.end(), [id](const TokenRow& row) { return row.token.id == id; });
    if (found == tokens_.end()) return notFound("token", id);
    if (auto removed = store_.removeToken(id); !removed) return removed.error();
    auto token = found->token;
    tokens_.erase(found);
    return token;
}

std::uint64_t Accounts::failedLogins() const {
    const std::lock_guard hold{lock_};
    return failedLogins_;
}

}  // namespace causeway::admin
