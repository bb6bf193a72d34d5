#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/proto/dns/ip_address.h"
#include "shared/proto/dns/name.h"

namespace causeway::dns {

/// Any 16-bit number is a type; these are the ones that we know.
enum class Type : std::uint16_t {
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Hinfo = 13,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Naptr = 35,
    Dname = 39,
    Opt = 41,
    Ds = 43,
    Sshfp = 44,
    Rrsig = 46,
    Nsec = 47,
    Dnskey = 48,
    Nsec3 = 50,
    Nsec3Param = 51,
    Tlsa = 52,
    Svcb = 64,
    Https = 65,
    Tkey = 249,
    Tsig = 250,
    Ixfr = 251,
    Axfr = 252,
    MailB = 253,
    MailA = 254,
    Any = 255,
    Caa = 257,
};

enum class Class : std::uint16_t { In = 1, Chaos = 3, None = 254, Any = 255 };

/// One resource record. `data` is the uncompressed wire form; for the types of the enumeration it has been checked.
struct Record {
    Name owner;
    Type type = Type::A;
    Class klass = Class::In;
    std::uint32_t ttl = 0;
    std::string data;

    bool operator==(const Record&) const = default;
};

/// "SRV", or "TYPE1234" for a type without a name here.
std::string typeText(Type type);
/// Ignores case; takes "TYPE1234" too.
std::optional<Type> parseType(std::string_view text);

/// Of the shape that the type demands; anything goes for unknown types.
bool isDataOf(Type type, std::string_view data);
/// Presentation form, as dig prints it; RFC 3597 "\# length hex" for unknown types.
std::string dataText(Type type, std::string_view data);
/// "name ttl IN TYPE data" with absolute names.
std::string recordText(const Record& record);

struct Soa {
    Name primary;
    Name mailbox;
    std::uint32_t serial = 0;
    std::uint32_t refresh = 0;
    std::uint32_t retry = 0;
    std::uint32_t expire = 0;
    std::uint32_t minimum = 0;

    bool operator==(const Soa&) const = default;
};

struct Srv {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    Name target;

    bool operator==(const Srv&) const = default;
};

struct ServiceParameter {
    std::uint16_t key = 0;
    std::string value;  ///< wire form
};

// Wire forms of data.
std::string addressData(const IpAddress& address);
Type addressType(const IpAddress& address);
std::string nameData(const Name& name);  ///< NS, CNAME, PTR
std::string soaData(const Soa& soa);
std::string srvData(const Srv& srv);
std::string mxData(std::uint16_t preference, const Name& exchange);
/// A text longer than 255 bytes becomes several strings.
std::string txtData(std::string_view text);
std::string caaData(std::uint8_t flags, std::string_view tag, std::string_view value);
std::string tlsaData(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching, std::string_view digest);
/// `parameters` in the order of their keys.
std::string serviceData(std::uint16_t priority, const Name& target, const std::vector<ServiceParameter>& parameters);

// And back; nothing if the data is not of that shape.
std::optional<Soa> readSoa(std::string_view data);
std::optional<Srv> readSrv(std::string_view data);
std::optional<Name> readNameData(std::string_view data);
std::optional<IpAddress> readAddress(Type type, std::string_view data);
/// The host name that clients look up next: of SRV, MX, NS, HTTPS, SVCB; nothing for other types or for ".".
std::optional<Name> targetOf(const Record& record);

}  // namespace causeway::dns
