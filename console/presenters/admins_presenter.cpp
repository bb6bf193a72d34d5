#include "console/presenters/admins_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kLeastPassword = 10;
constexpr std::size_t kMostName = 64;

}  // namespace

AdminsPresenter::AdminsPresenter(Session& session) : Presenter(session) {}

bool AdminsPresenter::isAllowed() const {
    return whyNotAllowed().empty();
}

std::string AdminsPresenter::whyNotAllowed() const {
    if (!session_.hasService()) return tr("No service is connected.");
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    if (!session_.mayChange())
        return tr("Only administrators with the role admin see and change this list. Ask one of them.");
    return {};
}

std::string AdminsPresenter::roleText(Role role) {
    return textOf(role);
}

std::string AdminsPresenter::roleSentence(Role role) {
    switch (role) {
        case Role::Viewer:
            return tr("May look at everything but this list, and change nothing.");
        case Role::Operator:
            return tr("May also search, probe users and mute problems.");
        case Role::Admin:
            return tr("May change everything.");
    }
    return {};
}

std::string AdminsPresenter::lastLoginText(const Administrator& admin) const {
    return admin.lastLogin ? relativeTime(*admin.lastLogin, session_.now()) : tr("never");
}

std::string AdminsPresenter::tokenStateText(const ApiToken& token) const {
    const auto now = session_.now();
    auto text = token.lastUsed ? fill(tr("last used: %1"), {relativeTime(*token.lastUsed, now)}) : tr("never used");
    if (!token.expiresAt) return text + ", " + tr("does not end");
    const auto until = exactTime(*token.expiresAt);
    return text + ", " +
           (*token.expiresAt <= now ? fill(tr("ended on %1"), {until}) : fill(tr("valid until %1"), {until}));
}

AdminForm AdminsPresenter::formOf(std::uint64_t id) const {
    AdminForm form;
    for (const auto& admin : admins_) {
        if (admin.id != id) continue;
        form.id = id;
        form.name = admin.name;
        form.role = admin.role;
        form.isDisabled = admin.isDisabled;
    }
    return form;
}

std::vector<FieldText> AdminsPresenter::check(const AdminForm& form) const {
    std::vector<FieldText> found;
    const auto name = trimmed(form.name);
    if (name.empty()) found.push_back({"name", tr("Give a name to log in with.")});
    if (name.size() > kMostName) found.push_back({"name", tr("The name is too long. Use at most 64 letters.")});
    for (const auto& admin : admins_) {
        if (admin.id != form.id && foldText(admin.name) == foldText(name))
            found.push_back({"name", fill(tr("There is an administrator \"%1\" already."), {admin.name})});
    }
    if (form.id == 0 || !form.password.empty()) {
        if (form.password.size() < kLeastPassword)
            found.push_back({"password", tr("The password needs at least 10 characters.")});
    }
    if (form.password != form.passwordAgain) found.push_back({"passwordAgain", tr("The two passwords differ.")});
    const bool staysAdmin = form.role == Role::Admin && !form.isDisabled;
    if (form.id != 0 && !staysAdmin) {
        const auto isOther = [&form](const Administrator& admin) {
            return admin.id != form.id && admin.role == Role::Admin && !admin.isDisabled;
        };
        const auto wasAdmin = [&form](const Administrator& admin) {
            return admin.id == form.id && admin.role == Role::Admin && !admin.isDisabled;
        };
        if (std::any_of(admins_.begin(), admins_.end(), wasAdmin) &&
            std::none_of(admins_.begin(), admins_.end(), isOther)) {
            found.push_back({"role", tr("This is the last administrator who may change everything. Make another one "
                                        "first.")});
        }
    }
    return found;
}

void AdminsPresenter::save(const AdminForm& form,
                           std::function<void(const Result<void>&, const std::vector<FieldText>&)> done) {
    const auto found = check(form);
    if (!found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    api::AdminRequest request;
    request.name = std::string(trimmed(form.name));
    request.role = form.role;
    request.isDisabled = form.isDisabled;
    if (!form.password.empty()) request.password = Secret{form.password};
    struct Answer {
        Result<Administrator> admin;
        api::ErrorDocument details;
    };
    session_.ask(
        life(),
        [request, id = form.id](client::ApiClient& service) {
            api::ErrorDocument details;
            auto saved = id == 0 ? service.addAdmin(request, &details) : service.changeAdmin(id, request, &details);
            return Answer{std::move(saved), std::move(details)};
        },
        [this, done = std::move(done)](const Answer& answer) {
            if (answer.admin) {
                reload();
                if (done) done(Result<void>{}, {});
                return;
            }
            std::vector<FieldText> fields;
            for (const auto& problem : answer.details.errors)
                fields.push_back({problem.field, problem.detail});
            if (done) done(answer.admin.error(), fields);
        });
}

void AdminsPresenter::remove(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeAdmin(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            reload();
            if (done) done(result);
        });
}

std::string AdminsPresenter::checkTokenName(const std::string& name) const {
    const auto plain = trimmed(name);
    if (plain.empty()) return tr("Say what the token is for, such as \"backup script\".");
    if (plain.size() > kMostName) return tr("The name is too long. Use at most 64 letters.");
    for (const auto& token : tokens_) {
        if (foldText(token.name) == foldText(plain))
            return fill(tr("There is a token \"%1\" already. Choose another name."), {token.name});
    }
    return {};
}

void AdminsPresenter::addToken(const std::string& name, Role role, std::optional<TimePoint> expiresAt, Done done) {
    if (const auto why = checkTokenName(name); !why.empty()) {
        if (done) done(Error{Code::BadInput, why});
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected());
        return;
    }
    const api::TokenRequest request{std::string(trimmed(name)), role, expiresAt};
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.addToken(request); },
        [this, done = std::move(done)](const Result<api::TokenCreated>& answer) {
            if (answer) {
                newToken_ = answer->token;
                reload();
            }
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
            changed();
        });
}

void AdminsPresenter::removeToken(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeToken(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            reload();
            if (done) done(result);
        });
}

void AdminsPresenter::reload() {
    if (!isAllowed()) return;
    session_.ask(
        life(), [](client::ApiClient& service) { return service.admins(); },
        [this](const Result<std::vector<Administrator>>& answer) {
            if (answer) {
                admins_ = *answer;
                isLoaded_ = true;
                problem_.reset();
            } else {
                problem_ = answer.error();
            }
            changed();
        });
    session_.ask(
        life(), [](client::ApiClient& service) { return service.tokens(); },
        [this](const Result<std::vector<ApiToken>>& answer) {
            if (answer) {
                tokens_ = *answer;
            } else {
                problem_ = answer.error();
            }
            changed();
        });
}

void AdminsPresenter::connectionChanged() {
    if (!session_.mayChange()) {
        admins_.clear();
        tokens_.clear();
        isLoaded_ = false;
        forgetNewToken();
        problem_.reset();
    }
    changed();
}

void AdminsPresenter::resync() {
    reload();
}

}  // namespace causeway::console
