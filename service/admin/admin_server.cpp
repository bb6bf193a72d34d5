#include "service/admin/admin_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Net/TCPServerParams.h>
#include <Poco/ThreadPool.h>
#include <openssl/ssl.h>

#include <atomic>
#include <utility>

#include "service/admin/certificate.h"
#include "service/admin/connection.h"
#include "service/admin/doorkeeper.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

class Factory final : public Poco::Net::TCPServerConnectionFactory {
public:
    Factory(AdminCore& core, const AdminOptions& options, Doorkeeper::Ptr door, const std::atomic<bool>& stopping)
        : core_(core), options_(options), door_(std::move(door)), stopping_(stopping) {}
    Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
        return new Connection(socket, core_, options_, door_, stopping_);
    }

private:
    AdminCore& core_;
    const AdminOptions& options_;
    Doorkeeper::Ptr door_;
    const std::atomic<bool>& stopping_;
};

Poco::Net::Context::Ptr makeContext(const CertificateFiles& files) {
    Poco::Net::Context::Params params;
    params.privateKeyFile = files.key.string();
    params.certificateFile = files.certificate.string();
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    params.loadDefaultCAs = false;
    params.cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!MD5:!DSS";
    Poco::Net::Context::Ptr context{new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params)};
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    SSL_CTX* raw = context->sslContext();
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    return context;
}

Error cannotListen(const std::string& listen, const std::string& why, const std::string& todo) {
    return Error{Code::Unavailable, "The admin interface cannot listen on " + listen + ".", why, todo};
}

std::string textOf(const Poco::Net::SocketAddress& address) {
    const auto host = address.host().toString();
    const bool isIp6 = host.find(':') != std::string::npos;
    return (isIp6 ? "[" + host + "]" : host) + ":" + std::to_string(address.port());
}

}  // namespace

struct AdminServer::Impl {
    Impl(AdminPorts ports, AdminOptions given, Log& logger)
        : options(std::move(given)), log(logger), core(std::move(ports), logger, {options.passwordRounds}) {}

    Result<Poco::Net::SecureServerSocket> bind(const Poco::Net::Context::Ptr& context) const {
        try {
            Poco::Net::SecureServerSocket socket{context};
            socket.bind(Poco::Net::SocketAddress{options.listen}, true, false);
            socket.listen(64);
            return socket;
        } catch (const Poco::Net::NetException& trouble) {
            const auto text = lowerAscii(trouble.displayText());
            if (text.find("in use") != std::string::npos) {
                return cannotListen(options.listen, "The port is in use, perhaps by another causewayd.",
                                    "Stop it, or choose another port with admin.listen.");
            }
            if (text.find("permission") != std::string::npos || text.find("denied") != std::string::npos) {
                return cannotListen(options.listen, "This user may not open the port.",
                                    "Choose a port above 1023 with admin.listen.");
            }
            return cannotListen(options.listen, cleanUtf8(trouble.displayText()) + ".",
                                "Choose an address of this machine with admin.listen.");
        } catch (const Poco::Exception& trouble) {
            return cannotListen(options.listen, cleanUtf8(trouble.displayText()) + ".",
                                "Write address and port in admin.listen, such as 127.0.0.1:8425.");
        }
    }

