#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "service/domains/domain_book.h"
#include "service/domains/domains_port.h"
#include "service/net/event_loop.h"
#include "shared/base/log.h"

namespace causeway::domains {

/// The chat domains on an event loop, with their records on disk and the meters of their dots.
class DomainsIo final : public DomainsPort, public std::enable_shared_from_this<DomainsIo> {
public:
    struct Parts {
        net::EventLoop* loop = nullptr;
        DomainRecords* records = nullptr;
        DotMeter* meter = nullptr;
        Log* log = nullptr;
        DomainsObserver* observer = nullptr;  ///< may be null
        /// On the loop, when DNS must tell something else; gets everything that it needs.
        std::function<void(std::vector<DomainView>)> zonesChanged{};
        /// On the loop, whenever anything of any domain changed, its dots too; before the call that changed it returns.
        std::function<void(const std::vector<DomainView>&)> changed{};
        /// Ids of the providers that exist; any thread.
        std::function<std::set<std::uint64_t>()> providers{};
        /// Addresses and ports of this service for its local supernode; any thread.
        std::function<Supernode()> localSupernode{};
    };
    static std::shared_ptr<DomainsIo> make(Parts parts, const BookConfig& config = {});

    /// Reads the records and begins to measure. Before the loop runs or from another thread.
    Result<void> start();
    /// No callback comes any more behind this. Not on the loop.
    void stop();

    // DomainsPort
    Result<std::vector<DomainView>> domains() override;
    Result<DomainView> domain(std::uint64_t id) override;
    Result<std::vector<DotChange>> history(std::uint64_t id, std::size_t most) override;
    Result<std::vector<DraftProblem>> check(ChatDomain& draft) override;
    Result<DomainView> save(ChatDomain draft, std::vector<DraftProblem>& problems) override;
    Result<void> remove(std::uint64_t id) override;
    Result<Supernode> saveSupernode(Supernode draft, const std::string& tokenHash,
                                    std::vector<DraftProblem>& problems) override;
    Result<void> removeSupernode(std::uint64_t id) override;
    Result<Supernode> heartbeat(const std::string& tokenHash, const std::string& version) override;
    Result<void> checkNow(std::uint64_t id) override;
    Result<Gate> gate(const std::string& domainName) override;

private:
    DomainsIo(Parts parts, const BookConfig& config);

    template <class T, class F>
    Result<T> ask(const char* name, F work) {
        auto answer = parts_.loop->ask(name, Duration{2000}, [this, work = std::move(work)]() mutable {
            Result<T> result = work();
            pump();
            return result;
        });
        if (!answer) return answer.error();
        return std::move(*answer);
    }
    // On the loop:
    void pump();
    void measured(std::uint64_t domain, DotKind kind, ProofStep proof);
    DomainView viewOf(const ChatDomain& domain) const;
    std::vector<SupernodeView> supernodesOf(std::uint64_t domain) const;

    Parts parts_;
    DomainBook book_;
    std::map<std::string, std::uint64_t> tokens_;  ///< hash -> supernode
    std::unique_ptr<net::LoopTimer> timer_;
    bool isRunning_ = false;
    std::mutex saving_;  ///< one save at a time: check, disk, book
};

}  // namespace causeway::domains
