#include "service/domains/domains_io.h"

#include <algorithm>
#include <utility>

namespace causeway::domains {

namespace {

Error noDomain(std::uint64_t id) {
    return {Code::NotFound, "There is no chat domain " + std::to_string(id) + ".",
            "It may have been removed meanwhile.", "Load the list again."};
}

Error badDraft(const char* what, const std::vector<DraftProblem>& problems) {
    return {Code::BadInput, std::string("The ") + what + " was not saved.", problems.front().text,
            "Mend the fields that are named and save again."};
}

}  // namespace

std::shared_ptr<DomainsIo> DomainsIo::make(Parts parts, const BookConfig& config) {
    return std::shared_ptr<DomainsIo>(new DomainsIo(std::move(parts), config));
}

DomainsIo::DomainsIo(Parts parts, const BookConfig& config) : parts_(std::move(parts)), book_(config) {}

Result<void> DomainsIo::start() {
    auto domains = parts_.records->domains();
    if (!domains) return domains.error();
    auto supernodes = parts_.records->supernodes();
    if (!supernodes) return supernodes.error();
    return ask<void>("start domains",
                     [this, domains = std::move(*domains), supernodes = std::move(*supernodes)]() -> Result<void> {
                         const auto now = net::EventLoop::now();
                         for (const auto& each : domains)
                             book_.put(each, now);
                         for (const auto& each : supernodes) {
                             book_.put(each.node, now);
                             if (!each.tokenHash.empty()) tokens_[each.tokenHash] = each.node.id;
                         }
                         isRunning_ = true;
                         timer_ = std::make_unique<net::LoopTimer>(*parts_.loop, "domains", [this] { pump(); });
                         return {};
                     });
}

void DomainsIo::stop() {
    static_cast<void>(parts_.loop->ask("stop domains", Duration{2000}, [this] {
        isRunning_ = false;
        timer_.reset();
    }));
}

std::vector<SupernodeView> DomainsIo::supernodesOf(std::uint64_t domain) const {
    std::vector<SupernodeView> views;
    for (const auto* node : book_.supernodesOf(domain))
        views.push_back({*node, book_.isLive(*node, net::EventLoop::now())});
    return views;
}

DomainView DomainsIo::viewOf(const ChatDomain& domain) const {
    DomainView view;
    view.domain = domain;
    view.directory = book_.dot(domain.id, DotKind::Directory);
    view.supernode = book_.dot(domain.id, DotKind::Supernode);
    view.supernodes = supernodesOf(domain.id);
    view.gate = book_.gate(domain.name);
    return view;
}

void DomainsIo::pump() {
    if (!isRunning_) return;
    const auto now = net::EventLoop::now();
    book_.tick(now);
    for (const auto& [id, change] : book_.takeDotChanges()) {
        parts_.records->addDotChangeLater(id, change);
        if (parts_.log != nullptr) {
            const auto* domain = book_.find(id);
            parts_.log->write(change.state == ProofState::Broken ? LogLevel::Warning : LogLevel::Info, "DOMAIN_MARK",
                              "The " + std::string(wordOf(change.kind)) + " mark of " +
                                  (domain == nullptr ? std::to_string(id) : domain->shown) + " is " +
                                  wordOf(change.state) + (change.sentence.empty() ? "." : ": " + change.sentence));
        }
    }
    const auto changed = book_.takeChanged();
    const bool haveZonesChanged = book_.takeZonesChanged();
    if (!changed.empty() || haveZonesChanged) {
        std::vector<DomainView> all;
        for (const auto* domain : book_.all())
            all.push_back(viewOf(*domain));
        if (parts_.changed) parts_.changed(all);
        if (haveZonesChanged && parts_.zonesChanged) parts_.zonesChanged(std::move(all));
    }
    for (const auto id : changed) {
        if (parts_.observer != nullptr) parts_.observer->domainChanged(id);
    }
    // Last, so that what is measured has been told to serve already.
    for (const auto& due : book_.takeDue(now)) {
        const auto* domain = book_.find(due.domain);
        if (domain == nullptr) continue;
        auto done = parts_.loop->deliver("dot measured", weak_from_this(), &DomainsIo::measured);
        parts_.meter->measure(due.kind, *domain, supernodesOf(due.domain),
                              [done, due](ProofStep proof) mutable { done(due.domain, due.kind, std::move(proof)); });
    }
    if (const auto next = book_.nextDeadline(now)) timer_->setAt(std::max(*next, now + 1ms));
}

void DomainsIo::measured(std::uint64_t domain, DotKind kind, ProofStep proof) {
    if (!isRunning_) return;
    book_.checked(domain, kind, std::move(proof), net::EventLoop::now());
    pump();
}

Result<std::vector<DomainView>> DomainsIo::domains() {
    auto all = ask<std::vector<DomainView>>("domains", [this] {
        std::vector<DomainView> views;
        for (const auto* domain : book_.all())
            views.push_back(viewOf(*domain));
        return views;
    });
    if (!all) return all;
    for (auto& view : *all)
        view.accounts = parts_.records->accountCount(view.domain.id).value_or(0);
    return all;
}

Result<DomainView> DomainsIo::domain(std::uint64_t id) {
    auto found = ask<DomainView>("domain", [this, id]() -> Result<DomainView> {
        const auto* domain = book_.find(id);
        if (domain == nullptr) return noDomain(id);
        return viewOf(*domain);
    });
    if (found) found->accounts = parts_.records->accountCount(id).value_or(0);
    return found;
}

Result<std::vector<DotChange>> DomainsIo::history(std::uint64_t id, std::size_t most) {
    return parts_.records->dotChanges(id, most);
}

Result<std::vector<DraftProblem>> DomainsIo::check(ChatDomain& draft) {
    const auto providers = parts_.providers ? parts_.providers() : std::set<std::uint64_t>{};
    auto checked = ask<std::pair<ChatDomain, std::vector<DraftProblem>>>(
        "check domain", [this, draft, providers]() mutable -> Result<std::pair<ChatDomain, std::vector<DraftProblem>>> {
            book_.setProviders(providers);
            auto problems = book_.check(draft);
            return std::pair{std::move(draft), std::move(problems)};
        });
    if (!checked) return checked.error();
    draft = std::move(checked->first);
    return std::move(checked->second);
}

Result<DomainView> DomainsIo::save(ChatDomain draft, std::vector<DraftProblem>& problems) {
    const std::lock_guard hold{saving_};
    const bool isNew = draft.id == 0;
    if (!isNew) {
        const auto before = domain(draft.id);
        if (!before) return before.error();
        if (draft.revision != 0 && before->domain.revision != draft.revision) {
            return Error{Code::Conflict, "The chat domain was not saved.", "Somebody else has changed it meanwhile.",
                         "Load it again and repeat the change."};
        }
        draft.createdAt = before->domain.createdAt;
        draft.revision = before->domain.revision;
    } else {
        draft.createdAt = net::EventLoop::now();
    }
    auto wrong = check(draft);
    if (!wrong) return wrong.error();
    problems = std::move(*wrong);
    if (!problems.empty()) return badDraft("chat domain", problems);
    auto saved = parts_.records->saveDomain(draft);
    if (!saved) return saved.error();
    std::optional<Supernode> made;
    if (isNew && parts_.localSupernode) {
        auto local = parts_.localSupernode();
        local.domain = saved->id;
        local.origin = SupernodeOrigin::Local;
        if (local.name.empty()) local.name = "sn1";
        // Without an address the administrator is asked for one on the page of the domain; the dot says so.
        if (!local.lanAddress.empty() || !local.internetAddress.empty()) {
            if (auto node = parts_.records->saveSupernode({local, ""})) made = std::move(*node);
        }
    }
    // Both at once, so that the first measurement finds the supernode.
    auto put = ask<void>("put domain", [this, domain = *saved, made]() -> Result<void> {
        book_.put(domain, net::EventLoop::now());
        if (made) book_.put(*made, net::EventLoop::now());
        return {};
    });
    if (!put) return put.error();
    return domain(saved->id);
}

Result<void> DomainsIo::remove(std::uint64_t id) {
    const std::lock_guard hold{saving_};
    if (auto removed = parts_.records->removeDomain(id); !removed) return removed.error();
    return ask<void>("remove domain", [this, id]() -> Result<void> {
        for (const auto* node : book_.supernodesOf(id))
            std::erase_if(tokens_, [node](const auto& each) { return each.second == node->id; });
        book_.remove(id);
        return {};
    });
}

Result<Supernode> DomainsIo::saveSupernode(Supernode draft, const std::string& tokenHash,
                                           std::vector<DraftProblem>& problems) {
    const std::lock_guard hold{saving_};
    auto checked = ask<std::pair<Supernode, std::vector<DraftProblem>>>(
        "check supernode", [this, draft]() mutable -> Result<std::pair<Supernode, std::vector<DraftProblem>>> {
            if (draft.id != 0) {
                const auto* before = book_.findSupernode(draft.id);
                if (before == nullptr) {
                    return Error{Code::NotFound, "There is no such supernode.", "It may have been removed meanwhile.",
                                 "Load the domain again."};
                }
                draft.domain = before->domain;
                draft.origin = before->origin;
                draft.lastHeartbeat = before->lastHeartbeat;
                draft.version = before->version;
            }
            auto wrong = book_.check(draft);
            return std::pair{std::move(draft), std::move(wrong)};
        });
    if (!checked) return checked.error();
    problems = std::move(checked->second);
    if (!problems.empty()) return badDraft("supernode", problems);
    auto saved = parts_.records->saveSupernode({checked->first, tokenHash});
    if (!saved) return saved;
    auto put = ask<void>("put supernode", [this, node = *saved, tokenHash]() -> Result<void> {
        if (!tokenHash.empty()) {
            std::erase_if(tokens_, [&](const auto& each) { return each.second == node.id; });
            tokens_[tokenHash] = node.id;
        }
        book_.put(node, net::EventLoop::now());
        return {};
    });
    if (!put) return put.error();
    return saved;
}

Result<void> DomainsIo::removeSupernode(std::uint64_t id) {
    const std::lock_guard hold{saving_};
    if (auto removed = parts_.records->removeSupernode(id); !removed) return removed.error();
    return ask<void>("remove supernode", [this, id]() -> Result<void> {
        std::erase_if(tokens_, [id](const auto& each) { return each.second == id; });
        book_.removeSupernode(id);
        return {};
    });
}

Result<Supernode> DomainsIo::heartbeat(const std::string& tokenHash, const std::string& version) {
    return ask<Supernode>("heartbeat", [this, tokenHash, version]() -> Result<Supernode> {
        const auto at = tokens_.find(tokenHash);
        if (tokenHash.empty() || at == tokens_.end()) {
            return Error{Code::Denied, "This supernode is not registered here.", "Its token is not known.",
                         "Register it again: Domains > Supernodes > Add gives a new token."};
        }
        if (auto alive = book_.heartbeat(at->second, version, net::EventLoop::now()); !alive) return alive.error();
        return *book_.findSupernode(at->second);
    });
}

Result<void> DomainsIo::checkNow(std::uint64_t id) {
    return ask<void>("check dots", [this, id]() -> Result<void> {
        if (book_.find(id) == nullptr) return noDomain(id);
        book_.checkNow(id, net::EventLoop::now());
        return {};
    });
}

Result<Gate> DomainsIo::gate(const std::string& domainName) {
    return ask<Gate>("gate", [this, domainName]() -> Result<Gate> { return book_.gate(domainName); });
}

}  // namespace causeway::domains
