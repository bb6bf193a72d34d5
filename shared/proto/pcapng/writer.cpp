#include "shared/proto/pcapng/writer.h"

#include <algorithm>

#include "shared/base/text.h"

namespace causeway::pcapng {

namespace {

constexpr std::uint32_t kSection = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;
constexpr std::uint16_t kLinkTypeIpv4 = 228;  ///< raw IPv4, no link layer
constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kTimeResolution = 9;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kApplication = 4;
constexpr std::size_t kMostPacket = 65535;
constexpr std::size_t kIpHeader = 20;

/// The file is little endian, the packets in it are big endian.
void little16(std::string& out, unsigned value) {
    out += static_cast<char>(value & 0xFF);
    out += static_cast<char>(value >> 8 & 0xFF);
}
void little32(std::string& out, std::uint32_t value) {
    little16(out, value & 0xFFFF);
    little16(out, value >> 16);
}
void big16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8 & 0xFF);
    out += static_cast<char>(value & 0xFF);
}
void big32(std::string& out, std::uint32_t value) {
    big16(out, value >> 16);
    big16(out, value & 0xFFFF);
}
void pad(std::string& out) {
    while (out.size() % 4 != 0)
        out += '\0';
}

void option(std::string& out, std::uint16_t code, std::string_view value) {
    little16(out, code);
    little16(out, static_cast<unsigned>(value.size()));
    out += value;
    pad(out);
}

std::string block(std::uint32_t type, std::string_view body) {
    std::string out;
    const auto size = static_cast<std::uint32_t>(body.size() + 12);
    little32(out, type);
    little32(out, size);
    out += body;
    little32(out, size);
    return out;
}

std::string shown(std::string_view text, std::size_t most) {
    // Cleaning can make three bytes of one; what is cut first is cut again.
    const auto clean = cleanUtf8(text.substr(0, std::min(text.size(), most)));
    return std::string{cutUtf8(clean, most)};
}

std::uint64_t sumOf(std::string_view bytes, std::uint64_t sum = 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        sum += i % 2 == 0 ? std::uint64_t{byte} << 8 : std::uint64_t{byte};
    }
    return sum;
}
std::uint16_t folded(std::uint64_t sum) {
    while (sum > 0xFFFF)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return static_cast<std::uint16_t>(~sum & 0xFFFF);
}
void put16At(std::string& out, std::size_t at, std::uint16_t value) {
    out[at] = static_cast<char>(value >> 8);
    out[at + 1] = static_cast<char>(value & 0xFF);
}

std::uint8_t protocolOf(Transport transport) {
    switch (transport) {
        case Transport::Icmp:
            return 1;
        case Transport::Tcp:
            return 6;
        case Transport::Udp:
            break;
    }
    return 17;
}

std::size_t headerOf(Transport transport) {
    return transport == Transport::Tcp ? 20 : 8;
}

/// Sum of the pseudo header of UDP and TCP.
std::uint64_t pseudoSum(const Packet& packet, std::size_t length) {
    std::string head;
    big32(head, packet.source.value);
    big32(head, packet.destination.value);
    big16(head, protocolOf(packet.transport));
    big16(head, static_cast<unsigned>(length));
    return sumOf(head);
}

std::string transportOf(const Packet& packet) {
    std::string out;
    std::size_t sumAt = 0;
    std::uint64_t sum = 0;
    const auto length = headerOf(packet.transport) + packet.payload.size();
    switch (packet.transport) {
        case Transport::Udp:
            big16(out, packet.sourcePort);
            big16(out, packet.destinationPort);
            big16(out, static_cast<unsigned>(length));
            sumAt = out.size();
            big16(out, 0);
            sum = pseudoSum(packet, length);
            break;
        case Transport::Tcp:
            big16(out, packet.sourcePort);
            big16(out, packet.destinationPort);
            big32(out, packet.tcpSequence);
            big32(out, packet.tcpAcknowledgement);
            out += '\x50';  // five words of header
            out += static_cast<char>(packet.tcpFlags & 0x3F);
            big16(out, 0xFFFF);  // window
            sumAt = out.size();
            big16(out, 0);
            big16(out, 0);  // urgent pointer
            sum = pseudoSum(packet, length);
            break;
        case Transport::Icmp:
            out += static_cast<char>(packet.icmpType);
            out += static_cast<char>(packet.icmpCode);
            sumAt = out.size();
            big16(out, 0);
            big32(out, packet.icmpRest);
            break;
    }
    out += packet.payload;
    auto checksum = folded(sumOf(out, sum));
    // A UDP checksum of 0 would mean "none".
    if (packet.transport == Transport::Udp && checksum == 0) checksum = 0xFFFF;
    put16At(out, sumAt, checksum);
    return out;
}

