#include "service/dns/zone.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "shared/base/text.h"
#include "shared/proto/dns/record_shape.h"
#include "shared/proto/dns/zone_text.h"

namespace causeway::dns {

namespace {

constexpr std::uint32_t kRefresh = 3600;
constexpr std::uint32_t kRetry = 600;
constexpr std::uint32_t kExpire = 1209600;
/// A supernode that comes back must not stay unknown for long.
constexpr std::uint32_t kMostNegativeTtl = 60;
constexpr std::size_t kSha256 = 32;

struct Service {
    std::string_view label;
    std::uint16_t SupernodeFacts::*port;
};
constexpr std::array<Service, 4> kServices{{{"_xmpp-client", &SupernodeFacts::clientPort},
                                            {"_xmpps-client", &SupernodeFacts::clientTlsPort},
                                            {"_xmpp-server", &SupernodeFacts::serverPort},
                                            {"_xmpps-server", &SupernodeFacts::serverTlsPort}}};

/// LAN clients also reach Internet addresses, so those stand in where no LAN address is known.
const std::vector<IpAddress>& addressesOf(const HostFacts& host, View view) {
    if (view == View::Lan && !host.lanAddresses.empty()) return host.lanAddresses;
    return host.internetAddresses;
}

bool isServable(Type type) {
    switch (type) {
        case Type::Soa:
        case Type::Ns:
        case Type::Dname:
        case Type::Opt:
        case Type::Ds:
        case Type::Rrsig:
        case Type::Nsec:
        case Type::Dnskey:
        case Type::Nsec3:
        case Type::Nsec3Param:
            return false;
        default: {
            // 128..255 are questions and signatures, not data (RFC 6895 3.1); 0 is reserved.
            const auto number = static_cast<unsigned>(type);
            return number != 0 && (number < 128 || number > 255);
        }
    }
}

constexpr std::size_t kMostTold = 100;  ///< nobody mends more mistakes in one go

Error notServed(const Record& record, const std::string& why, const std::string& todo) {
    return {Code::BadInput, "The record " + recordText(record) + " cannot be served.", why, todo};
}

std::optional<Error> problemOf(const Record& record, const Name& apex) {
    if (!record.owner.isUnder(apex)) {
        return notServed(record, "Its name is outside " + apex.host() + ".",
                         "Write it into the zone of its own domain.");
    }
    if (!isServable(record.type)) {
        return notServed(record, typeText(record.type) + " records are not served from this list.",
                         record.type == Type::Ns || record.type == Type::Soa
                             ? "Name servers are a setting of the domain; a part of it cannot be handed to others."
                             : "Keep signed or redirected zones on a general DNS server.");
    }
    if (record.owner.firstLabel() == "*") {
        return notServed(record, "Chat DNS has no wildcards.", "Write one record for each name.");
    }
    if (record.type == Type::Cname && record.owner == apex) {
        return notServed(record, "The domain itself cannot be an alias.", "Use A or AAAA records.");
    }
    return std::nullopt;
}

/// RFC 1034 3.6.2: an alias has no other data. Which records stand beside one that came first.
std::vector<std::size_t> aliasClashes(const std::vector<Record>& records) {
    std::vector<std::size_t> found;
    std::map<Name, bool> isAlias;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto [known, isNew] = isAlias.emplace(records[i].owner, records[i].type == Type::Cname);
        if (!isNew && (known->second || records[i].type == Type::Cname)) found.push_back(i);
    }
    return found;
}

Error aliasClash(const Record& record) {
    return notServed(record, "The name has other records, and an alias (CNAME) allows none beside it.",
                     "Keep either the alias or the other records.");
}

/// Keeps what came first.
std::vector<Error> dropAliasClashes(std::vector<Record>& records) {
    const auto clashes = aliasClashes(records);
    std::vector<Error> found;
    for (auto at = clashes.rbegin(); at != clashes.rend(); ++at) {
        found.insert(found.begin(), aliasClash(records[*at]));
        records.erase(records.begin() + static_cast<std::ptrdiff_t>(*at));
    }
    return found;
}

/// Order of RFC 4034 6.3, doubles removed, one TTL (the lowest) for a name and type (RFC 2181 5.2).
void normalize(std::vector<Record>& records) {
    std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
        if (const auto order = a.owner <=> b.owner; order != 0) return order < 0;
        if (a.type != b.type) return a.type < b.type;
        return a.data != b.data ? a.data < b.data : a.ttl < b.ttl;
    });
    for (auto first = records.begin(); first != records.end();) {
        const auto end = std::find_if(
            first, records.end(), [&](const Record& r) { return r.owner != first->owner || r.type != first->type; });
        const auto ttl =
            std::min_element(first, end, [](const Record& a, const Record& b) { return a.ttl < b.ttl; })->ttl;
        for (; first != end; ++first)
            first->ttl = ttl;
    }
    const auto isDouble = [](const Record& a, const Record& b) {
        return a.owner == b.owner && a.type == b.type && a.data == b.data;
    };
    records.erase(std::unique(records.begin(), records.end(), isDouble), records.end());
}