    Result<void> start() {
        if (auto started = core.start(); !started) return started;
        if (auto trouble = core.listenTrouble(options.listen); !trouble.empty()) {
            return Error{Code::Denied, trouble, "", "Until then set admin.listen to 127.0.0.1:8425."};
        }
        auto files = prepareCertificate(options.dataFolder, options.hostName, core.now());
        if (!files) return files.error();
        fingerprint = files->fingerprint;
        core.setCertificate(fingerprint);
        if (files->isNew) {
            log.write(LogLevel::Info, "ADMIN_CERTIFICATE_MADE",
                      "A certificate for the admin interface was made; its SHA-256 is " + fingerprint + ".");
        }
        auto token = prepareLocalToken(options.dataFolder);
        if (!token) return token.error();
        core.accounts().setLocalToken(Secret{token->token});
        if (token->isNew)
            log.write(LogLevel::Info, "ADMIN_TOKEN_MADE", "A token for local consoles was made: admin.token.");

        Poco::Net::initializeSSL();
        Poco::Net::Context::Ptr context;
        try {
            context = makeContext(*files);
        } catch (const Poco::Exception& trouble) {
            return Error{Code::Corrupt, "The certificate of the admin interface cannot be used.",
                         cleanUtf8(trouble.displayText()) + ".",
                         "Remove admin.crt and admin.key; the service makes new ones."};
        }
        auto socket = bind(context);
        if (!socket) return socket.error();
        address = textOf(socket->address());

        Poco::Net::TCPServerParams::Ptr params{new Poco::Net::TCPServerParams};
        params->setMaxThreads(options.threads);
        // The doorkeeper keeps the limit; those that he closed stay in this queue until a thread takes them out.
        params->setMaxQueued(options.queue * 16);
        params->setThreadIdleTime(Poco::Timespan{5, 0});
        // One more than the connections: the accept loop has a thread of its own kind.
        pool = std::make_unique<Poco::ThreadPool>("admin", 2, options.threads + 1, 30);
        const Doorkeeper::Ptr door{new Doorkeeper(
            {.places = static_cast<std::size_t>(options.threads), .waiting = static_cast<std::size_t>(options.queue)},
            log, core.ports().now)};
        core.setClosedConnections([door] { return door->closed(); });
        server =
            std::make_unique<Poco::Net::TCPServer>(new Factory(core, options, door, stopping), *pool, *socket, params);
        server->setConnectionFilter(door);
        server->start();
        core.setListener({"admin", address, api::ListenerState::Listening, ""});
        log.write(
            LogLevel::Info, "ADMIN_LISTENING",
            "The admin interface listens on " + address + "; the SHA-256 of its certificate is " + fingerprint + ".");
        return {};
    }

    void stop() {
        stopping = true;
        core.stop();
        if (server) {
            server->stop();
            pool->joinAll();
            server.reset();
            pool.reset();
            core.setClosedConnections({});  // the doorkeeper goes, and with it what nobody had a thread for
        }
        core.setListener({"admin", address, api::ListenerState::Off, ""});
    }

    AdminOptions options;
    Log& log;
    AdminCore core;
    std::atomic<bool> stopping{false};
    std::unique_ptr<Poco::ThreadPool> pool;
    std::unique_ptr<Poco::Net::TCPServer> server;
    std::string address;
    std::string fingerprint;
};

AdminServer::AdminServer(AdminPorts ports, AdminOptions options, Log& log)
    : impl_(std::make_unique<Impl>(std::move(ports), std::move(options), log)) {}

AdminServer::~AdminServer() {
    stop();
}

Result<void> AdminServer::start() {
    auto started = impl_->start();
    if (!started) {
        impl_->address = impl_->options.listen;
        impl_->core.setListener({"admin", impl_->options.listen, api::ListenerState::Failed, started.error().text()});
        impl_->log.write(LogLevel::Error, "ADMIN_LISTEN_FAILED", started.error().text());
    }
    return started;
}

void AdminServer::stop() {
    impl_->stop();
}

std::string AdminServer::address() const {
    return impl_->address;
}

std::string AdminServer::fingerprint() const {
    return impl_->fingerprint;
}

discovery::LanObserver& AdminServer::lanObserver() {
    return impl_->core.events();
}

search::SearchObserver& AdminServer::searchObserver() {
    return impl_->core.events();
}

trace::TraceObserver& AdminServer::traceObserver() {
    return impl_->core.events();
}

trace::VisibilityObserver& AdminServer::visibilityObserver() {
    return impl_->core.events();
}

links::LinksObserver& AdminServer::linksObserver() {
    return impl_->core.events();
}

auth::ProvidersObserver& AdminServer::providersObserver() {
    return impl_->core.events();
}

domains::DomainsObserver& AdminServer::domainsObserver() {
    return impl_->core.events();
}

void AdminServer::settingsChanged(const std::vector<std::string>& keys) {
    impl_->core.events().settingsChanged(keys);
}

void AdminServer::problemsChanged() {
    impl_->core.events().problemsChanged();
}

void AdminServer::dnsChanged() {
    impl_->core.events().dnsChanged();
}

AdminCore& AdminServer::core() {
    return impl_->core;
}

}  // namespace causeway::admin
