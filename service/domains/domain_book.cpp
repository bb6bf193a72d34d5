#include "service/domains/domain_book.h"

#include <algorithm>
#include <array>

#include "shared/base/ip.h"
#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

namespace causeway::domains {

namespace {

constexpr std::array kBothDots{DotKind::Directory, DotKind::Supernode};
constexpr int kStaleIntervals = 3;
constexpr std::size_t kMostNote = 1000;
constexpr std::size_t kMostExtra = 64U << 10;
constexpr std::uint32_t kLeastTtl = 5;
constexpr std::uint32_t kMostTtl = 604800;

bool isLabel(std::string_view text) {
    if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(), [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-';
    });
}

/// IPv4 in normal form, or IPv6 text as people write it; what DNS makes of it is checked there again.
bool looksLikeAddress(std::string_view text) {
    if (Ip4::parse(text)) return true;
    if (text.size() < 2 || text.size() > 45 || text.find(':') == std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char each) {
        return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f') || (each >= 'A' && each <= 'F') ||
               each == ':' || each == '.';
    });
}

const Dot& noDot() {
    static const Dot none;
    return none;
}

/// The sentence of the first trouble, or what the whole proves.
std::string sentenceOf(const ProofStep& proof) {
    const auto* trouble = firstTrouble(proof);
    if (trouble == nullptr) return proof.proves.empty() ? proof.why : proof.proves;
    return trouble->why.empty() ? trouble->name : trouble->why;
}

}  // namespace

const char* wordOf(Gate gate) {
    switch (gate) {
        case Gate::Open:
            return "open";
        case Gate::UnknownDomain:
            return "unknown-domain";
        case Gate::DomainDisabled:
            return "domain-disabled";
        case Gate::DirectoryDown:
            return "directory-down";
        case Gate::SupernodeDown:
            return "supernode-down";
    }
    return "";
}

DomainBook::Entry* DomainBook::entryOf(std::uint64_t id) {
    const auto at = entries_.find(id);
    return at == entries_.end() ? nullptr : &at->second;
}

const DomainBook::Entry* DomainBook::entryOf(std::uint64_t id) const {
    const auto at = entries_.find(id);
    return at == entries_.end() ? nullptr : &at->second;
}

std::vector<std::pair<DotKind, const DomainBook::DotState*>> DomainBook::dotsOf(const Entry& entry) const {
    return {{DotKind::Directory, &entry.directory}, {DotKind::Supernode, &entry.supernode}};
}

// --- domains ---

std::vector<DraftProblem> DomainBook::check(ChatDomain& draft) const {
    std::vector<DraftProblem> problems;
    const auto* before = find(draft.id);
    if (auto name = jid::parseDomain(draft.shown.empty() ? draft.name : draft.shown); !name) {
        problems.push_back({"name", name.error().text()});
    } else {
        draft.name = name->ascii;
        draft.shown = name->shown;
        const auto* same = findByName(draft.name);
        if (before != nullptr && before->name != draft.name) {
            problems.push_back(
                {"name",
                 "The name of a chat domain stays: it is part of everybody's address. Add a new domain instead."});
        } else if (same != nullptr && same->id != draft.id) {
            problems.push_back(
                {"name", "\"" + draft.shown + "\" is a chat domain here already. Open that one instead."});
        }
    }
    if (draft.id == 0 && entries_.size() >= config_.mostDomains) {
        problems.push_back({"name", "There are " + std::to_string(config_.mostDomains) +
                                        " chat domains, more are not possible on one service."});
    }
    std::set<std::uint64_t> seen;
    for (const auto id : draft.providers) {
        if (!providers_.contains(id)) {
            problems.push_back({"providers", "There is no provider " + std::to_string(id) +
                                                 ". It may have been removed meanwhile; load the page again."});
        } else if (!seen.insert(id).second) {
            problems.push_back(
                {"providers", "A provider stands twice in the chain. Each is asked once; take one of the two out."});
        }
    }
    if (draft.certificate == CertificateSource::Files) {
        if (draft.certificateFile.empty())
            problems.push_back(
                {"certificateFile", "Name the PEM file with the certificate, or choose the self-signed one."});
        if (draft.keyFile.empty())
            problems.push_back(
                {"keyFile", "Name the PEM file with the private key, or choose the self-signed certificate."});
    }
    if (draft.ttl < kLeastTtl || draft.ttl > kMostTtl) {
        problems.push_back({"ttl",
                            "Write a time from 5 seconds to 7 days (604800). Short times follow changes quickly, long "
                            "ones save questions."});
    }
    if (draft.note.size() > kMostNote) problems.push_back({"note", "The note is longer than 1000 bytes."});
    if (draft.extraRecords.size() > kMostExtra)
        problems.push_back({"extraRecords", "The extra records are longer than 64 KiB."});
    return problems;
}

