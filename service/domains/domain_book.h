#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/chat_domain.h"

namespace causeway::domains {

struct BookConfig {
    std::size_t mostDomains = 1000;
    std::size_t mostSupernodes = 64;  ///< of one domain
    Duration heartbeat = 30s;         ///< how often a registered supernode says that it lives
    int missedHeartbeats = 3;         ///< then it is withdrawn
    Duration checkEvery = 60s;        ///< of a dot that is fine
    Duration checkAgain = 15s;        ///< of one that is not
    std::size_t keptChanges = 200;    ///< of the dots of one domain
};

/// What a login is told before any password is asked for.
enum class Gate {
    Open,
    UnknownDomain,
    DomainDisabled,
    DirectoryDown,  ///< the directory dot is not green or amber
    SupernodeDown,  ///< the same for the supernode dot
};
const char* wordOf(Gate gate);

/// A check of a dot that should be done now.
struct WantedCheck {
    std::uint64_t domain = 0;
    DotKind kind = DotKind::Directory;
    friend bool operator==(const WantedCheck&, const WantedCheck&) = default;
};

/// What is wrong with a supernode by itself; brings name and addresses into their normal form.
std::vector<DraftProblem> formProblems(Supernode& draft, DomainReach reach);

/// Chat domains, their supernodes and the two dots of each. Pure: told the time, does no I/O. One thread.
/// Ids come from the store: check() a draft, save it, put() what was saved.
class DomainBook {
public:
    explicit DomainBook(const BookConfig& config = {}) : config_(config) {}

    /// The providers that exist, for the chains of drafts.
    void setProviders(std::set<std::uint64_t> ids) { providers_ = std::move(ids); }

    // --- domains ---

    /// Brings the name into its two writings and says everything that is wrong with the draft; empty: it may be saved.
    /// `draft.id` 0 = new; the name of a domain never changes, because people's addresses hold it.
    std::vector<DraftProblem> check(ChatDomain& draft) const;
    void put(ChatDomain domain, TimePoint now);
    void remove(std::uint64_t id);

    const ChatDomain* find(std::uint64_t id) const;
    /// By name in any writing.
    const ChatDomain* findByName(std::string_view name) const;
    std::vector<const ChatDomain*> all() const;  ///< by shown name

    // --- supernodes ---

    std::vector<DraftProblem> check(Supernode& draft) const;
    void put(Supernode node, TimePoint now);
    void removeSupernode(std::uint64_t id);
    const Supernode* findSupernode(std::uint64_t id) const;
    std::vector<const Supernode*> supernodesOf(std::uint64_t domain) const;  ///< by name
    /// A registered supernode lives. Errors: NotFound.
    Result<void> heartbeat(std::uint64_t supernode, std::string version, TimePoint now);
    /// Enabled, and heard of lately if it sends heartbeats. Only live ones are told by DNS.
    bool isLive(const Supernode& node, TimePoint now) const;

    // --- dots ---

    const Dot& dot(std::uint64_t domain, DotKind kind) const;
    std::vector<DotChange> history(std::uint64_t domain) const;  ///< oldest first
    /// Checks whose time has come; each is then under way until checked() or checkAgain later.
    std::vector<WantedCheck> takeDue(TimePoint now);
    /// Asks for checks of the domain now.
    void checkNow(std::uint64_t domain, TimePoint now);
    void checked(std::uint64_t domain, DotKind kind, ProofStep proof, TimePoint now);
    /// Withdraws silent supernodes and ages old proofs.
    void tick(TimePoint now);
    std::optional<TimePoint> nextDeadline(TimePoint now) const;

    Gate gate(std::string_view domainName) const;

    /// Ids of domains whose row changed since the last call.
    std::vector<std::uint64_t> takeChanged();
    /// Changes of dots since the last call, in their order, to be kept.
    std::vector<std::pair<std::uint64_t, DotChange>> takeDotChanges();
    /// True once after anything that DNS tells has changed.
    bool takeZonesChanged();

private:
    struct DotState {
        Dot dot;
        TimePoint dueAt{};
        bool isUnderWay = false;
    };
    struct Entry {
        ChatDomain domain;
        std::map<std::uint64_t, Supernode> supernodes;
        std::set<std::uint64_t> silent;  ///< withdrawn for missing heartbeats
        DotState directory;
        DotState supernode;
        std::deque<DotChange> changes;
        DotState& of(DotKind kind) { return kind == DotKind::Directory ? directory : supernode; }
        const DotState& of(DotKind kind) const { return kind == DotKind::Directory ? directory : supernode; }
    };
    void setDot(Entry& entry, DotKind kind, ProofState state, std::string sentence, TimePoint now);
    Entry* entryOf(std::uint64_t id);
    const Entry* entryOf(std::uint64_t id) const;
    std::vector<std::pair<DotKind, const DotState*>> dotsOf(const Entry& entry) const;

    BookConfig config_;
    std::set<std::uint64_t> providers_;
    std::map<std::uint64_t, Entry> entries_;
    std::set<std::uint64_t> changed_;
    std::vector<std::pair<std::uint64_t, DotChange>> freshChanges_;
    bool haveZonesChanged_ = false;
};

}  // namespace causeway::domains
