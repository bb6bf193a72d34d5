#include "shared/proto/icmp/message.h"

#include <algorithm>

#include "shared/base/cursor.h"

namespace causeway::icmp {

namespace {

constexpr std::size_t kMostBytes = 65535;
constexpr std::size_t kMostEchoPayload = 65507;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

std::uint8_t readU8(Cursor& in) {
    const auto bytes = in.take(1);
    return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
}
std::uint16_t readU16(Cursor& in) {
    const auto high = readU8(in);
    return static_cast<std::uint16_t>(high << 8 | readU8(in));
}
std::uint32_t readU32(Cursor& in) {
    const auto high = readU16(in);
    return std::uint32_t{high} << 16 | readU16(in);
}

struct Header {
    std::uint8_t protocol = 0;
    std::uint8_t ttl = 0;
    std::uint16_t totalLength = 0;
    std::uint16_t identification = 0;
    std::uint16_t fragment = 0;
    Ip4 source;
    Ip4 destination;
};

/// IPv4 header with its options; fails the cursor if it ends early. Empty: not IPv4.
std::optional<Header> readHeader(Cursor& in) {
    Header header;
    const auto first = readU8(in);
    const auto words = static_cast<std::size_t>(first & 0x0F);
    if (!in.ok()) return header;
    if (first >> 4 != 4 || words < 5) return std::nullopt;
    readU8(in);  // type of service
    header.totalLength = readU16(in);
    header.identification = readU16(in);
    header.fragment = readU16(in);
    header.ttl = readU8(in);
    header.protocol = readU8(in);
    readU16(in);  // its checksum: routers quote it before or after they counted ttl down
    header.source = {readU32(in)};
    header.destination = {readU32(in)};
    in.take((words - 5) * 4);
    return header;
}

bool isError(std::uint8_t type) {
    return type == kUnreachable || type == 4 || type == 5 || type == kTimeExceeded || type == 12;
}

Error truncated(std::size_t place) {
    return Error{Code::Truncated, "the ICMP message ends early", "", "", place};
}

Result<Quote> readQuote(Cursor& in) {
    const auto start = in.position();
    const auto header = readHeader(in);
    if (!header) return Error{Code::BadInput, "the ICMP error does not quote an IPv4 packet", "", "", start};
    if (!in.ok()) return truncated(start);
    Quote quote{header->source,
                header->destination,
                header->protocol,
                header->ttl,
                header->totalLength,
                header->identification,
                (header->fragment & 0x4000) != 0,
                {},
                {},
                {},
                {}};
    // Only the first fragment begins with the header of UDP, TCP or ICMP.
    const bool isFirst = (header->fragment & 0x1FFF) == 0;
    const auto first = readU16(in);
    const auto second = readU16(in);
    const auto third = readU16(in);
    const auto fourth = readU16(in);
    if (!in.ok()) return truncated(in.position());
    if (!isFirst) return quote;
    if (quote.protocol == kUdp || quote.protocol == kTcp) {
        quote.sourcePort = first;
        quote.destinationPort = second;
    } else if (quote.protocol == kIcmp && (first >> 8 == kEchoRequest || first >> 8 == kEchoReply)) {
        quote.echoIdentifier = third;
        quote.echoSequence = fourth;
    }
    return quote;
}

}  // namespace

bool Message::isAbout(std::uint8_t protocol, Ip4 source, std::uint16_t sourcePort, Ip4 destination,
                      std::uint16_t destinationPort) const {
    return quote && quote->protocol == protocol && quote->source == source && quote->destination == destination &&
           quote->sourcePort == sourcePort && quote->destinationPort == destinationPort;
}

Result<Message> parseMessage(std::string_view bytes) {
    if (bytes.size() > kMostBytes) return Error{Code::TooLong, "the ICMP message is over 65,535 bytes"};
    Cursor in{bytes};
    Message message;
    message.type = readU8(in);
    message.code = readU8(in);
    readU16(in);
    const auto first = readU16(in);
    const auto second = readU16(in);
    if (!in.ok()) return truncated(bytes.size());
    message.isChecksumRight = checksum(bytes) == 0;
    if (message.type == kEchoReply || message.type == kEchoRequest) {
        message.echoIdentifier = first;
        message.echoSequence = second;
        message.payload = in.rest();
    } else if (isError(message.type)) {
        if (message.type == kUnreachable && message.code == 4) message.mtu = second;
        auto quote = readQuote(in);
        if (!quote) return quote.error();
        message.quote = *quote;
    }
    return message;
}

Result<Message> parsePacket(std::string_view packet, Ip4& from, std::uint8_t& ttl) {
    if (packet.size() > kMostBytes) return Error{Code::TooLong, "the packet is over 65,535 bytes"};
    Cursor in{packet};
    const auto header = readHeader(in);
    if (!header || (in.ok() && header->protocol != kIcmp))
        return Error{Code::BadInput, "the packet is not ICMP over IPv4", "", "", 0};
    if (!in.ok()) return truncated(packet.size());
    auto message = parseMessage(in.rest());
    if (!message) return message;
    from = header->source;
    ttl = header->ttl;
    return message;
}

std::string writeEchoRequest(std::uint16_t identifier, std::uint16_t sequence, std::string_view payload) {
    std::string out;
    const auto put = [&](unsigned value) {
        out += static_cast<char>(value >> 8 & 0xFF);
        out += static_cast<char>(value & 0xFF);
    };
    put(unsigned{kEchoRequest} << 8);
    put(0);
    put(identifier);
    put(sequence);
    out += payload.substr(0, kMostEchoPayload);
    const auto sum = checksum(out);
    out[2] = static_cast<char>(sum >> 8);
    out[3] = static_cast<char>(sum & 0xFF);
    return out;
}

std::uint16_t checksum(std::string_view bytes) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        sum += i % 2 == 0 ? std::uint64_t{byte} << 8 : std::uint64_t{byte};
    }
    while (sum > 0xFFFF)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return static_cast<std::uint16_t>(~sum & 0xFFFF);
}

}  // namespace causeway::icmp
