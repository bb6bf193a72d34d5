#include "service/app/keepers.h"

namespace causeway::app {

void LanProber::probe(const std::vector<Ip4>& addresses) {
    const auto now = net::EventLoop::now();
    for (const Ip4 address : addresses)
        lan_.directory().probeAddress(address, now);
    lan_.pump();
}

void LanProber::announceTo(const std::vector<Ip4>& broadcasts) {
    for (const Ip4 broadcast : broadcasts)
        lan_.directory().announceTo(broadcast);
    lan_.pump();
}

void LanProber::readListOf(Ip4 client) {
    lan_.directory().readListOf(client, net::EventLoop::now());
    lan_.pump();
}

}  // namespace causeway::app
