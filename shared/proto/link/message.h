#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/trace.h"
#include "shared/proto/link/codec.h"

/// What two linked services say to each other, inside TLS with pinned certificates on both sides. No socket, no clock.
/// docs/dev/decisions/0014-linked-services.md
namespace causeway::link {

/// Grows with every change of a message. Services with different numbers stay linked, tell each other so, and measure
/// nothing together.
constexpr std::uint16_t kProtocol = 1;

/// The first message in each direction, and again when something in it has changed. Its first two members are the same
/// in every protocol.
struct Hello {
    std::uint16_t protocol = kProtocol;
    std::string version;               ///< of the program, "0.1.0"
    std::string service{};             ///< name of the computer or service
    std::string base{};                ///< the base that it is in, as it calls it; may be empty
    Ip4 address{};                     ///< under which it reaches us; tests of single datagrams go there
    std::uint16_t linkPort = 0;        ///< UDP port for counts; 0 = none is open
    std::vector<Network4> segments{};  ///< its own segments
    bool hasInvitation = false;        ///< Redeem follows; only of the one who connects
};
/// A stranger with an invitation; behind his Hello.
struct Redeem {
    std::string token;
};
/// The invitation is good: both know each other from now on.
struct Welcome {};
/// "No" to the request of that number; 0: to the connection, which ends.
struct Refused {
    std::uint32_t id = 0;
    std::string sentence;
    std::string todo{};
};
/// The link was taken away on purpose.
struct Unlinked {};

struct Ping {
    std::uint32_t id = 0;
    TimePoint sentAt{};  ///< wall clock of the one who asks
};
struct Pong {
    std::uint32_t id = 0;
    TimePoint sentAt{};
    TimePoint answeredAt{};  ///< wall clock of the one who answers
};

/// "Measure from your side." Rows come as they are finished, then Measured or Refused.
struct Measure {
    std::uint32_t id = 0;
    Ip4 target;
    std::uint16_t port = 2425;
    std::vector<TraceStep> steps{};
};
struct StopMeasure {
    std::uint32_t id = 0;
};
struct Row {
    std::uint32_t id = 0;
    TraceRow row{};
};
struct Measured {
    std::uint32_t id = 0;
    TraceEvidence evidence{};
};

/// Counts of single datagrams, there and back: open your ports; CountReady or Refused follows.
struct CountOpen {
    std::uint32_t id = 0;
    std::string mark;                  ///< that the datagrams of this test carry; hard to guess
    std::uint16_t firstVoicePort = 0;  ///< 0: without voice
    std::uint16_t lastVoicePort = 0;
};
struct CountReady {
    std::uint32_t id = 0;
    Ip4 address;  ///< where to send
    bool hasChatPort = false;
    std::uint16_t linkPort = 0;
    std::string voiceTrouble{};  ///< why the voice ports could not be opened; empty: they are open
};
/// "I have sent mine, now send yours and tell me what came"; CountResult or Refused follows.
struct CountTurn {
    std::uint32_t id = 0;
    std::string mark;
    Ip4 address;
    bool hasChatPort = false;
    std::uint16_t linkPort = 0;
    bool hasVoice = false;
};
enum class CountKind : std::uint8_t { Chat, Link, Voice };
template <>
struct EnumCount<CountKind> {
    static constexpr unsigned value = 3;
};
struct PortCount {
    CountKind kind = CountKind::Chat;
    std::uint16_t port = 0;       ///< at which they arrive
    std::uint16_t sent = 0;       ///< by the one who says this, to the port of the same number over there
    std::uint16_t arrived = 0;    ///< different ones, at the one who says this
    std::optional<Ip4> source{};  ///< of the newest that arrived
    std::optional<std::uint16_t> sourcePort{};
};
struct CountResult {
    std::uint32_t id = 0;
    std::vector<PortCount> ports{};
};

/// The order is that of the type byte on the wire, from 1 on.
using Message = std::variant<Hello, Redeem, Welcome, Refused, Unlinked, Ping, Pong, Measure, StopMeasure, Row, Measured,
                             CountOpen, CountReady, CountTurn, CountResult>;

/// The number that request and answers share; 0 of those without.
std::uint32_t idOf(const Message& message);

/// One message without its length.
/// Bounds: as codec.h says; every byte must belong to the message. A Hello of another protocol gives its number and
/// version, the rest is not read.
/// Errors: BadInput (unknown type, not exactly that message).
Result<Message> readMessage(std::string_view bytes);
std::string writeMessage(const Message& message);

constexpr std::size_t kMostStranger = 1024;     ///< bytes of a frame of somebody without a pinned certificate
constexpr std::size_t kMostFrame = 512U << 10;  ///< of a linked service

/// Length (4 bytes, high byte first) and message. Empty if the message is larger than kMostFrame.
std::string writeFrame(const Message& message);

/// Cuts a stream of bytes into messages.
class FrameReader {
public:
    explicit FrameReader(std::size_t most) : most_(most) {}
    /// From now on frames may have so many bytes.
    void setMost(std::size_t most) { most_ = most; }
    void feed(std::string_view bytes);
    /// The next whole message; nothing if more bytes are needed. After an error it stays broken.
    /// Errors: TooLong, BadInput.
    std::optional<Result<Message>> next();

private:
    std::string waiting_;
    std::size_t most_;
    std::optional<Error> broken_;
};

/// A datagram of a count: "causeway-count MARK NUMBER", the number in decimal.
std::string countDatagram(std::string_view mark, unsigned number);
struct CountMark {
    std::string mark;
    unsigned number = 0;
};
std::optional<CountMark> readCountDatagram(std::string_view bytes);

}  // namespace causeway::link
