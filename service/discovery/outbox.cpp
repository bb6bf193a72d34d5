#include "service/discovery/outbox.h"

namespace causeway::discovery {

void Outbox::sendClassic(Ip4 from, Ip4 to, std::uint16_t port, std::uint32_t command, std::string body,
                         std::string ext) {
    ipmsg::Packet packet;
    packet.number = nextNumber();
    packet.user = identity_.user;
    packet.host = identity_.host;
    packet.command = command;
    packet.body = std::move(body);
    packet.ext = std::move(ext);
    send({from, to, port, false, datagram(ipmsg::writePacket(packet))});
}

}  // namespace causeway::discovery
