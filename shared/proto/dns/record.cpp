#include "shared/proto/dns/record.h"

#include <algorithm>
#include <array>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/dns/record_shape.h"

namespace causeway::dns {

namespace {

struct TypeRow {
    Type type;
    std::string_view name;
};
constexpr std::array kTypes = std::to_array<TypeRow>({
    {Type::A, "A"},         {Type::Ns, "NS"},         {Type::Cname, "CNAME"}, {Type::Soa, "SOA"},
    {Type::Ptr, "PTR"},     {Type::Hinfo, "HINFO"},   {Type::Mx, "MX"},       {Type::Txt, "TXT"},
    {Type::Aaaa, "AAAA"},   {Type::Srv, "SRV"},       {Type::Naptr, "NAPTR"}, {Type::Dname, "DNAME"},
    {Type::Opt, "OPT"},     {Type::Ds, "DS"},         {Type::Sshfp, "SSHFP"}, {Type::Rrsig, "RRSIG"},
    {Type::Nsec, "NSEC"},   {Type::Dnskey, "DNSKEY"}, {Type::Nsec3, "NSEC3"}, {Type::Nsec3Param, "NSEC3PARAM"},
    {Type::Tlsa, "TLSA"},   {Type::Svcb, "SVCB"},     {Type::Https, "HTTPS"}, {Type::Tkey, "TKEY"},
    {Type::Tsig, "TSIG"},   {Type::Ixfr, "IXFR"},     {Type::Axfr, "AXFR"},   {Type::MailB, "MAILB"},
    {Type::MailA, "MAILA"}, {Type::Any, "ANY"},       {Type::Caa, "CAA"},
});

constexpr std::array kA = std::to_array<Field>({Field::Ip4});
constexpr std::array kAaaa = std::to_array<Field>({Field::Ip6});
constexpr std::array kName = std::to_array<Field>({Field::Name});
constexpr std::array kSoa = std::to_array<Field>(
    {Field::Name, Field::Name, Field::U32, Field::Seconds, Field::Seconds, Field::Seconds, Field::Seconds});
constexpr std::array kHinfo = std::to_array<Field>({Field::String, Field::String});
constexpr std::array kMx = std::to_array<Field>({Field::U16, Field::Name});
constexpr std::array kTxt = std::to_array<Field>({Field::Strings});
constexpr std::array kSrv = std::to_array<Field>({Field::U16, Field::U16, Field::U16, Field::PlainName});
constexpr std::array kNaptr =
    std::to_array<Field>({Field::U16, Field::U16, Field::String, Field::String, Field::String, Field::PlainName});
constexpr std::array kSshfp = std::to_array<Field>({Field::U8, Field::U8, Field::Hex});
constexpr std::array kTlsa = std::to_array<Field>({Field::U8, Field::U8, Field::U8, Field::Hex});
constexpr std::array kService = std::to_array<Field>({Field::U16, Field::PlainName, Field::Parameters});
constexpr std::array kCaa = std::to_array<Field>({Field::U8, Field::Tag, Field::Value});

constexpr std::array<std::string_view, 7> kParameters{"mandatory", "alpn", "no-default-alpn", "port",
                                                      "ipv4hint",  "ech",  "ipv6hint"};

bool isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isPrintable(char c) {
    return c >= 0x20 && c < 0x7F;
}

std::string decimalEscape(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return {'\\', static_cast<char>('0' + byte / 100), static_cast<char>('0' + byte / 10 % 10),
            static_cast<char>('0' + byte % 10)};
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (!isPrintable(c)) {
            out += decimalEscape(c);
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

void readParameters(WireReader& in, std::size_t end) {
    int last = -1;
    while (in.ok() && in.position() < end) {
        const auto key = in.u16();
        const auto value = in.take(in.u16());
        if (key <= last || key == kInvalidKey || in.position() > end || !isParameterValue(key, value)) in.fail();
        last = key;
    }
}

/// Moves over one field and appends its uncompressed form.
void readField(WireReader& in, Field field, std::size_t end, std::string& out, std::string_view message) {
    const auto from = in.position();
    const auto rest = [&] { return end >= in.position() ? end - in.position() : 0; };
    switch (field) {
        case Field::Name:
        case Field::PlainName:
            out += in.name().wire();
            return;
        case Field::U8:
            in.skip(1);
            break;
        case Field::U16:
            in.skip(2);
            break;
        case Field::U32:
        case Field::Seconds:
        case Field::Ip4:
            in.skip(4);
            break;
        case Field::Ip6:
            in.skip(16);
            break;
        case Field::String:
            in.skip(in.u8());
            break;
        case Field::Strings:
            do {
                in.skip(in.u8());
            } while (in.ok() && in.position() < end);
            break;
        case Field::Hex:
            if (rest() == 0) in.fail();
            in.skip(rest());
            break;
        case Field::Tag: {
            const auto tag = in.take(in.u8());
            if (tag.empty() || !std::all_of(tag.begin(), tag.end(), isAlphanumeric)) in.fail();
            break;
        }
        case Field::Value:
            in.skip(rest());
            break;
        case Field::Parameters:
            readParameters(in, end);
            break;
    }
    if (in.ok()) out += message.substr(from, in.position() - from);
}

std::string listText(std::string_view value, std::size_t size, bool isV6) {
    std::string out;
    for (std::size_t at = 0; at < value.size(); at += size) {
        IpAddress ip;
        std::copy_n(value.begin() + static_cast<std::ptrdiff_t>(at), size, ip.bytes.begin());
        ip.isV6 = isV6;
        if (!out.empty()) out += ',';
        out += ip.text();
    }
    return out;
}

std::string alpnText(std::string_view value) {
    // A comma or backslash inside a protocol name is escaped once for the list and once for the text.
    std::string out;
    WireReader in{value};
    while (in.ok() && !in.atEnd()) {
        if (!out.empty()) out += ',';
        for (const char c : in.take(in.u8())) {
            if (c == ',' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
    }
    return quoted(out);
}

std::string parameterValueText(std::uint16_t key, std::string_view value) {
    switch (key) {
        case kMandatory: {
            std::string out;
            WireReader in{value};
            while (!in.atEnd())
                out += (out.empty() ? "" : ",") + parameterText(in.u16());
            return out;
        }
        case kAlpn:
            return alpnText(value);
        case kPort:
            return std::to_string(WireReader{value}.u16());
        case kIpv4Hint:
            return listText(value, 4, false);
        case kIpv6Hint:
            return listText(value, 16, true);
        case kEch:
            return base64Text(value);
        default:
            return quoted(value);
    }
}

std::string parametersText(WireReader& in) {
    std::string out;
    while (in.ok() && !in.atEnd()) {
        const auto key = in.u16();
        const auto value = in.take(in.u16());
        out += (out.empty() ? "" : " ") + parameterText(key);
        if (!value.empty()) out += "=" + parameterValueText(key, value);
    }
    return out;
}

std::string fieldText(WireReader& in, Field field) {
    switch (field) {
        case Field::Name:
        case Field::PlainName:
            return in.name().text();
        case Field::U8:
            return std::to_string(in.u8());
        case Field::U16:
            return std::to_string(in.u16());
        case Field::U32:
        case Field::Seconds:
            return std::to_string(in.u32());
        case Field::Ip4:
            return listText(in.take(4), 4, false);
        case Field::Ip6:
            return listText(in.take(16), 16, true);
        case Field::String:
            return quoted(in.take(in.u8()));
        case Field::Strings: {
            std::string out;
            while (in.ok() && !in.atEnd())
                out += (out.empty() ? "" : " ") + quoted(in.take(in.u8()));
            return out;
        }
        case Field::Hex:
            return hexText(in.take(in.left()));
        case Field::Tag:
            return std::string(in.take(in.u8()));
        case Field::Value:
            return quoted(in.take(in.left()));
        case Field::Parameters:
            return parametersText(in);
    }
    return {};
}

std::string genericText(std::string_view data) {
    return "\\# " + std::to_string(data.size()) + (data.empty() ? "" : " " + hexText(data));
}

}  // namespace

void appendU16(std::string& out, std::uint16_t value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value & 0xFF);
}

void appendU32(std::string& out, std::uint32_t value) {
    appendU16(out, static_cast<std::uint16_t>(value >> 16));
    appendU16(out, static_cast<std::uint16_t>(value & 0xFFFF));
}

std::string typeText(Type type) {
    for (const auto& row : kTypes) {
        if (row.type == type) return std::string(row.name);
    }
    return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Type> parseType(std::string_view text) {
    const auto lower = lowerAscii(text);
    for (const auto& row : kTypes) {
        if (lowerAscii(row.name) == lower) return row.type;
    }
    if (!lower.starts_with("type")) return std::nullopt;
    const auto number = parseUnsigned(std::string_view{lower}.substr(4));
    if (!number || *number > 65535) return std::nullopt;
    return static_cast<Type>(*number);
}

std::optional<std::span<const Field>> shapeOf(Type type) {
    switch (type) {
        case Type::A:
            return kA;
        case Type::Aaaa:
            return kAaaa;
        case Type::Ns:
        case Type::Cname:
        case Type::Ptr:
            return kName;
        case Type::Soa:
            return kSoa;
        case Type::Hinfo:
            return kHinfo;
        case Type::Mx:
            return kMx;
        case Type::Txt:
            return kTxt;
        case Type::Srv:
            return kSrv;
        case Type::Naptr:
            return kNaptr;
        case Type::Sshfp:
            return kSshfp;
        case Type::Tlsa:
            return kTlsa;
        case Type::Svcb:
        case Type::Https:
            return kService;
        case Type::Caa:
            return kCaa;
        default:
            return std::nullopt;
    }
}

std::string readData(WireReader& in, Type type, std::size_t length) {
    if (length > in.left()) in.fail();
    const auto shape = shapeOf(type);
    if (!shape || !in.ok()) return std::string(in.take(length));
    const auto from = in.position();
    const auto end = from + length;
    std::string out;
    for (const auto field : *shape)
        readField(in, field, end, out, in.message());
    if (in.position() != end) in.fail();
    if (!in.ok()) return {};
    return out;
}

bool isDataOf(Type type, std::string_view data) {
    if (data.size() > 65535) return false;
    WireReader in{data};
    // A pointer would make the expanded form differ.
    return readData(in, type, data.size()) == data && in.ok();
}

std::string dataText(Type type, std::string_view data) {
    const auto shape = shapeOf(type);
    if (!shape || !isDataOf(type, data)) return genericText(data);
    WireReader in{data};
    std::string out;
    for (const auto field : *shape) {
        const auto text = fieldText(in, field);
        if (!out.empty() && !text.empty()) out += ' ';
        out += text;
    }
    return out;
}

std::string recordText(const Record& record) {
    std::string klass = "IN";
    if (record.klass != Class::In) klass = "CLASS" + std::to_string(static_cast<unsigned>(record.klass));
    return record.owner.text() + " " + std::to_string(record.ttl) + " " + klass + " " + typeText(record.type) + " " +
           dataText(record.type, record.data);
}

std::string parameterText(std::uint16_t key) {
    return key < kParameters.size() ? std::string(kParameters[key]) : "key" + std::to_string(key);
}

std::optional<std::uint16_t> parseParameterKey(std::string_view text) {
    for (std::size_t i = 0; i < kParameters.size(); ++i) {
        if (kParameters[i] == text) return static_cast<std::uint16_t>(i);
    }
    if (!text.starts_with("key")) return std::nullopt;
    const auto number = parseUnsigned(text.substr(3));
    if (!number || *number >= kInvalidKey || (text.size() > 4 && text[3] == '0')) return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

bool isParameterValue(std::uint16_t key, std::string_view value) {
    switch (key) {
        case kMandatory: {
            if (value.empty() || value.size() % 2 != 0) return false;
            WireReader in{value};
            int last = 0;  // and key 0 itself may not be listed
            while (!in.atEnd()) {
                const auto listed = in.u16();
                if (listed <= last) return false;
                last = listed;
            }
            return true;
        }
        case kAlpn: {
            WireReader in{value};
            do {
                if (in.take(in.u8()).empty()) return false;
            } while (in.ok() && !in.atEnd());
            return in.ok();
        }
        case kNoDefaultAlpn:
            return value.empty();
        case kPort:
            return value.size() == 2;
        case kIpv4Hint:
            return !value.empty() && value.size() % 4 == 0;
        case kIpv6Hint:
            return !value.empty() && value.size() % 16 == 0;
        case kEch:
            return !value.empty();
        default:
            return true;
    }
}

std::string addressData(const IpAddress& address) {
    return std::string(address.raw());
}

Type addressType(const IpAddress& address) {
    return address.isV6 ? Type::Aaaa : Type::A;
}

std::string nameData(const Name& name) {
    return name.wire();
}

std::string soaData(const Soa& soa) {
    auto out = soa.primary.wire() + soa.mailbox.wire();
    for (const auto number : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum})
        appendU32(out, number);
    return out;
}

std::string srvData(const Srv& srv) {
    std::string out;
    appendU16(out, srv.priority);
    appendU16(out, srv.weight);
    appendU16(out, srv.port);
    return out + srv.target.wire();
}

std::string mxData(std::uint16_t preference, const Name& exchange) {
    std::string out;
    appendU16(out, preference);
    return out + exchange.wire();
}

std::string txtData(std::string_view text) {
    std::string out;
    do {
        const auto part = text.substr(0, 255);
        out += static_cast<char>(part.size());
        out += part;
        text.remove_prefix(part.size());
    } while (!text.empty());
    return out;
}

std::string caaData(std::uint8_t flags, std::string_view tag, std::string_view value) {
    std::string out;
    out += static_cast<char>(flags);
    out += static_cast<char>(tag.size());
    out += tag;
    out += value;
    return out;
}

std::string tlsaData(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching, std::string_view digest) {
    std::string out{static_cast<char>(usage), static_cast<char>(selector), static_cast<char>(matching)};
    out += digest;
    return out;
}

std::string serviceData(std::uint16_t priority, const Name& target, const std::vector<ServiceParameter>& parameters) {
    std::string out;
    appendU16(out, priority);
    out += target.wire();
    for (const auto& parameter : parameters) {
        appendU16(out, parameter.key);
        appendU16(out, static_cast<std::uint16_t>(parameter.value.size()));
        out += parameter.value;
    }
    return out;
}

std::optional<Soa> readSoa(std::string_view data) {
    if (!isDataOf(Type::Soa, data)) return std::nullopt;
    WireReader in{data};
    Soa soa;
    soa.primary = in.name();
    soa.mailbox = in.name();
    for (auto* number : {&soa.serial, &soa.refresh, &soa.retry, &soa.expire, &soa.minimum})
        *number = in.u32();
    return soa;
}

std::optional<Srv> readSrv(std::string_view data) {
    if (!isDataOf(Type::Srv, data)) return std::nullopt;
    WireReader in{data};
    Srv srv;
    srv.priority = in.u16();
    srv.weight = in.u16();
    srv.port = in.u16();
    srv.target = in.name();
    return srv;
}

std::optional<Name> readNameData(std::string_view data) {
    return Name::fromWire(data);
}

std::optional<IpAddress> readAddress(Type type, std::string_view data) {
    if ((type != Type::A || data.size() != 4) && (type != Type::Aaaa || data.size() != 16)) return std::nullopt;
    IpAddress ip;
    ip.isV6 = type == Type::Aaaa;
    std::copy(data.begin(), data.end(), ip.bytes.begin());
    return ip;
}

std::optional<Name> targetOf(const Record& record) {
    if (!isDataOf(record.type, record.data)) return std::nullopt;
    WireReader in{record.data};
    switch (record.type) {
        case Type::Ns:
            break;
        case Type::Srv:
            in.skip(6);
            break;
        case Type::Mx:
        case Type::Svcb:
        case Type::Https:
            in.skip(2);
            break;
        default:
            return std::nullopt;
    }
    auto name = in.name();
    if (name.isRoot()) return std::nullopt;
    return name;
}

}  // namespace causeway::dns
