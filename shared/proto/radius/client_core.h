#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/proto/radius/packet.h"

namespace causeway::radius {

struct ClientRules {
    std::size_t servers = 1;
    int triesPerServer = 2;
    Duration tryTime{1500};
    Duration probeTime{500};  ///< wait for the unsigned probe that finds out a wrong secret; 0 = no probe
    TimePoint deadline{};
};

enum class LoginResult {
    Accept,
    Reject,
    Challenge,     ///< the server wants a second step, which chat logins do not have
    NoAnswer,      ///< no server answered
    WrongSecret,   ///< proven: a server signs its answers with another secret
    Unsigned,      ///< a server answers without Message-Authenticator
    BadSignature,  ///< a Message-Authenticator that does not fit
    NotSent,       ///< the name or password does not fit into a packet; `message` tells
};

/// One login against several servers: what to send when, and what the answers mean. No socket, no clock.
/// Servers are asked in order; a silent one is asked again with the same packet, then the next one with a new packet.
/// A bad answer does not end the wait for a good one, since anybody can send a bad one; it is told if no good one
/// comes. After the last try a packet without signature and without the password asks a silent server again: old
/// servers answer that even if the secret is wrong, which tells a wrong secret from a dead server.
class ClientCore {
public:
    struct Outgoing {
        std::size_t server = 0;
        std::string bytes;
    };
    /// `random(n)` gives n unpredictable bytes.
    ClientCore(ClientRules rules, AccessRequest login, Secret secret, std::function<std::string(std::size_t)> random,
               TimePoint now);

    /// What to send now; empty if nothing.
    std::vector<Outgoing> takeOutgoing();
    void onDatagram(std::size_t server, std::string_view bytes, TimePoint now);
    /// The host of the server said that nothing listens, or there is no way to it.
    void onUnreachable(std::size_t server, TimePoint now);
    /// nextDeadline() has passed.
    void tick(TimePoint now);
    TimePoint nextDeadline() const { return next_; }
    bool isDone() const { return result_.has_value(); }

    LoginResult result() const { return result_.value_or(LoginResult::NoAnswer); }
    const std::string& message() const { return message_; }  ///< Reply-Message of the answer, or the trouble
    std::size_t server() const { return server_; }           ///< which one decided, or the last one asked
    bool sawUnreachable() const { return sawUnreachable_; }
    bool probeWasAnswered() const { return probeWasAnswered_; }

private:
    void startServer(TimePoint now);
    void sendAgain(TimePoint now);
    void sendProbe(TimePoint now);
    void giveUpServer(TimePoint now);
    void finish(LoginResult result, std::string message = {});
    std::optional<LoginResult> badAnswer_;

    ClientRules rules_;
    AccessRequest login_;
    Secret secret_;
    std::function<std::string(std::size_t)> random_;
    std::vector<Outgoing> outgoing_;
    std::string packet_;
    std::size_t server_ = 0;
    std::size_t badServer_ = 0;
    int tries_ = 0;
    bool isProbing_ = false;
    bool sawUnreachable_ = false;
    bool probeWasAnswered_ = false;
    TimePoint next_{};
    std::optional<LoginResult> result_;
    std::string message_;
};

}  // namespace causeway::radius
