#include "shared/proto/link/message.h"

#include <array>
#include <utility>

#include "shared/proto/link/trace_fields.h"

namespace causeway::link {

// Not in the unnamed namespace: they are found by the namespace of their record.
void fields(auto& coder, Is<Redeem> auto& it) {
    coder(it.token);
}
void fields(auto&, Is<Welcome> auto&) {}
void fields(auto& coder, Is<Refused> auto& it) {
    coder(it.id, it.sentence, it.todo);
}
void fields(auto&, Is<Unlinked> auto&) {}
void fields(auto& coder, Is<Ping> auto& it) {
    coder(it.id, it.sentAt);
}
void fields(auto& coder, Is<Pong> auto& it) {
    coder(it.id, it.sentAt, it.answeredAt);
}
void fields(auto& coder, Is<Measure> auto& it) {
    coder(it.id, it.target, it.port, it.steps);
}
void fields(auto& coder, Is<StopMeasure> auto& it) {
    coder(it.id);
}
void fields(auto& coder, Is<Row> auto& it) {
    coder(it.id, it.row);
}
void fields(auto& coder, Is<Measured> auto& it) {
    coder(it.id, it.evidence);
}
void fields(auto& coder, Is<CountOpen> auto& it) {
    coder(it.id, it.mark, it.firstVoicePort, it.lastVoicePort);
}
void fields(auto& coder, Is<CountReady> auto& it) {
    coder(it.id, it.address, it.hasChatPort, it.linkPort, it.voiceTrouble);
}
void fields(auto& coder, Is<CountTurn> auto& it) {
    coder(it.id, it.mark, it.address, it.hasChatPort, it.linkPort, it.hasVoice);
}
void fields(auto& coder, Is<PortCount> auto& it) {
    coder(it.kind, it.port, it.sent, it.arrived, it.source, it.sourcePort);
}
void fields(auto& coder, Is<CountResult> auto& it) {
    coder(it.id, it.ports);
}

namespace {

constexpr std::string_view kCountWord = "causeway-count ";
constexpr std::size_t kMostMark = 64;

Error notAMessage(const std::string& why) {
    return {Code::BadInput, "The linked service sent something that is no message.", why, ""};
}

/// The message whose type byte is `type`, made by `make.operator()<T>()`.
template <std::size_t At = 0, class Make>
std::optional<Result<Message>> ofType(std::size_t type, const Make& make) {
    if constexpr (At < std::variant_size_v<Message>) {
        if (type == At) return make.template operator()<std::variant_alternative_t<At, Message>>();
        return ofType<At + 1>(type, make);
    } else {
        return std::nullopt;
    }
}

}  // namespace

std::uint32_t idOf(const Message& message) {
    return std::visit(
        [](const auto& each) -> std::uint32_t {
            if constexpr (requires { each.id; }) {
                return each.id;
            } else {
                return 0;
            }
        },
        message);
}

Result<Message> readMessage(std::string_view bytes) {
    if (bytes.empty()) return notAMessage("It is empty.");
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(bytes.front())) - 1;
    Decoder in(bytes.substr(1));
    auto made = ofType(type, [&in]<class T>() -> Result<Message> {
        T message{};
        if constexpr (std::is_same_v<T, Hello>) {
            in(message.protocol, message.version);
            if (in.ok() && message.protocol != kProtocol) return Message{std::move(message)};
            in(message.service, message.base, message.address, message.linkPort, message.segments,
               message.hasInvitation);
        } else {
            in(message);
        }
        if (!in.isAtEnd()) return notAMessage("A member is missing, wrong, or too much.");
        return Message{std::move(message)};
    });
    if (!made) return notAMessage("Its type is unknown.");
    return std::move(*made);
}

std::string writeMessage(const Message& message) {
    Encoder out;
    out(static_cast<std::uint8_t>(message.index() + 1));
    std::visit(
        [&out](const auto& each) {
            if constexpr (Is<decltype(each), Hello>) {
                out(each.protocol, each.version);
                if (each.protocol != kProtocol) return;
                out(each.service, each.base, each.address, each.linkPort, each.segments, each.hasInvitation);
            } else {
                out(each);
            }
        },
        message);
    return out.take();
}

std::string writeFrame(const Message& message) {
    const auto bytes = writeMessage(message);
    if (bytes.size() > kMostFrame) return {};
    std::string frame;
    for (const int shift : {24, 16, 8, 0})
        frame += static_cast<char>(bytes.size() >> shift & 0xFFU);
    return frame + bytes;
}

void FrameReader::feed(std::string_view bytes) {
    if (!broken_) waiting_ += bytes;
}

std::optional<Result<Message>> FrameReader::next() {
    if (broken_) return Result<Message>{*broken_};
    if (waiting_.size() < 4) return std::nullopt;
    std::size_t size = 0;
    for (std::size_t at = 0; at < 4; ++at)
        size = size << 8 | static_cast<unsigned char>(waiting_[at]);
    if (size > most_) {
        broken_ = Error{Code::TooLong, "The linked service sent a message of " + std::to_string(size) + " bytes.",
                        "At most " + std::to_string(most_) + " are taken.", ""};
        waiting_.clear();
        return Result<Message>{*broken_};
    }
    if (waiting_.size() < 4 + size) return std::nullopt;
    auto message = readMessage(std::string_view{waiting_}.substr(4, size));
    waiting_.erase(0, 4 + size);
    if (!message) broken_ = message.error();
    return message;
}

std::string countDatagram(std::string_view mark, unsigned number) {
    return std::string(kCountWord) + std::string(mark) + " " + std::to_string(number);
}

std::optional<CountMark> readCountDatagram(std::string_view bytes) {
    if (!bytes.starts_with(kCountWord)) return std::nullopt;
    bytes.remove_prefix(kCountWord.size());
    const auto blank = bytes.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank > kMostMark) return std::nullopt;
    const auto number = parseUnsigned(bytes.substr(blank + 1));
    if (!number || *number > 10000) return std::nullopt;
    return CountMark{std::string(bytes.substr(0, blank)), static_cast<unsigned>(*number)};
}

}  // namespace causeway::link