void DomainBook::put(ChatDomain domain, TimePoint now) {
    auto& entry = entries_[domain.id];
    changed_.insert(domain.id);
    haveZonesChanged_ = true;
    entry.domain = std::move(domain);
    checkNow(entry.domain.id, now);
    if (!entry.domain.isEnabled) {
        for (const auto kind : kBothDots)
            setDot(entry, kind, ProofState::Unknown, "The domain is switched off.", now);
    }
}

void DomainBook::remove(std::uint64_t id) {
    if (entries_.erase(id) == 0) return;
    changed_.insert(id);
    haveZonesChanged_ = true;
}

const ChatDomain* DomainBook::find(std::uint64_t id) const {
    const auto* entry = entryOf(id);
    return entry == nullptr ? nullptr : &entry->domain;
}

const ChatDomain* DomainBook::findByName(std::string_view name) const {
    auto wanted = lowerAscii(name);
    const auto lookUp = [&]() -> const ChatDomain* {
        for (const auto& [id, entry] : entries_)
            if (entry.domain.name == wanted) return &entry.domain;
        return nullptr;
    };
    if (const auto* found = lookUp()) return found;
    const auto parsed = jid::parseDomain(name);
    if (!parsed) return nullptr;
    wanted = parsed->ascii;
    return lookUp();
}

std::vector<const ChatDomain*> DomainBook::all() const {
    std::vector<const ChatDomain*> list;
    for (const auto& [id, entry] : entries_)
        list.push_back(&entry.domain);
    std::sort(list.begin(), list.end(), [](const auto* left, const auto* right) { return left->shown < right->shown; });
    return list;
}

// --- supernodes ---

std::vector<DraftProblem> formProblems(Supernode& draft, DomainReach reach) {
    std::vector<DraftProblem> problems;
    draft.name = lowerAscii(trimmed(draft.name));
    if (!isLabel(draft.name)) {
        problems.push_back({"name", "Write one part of a DNS name: letters a-z, digits and hyphens, such as sn1."});
    }
    const auto address = [&](const char* field, std::string& text) {
        text = std::string(trimmed(text));
        if (!text.empty() && !looksLikeAddress(text)) {
            problems.push_back(
                {field, "\"" + cleanUtf8(cutUtf8(text, 60)) +
                            "\" is not an IP address. Clients are led here by DNS, which needs the address itself."});
        }
    };
    address("lanAddress", draft.lanAddress);
    address("internetAddress", draft.internetAddress);
    if (draft.lanAddress.empty() && draft.internetAddress.empty()) {
        problems.push_back({"lanAddress", "Write the address under which clients reach the supernode."});
    } else if (reach == DomainReach::LanAndInternet && draft.internetAddress.empty() &&
               draft.origin == SupernodeOrigin::Hand) {
        problems.push_back(
            {"internetAddress",
             "The domain is for the Internet too: write the address under which the Internet reaches this supernode."});
    }
    if (draft.port == 0 && draft.tlsPort == 0) {
        problems.push_back({"port", "Write at least one port: 5222 for StartTLS, 5223 for direct TLS."});
    } else if (draft.port == draft.tlsPort) {
        problems.push_back({"tlsPort", "Both ports are the same. Clients must know which kind of TLS they get."});
    }
    return problems;
}

std::vector<DraftProblem> DomainBook::check(Supernode& draft) const {
    std::vector<DraftProblem> problems;
    const auto* entry = entryOf(draft.domain);
    if (entry == nullptr) return {{"domain", "There is no such chat domain. It may have been removed meanwhile."}};
    problems = formProblems(draft, entry->domain.reach);
    for (const auto& [id, other] : entry->supernodes) {
        if (id != draft.id && other.name == draft.name) {
            problems.push_back(
                {"name", "A supernode of this domain has that name already. Choose another one, such as sn" +
                             std::to_string(entry->supernodes.size() + 1) + "."});
        }
    }
    if (draft.id == 0 && entry->supernodes.size() >= config_.mostSupernodes) {
        problems.push_back({"name", "The domain has " + std::to_string(config_.mostSupernodes) +
                                        " supernodes, more are not possible."});
    }
    return problems;
}

