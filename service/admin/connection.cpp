#include "service/admin/connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#ifdef __linux__
#include <netinet/tcp.h>
#endif

#include <algorithm>
#include <memory>
#include <utility>

#include "shared/api/problems_json.h"

namespace causeway::admin {

namespace {

using std::chrono::steady_clock;

constexpr auto kSlice = 200ms;
constexpr auto kSendPatience = 10s;
#ifdef TCP_USER_TIMEOUT
constexpr int kVanishedAfter = 30'000;  ///< milliseconds without an acknowledgement
#endif
constexpr std::size_t kSendPiece = 65536;
constexpr auto kDrainPatience = 1s;
constexpr std::size_t kMostDrained = std::size_t{16} << 20U;

Poco::Timespan span(std::chrono::milliseconds time) {
    return Poco::Timespan{std::max<Poco::Int64>(1, time.count()) * 1000};
}

/// Gives the place of an event stream back, however the connection ends: a killed viewer ends it by an exception.
class StreamPlace {
public:
    StreamPlace(EventHub& hub, std::shared_ptr<EventReader> reader) : hub_(hub), reader_(std::move(reader)) {}
    ~StreamPlace() {
        if (reader_) hub_.close(reader_);
    }
    StreamPlace(const StreamPlace&) = delete;
    StreamPlace& operator=(const StreamPlace&) = delete;

private:
    EventHub& hub_;
    std::shared_ptr<EventReader> reader_;
};

}  // namespace

Connection::Connection(const Poco::Net::StreamSocket& socket, AdminCore& core, const AdminOptions& options,
                       Doorkeeper::Ptr door, const std::atomic<bool>& stopping)
    : Poco::Net::TCPServerConnection(socket),
      core_(core),
      options_(options),
      door_(std::move(door)),
      stopping_(stopping) {}

Connection::~Connection() {
    door_->left(socket());
}

std::chrono::milliseconds Connection::patience(std::chrono::milliseconds usual) const {
    const bool isHurried = !isProven_ && door_->isCrowded();
    return isHurried ? std::min<std::chrono::milliseconds>(usual, options_.crowdedPatience) : usual;
}

void Connection::run() {
    try {
        from_ = socket().peerAddress().host().toString();
        socket().setReceiveTimeout(span(kSlice));
        socket().setSendTimeout(span(kSendPatience));
        socket().setNoDelay(true);
#ifdef TCP_USER_TIMEOUT
        // Who vanished without a word (power, cable) does not hold a place for a quarter of an hour.
        socket().setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, kVanishedAfter);
#endif
        buffer_.resize(16384);
        while (!stopping_ && exchange()) {
        }
        socket().shutdownSend();
    } catch (const Poco::Exception&) {
        // The peer broke the connection or speaks no TLS. Scanners do that all day; it is not worth a log line.
    }
}

bool Connection::exchange() {
    if (!readHead()) return false;
    auto identity = core_.identify(parser_.head());
    if (identity) proved();
    const auto match = core_.router().find(parser_.head().method, parser_.head().segments);
    if (auto refusal = core_.router().refuse(match, parser_.head(), identity)) {
        // Before the body is read: a stranger must not make us take megabytes. Counted by serve().
        const auto response = core_.serve(parser_.head(), identity, from_);
        answer(response, false, parser_.head().method != "HEAD");
        drain();
        return false;
    }
    parser_.allowBody(identity ? options_.bodyBytes : options_.strangerBytes);
    if (parser_.wantsContinue() && parser_.state() == HttpRequestParser::State::Body &&
        !send("HTTP/1.1 100 Continue\r\n\r\n"))
        return false;
    if (!readBody()) return false;
    const auto request = parser_.take();
    auto response = core_.serve(request, identity, from_);
    // A login is the other way to prove oneself.
    if (!identity && request.method == "POST" && request.target == "/v1/login" && response.status == 200) proved();
    const StreamPlace place{core_.events(), response.stream};
    if (response.stream) {
        const bool isOpen = answer(response, false, true);
        if (isOpen && request.method != "HEAD") stream(*response.stream, request, identity->role);
        return false;
    }
    const bool keepAlive = request.keepAlive && !stopping_;
    return answer(response, keepAlive, request.method != "HEAD") && keepAlive;
}

void Connection::proved() {
    if (!isProven_) door_->proved(socket());
    isProven_ = true;
}

bool Connection::readHead() {
    const auto start = steady_clock::now();
    while (!stopping_ && parser_.state() == HttpRequestParser::State::Head) {
        // The first request includes the handshake, so it is not "between two requests".
        const auto limit = isFirst_ || parser_.hasBegun() ? options_.headPatience : options_.keepAlive;
        const auto deadline = start + patience(limit);
        // Looked at again from time to time: it may have become crowded.
        switch (receive(std::min<Deadline>(deadline, steady_clock::now() + 1s))) {
            case Came::Bytes:
                break;
            case Came::Nothing:
                if (steady_clock::now() < deadline) continue;
                if (parser_.hasBegun() && !stopping_) {
                    refuse(408, "The request did not come in time.");
                    return false;
                }
                return false;
            case Came::End:
                return false;
        }
    }
    if (parser_.state() == HttpRequestParser::State::Failed) {
        refuse(parser_.failureStatus(), parser_.failure());
        return false;
    }
    isFirst_ = false;
    return !stopping_;
}

