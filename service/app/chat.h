#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/app/chat_dns.h"
#include "service/app/chat_keeper.h"
#include "service/app/provider_keeper.h"
#include "service/app/settings.h"
#include "service/auth/providers_io.h"
#include "service/domains/domains_io.h"
#include "service/net/event_loop.h"
#include "service/net/work_pool.h"
#include "service/store/store_port.h"
#include "service/xmpp/certificates_io.h"
#include "service/xmpp/door_io.h"
#include "shared/base/guarded.h"
#include "shared/base/log.h"

namespace causeway::app {

/// The chat domains with all that stands behind them: records, providers, certificates, the supernode's door, chat DNS
/// and the two dots. Policy runs on a loop of its own, the door on another; what may wait runs on workers.
class Chat {
public:
    struct Observers {
        domains::DomainsObserver* domains = nullptr;
        auth::ProvidersObserver* providers = nullptr;
        std::function<void()> dnsChanged{};
    };
    Chat(Settings& settings, store::StorePort& store, Log& log);
    ~Chat();
    Chat(const Chat&) = delete;
    Chat& operator=(const Chat&) = delete;

    /// Reads the records and begins to serve. Errors: of the store. What cannot listen is no error but a problem.
    Result<void> start();
    /// Nobody is served or told any more. Within a second, unless a provider is being asked.
    void stop();
    /// Who is told of changes from now on.
    void setObservers(Observers observers);

    domains::DomainsPort& domains() { return *domains_; }
    auth::ProvidersIo& providers() { return *providers_; }
    xmpp::CertificatesPort& certificates() { return *certificates_; }
    ChatDns& dns() { return dns_; }

    /// The proof behind a mark, made now; waits for it, at most half a minute. No event loop.
    Result<ProofStep> proveNow(DotKind kind, const domains::DomainView& view);

    /// After a change of the settings; any thread.
    void settingsChanged();
    std::vector<Problem> problems();
    std::vector<api::ListenerStatus> listeners();

private:
    class Relay;
    class Meter;
    /// What others must know of a domain without waiting for the loop.
    struct Known {
        ChatDomain domain;
        domains::Gate gate = domains::Gate::UnknownDomain;
        Dot directory{};  ///< without its proof
        Dot supernode{};
    };
    /// What is wrong with server.lan_address, and since when.
    struct AddressTrouble {
        std::string text;
        TimePoint since{};
    };
    using KnownDomains = std::map<std::string, Known>;  ///< by ASCII name

    /// Says once in the log that server.lan_address is not one of this computer's.
    void lookAtAddress();
    void makeProviders();
    void makeDomains();
    void makeCertificates();
    std::shared_ptr<const KnownDomains> known() const;
    void changed(const std::vector<domains::DomainView>& all);
    void zonesChanged(std::vector<domains::DomainView> all);
    void certificateChanged(const std::string& domain);
    /// Runs `work` on the one thread that changes what listens.
    void atGate(std::function<void()> work);
    void retryLater();
    void setDoor();
    xmpp::LoginGate gateOf(const std::string& domain) const;
    void proveSupernode(const ChatDomain& domain, std::vector<domains::SupernodeView> supernodes,
                        std::function<void(ProofStep)> done);
    ProofStep supernodeProof(const ChatDomain& domain, const std::vector<domains::SupernodeView>& supernodes);
    Supernode localSupernode() const;

    Settings& settings_;
    store::StorePort& store_;
    Log& log_;
    StoreDomainRecords records_;
    ProviderKeeper providerRecords_;
    std::unique_ptr<xmpp::CertificateKeeper> certificateKeeper_;
    ChatDns dns_;
    std::unique_ptr<Relay> relay_;
    std::unique_ptr<Meter> meter_;
    std::unique_ptr<net::EventLoop> loop_;
    std::unique_ptr<net::EventLoop> doorLoop_;
    std::unique_ptr<auth::ProvidersIo> providers_;
    std::unique_ptr<xmpp::Certificates> certificates_;
    std::shared_ptr<domains::DomainsIo> domains_;
    std::unique_ptr<net::LoopTimer> retryTimer_;
    Guarded<std::shared_ptr<const KnownDomains>> known_;
    Guarded<std::shared_ptr<xmpp::Door>> door_;
    std::string doorOpenedWith_;  ///< of the thread of atGate()
    bool isAnyEnabled_ = false;   ///< the same
    Guarded<std::function<void()>> dnsChanged_;
    Guarded<AddressTrouble> addressTrouble_;
    Guarded<std::optional<TimePoint>> dnsSilentSince_;
    std::atomic<bool> isEnding_{false};
    std::unique_ptr<net::WorkPool> work_;  ///< ends before what its jobs use
};

}  // namespace causeway::app
