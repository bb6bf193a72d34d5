#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "service/auth/refused_account.h"
#include "service/net/reach.h"
#include "shared/model/provider.h"

namespace causeway::auth {

class LdapConnection;
enum class LdapScope;

/// LDAP and Active Directory through libldap. Each call uses connections of its own; up to four of the service account
/// and four for logins are kept open between calls. A server that is silent, or that answers with more than 8 MB, is
/// cut off at the deadline by a watch that shuts the socket.
/// Groups: one question with the matching rule 1.2.840.113556.1.4.1941 where the server is Active Directory (by
/// supportedCapabilities), else group by group upwards: at most 16 levels and 1,000 groups, circles are harmless.
class LdapAuthenticator final : public Authenticator {
public:
    /// The provider passed checkProvider().
    LdapAuthenticator(const Provider& provider, const ProviderSecrets& secrets);
    ~LdapAuthenticator() override;

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    Result<bool> knows(const std::string& localPart, const std::string& domain, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    struct Setup;
    struct Found;
    using Connection = std::unique_ptr<LdapConnection>;

    enum class Purpose { Search, Login };
    Result<Connection> open(Purpose purpose, TimePoint deadline);
    Result<Connection> take(Purpose purpose, TimePoint deadline);
    void giveBack(Purpose purpose, Connection connection);
    Verdict checkOnce(const Credentials& credentials, TimePoint deadline, bool& mayRetry);
    Verdict checkBySearch(const Credentials& credentials, TimePoint deadline, bool& mayRetry);
    Verdict checkByTemplate(const Credentials& credentials, TimePoint deadline, bool& mayRetry);
    Result<std::vector<Found>> findUser(LdapConnection& connection, const Credentials& credentials, TimePoint deadline);
    Result<std::vector<Found>> findIn(LdapConnection& connection, const std::vector<std::string>& bases,
                                      LdapScope scope, const std::string& filter, TimePoint deadline);
    Result<bool> isInGroup(LdapConnection& connection, const Found& user, TimePoint deadline);
    Result<bool> climbGroups(LdapConnection& connection, const Found& user, TimePoint deadline);
    Result<std::size_t> listUsers(LdapConnection& connection, const std::function<bool(const Found&)>& take,
                                  TimePoint deadline);
    void testBase(ProofStep& step, LdapConnection& connection, TimePoint deadline);
    void testFilter(ProofStep& step, LdapConnection& connection, std::vector<Found>& samples, TimePoint deadline);
    void testGroups(ProofStep& step, LdapConnection& connection, const std::vector<Found>& samples, TimePoint deadline);

    std::unique_ptr<const Setup> setup_;
    std::mutex lock_;
    std::vector<Connection> idle_[2];
    RefusedAccount serviceAccount_;
    std::size_t firstServer_ = 0;  ///< that answered last
};

}  // namespace causeway::auth
