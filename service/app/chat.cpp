#include "service/app/chat.h"

#include <algorithm>
#include <future>
#include <set>
#include <utility>

#include "service/app/local_address.h"
#include "service/app/srv_lookup.h"
#include "service/dns/dns_options.h"

namespace causeway::app {

namespace {

constexpr Duration kRetryListen = 10s;
constexpr Duration kGatePatience = 60s;
constexpr Duration kProofNowPatience = 30s;
constexpr Duration kProofPatience = 15s;
constexpr Duration kSettle = 3s;
constexpr Duration kProofLife = 1s;  ///< one test of a provider for all domains that ask it; "Check now" really asks

/// Self-signed certificates are secrets of the store.
class StoreCertificateKeeper final : public xmpp::CertificateKeeper {
public:
    explicit StoreCertificateKeeper(store::StorePort& store) : store_(store) {}
    Result<std::optional<Secret>> load(const std::string& name) override { return store_.secret(keyOf(name)); }
    Result<void> save(const std::string& name, const Secret& pem) override {
        return store_.saveSecret(keyOf(name), pem);
    }

private:
    static std::string keyOf(const std::string& name) { return "certificate." + name; }
    store::StorePort& store_;
};

ProofStep notMeasured(const std::string& id, const std::string& name, const Error& error) {
    ProofStep step;
    step.id = id;
    step.name = name;
    step.why = error.what + (error.why.empty() ? "" : " " + error.why);
    step.todo = error.todo;
    return step;
}

std::string listenerText(const std::string& address, std::uint16_t port) {
    const bool isV6 = address.find(':') != std::string::npos;
    return (isV6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

/// The admin server comes after the domains and goes before them; without it nobody is told.
class Chat::Relay final : public domains::DomainsObserver, public auth::ProvidersObserver {
public:
    void set(domains::DomainsObserver* domains, auth::ProvidersObserver* providers) {
        observers_.with([&](auto& all) { all = {domains, providers}; });
    }
    void domainChanged(std::uint64_t id) override {
        observers_.with([id](auto& all) {
            if (all.first != nullptr) all.first->domainChanged(id);
        });
    }
    void domainWaitChanged(std::uint64_t id) override {
        observers_.with([id](auto& all) {
            if (all.second != nullptr) all.second->domainWaitChanged(id);
        });
    }
    void providerChanged(std::uint64_t id) override {
        observers_.with([id](auto& all) {
            if (all.second != nullptr) all.second->providerChanged(id);
        });
    }

private:
    Guarded<std::pair<domains::DomainsObserver*, auth::ProvidersObserver*>> observers_;
};

/// Measures the dots: the directory through the providers, the supernodes from the network.
class Chat::Meter final : public domains::DotMeter {
public:
    explicit Meter(Chat& chat) : chat_(chat) {}
    void measure(DotKind kind, const ChatDomain& domain, const std::vector<domains::SupernodeView>& supernodes,
                 std::function<void(ProofStep)> done) override {
        if (kind == DotKind::Directory) {
            chat_.providers_->proveDirectory(domain, std::move(done));
        } else {
            chat_.proveSupernode(domain, supernodes, std::move(done));
        }
    }

private:
    Chat& chat_;
};

Chat::Chat(Settings& settings, store::StorePort& store, Log& log)
    : settings_(settings),
      store_(store),
      log_(log),
      records_(*store.chat()),
      providerRecords_(*store.chat()),
      certificateKeeper_(std::make_unique<StoreCertificateKeeper>(store)),
      dns_(settings, store, log),
      relay_(std::make_unique<Relay>()),
      known_(std::make_shared<const KnownDomains>()) {}

Chat::~Chat() {
    stop();
}

Result<void> Chat::start() {
    if (auto loaded = dns_.load(); !loaded) return loaded;
    loop_ = std::make_unique<net::EventLoop>("chat", log_);
    doorLoop_ = std::make_unique<net::EventLoop>("door", log_);
    work_ = std::make_unique<net::WorkPool>(
        "chat", net::WorkPoolLimits{.threads = 4, .queued = 512, .runningOfOneKey = 1, .queuedOfOneKey = 64}, log_);
    meter_ = std::make_unique<Meter>(*this);
    retryTimer_ = std::make_unique<net::LoopTimer>(*loop_, "chat retry", [this] {
        atGate([this] {
            if (dns_.retry()) retryLater();
        });
    });
    makeCertificates();
    makeDomains();
    makeProviders();
    dns_.onKeyDigest([this](const std::string& domain) {
        const auto facts = certificates_->certificate(domain);
        return facts && facts->isThere ? facts->publicKeySha256 : std::string();
    });
    dns_.onChange([this] {
        const auto told = dnsChanged_.with([](const auto& kept) { return kept; });
        if (told) told();
    });
    loop_->start();
    doorLoop_->start();
    certificates_->start();
    lookAtAddress();
    if (auto started = providers_->start(); !started) return started;
    return domains_->start();
}

void Chat::makeCertificates() {
    xmpp::Certificates::Parts parts;
    parts.keeper = certificateKeeper_.get();
    parts.log = &log_;
    parts.changed = [this](const std::string& domain) { certificateChanged(domain); };
    certificates_ = std::make_unique<xmpp::Certificates>(std::move(parts));
}

void Chat::makeDomains() {
    domains::DomainsIo::Parts parts;
    parts.loop = loop_.get();
    parts.records = &records_;
    parts.meter = meter_.get();
    parts.log = &log_;
    parts.observer = relay_.get();
    parts.changed = [this](const std::vector<domains::DomainView>& all) { changed(all); };
    parts.zonesChanged = [this](std::vector<domains::DomainView> all) { zonesChanged(std::move(all)); };
    parts.localSupernode = [this] { return localSupernode(); };
    parts.providers = [this] {
        const auto ids = providers_->providerIds();
        return std::set<std::uint64_t>(ids.begin(), ids.end());
    };
    domains_ = domains::DomainsIo::make(std::move(parts));
}

void Chat::makeProviders() {
    auth::ProvidersIo::Parts parts;
    parts.loop = loop_.get();
    parts.records = &providerRecords_;
    parts.log = &log_;
    parts.observer = relay_.get();
    parts.domains = [this]() -> Result<std::vector<ChatDomain>> {
        std::vector<ChatDomain> all;
        for (const auto& [name, each] : *known())
            all.push_back(each.domain);
        return all;
    };
    parts.chain = [this](const std::string& name) -> Result<std::vector<std::uint64_t>> {
        const auto all = known();
        const auto at = all->find(name);
        if (at == all->end()) return Error{Code::NotFound, "There is no chat domain " + name + " here."};
        return at->second.domain.providers;
    };
    parts.saveDomain = [this](const ChatDomain& domain) -> Result<void> {
        std::vector<DraftProblem> problems;
        const auto saved = domains_->save(domain, problems);
        if (!saved) return saved.error();
        return {};
    };
    parts.checkDomain = [this](std::uint64_t domain) { static_cast<void>(domains_->checkNow(domain)); };
    parts.audit = [this](const std::string& action, const std::string& subject, const std::string& what) {
        AuditEntry entry;
        entry.at = net::EventLoop::now();
        entry.who = "service";
        entry.action = action;
        entry.subject = subject;
        entry.after = what;
        if (auto kept = store_.addAudit(entry); !kept)
            log_.write(LogLevel::Error, "ADMIN_AUDIT_FAILED", kept.error().text());
    };
    parts.proofLife = kProofLife;
    providers_ = std::make_unique<auth::ProvidersIo>(std::move(parts));
}

void Chat::stop() {
    isEnding_ = true;
    if (!loop_) return;
    setObservers({});
    if (domains_) domains_->stop();
    if (providers_) providers_->stop();
    if (certificates_) certificates_->stop();
    work_.reset();
    if (const auto door = door_.with([](auto& kept) { return std::exchange(kept, nullptr); })) door->stop();
    static_cast<void>(loop_->ask("stop chat", 1s, [this] { retryTimer_.reset(); }));
    loop_->stop();
    doorLoop_->stop();
    retryTimer_.reset();
    dns_.close();
    providers_.reset();
    domains_.reset();
    certificates_.reset();
    doorLoop_.reset();
    loop_.reset();
}

void Chat::setObservers(Observers observers) {
    relay_->set(observers.domains, observers.providers);
    dnsChanged_.with([&](auto& told) { told = std::move(observers.dnsChanged); });
}

std::shared_ptr<const Chat::KnownDomains> Chat::known() const {
    return known_.with([](const auto& all) { return all; });
}

void Chat::changed(const std::vector<domains::DomainView>& all) {
    auto fresh = std::make_shared<KnownDomains>();
    std::vector<xmpp::CertificateWish> wishes;
    for (const auto& view : all) {
        auto& row = (*fresh)[view.domain.name];
        row = {view.domain, view.gate, view.directory, view.supernode};
        for (auto* dot : {&row.directory, &row.supernode}) {
            const auto* trouble = firstTrouble(dot->proof);
            auto todo = trouble != nullptr ? trouble->todo : std::string();
            dot->proof = {};
            dot->proof.todo = std::move(todo);
        }
        wishes.push_back(xmpp::wishOf(view.domain));  // of those that are off too: their clients are told behind TLS
    }
    known_.with([&](auto& kept) { kept = std::move(fresh); });
    certificates_->setDomains(std::move(wishes));
}

void Chat::zonesChanged(std::vector<domains::DomainView> all) {
    atGate([this, all = std::move(all)]() mutable {
        isAnyEnabled_ = std::any_of(all.begin(), all.end(), [](const auto& view) { return view.domain.isEnabled; });
        // The public keys are in the zones.
        static_cast<void>(certificates_->settle(kSettle));
        setDoor();
        dns_.setDomains(std::move(all));
        if (dns_.listenError()) retryLater();
    });
}

void Chat::certificateChanged(const std::string& domain) {
    atGate([this] { dns_.refresh(); });
    const auto all = known();
    const auto at = all->find(domain);
    if (at == all->end()) return;
    relay_->domainChanged(at->second.domain.id);
    loop_->post("certificate changed", [this, id = at->second.domain.id] {
        // From another thread, because it waits for this loop.
        static_cast<void>(work_->submit(
            "check", net::EventLoop::now() + kGatePatience, [this, id] { static_cast<void>(domains_->checkNow(id)); },
            [](const Result<void>&) {}));
    });
}

void Chat::atGate(std::function<void()> work) {
    const auto given =
        work_->submit("gate", net::EventLoop::now() + kGatePatience, std::move(work), [](const Result<void>&) {});
    if (!given) log_.write(LogLevel::Error, "DNS_FAILED", given.error().text());
}

void Chat::retryLater() {
    loop_->post("retry dns", [this] {
        if (retryTimer_) retryTimer_->setAt(net::EventLoop::now() + kRetryListen);
    });
}

void Chat::lookAtAddress() {
    auto trouble = lanAddressTrouble(settings_);
    const bool isNews = addressTrouble_.with([&](auto& kept) {
        if (kept.text == trouble) return false;
        kept = {trouble, net::EventLoop::now()};
        return !trouble.empty();
    });
    if (isNews) {
        log_.write(LogLevel::Warning, "SERVER_ADDRESS_FOREIGN",
                   trouble + " Correct it, or leave it empty for the address of the first network card.");
    }
}

void Chat::settingsChanged() {
    if (!loop_) return;
    lookAtAddress();
    atGate([this] {
        setDoor();
        dns_.reopen();
        dns_.refresh();
        if (dns_.listenError()) retryLater();
    });
}

void Chat::setDoor() {
    const bool isWanted = isAnyEnabled_ && settings_.flag("supernode.enabled");
    const auto wish = isWanted ? settings_.text("supernode.listen") + " " + settings_.text("supernode.port") + " " +
                                     settings_.text("supernode.tls_port")
                               : std::string();
    if (wish == doorOpenedWith_) return;
    doorOpenedWith_ = wish;
    if (const auto old = door_.with([](auto& kept) { return std::exchange(kept, nullptr); })) old->stop();
    if (!isWanted) return;
    xmpp::Door::Parts parts;
    parts.loop = doorLoop_.get();
    parts.log = &log_;
    for (const auto& address : dns::parseAddresses(settings_.text("supernode.listen")).value_or({})) {
        if (address.isV6 && address.isAny() && !hasIpv6()) continue;
        const auto port = static_cast<std::uint16_t>(settings_.number("supernode.port"));
        const auto tlsPort = static_cast<std::uint16_t>(settings_.number("supernode.tls_port"));
        if (port != 0) parts.listen.push_back({address.text(), port, xmpp::DoorKind::StartTls});
        if (tlsPort != 0) parts.listen.push_back({address.text(), tlsPort, xmpp::DoorKind::DirectTls});
    }
    parts.gate = [this](const std::string& domain) { return gateOf(domain); };
    parts.contextOf = [this](const std::string& domain) { return certificates_->contextOf(domain); };
    parts.front = [this] { return certificates_->front(); };
    auto door = xmpp::Door::make(std::move(parts));
    if (auto started = door->start(); !started) {
        log_.write(LogLevel::Error, "XMPP_DOOR_FAILED", started.error().text());
        doorOpenedWith_.clear();
        return;
    }
    door_.with([&](auto& kept) { kept = std::move(door); });
}

xmpp::LoginGate Chat::gateOf(const std::string& domain) const {
    const auto all = known();
    const auto at = all->find(domain);
    if (at == all->end()) return xmpp::LoginGate::UnknownDomain;
    switch (at->second.gate) {
        case domains::Gate::Open:
            return xmpp::LoginGate::Open;
        case domains::Gate::UnknownDomain:
            return xmpp::LoginGate::UnknownDomain;
        case domains::Gate::DomainDisabled:
            return xmpp::LoginGate::DomainDisabled;
        case domains::Gate::DirectoryDown:
            return xmpp::LoginGate::DirectoryDown;
        case domains::Gate::SupernodeDown:
            return xmpp::LoginGate::SupernodeDown;
    }
    return xmpp::LoginGate::UnknownDomain;
}

void Chat::proveSupernode(const ChatDomain& domain, std::vector<domains::SupernodeView> supernodes,
                          std::function<void(ProofStep)> done) {
    // Behind what was asked of the door and of DNS before; then beside the proofs of other domains.
    auto prove = [this, domain, supernodes = std::move(supernodes), done]() mutable {
        const auto key = "supernode " + std::to_string(domain.id);
        const auto given = work_->submit(
            key, net::EventLoop::now() + kProofPatience + 1s,
            [this, domain, supernodes = std::move(supernodes)] { return supernodeProof(domain, supernodes); },
            [done](Result<ProofStep> proof) {
                done(proof ? std::move(*proof) : notMeasured("supernode", "Supernodes", proof.error()));
            });
        if (!given) done(notMeasured("supernode", "Supernodes", given.error()));
    };
    const auto given = work_->submit("gate", net::EventLoop::now() + kGatePatience, std::move(prove),
                                     [done](const Result<void>& begun) {
                                         if (!begun) done(notMeasured("supernode", "Supernodes", begun.error()));
                                     });
    if (!given) done(notMeasured("supernode", "Supernodes", given.error()));
}

Result<ProofStep> Chat::proveNow(DotKind kind, const domains::DomainView& view) {
    if (!meter_) return Error{Code::Unavailable, "The service ends."};
    auto promise = std::make_shared<std::promise<ProofStep>>();
    auto answer = promise->get_future();
    meter_->measure(kind, view.domain, view.supernodes,
                    [promise](ProofStep proof) { promise->set_value(std::move(proof)); });
    const auto until = std::chrono::steady_clock::now() + kProofNowPatience;
    while (answer.wait_for(100ms) != std::future_status::ready) {
        if (isEnding_) return Error{Code::Unavailable, "The service ends."};
        if (std::chrono::steady_clock::now() >= until)
            return Error{Code::Timeout, "The proof was not finished in time.", "A server behind it hangs."};
    }
    return answer.get();
}

ProofStep Chat::supernodeProof(const ChatDomain& domain, const std::vector<domains::SupernodeView>& supernodes) {
    static_cast<void>(certificates_->settle(kSettle));
    domains::ProofOptions options;
    if (!dns_.ownResolver().empty()) options.ownDns = srvLookup([this] { return dns_.ownResolver(); });
    if (!systemResolver().empty()) options.systemDns = srvLookup(&systemResolver);
    options.systemResolver =
        settings_.flag("dns.check_resolver") ? domains::SystemResolver::Counts : domains::SystemResolver::IsOnlyShown;
    options.certificate = certificates_->certificate(domain.name);
    return domains::proveSupernode(domain, supernodes, options, net::EventLoop::now() + kProofPatience);
}

Supernode Chat::localSupernode() const {
    Supernode node;
    const auto local = localAddresses(settings_);
    node.name = "sn1";
    node.lanAddress = local.lan;
    node.internetAddress = local.internet;
    node.port = static_cast<std::uint16_t>(settings_.number("supernode.port"));
    node.tlsPort = static_cast<std::uint16_t>(settings_.number("supernode.tls_port"));
    return node;
}

std::vector<api::ListenerStatus> Chat::listeners() {
    api::ListenerStatus dns{"dns", settings_.text("dns.listen"), api::ListenerState::Off, dns_.trouble()};
    const auto status = dns_.status();
    if (!dns.problem.empty()) {
        dns.state = api::ListenerState::Failed;
    } else if (status.isOn) {
        dns.state = api::ListenerState::Listening;
        dns.address.clear();
        for (const auto& each : status.listeners)
            dns.address += (dns.address.empty() ? "" : ", ") + listenerText(each.address, each.port);
    }
    api::ListenerStatus chat{"supernode", "", api::ListenerState::Off, ""};
    if (const auto door = door_.with([](const auto& kept) { return kept; })) {
        const auto now = door->status();
        for (const auto& each : now.listeners)
            chat.address += (chat.address.empty() ? "" : ", ") + listenerText(each.address, each.port);
        for (const auto& each : now.problems)
            chat.problem += (chat.problem.empty() ? "" : " ") + each.error.text();
        chat.state = now.problems.empty() ? api::ListenerState::Listening : api::ListenerState::Failed;
    }
    return {std::move(dns), std::move(chat)};
}

std::vector<Problem> Chat::problems() {
    std::vector<Problem> all;
    const auto now = net::EventLoop::now();
    const auto trouble = dns_.listenError();
    const auto since = dnsSilentSince_.with([&](auto& kept) {
        if (!trouble) {
            kept.reset();
        } else if (!kept) {
            kept = now;
        }
        return kept;
    });
    if (trouble) {
        all.push_back({"dns.listen", Severity::Problem, trouble->what, trouble->why,
                       "End that program, or set other addresses or another port with dns.listen. The service tries "
                       "again every 10 s.",
                       "chat-dns", since.value_or(now), std::nullopt});
    }
    lookAtAddress();  // a network card may have come or gone
    if (const auto foreign = addressTrouble_.with([](const auto& kept) { return kept; }); !foreign.text.empty()) {
        all.push_back({"server.lan-address", Severity::Warning,
                       "The address of this computer for chat clients is not one of its own.", foreign.text,
                       "Correct server.lan_address, or leave it empty for the address of the first network card. Mute "
                       "this if a translation of addresses stands in front of this computer.",
                       "chat-dns", foreign.since, std::nullopt});
    }
    for (const auto& warning : dns_.warnings()) {
        all.push_back({"dns.zone:" + warning.domain, Severity::Warning, warning.domain + ": " + warning.error.what,
                       warning.error.why, warning.error.todo, "chat-dns", now, std::nullopt});
    }
    if (const auto door = door_.with([](const auto& kept) { return kept; })) {
        for (const auto& each : door->status().problems) {
            all.push_back({"supernode.listen:" + std::to_string(each.address.port), Severity::Problem, each.error.what,
                           each.error.why,
                           "End that program, or set another port with supernode.port or supernode.tls_port. The "
                           "service tries again every 10 s.",
                           "domains", each.since, std::nullopt});
        }
    }
    for (const auto& [name, each] : *known()) {
        if (!each.domain.isEnabled) continue;
        for (const auto& [word, dot] : {std::pair{"directory", &each.directory}, {"supernode", &each.supernode}}) {
            if (dot->state != ProofState::Broken && dot->state != ProofState::Partly) continue;
            all.push_back({std::string("domain.") + word + ":" + name,
                           dot->state == ProofState::Broken ? Severity::Problem : Severity::Warning,
                           "The " + std::string(word) + " of " + each.domain.shown +
                               (dot->state == ProofState::Broken ? " does not work." : " works only partly."),
                           dot->sentence, dot->proof.todo, "domains", dot->since, std::nullopt});
        }
    }
    for (const auto& facts : certificates_->certificates()) {
        const auto domains = known();
        const auto at = domains->find(facts.domain);
        if (facts.trouble == CertificateTrouble::None || at == domains->end() || !at->second.domain.isEnabled) continue;
        const bool isBroken = stateOf(facts.trouble) == ProofState::Broken;
        all.push_back({"certificate:" + facts.domain, isBroken ? Severity::Problem : Severity::Warning,
                       "The certificate of " + facts.domain + " needs attention.", facts.problem, facts.todo, "domains",
                       facts.readAt, std::nullopt});
    }
    return all;
}

}  // namespace causeway::app
