#include "service/admin/doorkeeper.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>

#ifndef _WIN32
#include <sys/socket.h>
#endif

#include <utility>

namespace causeway::admin {

namespace {

/// One line for one attack: the next one comes when there was room for this long.
constexpr Duration kQuietBetween = 10min;

/// Wakes the thread that serves the connection; the descriptor itself is closed by its owner.
void cut(const Poco::Net::StreamSocket& socket) {
#ifdef _WIN32
    ::shutdown(socket.impl()->sockfd(), SD_BOTH);
#else
    ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
#endif
}

}  // namespace

Doorkeeper::Doorkeeper(DoorRule rule, Log& log, std::function<TimePoint()> now)
    : log_(log), now_(std::move(now)), door_(rule) {}

bool Doorkeeper::accept(const Poco::Net::StreamSocket& socket) {
    std::string from;
    try {
        from = socket.peerAddress().host().toString();
    } catch (const Poco::Exception&) {
        return false;  // gone already
    }
    const auto now = now_();
    std::string sentence;
    bool isAdmitted = false;
    {
        const std::lock_guard hold{lock_};
        forgetOrphansLocked();
        const auto key = ++lastKey_;
        const auto verdict = door_.arrived(key, callerOf(from), now);
        isAdmitted = verdict.isAdmitted;
        for (const auto closing : verdict.toClose) {
            for (const auto& [id, held] : held_) {
                if (held.key == closing) cut(held.socket);
            }
        }
        closed_ += verdict.toClose.size() + (isAdmitted ? 0 : 1);
        if (isAdmitted) held_.insert_or_assign(socket.impl(), Held{key, socket});
        if (!isAdmitted || !verdict.toClose.empty()) {
            if (!lastShortage_ || now - *lastShortage_ >= kQuietBetween) {
                const auto& who = verdict.greediest.empty() ? from : verdict.greediest;
                sentence =
                    "Too many connections to the admin interface come without a login or a token, most of them "
                    "from " +
                    who + ". The oldest of these are closed to make room for others.";
            }
            lastShortage_ = now;
        }
    }
    if (!sentence.empty()) log_.write(LogLevel::Warning, "ADMIN_CONNECTIONS_FULL", sentence);
    return isAdmitted;
}

void Doorkeeper::forgetOrphansLocked() {
    // POCO drops a connection without a word when it has no thread for it; then only the copy here is left.
    std::erase_if(held_, [this](const auto& entry) {
        if (entry.first->referenceCount() > 1) return false;
        door_.left(entry.second.key);
        return true;
    });
}

void Doorkeeper::proved(const Poco::Net::StreamSocket& socket) {
    const std::lock_guard hold{lock_};
    if (const auto found = held_.find(socket.impl()); found != held_.end()) door_.proved(found->second.key, now_());
}

void Doorkeeper::left(const Poco::Net::StreamSocket& socket) {
    const std::lock_guard hold{lock_};
    const auto found = held_.find(socket.impl());
    if (found == held_.end()) return;
    door_.left(found->second.key);
    held_.erase(found);
}

bool Doorkeeper::hasProved(const Poco::Net::StreamSocket& socket) const {
    const std::lock_guard hold{lock_};
    const auto found = held_.find(socket.impl());
    return found != held_.end() && door_.hasProved(found->second.key);
}

bool Doorkeeper::isCrowded() const {
    const std::lock_guard hold{lock_};
    return door_.isCrowded();
}

}  // namespace causeway::admin
