#pragma once

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "service/admin/door.h"
#include "shared/base/log.h"

namespace causeway::admin {

/// Stands between the listening socket and the threads of the server, and does what Door says: closes the connections
/// that must make room, and says in the log when it had to. Any thread.
class Doorkeeper final : public Poco::Net::TCPServerConnectionFilter {
public:
    using Ptr = Poco::AutoPtr<Doorkeeper>;
    Doorkeeper(DoorRule rule, Log& log, std::function<TimePoint()> now);

    /// Called by POCO on its accepting thread. False = closed at once.
    bool accept(const Poco::Net::StreamSocket& socket) override;
    void proved(const Poco::Net::StreamSocket& socket);
    void left(const Poco::Net::StreamSocket& socket);
    bool hasProved(const Poco::Net::StreamSocket& socket) const;
    bool isCrowded() const;
    /// Connections that were closed or refused for want of room.
    std::uint64_t closed() const { return closed_; }

private:
    /// The copy keeps the socket open until left(), so that its number cannot be another connection's meanwhile.
    struct Held {
        Door::Key key = 0;
        Poco::Net::StreamSocket socket;
    };
    using Id = const Poco::Net::SocketImpl*;
    void forgetOrphansLocked();

    Log& log_;
    std::function<TimePoint()> now_;
    mutable std::mutex lock_;
    Door door_;
    Door::Key lastKey_ = 0;
    std::unordered_map<Id, Held> held_;
    std::optional<TimePoint> lastShortage_;
    std::atomic<std::uint64_t> closed_{0};
};

}  // namespace causeway::admin