std::string datagramOf(const Packet& packet, std::uint16_t identification) {
    const auto body = transportOf(packet);
    std::string out;
    out += '\x45';
    out += '\0';
    big16(out, static_cast<unsigned>(kIpHeader + body.size()));
    big16(out, identification);
    big16(out, packet.isDontFragment ? 0x4000 : 0);
    out += static_cast<char>(packet.ttl == 0 ? 64 : packet.ttl);
    out += static_cast<char>(protocolOf(packet.transport));
    big16(out, 0);
    big32(out, packet.source.value);
    big32(out, packet.destination.value);
    put16At(out, 10, folded(sumOf(out)));
    return out + body;
}

}  // namespace

Writer::Writer(std::string_view interfaceName, std::string_view comment) : Writer(interfaceName, comment, Limits{}) {}

Writer::Writer(std::string_view interfaceName, std::string_view comment, Limits limits) : limits_(limits) {
    // An option's length has 16 bits.
    limits_.commentBytes = std::min<std::size_t>(limits_.commentBytes, 65000);
    std::string section;
    little32(section, kByteOrder);
    little16(section, 1);  // version 1.0
    little16(section, 0);
    little32(section, 0xFFFFFFFF);  // length of the section: not said
    little32(section, 0xFFFFFFFF);
    if (!comment.empty()) option(section, kComment, shown(comment, limits_.commentBytes));
    option(section, kApplication, "Causeway packet trace");
    option(section, kEndOfOptions, {});
    file_ = block(kSection, section);

    std::string interface;
    little16(interface, kLinkTypeIpv4);
    little16(interface, 0);
    little32(interface, 0);  // no limit on captured bytes
    option(interface, kInterfaceName, shown(interfaceName, 200));
    option(interface, kTimeResolution, std::string_view{"\x09", 1});  // nanoseconds
    option(interface, kEndOfOptions, {});
    file_ += block(kInterface, interface);
}

Result<void> Writer::add(const Packet& packet) {
    const auto whole = kIpHeader + headerOf(packet.transport) + packet.payload.size();
    if (whole > kMostPacket)
        return Error{Code::BadInput, "the packet is larger than an IPv4 packet can be",
                     std::to_string(packet.payload.size()) + " bytes of payload",
                     "cut the payload before it is written"};
    const auto since = packet.at.time_since_epoch().count();
    if (since < 0) return Error{Code::BadInput, "the time of the packet is before 1970"};

    const auto datagram = datagramOf(packet, static_cast<std::uint16_t>(identification_ + 1));
    const auto kept = std::min(datagram.size(), limits_.snapBytes);
    const auto time = static_cast<std::uint64_t>(since);
    std::string body;
    little32(body, 0);  // the only interface
    little32(body, static_cast<std::uint32_t>(time >> 32));
    little32(body, static_cast<std::uint32_t>(time & 0xFFFFFFFF));
    little32(body, static_cast<std::uint32_t>(kept));
    little32(body, static_cast<std::uint32_t>(datagram.size()));
    body += std::string_view{datagram}.substr(0, kept);
    pad(body);
    const auto comment = shown(packet.comment, limits_.commentBytes);
    if (!comment.empty()) option(body, kComment, comment);
    std::string flags;
    little32(flags, packet.flow == Flow::In ? 1 : 2);
    option(body, kPacketFlags, flags);
    option(body, kEndOfOptions, {});

    const auto bytes = block(kEnhancedPacket, body);
    if (file_.size() + bytes.size() > limits_.fileBytes)
        return Error{Code::TooLong, "the capture is full", std::to_string(packets_) + " packets are in it",
                     "export fewer traces at once"};
    file_ += bytes;
    ++identification_;
    ++packets_;
    return {};
}

}  // namespace causeway::pcapng
