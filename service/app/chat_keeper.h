#pragma once

#include "service/domains/domains_port.h"
#include "service/store/chat_store_port.h"

namespace causeway::app {

/// Connects the chat domains with the store.
class StoreDomainRecords final : public domains::DomainRecords {
public:
    explicit StoreDomainRecords(store::ChatStorePort& store) : store_(store) {}
    Result<std::vector<ChatDomain>> domains() override { return store_.domains(); }
    Result<ChatDomain> saveDomain(const ChatDomain& domain) override { return store_.saveDomain(domain); }
    Result<void> removeDomain(std::uint64_t id) override { return store_.removeDomain(id); }
    Result<std::vector<SupernodeRow>> supernodes() override;
    Result<Supernode> saveSupernode(const SupernodeRow& row) override {
        return store_.saveSupernode({row.node, row.tokenHash});
    }
    Result<void> removeSupernode(std::uint64_t id) override { return store_.removeSupernode(id); }
    void addDotChangeLater(std::uint64_t domain, const DotChange& change) override {
        store_.addDotChangeLater(domain, change);
    }
    Result<std::vector<DotChange>> dotChanges(std::uint64_t domain, std::size_t most) override {
        return store_.dotChanges(domain, most);
    }
    Result<std::uint64_t> accountCount(std::uint64_t domain) override { return store_.accountCount(domain); }

private:
    store::ChatStorePort& store_;
};

}  // namespace causeway::app
