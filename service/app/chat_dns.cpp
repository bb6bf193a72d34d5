#include "service/app/chat_dns.h"

#include <algorithm>

#include "service/app/local_address.h"
#include "service/auth/auth_io.h"
#include "service/dns/dns_options.h"
#include "service/dns/zone.h"
#include "service/net/interfaces.h"
#include "service/net/reach.h"
#include "shared/base/text.h"
#include "shared/proto/dns/name.h"

namespace causeway::app {

namespace {

constexpr const char* kKeysSecret = "dns.tsig-keys";
constexpr std::size_t kMostKeys = 32;
constexpr std::size_t kNewSecretBytes = 32;

std::vector<dns::IpAddress> addressList(const std::string& text) {
    const auto address = dns::IpAddress::parse(text);
    return address ? std::vector{*address} : std::vector<dns::IpAddress>{};
}

/// In the place of 0.0.0.0 every address of this computer whose port is free. Empty: nothing would be won.
std::vector<dns::DnsSettings::Listen> freeAddresses(const std::vector<dns::DnsSettings::Listen>& wanted, Log& log) {
    std::vector<dns::DnsSettings::Listen> found;
    bool hasAny = false;
    for (const auto& each : wanted) {
        if (each.address != "0.0.0.0" || each.port == 0) {
            found.push_back(each);
            continue;
        }
        for (const auto& interface : net::ipv4Interfaces()) {
            dns::DnsSettings one;
            one.workers = 1;
            one.listen = {{interface.address.text(), each.port}};
            NoLog quiet;
            if (!dns::DnsServer::open(one, quiet, nullptr)) continue;
            hasAny = hasAny || !interface.address.isLoopback();
            found.push_back(one.listen.front());
        }
    }
    if (!hasAny) return {};
    log.write(LogLevel::Info, "DNS_SINGLE_ADDRESSES",
              "Another program holds the DNS port of one address of this computer; chat DNS listens on the others.");
    return found;
}

Error noServer() {
    return {Code::NotFound, "Chat DNS serves no domain.", "There is no chat domain that is switched on.",
            "Add one, or switch one on."};
}

}  // namespace

ChatDns::ChatDns(Settings& settings, store::StorePort& store, Log& log)
    : settings_(settings), store_(store), log_(log) {}

ChatDns::~ChatDns() {
    close();
}

Result<void> ChatDns::load() {
    auto kept = store_.secret(kKeysSecret);
    if (!kept) return kept.error();
    if (!*kept) return {};
    std::vector<dns::TsigKey> keys;
    for (const auto line : split((*kept)->reveal(), '\n')) {
        const auto blank = line.find(' ');
        if (blank == std::string_view::npos) continue;
        const auto name = dns::Name::parse(std::string(line.substr(0, blank)));
        auto secret = parseBase64(line.substr(blank + 1));
        if (name && secret) keys.push_back({*name, Secret{std::move(*secret)}});
    }
    keys_.with([&](auto& all) { all = std::move(keys); });
    return {};
}

bool ChatDns::isWanted() const {
    return settings_.flag("dns.enabled") &&
           std::any_of(domains_.begin(), domains_.end(), [](const auto& view) { return view.domain.isEnabled; });
}

dns::DnsSettings ChatDns::dnsSettings() const {
    dns::DnsSettings wanted;
    wanted.listen.clear();
    for (const auto& endpoint : dns::parseListeners(settings_.text("dns.listen")).value_or({})) {
        // The default names both kinds of addresses; a computer without IPv6 has no use for one of them.
        if (endpoint.address.isV6 && endpoint.address.isAny() && !hasIpv6()) continue;
        wanted.listen.push_back({endpoint.address.text(), endpoint.port});
    }
    wanted.keys = keys_.with([](const auto& all) { return all; });
    return wanted;
}

Result<void> ChatDns::openServer(bool withListeners) {
    auto wanted = dnsSettings();
    if (!withListeners) wanted.listen.clear();
    // The old one must let go of its ports first.
    server_.with([](auto& current) { current.reset(); });
    auto opened = dns::DnsServer::open(wanted, log_, this);
    if (!opened && opened.error().code == Code::Conflict) {
        // A local resolver such as systemd-resolved holds the port of one loopback address; the others are free.
        auto single = wanted;
        single.listen = freeAddresses(wanted.listen, log_);
        if (!single.listen.empty()) {
            if (auto again = dns::DnsServer::open(single, log_, this)) opened = std::move(again);
        }
    }
    if (!opened) return opened.error();
    (*opened)->setZones(zones());
    server_.with([&](auto& current) { current = std::move(*opened); });
    return {};
}

void ChatDns::setDomains(std::vector<domains::DomainView> domains) {
    domains_ = std::move(domains);
    reopen();
    refresh();
}

void ChatDns::refresh() {
    if (const auto current = server()) current->setZones(zones());
    if (told_) told_();
}

void ChatDns::reopen() {
    const auto wish = isWanted() ? "on " + settings_.text("dns.listen") : std::string("off");
    if (wish == openedWith_) return;
    openedWith_ = wish;
    std::optional<Error> trouble;
    if (auto opened = openServer(isWanted()); !opened) {
        trouble = opened.error();
        log_.write(LogLevel::Error, "DNS_NOT_LISTENING", trouble->text() + " The service tries again every 10 s.");
        if (auto bare = openServer(false); !bare) log_.write(LogLevel::Error, "DNS_FAILED", bare.error().text());
    }
    listenError_.with([&](auto& kept) { kept = trouble; });
}

bool ChatDns::retry() {
    if (!listenError()) return false;
    if (!isWanted()) return false;
    openedWith_.clear();
    reopen();
    if (!listenError() && told_) told_();
    return listenError().has_value();
}

void ChatDns::close() {
    server_.with([](auto& current) { current.reset(); });
    openedWith_.clear();
}

std::optional<Error> ChatDns::listenError() const {
    return listenError_.with([](const auto& kept) { return kept; });
}

std::string ChatDns::ownResolver() const {
    const auto current = server();
    if (!current) return {};
    const auto status = current->status();
    for (const auto& listener : status.listeners) {
        auto address = dns::IpAddress::parse(listener.address);
        if (!address) continue;
        if (address->isAny()) address = dns::IpAddress::parse(address->isV6 ? "::1" : "127.0.0.1");
        return dns::Endpoint{*address, listener.port}.text();
    }
    return {};
}

dns::ZoneInput ChatDns::zoneOf(const domains::DomainView& view) {
    const auto& domain = view.domain;
    dns::ZoneInput zone;
    zone.domain = domain.name;
    zone.servesInternet = domain.reach == DomainReach::LanAndInternet;
    zone.lanSubnets = dns::parseSubnets(settings_.text("dns.lan_subnets")).value_or({});
    zone.ttl = domain.ttl;
    zone.extraRecords = domain.extraRecords;
    zone.contact = settings_.text("dns.contact");
    zone.caaIssuers = dns::parseIssuers(settings_.text("dns.caa")).value_or({});
    zone.secondaries = dns::parseSecondaries(settings_.text("dns.secondaries")).value_or({});
    zone.websocketPath.clear();
    const auto local = localAddresses(settings_);
    zone.nameServers = {{"ns1", addressList(local.lan), addressList(local.internet)}};
    for (const auto& each : view.supernodes) {
        const auto& node = each.node;
        dns::SupernodeFacts facts;
        facts.host = {node.name, addressList(node.lanAddress), addressList(node.internetAddress)};
        facts.clientPort = node.port;
        facts.clientTlsPort = node.tlsPort;
        facts.webPort = 0;
        facts.priority = node.priority;
        facts.weight = node.weight;
        facts.isLive = each.isLive;
        if (node.origin == SupernodeOrigin::Local && digestOf_) facts.keyDigest = digestOf_(domain.name);
        zone.supernodes.push_back(std::move(facts));
    }
    zone.serialFloor = lastSerial(domain.name);
    return zone;
}

std::uint32_t ChatDns::lastSerial(const std::string& domain) {
    const auto known = serials_.with([&](const auto& all) {
        const auto at = all.find(domain);
        return at == all.end() ? std::optional<std::uint32_t>{} : at->second;
    });
    if (known) return *known;
    const auto kept = static_cast<std::uint32_t>(store_.counter("dns.serial." + domain).value_or(0));
    serials_.with([&](auto& all) { all.emplace(domain, kept); });
    return kept;
}

std::vector<dns::ZoneInput> ChatDns::zones() {
    std::vector<dns::ZoneInput> all;
    for (const auto& view : domains_) {
        if (view.domain.isEnabled) all.push_back(zoneOf(view));
    }
    return all;
}

std::shared_ptr<dns::DnsServer> ChatDns::server() const {
    return server_.with([](const auto& current) { return current; });
}

dns::DnsStatus ChatDns::status() {
    const auto current = server();
    return current ? current->status() : dns::DnsStatus{};
}

std::vector<dns::DnsRow> ChatDns::table() {
    const auto current = server();
    return current ? current->table() : std::vector<dns::DnsRow>{};
}

std::vector<dns::SecondaryState> ChatDns::secondaries() {
    const auto current = server();
    return current ? current->secondaries() : std::vector<dns::SecondaryState>{};
}

std::vector<dns::DnsWarning> ChatDns::warnings() {
    const auto current = server();
    return current ? current->warnings() : std::vector<dns::DnsWarning>{};
}

Result<std::vector<dns::DnsRecordRow>> ChatDns::records(const std::string& domain, dns::View view) {
    const auto current = server();
    if (!current) return noServer();
    return current->records(domain, view);
}

Result<std::string> ChatDns::recordsText(const std::string& domain, dns::View view, dns::TextForm form,
                                         const std::string& hostZone) {
    const auto current = server();
    if (!current) return noServer();
    return current->recordsText(domain, view, form, hostZone);
}

std::vector<Error> ChatDns::checkExtra(const std::string& domain, const std::string& text) {
    return dns::checkExtraRecords(domain, text);
}

Result<std::vector<dns::DnsCheckReport>> ChatDns::check(const std::string& domain, dns::View view,
                                                        const std::vector<std::string>& resolvers) {
    const auto current = server();
    if (!current) return noServer();
    return current->check(domain, view, resolvers);
}

std::vector<std::string> ChatDns::names() {
    return keys_.with([](const auto& all) {
        std::vector<std::string> names;
        for (const auto& key : all)
            names.push_back(key.name.host());
        return names;
    });
}

std::vector<Secret> ChatDns::secrets() {
    return keys_.with([](const auto& all) {
        std::vector<Secret> secrets;
        for (const auto& key : all)
            secrets.emplace_back(base64Text(key.secret.reveal()));
        return secrets;
    });
}

Result<void> ChatDns::saveKeys(const std::vector<dns::TsigKey>& keys) {
    std::string text;
    for (const auto& key : keys)
        text += key.name.host() + " " + base64Text(key.secret.reveal()) + "\n";
    return store_.saveSecret(kKeysSecret, Secret{std::move(text)});
}

Result<admin::DnsKeysPort::Key> ChatDns::add(const std::string& name, const std::optional<Secret>& secret) {
    const auto parsed = dns::Name::parse(name);
    if (name.empty() || !parsed || parsed->host().find_first_of(" \n") != std::string::npos) {
        return Error{Code::BadInput, "The key was not added.",
                     "\"" + cleanUtf8(cutUtf8(name, 80)) + "\" cannot name a key.",
                     "Write a name like transfer or hq-ns2.example.com, the same as at the other server."};
    }
    std::string bytes = net::randomBytes(kNewSecretBytes);
    if (secret) {
        auto given = parseBase64(trimmed(secret->reveal()));
        if (!given || given->size() < 16 || given->size() > 64) {
            return Error{Code::BadInput, "The key was not added.", "The secret is not Base64 of 16 to 64 bytes.",
                         "Leave it out to have one made, or give the one of the other server."};
        }
        bytes = std::move(*given);
    }
    auto keys = keys_.with([](const auto& all) { return all; });
    if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.name == *parsed; })) {
        return Error{Code::Conflict, "The key was not added.", "There is a key \"" + parsed->host() + "\" already.",
                     "Choose another name, or remove that one first."};
    }
    if (keys.size() >= kMostKeys) {
        return Error{Code::TooMany, "The key was not added.", "There are " + std::to_string(kMostKeys) + " already.",
                     "Remove one that is not needed any more."};
    }
    keys.push_back({*parsed, Secret{bytes}});
    if (auto saved = saveKeys(keys); !saved) return saved.error();
    keys_.with([&](auto& all) { all = keys; });
    if (const auto current = server()) current->setKeys(std::move(keys));
    return Key{parsed->host(), Secret{base64Text(bytes)}};
}

