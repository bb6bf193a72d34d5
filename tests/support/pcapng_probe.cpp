// Writes a pcapng file from lines of standard input; the integration test reads it back with tshark.
//   pcapng_probe FILE
// A line: transport flow seconds nanoseconds source port destination port ttl df payload-hex comment-hex extra...
//   extra of tcp: sequence acknowledgement flags; of icmp: type code rest. "-" is an empty text.
// Prints a line for each packet: "ok", or the code of the refusal.

#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "shared/base/text.h"
#include "shared/proto/pcapng/writer.h"

namespace {

using namespace causeway;
using namespace causeway::pcapng;

std::string textOfHex(const std::string& hex) {
    return hex == "-" ? std::string{} : parseHex(hex).value_or("");
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    Writer writer{"sockets of the service", "Headers are rebuilt from sockets."};
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in{line};
        std::string transport, flow, source, destination, payloadHex, commentHex;
        std::int64_t seconds = 0, nanoseconds = 0;
        unsigned sourcePort = 0, destinationPort = 0, ttl = 0, df = 0;
        std::uint32_t first = 0, second = 0, third = 0;
        in >> transport >> flow >> seconds >> nanoseconds >> source >> sourcePort >> destination >> destinationPort >>
            ttl >> df >> payloadHex >> commentHex >> first >> second >> third;
        const auto payload = textOfHex(payloadHex);
        const auto comment = textOfHex(commentHex);
        Packet packet;
        packet.at = std::chrono::sys_time<std::chrono::nanoseconds>{std::chrono::seconds{seconds} +
                                                                    std::chrono::nanoseconds{nanoseconds}};
        packet.flow = flow == "in" ? Flow::In : Flow::Out;
        packet.source = Ip4::parse(source).value_or(Ip4{});
        packet.destination = Ip4::parse(destination).value_or(Ip4{});
        packet.sourcePort = static_cast<std::uint16_t>(sourcePort);
        packet.destinationPort = static_cast<std::uint16_t>(destinationPort);
        packet.ttl = static_cast<std::uint8_t>(ttl);
        packet.isDontFragment = df == 1;
        packet.payload = payload;
        packet.comment = comment;
        if (transport == "tcp") {
            packet.transport = Transport::Tcp;
            packet.tcpSequence = first;
            packet.tcpAcknowledgement = second;
            packet.tcpFlags = static_cast<std::uint8_t>(third);
        } else if (transport == "icmp") {
            packet.transport = Transport::Icmp;
            packet.icmpType = static_cast<std::uint8_t>(first);
            packet.icmpCode = static_cast<std::uint8_t>(second);
            packet.icmpRest = third;
        }
        const auto done = writer.add(packet);
        std::cout << (done ? "ok" : codeText(done.error().code)) << '\n';
    }
    std::ofstream out{words[1], std::ios::binary};
    out << writer.file();
    return out.good() ? 0 : 1;
}