void DomainBook::put(Supernode node, TimePoint now) {
    auto* entry = entryOf(node.domain);
    if (entry == nullptr) return;
    changed_.insert(node.domain);
    haveZonesChanged_ = true;
    entry->silent.erase(node.id);
    const auto id = node.id;
    entry->supernodes.insert_or_assign(id, std::move(node));
    entry->supernode.dueAt = now;
    entry->supernode.isUnderWay = false;
}

void DomainBook::removeSupernode(std::uint64_t id) {
    for (auto& [domain, entry] : entries_) {
        if (entry.supernodes.erase(id) == 0) continue;
        entry.silent.erase(id);
        changed_.insert(domain);
        haveZonesChanged_ = true;
        entry.supernode.dueAt = {};
        entry.supernode.isUnderWay = false;
        return;
    }
}

const Supernode* DomainBook::findSupernode(std::uint64_t id) const {
    for (const auto& [domain, entry] : entries_) {
        const auto at = entry.supernodes.find(id);
        if (at != entry.supernodes.end()) return &at->second;
    }
    return nullptr;
}

std::vector<const Supernode*> DomainBook::supernodesOf(std::uint64_t domain) const {
    std::vector<const Supernode*> list;
    if (const auto* entry = entryOf(domain)) {
        for (const auto& [id, node] : entry->supernodes)
            list.push_back(&node);
    }
    std::sort(list.begin(), list.end(), [](const auto* left, const auto* right) { return left->name < right->name; });
    return list;
}

Result<void> DomainBook::heartbeat(std::uint64_t supernode, std::string version, TimePoint now) {
    for (auto& [domain, entry] : entries_) {
        const auto at = entry.supernodes.find(supernode);
        if (at == entry.supernodes.end()) continue;
        const bool wasLive = isLive(at->second, now);
        at->second.lastHeartbeat = now;
        at->second.version = std::move(version);
        entry.silent.erase(supernode);
        if (!wasLive) {
            changed_.insert(domain);
            haveZonesChanged_ = true;
            entry.supernode.dueAt = now;
        }
        return {};
    }
    return Error{Code::NotFound, "This supernode is not registered here.",
                 "It was removed, or it belongs to another service.", "Register it again with a new token."};
}

bool DomainBook::isLive(const Supernode& node, TimePoint now) const {
    if (!node.isEnabled) return false;
    if (node.origin != SupernodeOrigin::Token) return true;
    return node.lastHeartbeat && now - *node.lastHeartbeat < config_.heartbeat * config_.missedHeartbeats;
}

// --- dots ---

const Dot& DomainBook::dot(std::uint64_t domain, DotKind kind) const {
    const auto* entry = entryOf(domain);
    return entry == nullptr ? noDot() : entry->of(kind).dot;
}

std::vector<DotChange> DomainBook::history(std::uint64_t domain) const {
    const auto* entry = entryOf(domain);
    if (entry == nullptr) return {};
    return {entry->changes.begin(), entry->changes.end()};
}

void DomainBook::setDot(Entry& entry, DotKind kind, ProofState state, std::string sentence, TimePoint now) {
    auto& dot = entry.of(kind).dot;
    if (dot.state == state && dot.sentence == sentence && dot.since != TimePoint{}) return;
    if (dot.state != state || dot.since == TimePoint{}) {
        dot.since = now;
        entry.changes.push_back({now, kind, state, sentence});
        freshChanges_.emplace_back(entry.domain.id, entry.changes.back());
        while (entry.changes.size() > config_.keptChanges)
            entry.changes.pop_front();
    }
    dot.state = state;
    dot.sentence = std::move(sentence);
    changed_.insert(entry.domain.id);
}

void DomainBook::checkNow(std::uint64_t domain, TimePoint now) {
    auto* entry = entryOf(domain);
    if (entry == nullptr) return;
    for (const auto kind : kBothDots) {
        entry->of(kind).dueAt = now;
        entry->of(kind).isUnderWay = false;
    }
}