Result<void> ChatDns::remove(const std::string& name) {
    const auto parsed = dns::Name::parse(name);
    auto keys = keys_.with([](const auto& all) { return all; });
    const auto before = keys.size();
    if (parsed) std::erase_if(keys, [&](const auto& key) { return key.name == *parsed; });
    if (keys.size() == before) {
        return Error{Code::NotFound, "There is no key \"" + cleanUtf8(cutUtf8(name, 80)) + "\".", "",
                     "Load the list again."};
    }
    for (const auto& each : dns::parseSecondaries(settings_.text("dns.secondaries")).value_or({})) {
        if (each.keyName == parsed->host()) {
            return Error{Code::Conflict, "The key was not removed.",
                         "The secondary " + each.endpoint.text() + " takes its zones with it.",
                         "Take key=" + each.keyName + " from the setting dns.secondaries first."};
        }
    }
    if (auto saved = saveKeys(keys); !saved) return saved;
    keys_.with([&](auto& all) { all = keys; });
    if (const auto current = server()) current->setKeys(std::move(keys));
    return {};
}

std::string ChatDns::trouble() {
    const auto error = listenError();
    return error ? error->text() : std::string();
}

void ChatDns::zoneServed(const std::string& domain, std::uint32_t serial) {
    serials_.with([&](auto& all) { all[domain] = serial; });
    store_.saveCounterLater("dns.serial." + domain, serial);
    if (told_) told_();
}

void ChatDns::secondariesChanged() {
    if (told_) told_();
}

}  // namespace causeway::app
