#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/dns/responder.h"
#include "service/dns/transfer.h"

namespace causeway::dns {

/// The queries of one TCP connection, in order, as many at once as the client likes (RFC 7766 6.2.1). Holds at most one
/// incomplete message. No socket: bytes in, bytes out.
class TcpSession {
public:
    /// `transferred` hears of each transfer, when it ends or is refused.
    TcpSession(Responder& responder, const IpAddress& peer, std::function<void(const ZoneTransfer&)> transferred)
        : responder_(responder), peer_(peer), transferred_(std::move(transferred)) {}

    /// Bytes from the client, cut anywhere.
    void feed(std::string_view bytes) { input_ += bytes; }
    /// The next response with its length, made in `room` (65,537 bytes); empty: no whole query is there, or the
    /// connection is at fault.
    std::string_view next(std::span<Byte> room, TimePoint now);

    /// It sent what is no query; close the connection.
    bool isBroken() const { return isBroken_; }
    std::size_t waiting() const { return input_.size() - used_; }
    std::uint64_t answeredQueries() const { return answered_; }

private:
    std::string_view framed(std::span<Byte> room, std::size_t size) const;

    Responder& responder_;
    IpAddress peer_;
    std::function<void(const ZoneTransfer&)> transferred_;
    std::string input_;
    std::size_t used_ = 0;
    std::optional<ZoneTransfer> transfer_;
    std::uint64_t answered_ = 0;
    bool isBroken_ = false;
};

}  // namespace causeway::dns
