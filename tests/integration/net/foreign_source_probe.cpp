// Helper of tests/integration/foreign_source.sh; each word is one act in the network namespace in which it runs.
//   send LISTEN PORT FOREIGN TARGET TARGET_PORT   opens a UDP port as the service does, sends "own", then "foreign"
//   with
//                                                 the foreign source, then "own again"; prints what became of each
//   receive LISTEN PORT COUNT                     prints "ready", then "FROM FROM_PORT TO LOCAL TEXT" for each datagram
//   watch                                         prints "ready", then the list of interfaces after each change
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>

#include "service/net/interfaces.h"
#include "service/net/udp_port.h"
#include "shared/base/cursor.h"

using namespace causeway;
using namespace causeway::net;

namespace {

constexpr auto kPatience = 20s;

UdpSettings settingsOf(char** words) {
    UdpSettings settings;
    settings.listen = Ip4::parse(words[0]).value();
    settings.port = static_cast<std::uint16_t>(parseUnsigned(words[1]).value());
    return settings;
}

std::string said(const Result<void>& result) {
    return result ? "sent" : result.error().text();
}

int send(char** words) {
    NoLog log;
    EventLoop loop{"probe", log};
    auto settings = settingsOf(words);
    settings.wantForeignSource = true;
    auto port = UdpPort::open(loop, settings, log);
    if (!port) {
        std::cout << port.error().text() << "\n";
        return 1;
    }
    const auto foreign = Ip4::parse(words[2]).value();
    const auto target = Ip4::parse(words[3]).value();
    const auto targetPort = static_cast<std::uint16_t>(parseUnsigned(words[4]).value());
    std::cout << "can send as: " << ((*port)->canSendAs() ? "yes" : "no") << "\n";
    std::cout << "own: " << said((*port)->send({}, target, targetPort, "own")) << "\n";
    std::cout << "foreign: " << said((*port)->sendAs(foreign, target, targetPort, "foreign")) << "\n";
    std::cout << "foreign by send: " << said((*port)->send(foreign, target, targetPort, "never")) << "\n";
    std::cout << "own again: " << said((*port)->send({}, target, targetPort, "own again")) << "\n";
    return 0;
}

int receive(char** words) {
    NoLog log;
    EventLoop loop{"probe", log};
    auto port = UdpPort::open(loop, settingsOf(words), log);
    if (!port) {
        std::cout << port.error().text() << "\n";
        return 1;
    }
    std::promise<void> complete;
    auto left = parseUnsigned(words[2]).value();
    (*port)->onReceive([&](const UdpDatagram& datagram) {
        std::cout << datagram.from.text() << " " << datagram.fromPort << " " << datagram.to.text() << " "
                  << datagram.localAddress.text() << " " << datagram.bytes << std::endl;
        if (--left == 0) complete.set_value();
    });
    std::cout << "ready" << std::endl;
    loop.start();
    const auto outcome = complete.get_future().wait_for(kPatience);
    loop.stop();
    return outcome == std::future_status::ready ? 0 : 1;
}

int watch() {
    NoLog log;
    EventLoop loop{"probe", log};
    InterfaceWatch watch{loop, [](const std::vector<LanInterface>& list) {
                             for (const auto& each : list) {
                                 std::cout << each.name << " " << each.address.text() << " " << each.network.text()
                                           << " " << each.broadcast.text() << "; ";
                             }
                             std::cout << std::endl;
                         }};
    loop.start();
    std::cout << "ready" << std::endl;
    std::cin.get();  // the script ends us by closing our input
    loop.stop();
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::string act = count > 1 ? words[1] : "";
    if (act == "send" && count == 7) return send(words + 2);
    if (act == "receive" && count == 5) return receive(words + 2);
    if (act == "watch" && count == 2) return watch();
    std::cerr << "usage: see the head of foreign_source_probe.cpp\n";
    return 2;
}
