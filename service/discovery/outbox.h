#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/log.h"
#include "shared/model/lan_user.h"
#include "shared/proto/ipmsg/ipdict.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::discovery {

/// The bytes of a datagram. Shared: one signed list goes to thousands of clients.
using Datagram = std::shared_ptr<const std::string>;

/// A datagram that policy wants sent.
struct Outgoing {
    Ip4 from;  ///< our address to send from, 0.0.0.0 = the kernel chooses; or a user's address if isForeign
    Ip4 to;
    std::uint16_t port = ipmsg::kPort;
    bool isForeign = false;
    Datagram bytes;  ///< never null
};

/// What policy wants logged.
struct LogLine {
    LogLevel level = LogLevel::Info;
    std::string id;
    std::string text;
};

/// Who we are on the LAN: one name and one key for ever (facts 9).
struct ServerIdentity {
    std::string user;  ///< "causeway-<0123456789abcdef>"
    std::string host;
    ipmsg::SigningKey key;
};

/// Collects what policy sends; gives packet numbers (from Unix time, never falling).
class Outbox {
public:
    Outbox(const ServerIdentity& identity, std::uint32_t firstNumber) : identity_(identity), number_(firstNumber) {}

    std::uint32_t nextNumber() { return ++number_; }
    std::uint32_t lastNumber() const { return number_; }
    const ServerIdentity& identity() const { return identity_; }

    void send(Outgoing packet) { packets_.push_back(std::move(packet)); }
    static Datagram datagram(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }
    /// A classic packet of ours with that command.
    void sendClassic(Ip4 from, Ip4 to, std::uint16_t port, std::uint32_t command, std::string body,
                     std::string ext = {});
    void log(LogLevel level, std::string id, std::string text) {
        lines_.push_back({level, std::move(id), std::move(text)});
    }

    std::vector<Outgoing> takePackets() { return std::exchange(packets_, {}); }
    std::vector<LogLine> takeLines() { return std::exchange(lines_, {}); }
    bool empty() const { return packets_.empty() && lines_.empty(); }

private:
    const ServerIdentity& identity_;
    std::uint32_t number_;
    std::vector<Outgoing> packets_;
    std::vector<LogLine> lines_;
};

}  // namespace causeway::discovery
