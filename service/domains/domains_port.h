#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "service/domains/domain_book.h"
#include "shared/base/result.h"
#include "shared/model/chat_domain.h"

namespace causeway::domains {

struct SupernodeView {
    Supernode node;
    bool isLive = false;  ///< told by DNS now
};

/// A chat domain with all that is known of it now.
struct DomainView {
    ChatDomain domain;
    Dot directory;
    Dot supernode;
    std::vector<SupernodeView> supernodes;
    Gate gate = Gate::UnknownDomain;  ///< what a login would be told now
    std::uint64_t accounts = 0;       ///< built-in ones
};

/// A refused draft: the error as a whole and what is wrong at which field.
struct Refusal {
    Error error;
    std::vector<DraftProblem> problems;
};

/// Chat domains as the admin interface sees them. Any thread; a call waits for the disk, not for the network.
class DomainsPort {
public:
    virtual ~DomainsPort() = default;

    virtual Result<std::vector<DomainView>> domains() = 0;  ///< by name
    virtual Result<DomainView> domain(std::uint64_t id) = 0;
    virtual Result<std::vector<DotChange>> history(std::uint64_t id, std::size_t most) = 0;  ///< newest first

    /// Says what is wrong with a draft without saving it; empty: it may be saved. `draft` comes back in normal form.
    virtual Result<std::vector<DraftProblem>> check(ChatDomain& draft) = 0;
    /// id 0 = new. BadInput: `problems` says what is wrong at which field. A new domain gets this service as its local
    /// supernode. Errors: BadInput, NotFound, Conflict (another revision, or the name is taken).
    virtual Result<DomainView> save(ChatDomain draft, std::vector<DraftProblem>& problems) = 0;
    virtual Result<void> remove(std::uint64_t id) = 0;

    virtual Result<Supernode> saveSupernode(Supernode draft, const std::string& tokenHash,
                                            std::vector<DraftProblem>& problems) = 0;
    virtual Result<void> removeSupernode(std::uint64_t id) = 0;
    /// A registered supernode says that it lives; `tokenHash` proves which one it is. Errors: Denied.
    virtual Result<Supernode> heartbeat(const std::string& tokenHash, const std::string& version) = 0;

    /// Both dots are measured again now; the result comes as an event.
    virtual Result<void> checkNow(std::uint64_t id) = 0;
    /// What a login would be told now.
    virtual Result<Gate> gate(const std::string& domainName) = 0;
};

/// Told on the loop of the domains; must not block.
class DomainsObserver {
public:
    virtual ~DomainsObserver() = default;
    virtual void domainChanged(std::uint64_t id) = 0;  ///< added, changed, removed, or one of its dots
};

/// What the domains need from the store. Any thread; saves return after the commit.
class DomainRecords {
public:
    virtual ~DomainRecords() = default;
    struct SupernodeRow {
        Supernode node;
        std::string tokenHash;
    };
    virtual Result<std::vector<ChatDomain>> domains() = 0;
    virtual Result<ChatDomain> saveDomain(const ChatDomain& domain) = 0;
    virtual Result<void> removeDomain(std::uint64_t id) = 0;
    virtual Result<std::vector<SupernodeRow>> supernodes() = 0;
    virtual Result<Supernode> saveSupernode(const SupernodeRow& row) = 0;
    virtual Result<void> removeSupernode(std::uint64_t id) = 0;
    virtual void addDotChangeLater(std::uint64_t domain, const DotChange& change) = 0;
    virtual Result<std::vector<DotChange>> dotChanges(std::uint64_t domain, std::size_t most) = 0;
    virtual Result<std::uint64_t> accountCount(std::uint64_t domain) = 0;
};

/// Measures the dots. `measure` returns at once and gives the proof to `done` later, on any thread, exactly once.
class DotMeter {
public:
    virtual ~DotMeter() = default;
    virtual void measure(DotKind kind, const ChatDomain& domain, const std::vector<SupernodeView>& supernodes,
                         std::function<void(ProofStep)> done) = 0;
};

}  // namespace causeway::domains
