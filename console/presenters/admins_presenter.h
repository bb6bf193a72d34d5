#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

struct AdminForm {
    std::uint64_t id = 0;  ///< 0 = new
    std::string name;
    Role role = Role::Viewer;
    bool isDisabled = false;
    std::string password;  ///< empty = keep (not for a new one)
    std::string passwordAgain;
};

/// Administrators and API tokens. Only for the role admin.
class AdminsPresenter final : public Presenter {
public:
    explicit AdminsPresenter(Session& session);

    bool isAllowed() const;  ///< may this caller see them
    std::string whyNotAllowed() const;
    bool isLoaded() const { return isLoaded_; }
    const std::vector<Administrator>& admins() const { return admins_; }
    const std::vector<ApiToken>& tokens() const { return tokens_; }
    static std::string roleText(Role role);
    static std::string roleSentence(Role role);  ///< what it may do
    std::string lastLoginText(const Administrator& admin) const;
    std::string tokenStateText(const ApiToken& token) const;  ///< "never used, valid until ..."
    AdminForm formOf(std::uint64_t id) const;
    std::vector<FieldText> check(const AdminForm& form) const;
    void save(const AdminForm& form, std::function<void(const Result<void>&, const std::vector<FieldText>&)> done);
    void remove(std::uint64_t id, Done done);

    std::string checkTokenName(const std::string& name) const;
    void addToken(const std::string& name, Role role, std::optional<TimePoint> expiresAt, Done done);
    void removeToken(std::uint64_t id, Done done);
    /// The token that was just made; shown once: forgetNewToken() when its dialog is closed.
    const Secret& newToken() const { return newToken_; }
    void forgetNewToken() { newToken_ = Secret{}; }

    std::optional<Error> problem() const { return problem_; }
    void reload();  ///< there is no event for these lists: the page asks when it is opened

    void connectionChanged() override;
    void resync() override;

private:
    std::vector<Administrator> admins_;
    std::vector<ApiToken> tokens_;
    bool isLoaded_ = false;
    Secret newToken_;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
