#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/time.h"
#include "shared/proto/xmpp/stream_opening.h"

namespace causeway::xmpp {

/// What a login to a domain is told before any password is asked for; service/app translates it from the domains.
enum class LoginGate {
    Open,
    UnknownDomain,
    DomainDisabled,
    DirectoryDown,  ///< the directory dot is not green
    SupernodeDown,  ///< the supernode dot is not green
};
struct StreamRefusal {
    StreamCondition condition = StreamCondition::UndefinedCondition;
    std::string text;  ///< for the person in front of the client
};
/// How the gate's answer reads in a stream. RFC 6120 4.9.3: remote-connection-failed is for a directory that cannot be
/// asked, resource-constraint makes clients try again later.
StreamRefusal refusalOf(LoginGate gate);

enum class DoorKind { StartTls, DirectTls };

/// One client at the door, up to where a login would begin. Pure: bytes and time in; bytes, wishes and the end out.
/// StartTls: header -> starttls -> (TLS) -> header. DirectTls: (TLS) -> header. Then the gate answers.
/// Bounds: one stream opening of 8 KiB and ten seconds before TLS, another one behind it.
class DoorSession {
public:
    struct Rules {
        Duration opening = 10s;  ///< for all that a client says before TLS, and again behind it
        OpeningLimits limits{};
    };
    struct Asks {
        /// By the ASCII form of a domain. Does not wait.
        std::function<LoginGate(const std::string& domain)> gate;
        std::function<std::string()> newId;  ///< unguessable
    };
    DoorSession(DoorKind kind, Asks asks, const Rules& rules, TimePoint now);

    void feed(std::string_view bytes, TimePoint now);
    /// The answer to wantsTls().
    enum class TlsAnswer { Begins, NoCertificate };
    void answerTls(TlsAnswer answer);
    void secured(TimePoint now);  ///< the TLS handshake is complete
    void tick(TimePoint now);     ///< nextDeadline() has passed
    void shutdown();              ///< the service ends

    std::optional<TimePoint> nextDeadline() const { return deadline_; }
    std::string takeOutput();
    bool wantsTls() const { return place_ == Place::WantsTls; }
    bool isOver() const { return place_ == Place::Over; }  ///< send the output, then close
    const std::string& domain() const { return domain_; }  ///< ASCII form; empty: none yet, or not ours
    /// Why it is over; nothing if the client just went.
    std::optional<StreamCondition> condition() const { return condition_; }

private:
    enum class Place {
        PlainHeader,    ///< the header in clear is awaited
        PlainFeatures,  ///< starttls is awaited
        WantsTls,
        Handshake,
        SecureHeader,
        Over,
    };
    void onEvent(const OpeningEvent& event);
    void onHeader(const StreamHeader& header);
    void sendHeader(const std::string& from, const std::string& to);
    void end(const StreamRefusal& refusal);

    Asks asks_;
    Rules rules_;
    Place place_;
    StreamOpening opening_;
    std::optional<TimePoint> deadline_;
    bool hasSentHeader_ = false;  ///< of the stream that is open now
    std::string output_;
    std::string domain_;
    std::optional<StreamCondition> condition_;
};

}  // namespace causeway::xmpp