bool Connection::readBody() {
    const auto deadline = steady_clock::now() + patience(options_.bodyPatience);
    while (!stopping_ && parser_.state() == HttpRequestParser::State::Body) {
        const auto came = receive(deadline);
        if (came == Came::End) return false;
        if (came == Came::Nothing) {
            refuse(408, "The request did not come in time.");
            return false;
        }
    }
    if (parser_.state() == HttpRequestParser::State::Failed) {
        refuse(parser_.failureStatus(), parser_.failure());
        return false;
    }
    return !stopping_;
}

Connection::Came Connection::receive(Deadline deadline) {
    while (!stopping_) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
        if (left <= 0ms) return Came::Nothing;
        try {
            const int pending = socket().available();
            if (pending == 0 &&
                !socket().poll(span(std::min<std::chrono::milliseconds>(left, kSlice)), Poco::Net::Socket::SELECT_READ))
                continue;
            const int got = socket().receiveBytes(buffer_.data(), static_cast<int>(buffer_.size()));
            if (got <= 0) return Came::End;
            parser_.feed({buffer_.data(), static_cast<std::size_t>(got)});
            return Came::Bytes;
        } catch (const Poco::TimeoutException&) {
            // Part of a TLS record or of the handshake came; the rest may still come.
        }
    }
    return Came::Nothing;
}

bool Connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto piece = static_cast<int>(std::min(bytes.size(), kSendPiece));
        const int sent = socket().sendBytes(bytes.data(), piece);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Connection::answer(const Response& response, bool keepAlive, bool withBody) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + api::httpTitleOf(response.status) +
                       "\r\nServer: causeway\r\n";
    if (!response.contentType.empty()) head += "Content-Type: " + response.contentType + "\r\n";
    for (const auto& [name, value] : response.headers)
        head.append(name).append(": ").append(value).append("\r\n");
    // Answers hold what only administrators may see, and nothing of it is a page.
    head += "X-Content-Type-Options: nosniff\r\n";
    if (!response.stream) {
        head += "Cache-Control: no-store\r\n";
        if (response.status != 204) head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    head += keepAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (!withBody || response.body.size() > kSendPiece) return send(head) && (!withBody || send(response.body));
    return send(head + response.body);
}

void Connection::refuse(int status, const std::string& sentence) {
    Error error{Code::BadInput, "The request cannot be read.", sentence, "Send a valid HTTP/1.1 request."};
    if (status == 413) {
        error.code = Code::TooLong;
        error.what = "The request is too large.";
        error.todo = "Send less at a time.";
    }
    answer(problemResponse(status, error), false, true);
    drain();
}

void Connection::drain() {
    const auto deadline = steady_clock::now() + kDrainPatience;
    std::size_t drained = 0;
    while (!stopping_ && drained < kMostDrained && steady_clock::now() < deadline) {
        try {
            if (socket().available() == 0 && !socket().poll(span(kSlice), Poco::Net::Socket::SELECT_READ)) continue;
            const int got = socket().receiveBytes(buffer_.data(), static_cast<int>(buffer_.size()));
            if (got <= 0) return;
            drained += static_cast<std::size_t>(got);
        } catch (const Poco::TimeoutException&) {
            continue;
        }
    }
}

bool Connection::peerIsGone() {
    try {
        if (!socket().poll(Poco::Timespan{0}, Poco::Net::Socket::SELECT_READ)) return false;
        // A reader of events has nothing to say; what it says anyway is dropped.
        return socket().receiveBytes(buffer_.data(), static_cast<int>(buffer_.size())) <= 0;
    } catch (const Poco::TimeoutException&) {
        return false;
    }
}

void Connection::stream(EventReader& reader, const HttpRequest& request, Role role) {
    auto lastWrite = steady_clock::now();
    auto lastCheck = lastWrite;
    while (!stopping_) {
        const auto text = reader.take(500ms);
        if (!text) return;
        if (!text->empty()) {
            if (!send(*text)) return;
            lastWrite = steady_clock::now();
        } else if (steady_clock::now() - lastWrite >= options_.heartbeat) {
            if (!send(": still here\n\n")) return;
            lastWrite = steady_clock::now();
        }
        if (peerIsGone()) return;
        if (steady_clock::now() - lastCheck >= options_.heartbeat) {
            // Who was disabled, demoted or logged out does not go on watching; who watches is not idle.
            const auto identity = core_.identify(request);
            if (!identity || identity->role < role) return;
            lastCheck = steady_clock::now();
        }
    }
}

}  // namespace causeway::admin
