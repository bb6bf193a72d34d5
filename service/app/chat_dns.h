#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/admin/admin_ports.h"
#include "service/app/settings.h"
#include "service/dns/dns_server_io.h"
#include "service/domains/domains_port.h"
#include "service/store/store_port.h"
#include "shared/base/guarded.h"
#include "shared/base/log.h"

namespace causeway::app {

/// Chat DNS as the service runs it: makes zones of the chat domains and of the settings, listens while there is a
/// domain to serve, and keeps serials and keys in the store. Where it cannot listen the records are still made, for
/// those who serve them elsewhere, and it tries again. setDomains(), reopen() and retry() come from one thread;
/// everything else from any.
class ChatDns final : public dns::DnsPort, public admin::DnsKeysPort, private dns::DnsObserver {
public:
    ChatDns(Settings& settings, store::StorePort& store, Log& log);
    ~ChatDns() override;
    ChatDns(const ChatDns&) = delete;
    ChatDns& operator=(const ChatDns&) = delete;

    /// Reads the keys. Errors: of the store.
    Result<void> load();
    /// After something that clients of the API show has changed; any thread.
    void onChange(std::function<void()> told) { told_ = std::move(told); }
    /// SHA-256 of the public key that the local supernode of a domain shows, 32 bytes; empty if there is none.
    void onKeyDigest(std::function<std::string(const std::string& domain)> digestOf) {
        digestOf_ = std::move(digestOf);
    }

    void setDomains(std::vector<domains::DomainView> domains);
    /// Zones again from the same domains: the settings, a certificate or the addresses of this computer have changed.
    void refresh();
    /// The settings say what listens; what listens already stays.
    void reopen();
    /// Tries again to listen, if it could not. True: it tries on, call again in ten seconds.
    bool retry();
    void close();

    /// What stops it from listening.
    std::optional<Error> listenError() const;
    /// The first address and port that answer questions of this computer; empty if none does.
    std::string ownResolver() const;

    // DnsPort
    dns::DnsStatus status() override;
    std::vector<dns::DnsRow> table() override;
    std::vector<dns::SecondaryState> secondaries() override;
    std::vector<dns::DnsWarning> warnings() override;
    Result<std::vector<dns::DnsRecordRow>> records(const std::string& domain, dns::View view) override;
    Result<std::string> recordsText(const std::string& domain, dns::View view, dns::TextForm form,
                                    const std::string& hostZone) override;
    std::vector<Error> checkExtra(const std::string& domain, const std::string& text) override;
    Result<std::vector<dns::DnsCheckReport>> check(const std::string& domain, dns::View view,
                                                   const std::vector<std::string>& resolvers) override;

    // DnsKeysPort
    std::vector<std::string> names() override;
    std::vector<Secret> secrets() override;
    Result<Key> add(const std::string& name, const std::optional<Secret>& secret) override;
    Result<void> remove(const std::string& name) override;
    std::string trouble() override;

private:
    // DnsObserver
    void zoneServed(const std::string& domain, std::uint32_t serial) override;
    void secondariesChanged() override;

    bool isWanted() const;
    dns::DnsSettings dnsSettings() const;
    Result<void> openServer(bool withListeners);
    dns::ZoneInput zoneOf(const domains::DomainView& view);
    std::uint32_t lastSerial(const std::string& domain);
    std::vector<dns::ZoneInput> zones();
    std::shared_ptr<dns::DnsServer> server() const;
    Result<void> saveKeys(const std::vector<dns::TsigKey>& keys);

    Settings& settings_;
    store::StorePort& store_;
    Log& log_;
    std::function<void()> told_;
    std::function<std::string(const std::string&)> digestOf_;
    std::vector<domains::DomainView> domains_;
    std::string openedWith_;  ///< the settings of what listens; empty: nothing does
    Guarded<std::vector<dns::TsigKey>> keys_;
    Guarded<std::optional<Error>> listenError_;
    Guarded<std::map<std::string, std::uint32_t>> serials_;  ///< last served; what the store knows or will soon
    Guarded<std::shared_ptr<dns::DnsServer>> server_;
};

}  // namespace causeway::app