class Builder {
public:
    Builder(const ZoneInput& input, Name apex) : input_(input), apex_(std::move(apex)) {}

    BuiltZone build(std::uint32_t serial) {
        Zone zone;
        zone.apex = apex_;
        zone.serial = serial;
        zone.servesInternet = input_.servesInternet;
        zone.lanSubnets = input_.lanSubnets.empty() ? defaultLanSubnets() : input_.lanSubnets;
        zone.secondaries = input_.secondaries;
        readExtraRecords();
        if (input_.nameServers.empty()) {
            warn("The domain has no name server.", "Other DNS servers will call it lame.",
                 "Name this server and its addresses in the DNS settings of the domain.");
        }
        for (const auto view : {View::Lan, View::Internet})
            zone.records[static_cast<std::size_t>(view)] = recordsOf(view, serial);
        // Both views tell the same things twice.
        std::vector<Error> once;
        for (auto& each : warnings_) {
            const bool isKnown =
                std::any_of(once.begin(), once.end(), [&](const Error& e) { return e.text() == each.text(); });
            if (!isKnown) once.push_back(std::move(each));
        }
        return {std::move(zone), std::move(once)};
    }

private:
    void warn(std::string what, std::string why, std::string todo) {
        warnings_.push_back({Code::BadInput, std::move(what), std::move(why), std::move(todo)});
    }

    void readExtraRecords() {
        auto parsed = parseZoneText(input_.extraRecords, apex_, input_.ttl);
        if (!parsed) {
            warnings_.push_back(parsed.error());
            return;
        }
        for (auto& record : *parsed) {
            if (auto problem = problemOf(record, apex_)) {
                warnings_.push_back(std::move(*problem));
            } else {
                extra_.push_back(std::move(record));
            }
        }
    }

    /// An absolute name, or one below the domain.
    std::optional<Name> nameOf(const std::string& text) {
        auto name = Name::parse(text, &apex_);
        if (!name) {
            warnings_.push_back(name.error());
            return std::nullopt;
        }
        return *name;
    }

    void add(const Name& owner, Type type, std::string data, std::optional<std::uint32_t> ttl = {}) {
        records_.push_back({owner, type, Class::In, ttl.value_or(input_.ttl), std::move(data)});
    }

    void addAddresses(const Name& owner, const std::vector<IpAddress>& addresses) {
        if (!owner.isUnder(apex_)) return;
        for (const auto& address : addresses)
            add(owner, addressType(address), addressData(address));
    }

    /// `labels`: "_tcp" before "_xmpp-client": the last one is nearest to the domain.
    std::optional<Name> below(const Name& parent, std::initializer_list<std::string_view> labels) {
        auto name = parent;
        for (const auto label : labels) {
            auto longer = name.below(label);
            if (!longer) {
                warnings_.push_back(longer.error());
                return std::nullopt;
            }
            name = std::move(*longer);
        }
        return name;
    }

