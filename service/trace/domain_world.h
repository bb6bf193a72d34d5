#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/model/proof.h"
#include "shared/model/provider_view.h"

/// The domain trace: "alice@chat.example.com cannot log in". What its steps measured, and where they get it from: the
/// same checks that the marks of a chat domain and the pages of the console use; nothing is measured twice.
namespace causeway::trace {

/// Step "domain-known".
struct DomainFacts {
    bool isKnown = false;
    bool isEnabled = false;
    std::string shown;
    std::string login;                ///< what a login would be told now: "open", "directory-down" ...
    std::vector<std::string> others;  ///< domains that this service has, if it does not know the one asked for
};

enum class RecordTrouble {
    None,
    Missing,        ///< no such record
    Wrong,          ///< leads to another host or port
    TargetInvalid,  ///< names an IP address or an alias
    NoAddress,      ///< the host that it names has no address, or a wrong one
    Silent          ///< the resolver did not answer, or with an error
};
/// One record that clients need, as one resolver tells it.
struct RecordFacts {
    std::string name;
    std::string type;
    std::string wanted;
    std::string found;
    RecordTrouble trouble = RecordTrouble::None;
    std::string reason;
    std::string todo;
};
/// Steps "domain-records" and "domain-addresses": what one resolver says.
struct ResolverFacts {
    std::string name;       ///< "this server", "system", or the address that was given
    std::string address;    ///< "192.0.2.53:53"
    bool isCounted = true;  ///< false: clients may use others, so that its answers prove nothing
    std::vector<RecordFacts> records;
};

enum class ServerTrouble { None, NotLive, NoAddress, Closed, Silent, Handshake, Expired, WrongName, Untrusted };
/// Steps "domain-tcp" to "domain-stream": one supernode.
struct ServerFacts {
    std::string name;
    ServerTrouble tcp = ServerTrouble::None;
    std::optional<ServerTrouble> startTls;   ///< nothing: not tried
    std::optional<ServerTrouble> directTls;  ///< nothing: not tried, or not offered
    std::string why;                         ///< of the first trouble
    std::string todo;
};

/// Whether somebody is there, without his password.
struct PersonFacts {
    std::optional<bool> isFound;  ///< nothing: the providers cannot tell
    bool isDisabled = false;
    std::string where;  ///< "Built-in accounts", name of the provider
    std::string why;    ///< of nothing
};

/// Everything that was measured. Empty: its step has not run or could not.
struct DomainEvidence {
    std::string domain;
    std::string user;  ///< left of the @; empty: the domain alone is traced
    bool hasPassword = false;
    std::optional<DomainFacts> known;
    std::optional<std::vector<ResolverFacts>> resolvers;
    std::optional<std::vector<ServerFacts>> servers;
    std::optional<ProofStep> directory;
    std::optional<PersonFacts> person;
    std::optional<LoginTrail> login;
};

/// What a domain trace is told by the rest of the service. The thread of the trace; each call waits at most some
/// seconds.
class DomainWorld {
public:
    virtual ~DomainWorld() = default;
    virtual Result<DomainFacts> domain(const std::string& name) = 0;
    virtual Result<std::vector<ResolverFacts>> resolvers(const std::string& domain,
                                                         const std::vector<std::string>& others) = 0;
    /// The proof behind the supernode mark, made now.
    virtual Result<ProofStep> supernodes(const std::string& domain) = 0;
    /// The proof behind the directory mark, made now.
    virtual Result<ProofStep> directory(const std::string& domain) = 0;
    virtual Result<PersonFacts> person(const std::string& domain, const std::string& user) = 0;
    /// A login through the whole chain, as a client would log in; a failure counts as one of his.
    virtual Result<LoginTrail> login(const std::string& domain, const std::string& user, const Secret& password) = 0;
};

/// Reads the proof of the supernodes of a domain: one entry a supernode.
std::vector<ServerFacts> serversOf(const ProofStep& proof);

}  // namespace causeway::trace