std::vector<WantedCheck> DomainBook::takeDue(TimePoint now) {
    std::vector<WantedCheck> due;
    for (auto& [id, entry] : entries_) {
        if (!entry.domain.isEnabled) continue;
        for (const auto kind : kBothDots) {
            auto& state = entry.of(kind);
            if (state.dueAt > now) continue;
            due.push_back({id, kind});
            // An answer that never comes must not stop the next check.
            state.isUnderWay = true;
            state.dueAt = now + config_.checkEvery;
        }
    }
    return due;
}

void DomainBook::checked(std::uint64_t domain, DotKind kind, ProofStep proof, TimePoint now) {
    auto* entry = entryOf(domain);
    if (entry == nullptr || !entry->domain.isEnabled) return;
    auto& state = entry->of(kind);
    state.isUnderWay = false;
    state.dueAt =
        std::min(state.dueAt, now + (proof.state == ProofState::Fine ? config_.checkEvery : config_.checkAgain));
    state.dot.checkedAt = now;
    const auto result = proof.state;
    auto sentence = sentenceOf(proof);
    state.dot.proof = std::move(proof);
    setDot(*entry, kind, result, std::move(sentence), now);
    changed_.insert(domain);
}

void DomainBook::tick(TimePoint now) {
    for (auto& [id, entry] : entries_) {
        for (const auto& [nodeId, node] : entry.supernodes) {
            if (node.origin != SupernodeOrigin::Token || !node.isEnabled || isLive(node, now)) continue;
            if (!entry.silent.insert(nodeId).second) continue;
            changed_.insert(id);
            haveZonesChanged_ = true;
            entry.supernode.dueAt = now;
        }
        if (!entry.domain.isEnabled) continue;
        for (const auto kind : kBothDots) {
            auto& dot = entry.of(kind).dot;
            if (dot.state != ProofState::Fine || !dot.checkedAt) continue;
            if (now - *dot.checkedAt < config_.checkEvery * kStaleIntervals) continue;
            setDot(entry, kind, ProofState::Partly, "The last proof is old; the checks do not come to an end.", now);
        }
    }
}

std::optional<TimePoint> DomainBook::nextDeadline(TimePoint now) const {
    std::optional<TimePoint> next;
    const auto take = [&](TimePoint at) {
        at = std::max(at, now);
        if (!next || at < *next) next = at;
    };
    for (const auto& [id, entry] : entries_) {
        for (const auto& [nodeId, node] : entry.supernodes) {
            if (node.origin != SupernodeOrigin::Token || !node.isEnabled || !node.lastHeartbeat) continue;
            if (!entry.silent.contains(nodeId))
                take(*node.lastHeartbeat + config_.heartbeat * config_.missedHeartbeats);
        }
        if (!entry.domain.isEnabled) continue;
        for (const auto& [kind, state] : dotsOf(entry)) {
            take(state->dueAt);
            if (state->dot.state == ProofState::Fine && state->dot.checkedAt) {
                take(*state->dot.checkedAt + config_.checkEvery * kStaleIntervals);
            }
        }
    }
    return next;
}

Gate DomainBook::gate(std::string_view domainName) const {
    const auto* domain = findByName(domainName);
    if (domain == nullptr) return Gate::UnknownDomain;
    if (!domain->isEnabled) return Gate::DomainDisabled;
    const auto isUp = [&](DotKind kind) {
        const auto state = dot(domain->id, kind).state;
        return state == ProofState::Fine || state == ProofState::Partly;
    };
    if (!isUp(DotKind::Directory)) return Gate::DirectoryDown;
    if (!isUp(DotKind::Supernode)) return Gate::SupernodeDown;
    return Gate::Open;
}

std::vector<std::uint64_t> DomainBook::takeChanged() {
    const auto taken = std::exchange(changed_, {});
    return {taken.begin(), taken.end()};
}

std::vector<std::pair<std::uint64_t, DotChange>> DomainBook::takeDotChanges() {
    return std::exchange(freshChanges_, {});
}

bool DomainBook::takeZonesChanged() {
    return std::exchange(haveZonesChanged_, false);
}

}  // namespace causeway::domains
