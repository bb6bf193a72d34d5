#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/auth/ldap_words.h"
#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

struct ldap;
struct ldapmsg;

namespace causeway::auth {

/// One entry of an answer. Attribute names in lower case.
struct LdapEntry {
    std::string dn;
    std::map<std::string, std::vector<std::string>> attributes;

    /// The first value of the first of these attributes (separated by blanks) that has one.
    std::string first(std::string_view names) const;
};

enum class LdapScope { Base, One, Subtree };

struct LdapSearch {
    std::string base;
    LdapScope scope = LdapScope::Subtree;
    std::string filter;
    std::vector<std::string> attributes;  ///< empty: only that the entry exists
    int sizeLimit = 0;                    ///< 0 = none
    int pageSize = 0;                     ///< 0 = not in pages
};

/// A handle of libldap on a socket of ours. One thread at a time; every call ends at its deadline, because a watch
/// shuts the socket then. After an error of Code::Unavailable or Timeout it is of no use any more.
class LdapConnection {
public:
    struct Server {
        std::string host;
        std::uint16_t port = 389;
        bool withStartTls = false;
        bool withTls = false;
        std::string caFile;
    };
    static Result<std::unique_ptr<LdapConnection>> open(const Server& server, TimePoint deadline);
    ~LdapConnection();
    LdapConnection(const LdapConnection&) = delete;
    LdapConnection& operator=(const LdapConnection&) = delete;

    struct BindAnswer {
        int code = 0;
        std::string diagnostic;
        PasswordPolicyError policy = PasswordPolicyError::None;
    };
    /// Errors only if there was no answer.
    Result<BindAnswer> bind(const std::string& name, const Secret& password, TimePoint deadline);

    /// Gives each entry to `take` until that returns false; gives how many were taken. Referrals are skipped.
    /// Errors: Unavailable, Timeout (no answer); NotFound (no such base), Denied, BadInput (the filter), TooMany (the
    /// server's size limit), with the server's words.
    Result<std::size_t> search(const LdapSearch& search, const std::function<bool(const LdapEntry&)>& take,
                               TimePoint deadline);

    /// The server says that it is Active Directory. Asked once.
    Result<bool> isActiveDirectory(TimePoint deadline);

    bool isBroken() const { return isBroken_; }
    TimePoint lastUse{};
    bool wasUsedBefore = false;
    const std::string& serverText() const { return serverText_; }

private:
    LdapConnection(ldap* handle, int socket, std::string serverText);
    Error broken(const std::string& doing, TimePoint deadline);
    Error searchError(int code, std::string_view diagnostic, const LdapSearch& search);
    LdapEntry entryOf(ldapmsg* message);
    bool waitFor(int message, ldapmsg** answer, TimePoint deadline);

    ldap* handle_;
    int socket_;
    std::string serverText_;
    bool isBroken_ = false;
    int activeDirectory_ = -1;
};

/// The same spelling for equal distinguished names; the text itself in lower case if it is none.
std::string normalDn(const std::string& dn);

}  // namespace causeway::auth