    Name mailbox() {
        auto text = input_.contact.empty() ? std::string("hostmaster") : input_.contact;
        const auto sign = text.find('@');
        if (sign != std::string::npos) {
            // The part before @ is one label; dots in it are escaped (RFC 1035 8).
            std::string local;
            for (const char c : text.substr(0, sign))
                local += c == '.' ? std::string("\\.") : std::string(1, c);
            text = local + "." + text.substr(sign + 1) + ".";
        }
        return nameOf(text).value_or(apex_);
    }

    void addNameServers(View view, std::uint32_t serial) {
        Soa soa;
        soa.mailbox = mailbox();
        soa.primary = apex_;
        soa.serial = serial;
        soa.refresh = kRefresh;
        soa.retry = kRetry;
        soa.expire = kExpire;
        soa.minimum = std::min(input_.ttl, kMostNegativeTtl);
        bool isFirst = true;
        for (const auto& server : input_.nameServers) {
            const auto name = nameOf(server.name);
            if (!name) continue;
            if (std::exchange(isFirst, false)) soa.primary = *name;
            add(apex_, Type::Ns, nameData(*name));
            addAddresses(*name, addressesOf(server, view));
        }
        soa_ = {apex_, Type::Soa, Class::In, input_.ttl, soaData(soa)};
    }

    void addSupernode(const SupernodeFacts& node, View view) {
        const auto& addresses = addressesOf(node.host, view);
        const auto name = nameOf(node.host.name);
        if (!name) return;
        const bool isOurs = name->isUnder(apex_);
        // Unreachable from this side.
        if (isOurs && addresses.empty()) return;
        addAddresses(*name, addresses);
        // Clients without SRV, and browsers, ask the domain itself.
        addAddresses(apex_, addresses);
        for (const auto& service : kServices) {
            const auto port = node.*service.port;
            if (port == 0) continue;
            const auto owner = below(apex_, {"_tcp", service.label});
            if (owner) add(*owner, Type::Srv, srvData({node.priority, node.weight, port, *name}));
        }
        if (node.webPort != 0) addWebDoor(node, *name);
        addKeyDigest(node, *name);
    }

    void addWebDoor(const SupernodeFacts& node, const Name& name) {
        if (!input_.websocketPath.empty()) {
            // XEP-0156 3: the certificate that the client checks names the domain, so the URL does.
            auto host = node.webPort == 443 ? apex_.host() : apex_.host() + ":" + std::to_string(node.webPort);
            const auto owner = below(apex_, {"_xmppconnect"});
            if (owner) {
                add(*owner, Type::Txt, txtData("_xmpp-client-websocket=wss://" + host + input_.websocketPath));
            }
        }
        // RFC 9460 9: https://DOMAIN/ leads to this port; priority 0 would mean an alias.
        std::string port;
        appendU16(port, node.webPort);
        const auto priority = static_cast<std::uint16_t>(std::min<unsigned>(node.priority + 1U, 65535U));
        add(apex_, Type::Https, serviceData(priority, name, {{kPort, port}}));
    }

    void addKeyDigest(const SupernodeFacts& node, const Name& name) {
        if (node.keyDigest.empty() || !name.isUnder(apex_)) return;
        if (node.keyDigest.size() != kSha256) {
            warn("The TLSA record of " + node.host.name + " was left out.", "Its digest has not 32 bytes.",
                 "Give the SHA-256 digest of the public key.");
            return;
        }
        // RFC 7673 3: at the port and name that SRV leads to.
        for (const auto port :
             {node.clientPort, node.clientTlsPort, node.serverPort, node.serverTlsPort, node.webPort}) {
            if (port == 0) continue;
            const auto owner = below(name, {"_tcp", "_" + std::to_string(port)});
            if (owner) add(*owner, Type::Tlsa, tlsaData(3, 1, 1, node.keyDigest));
        }
    }

