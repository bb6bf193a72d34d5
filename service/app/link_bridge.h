#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "service/links/links_io.h"
#include "service/net/tls.h"
#include "service/net/work_pool.h"
#include "service/store/link_store_port.h"
#include "service/store/store_port.h"
#include "service/trace/trace_io.h"
#include "shared/base/guarded.h"

namespace causeway::app {

/// The identity of this service for links, link.crt and link.key in the data folder; made if both are missing.
/// Errors: Corrupt (one of them is missing or damaged), Denied.
Result<net::TlsIdentity> prepareLinkIdentity(const std::filesystem::path& dataFolder, const std::string& name);

/// "22224-22227" as first and last port; {0, 0} if it is nothing of that form.
std::pair<std::uint16_t, std::uint16_t> voicePortsOf(const std::string& setting);

class StoreLinkKeeper final : public links::LinkKeeper {
public:
    /// `basesChanged` is told when a base got the segments of its service.
    StoreLinkKeeper(store::StorePort& bases, store::LinkStorePort& store, std::function<void()> basesChanged)
        : bases_(bases), store_(store), basesChanged_(std::move(basesChanged)) {}
    Result<std::vector<LinkRecord>> links() override { return store_.links(); }
    Result<std::vector<InvitationRecord>> invitations() override { return store_.invitations(); }
    Result<void> saveLink(const LinkRecord& link) override { return store_.saveLink(link); }
    Result<void> removeLink(std::uint64_t base) override { return store_.removeLink(base); }
    Result<void> addInvitation(const InvitationRecord& invitation, TimePoint forgetBefore) override {
        return store_.addInvitation(invitation, forgetBefore);
    }
    Result<void> redeem(const std::string& tokenHash, TimePoint now, const LinkRecord& link,
                        const std::vector<Network4>& segments) override;

private:
    store::StorePort& bases_;
    store::LinkStorePort& store_;
    std::function<void()> basesChanged_;
};

/// Lets packet traces use linked services, and linked services use the packet trace of this one.
class LinkBridge final : public links::LinkDuty, public trace::TracePeers {
public:
    using VoicePorts = std::function<std::pair<std::uint16_t, std::uint16_t>()>;
    LinkBridge(links::LinksIo& links, trace::TraceIo& traces, VoicePorts voicePorts, Log& log);
    ~LinkBridge() override;  ///< when nobody calls any more; waits for its work

    // LinkDuty, on the loop of the links:
    void measure(std::uint64_t base, const link::Measure& wish, Answer answer) override;
    void stop(std::uint64_t base, std::uint32_t id) override;
    void openCount(std::uint64_t base, const link::CountOpen& wish, Answer answer) override;
    void turnCount(std::uint64_t base, const link::CountTurn& wish, Answer answer) override;
    void gone(std::uint64_t base) override;

    // TracePeers, on threads of traces:
    std::shared_ptr<trace::TracePeer> peerOf(Ip4 target) override;

private:
    class Peer;
    template <class F>
    void later(std::uint64_t base, std::uint32_t id, const Answer& answer, F work);

    links::LinksIo& links_;
    trace::TraceIo& traces_;
    VoicePorts voicePorts_;
    /// What runs for others: number at the trace, by base and number of the request.
    Guarded<std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t>> running_;
    std::unique_ptr<net::WorkPool> work_;
};

}  // namespace causeway::app
