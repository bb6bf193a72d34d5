#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "service/auth/password_hash_io.h"
#include "service/auth/sql_link.h"
#include "service/net/reach.h"
#include "shared/model/provider.h"

namespace causeway::auth {

/// Reads the stored hash of a user from a database and checks the password here. Values are always bound; every
/// connection is set to reading only. Up to four connections are kept open between calls.
class SqlAuthenticator final : public Authenticator {
public:
    /// The provider passed checkProvider().
    SqlAuthenticator(const Provider& provider, const ProviderSecrets& secrets);

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    Result<bool> knows(const std::string& localPart, const std::string& domain, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    struct Found {
        std::optional<std::string> stored;
        Person person;
    };
    using Link = std::unique_ptr<SqlLink>;
    Result<Link> open(TimePoint deadline) const;
    std::optional<Error> whyNotEncrypted(TimePoint deadline) const;
    Result<Link> take(TimePoint deadline);
    void giveBack(Link link);
    Result<std::vector<Found>> find(SqlLink& link, const Credentials& credentials, TimePoint deadline) const;
    Verdict judge(const Found& found, const Secret& password) const;
    Verdict checkOnce(const Credentials& credentials, TimePoint deadline, bool& mayRetry);
    Result<std::size_t> listOver(SqlLink& link, const Take& take, TimePoint deadline) const;
    void testQuery(ProofStep& step, SqlLink& link, TimePoint deadline) const;

    Provider provider_;
    SqlPlan plan_;
    std::unique_ptr<net::PemFile> caFile_;
    std::string trouble_;
    std::optional<HashScheme> scheme_;  ///< none: by how the text begins
    std::mutex lock_;
    std::vector<Link> idle_;
};

}  // namespace causeway::auth