    std::vector<Record> recordsOf(View view, std::uint32_t serial) {
        records_.clear();
        addNameServers(view, serial);
        for (const auto& node : input_.supernodes) {
            if (node.isLive) addSupernode(node, view);
        }
        for (const auto& issuer : input_.caaIssuers)
            add(apex_, Type::Caa, caaData(0, "issue", issuer));
        records_.insert(records_.end(), extra_.begin(), extra_.end());
        auto clashes = dropAliasClashes(records_);
        warnings_.insert(warnings_.end(), clashes.begin(), clashes.end());
        normalize(records_);
        records_.insert(records_.begin(), soa_);
        return std::move(records_);
    }

    const ZoneInput& input_;
    Name apex_;
    std::vector<Record> extra_;
    std::vector<Record> records_;
    Record soa_;
    std::vector<Error> warnings_;
};

Result<Name> apexOf(const std::string& domain) {
    auto apex = Name::parse(lowerAscii(domain));
    if (apex && apex->isRoot()) {
        return Error{Code::BadInput, "The domain has no name.", "", "Give a name like chat.example.com."};
    }
    return apex;
}

std::vector<Record> withoutSoa(const std::vector<Record>& records) {
    return {records.empty() ? records.end() : records.begin() + 1, records.end()};
}

bool isSameSoa(const std::vector<Record>& left, const std::vector<Record>& right) {
    if (left.empty() || right.empty()) return left.empty() == right.empty();
    auto a = readSoa(left.front().data);
    auto b = readSoa(right.front().data);
    if (!a || !b) return false;
    a->serial = b->serial = 0;
    return left.front().ttl == right.front().ttl && *a == *b;
}

}  // namespace

const char* viewText(View view) {
    return view == View::Lan ? "lan" : "internet";
}

const std::vector<Subnet>& defaultLanSubnets() {
    static const std::vector<Subnet> subnets = [] {
        std::vector<Subnet> made;
        for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
                                 "100.64.0.0/10", "fc00::/7", "fe80::/10", "::1/128"}) {
            const auto subnet = Subnet::parse(text);
            INVARIANT(subnet);
            made.push_back(*subnet);
        }
        return made;
    }();
    return subnets;
}

Result<BuiltZone> buildZone(const ZoneInput& input, std::uint32_t serial) {
    auto apex = apexOf(input.domain);
    if (!apex) return apex.error();
    return Builder{input, std::move(*apex)}.build(serial);
}

std::vector<Error> checkExtraRecords(const std::string& domain, const std::string& text) {
    const auto apex = apexOf(domain);
    if (!apex) return {apex.error()};
    const auto reading = readZoneText(text, *apex, 300);
    std::multimap<std::size_t, Error> byLine;
    for (const auto& each : reading.problems)
        byLine.emplace(each.place.value_or(0), each);
    const auto tell = [&](std::size_t index, Error error) {
        const auto line = reading.lines[index];
        error.what = "Line " + std::to_string(line) + ": " + error.what;
        error.place = line;
        byLine.emplace(line, std::move(error));
    };
    for (std::size_t i = 0; i < reading.records.size(); ++i)
        if (auto problem = problemOf(reading.records[i], *apex)) tell(i, std::move(*problem));
    for (const auto i : aliasClashes(reading.records))
        if (!problemOf(reading.records[i], *apex)) tell(i, aliasClash(reading.records[i]));
    std::vector<Error> all;
    for (auto& [line, error] : byLine)
        if (all.size() < kMostTold) all.push_back(std::move(error));
    return all;
}

bool isSameContent(const Zone& left, const Zone& right) {
    if (left.apex != right.apex) return false;
    for (std::size_t view = 0; view < kViews; ++view) {
        const auto& a = left.records[view];
        const auto& b = right.records[view];
        if (!isSameSoa(a, b) || withoutSoa(a) != withoutSoa(b)) return false;
    }
    return true;
}

bool isSerialAfter(std::uint32_t left, std::uint32_t right) {
    const auto distance = left - right;
    return distance != 0 && distance < 0x80000000U;
}

std::uint32_t nextSerial(std::uint32_t previous, std::uint32_t now) {
    auto serial = previous == 0 || isSerialAfter(now, previous) ? now : previous + 1;
    if (serial == 0) serial = 1;
    return serial;
}

}  // namespace causeway::dns
