#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "service/admin/admin_ports.h"
#include "shared/base/log.h"
#include "shared/base/result.h"

namespace causeway::admin {

class AdminCore;

struct AdminOptions {
    std::string listen = "127.0.0.1:8425";  ///< port 0 = any free one
    std::filesystem::path dataFolder;       ///< holds admin.crt, admin.key and admin.token; they are made if missing
    std::string hostName;                   ///< a name in the certificate besides localhost

    // Limits; the tests have smaller ones.
    int threads = 32;               ///< a connection holds one; who gives way when there is none free: see Door
    int queue = 64;                 ///< connections that wait for a thread; more are closed at once
    Duration keepAlive = 5s;        ///< between two requests of a connection
    Duration headPatience = 10s;    ///< for the head of a request, and for the TLS handshake
    Duration crowdedPatience = 2s;  ///< for both of who has proven nothing, while half of the threads are taken
    Duration bodyPatience = 30s;    ///< for its body
    Duration heartbeat = 10s;       ///< comment line of a silent event stream
    std::size_t strangerBytes = std::size_t{32} * 1024;
    std::size_t bodyBytes = std::size_t{4} * 1024 * 1024;
    unsigned passwordRounds = 600'000;
};

/// The admin interface: HTTPS (TLS 1.2+), JSON, server-sent events (docs/dev/api.md).
/// start() and stop() from one thread. Everything behind the ports must outlive it.
class AdminServer {
public:
    AdminServer(AdminPorts ports, AdminOptions options, Log& log);
    ~AdminServer();
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

    /// Certificate, token, socket. Errors: Unavailable (port in use, address not here), Denied (port or remote address
    /// not permitted: a listener that is not loopback needs an administrator with a password), Corrupt (certificate).
    Result<void> start();
    /// Ends event streams and connections, joins its threads. Within a second, unless a request waits for the disk.
    void stop();

    std::string address() const;      ///< the real one, "127.0.0.1:8425"; empty before start()
    std::string fingerprint() const;  ///< SHA-256 of the certificate, lower-case hex

    // To be registered with the features before they start:
    discovery::LanObserver& lanObserver();
    search::SearchObserver& searchObserver();
    trace::TraceObserver& traceObserver();
    trace::VisibilityObserver& visibilityObserver();
    links::LinksObserver& linksObserver();
    domains::DomainsObserver& domainsObserver();
    auth::ProvidersObserver& providersObserver();
    // To be called when these change by another way than the API:
    void settingsChanged(const std::vector<std::string>& keys);
    void problemsChanged();
    void dnsChanged();

    AdminCore& core();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::admin
