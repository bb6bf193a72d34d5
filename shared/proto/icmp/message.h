#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ip.h"
#include "shared/base/result.h"

namespace causeway::icmp {

/// Types that the packet trace sends or reads.
enum : std::uint8_t {
    kEchoReply = 0,
    kUnreachable = 3,
    kEchoRequest = 8,
    kTimeExceeded = 11,
};

/// The packet that an ICMP error is about, as far as the error quotes it.
struct Quote {
    Ip4 source;
    Ip4 destination;
    std::uint8_t protocol = 0;  ///< 1 ICMP, 6 TCP, 17 UDP
    std::uint8_t ttl = 0;       ///< what was left of it
    std::uint16_t totalLength = 0;
    std::uint16_t identification = 0;
    bool isDontFragment = false;
    /// UDP and TCP: the ports. Empty for other protocols, later fragments and quotes that end before them.
    std::optional<std::uint16_t> sourcePort;
    std::optional<std::uint16_t> destinationPort;
    /// ICMP echo: whose question it was.
    std::optional<std::uint16_t> echoIdentifier;
    std::optional<std::uint16_t> echoSequence;

    friend bool operator==(const Quote&, const Quote&) = default;
};

struct Message {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    bool isChecksumRight = false;
    std::optional<std::uint16_t> mtu;             ///< type 3 code 4; 0 from routers before RFC 1191
    std::optional<std::uint16_t> echoIdentifier;  ///< types 0 and 8
    std::optional<std::uint16_t> echoSequence;
    std::optional<Quote> quote;  ///< types 3, 4, 5, 11 and 12
    /// Types 0 and 8: what follows the header; points into the input.
    std::string_view payload;

    /// The error is about a packet that went from `source` to `destination` by this protocol and these ports. Anybody
    /// can send an ICMP error; one that quotes none of our packets is not ours.
    bool isAbout(std::uint8_t protocol, Ip4 source, std::uint16_t sourcePort, Ip4 destination,
                 std::uint16_t destinationPort) const;
};

/// Reads one ICMPv4 message without its IP header.
/// Shape:  at least 8 bytes; errors quote an IPv4 header of 20..60 bytes and at least 8 bytes after it. Extensions
///         (RFC 4884) and anything further are ignored.
/// Bounds: reads at most 8 + 60 + 8 bytes besides the checksum; the input is at most 65,535 bytes.
/// Errors: Truncated (no whole header, or an error whose quote ends early), BadInput (the quote is not IPv4), TooLong.
///         A wrong checksum is no error: the caller decides.
/// Source: RFC 792; RFC 1191 4; RFC 1812 5.2.7; RFC 4884.
Result<Message> parseMessage(std::string_view bytes);

/// Reads an IPv4 packet that carries ICMP, as a raw socket gives it: `from` becomes its source address, `ttl` its time
/// to live. Errors: those of parseMessage; BadInput if it is not IPv4 or not ICMP.
Result<Message> parsePacket(std::string_view packet, Ip4& from, std::uint8_t& ttl);

/// An echo request with this identifier, number and payload (at most 65,507 bytes, cut there).
std::string writeEchoRequest(std::uint16_t identifier, std::uint16_t sequence, std::string_view payload);

/// Internet checksum (RFC 1071) over the bytes; 0 over a message that contains a right one.
std::uint16_t checksum(std::string_view bytes);

}  // namespace causeway::icmp
