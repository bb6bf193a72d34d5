#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::pcapng {

enum class Transport : std::uint8_t { Udp, Tcp, Icmp };
enum class Flow : std::uint8_t { Out, In };  ///< seen from the service

/// Flags of a TCP segment.
enum : std::uint8_t { kFin = 1, kSyn = 2, kReset = 4, kAcknowledge = 16 };

/// A packet as the sockets saw it; its headers are rebuilt. `payload` of ICMP is the message after its own header of 8
/// bytes, whose fields are given here.
struct Packet {
    std::chrono::sys_time<std::chrono::nanoseconds> at{};
    Flow flow = Flow::Out;
    Transport transport = Transport::Udp;
    Ip4 source;
    Ip4 destination;
    std::uint16_t sourcePort = 0;
    std::uint16_t destinationPort = 0;
    std::uint8_t ttl = 64;  ///< 0: not known, written as 64
    bool isDontFragment = false;
    std::string_view payload;

    std::uint32_t tcpSequence = 0;
    std::uint32_t tcpAcknowledgement = 0;
    std::uint8_t tcpFlags = 0;

    std::uint8_t icmpType = 0;
    std::uint8_t icmpCode = 0;
    std::uint32_t icmpRest = 0;  ///< bytes 5 to 8: identifier and sequence, or unused and MTU

    std::string_view comment;  ///< UTF-8; cleaned and cut at Limits::commentBytes; empty: none
};

struct Limits {
    std::size_t fileBytes = 64U << 20;  ///< the whole file; a packet that does not fit is refused
    std::size_t commentBytes = 2000;    ///< one comment
    std::size_t snapBytes = 65535;      ///< one packet with its headers; longer ones are cut and say so
};

/// Writes a pcapng file of rebuilt packets.
/// Shape:  section header (little endian, with the program's name and a comment), one interface of link type RAW IPv4
///         and nanosecond times, one enhanced packet block each. All blocks are padded to 4 bytes.
/// Bounds: Limits; the file grows by at most 160 bytes besides payload and comment a packet.
/// Errors: TooLong when the file is full; BadInput for a payload that no IPv4 packet can hold (over 65,535 bytes with
///         its headers) or a time before 1970. After an error the file is as it was before.
/// Source: draft-ietf-opsawg-pcapng 4.1 to 4.3; RFC 791, 768, 9293, 792.
class Writer {
public:
    /// `interfaceName` and `comment` describe the capture: "rebuilt from the sockets of ...".
    Writer(std::string_view interfaceName, std::string_view comment);
    Writer(std::string_view interfaceName, std::string_view comment, Limits limits);

    Result<void> add(const Packet& packet);
    std::size_t packets() const { return packets_; }
    const std::string& file() const { return file_; }
    std::string takeFile() { return std::move(file_); }

private:
    Limits limits_;
    std::string file_;
    std::size_t packets_ = 0;
    std::uint16_t identification_ = 0;
};

}  // namespace causeway::pcapng
