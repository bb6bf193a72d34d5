#include "service/dns/resolver_io.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <utility>

namespace causeway::dns {

namespace {

namespace asio = boost::asio;
using SystemError = boost::system::error_code;

constexpr std::size_t kAtOnce = 32;  // a small resolver may drop more
constexpr unsigned kTries = 3;

asio::ip::address addressOf(const IpAddress& ip) {
    if (!ip.isV6) return asio::ip::address_v4{ip.ip4()};
    return asio::ip::address_v6{ip.bytes};
}

std::uint16_t randomId() {
    static thread_local std::random_device source;
    return static_cast<std::uint16_t>(source());
}

/// One question on its way. Keeps itself alive by its handlers; calls `done` once.
class Ask : public std::enable_shared_from_this<Ask> {
public:
    Ask(asio::io_context& io, const Endpoint& resolver, CheckQuestion question, Duration pause,
        std::function<void(CheckReply)> done)
        : resolver_(resolver),
          question_(std::move(question)),
          pause_(pause),
          done_(std::move(done)),
          socket_(io),
          stream_(io),
          timer_(io) {}

    void start() {
        Message message;
        message.header.id = id_ = randomId();
        message.header.isRecursionDesired = true;
        message.questions.push_back({question_.name, question_.type, Class::In});
        message.edns = Edns{};
        auto bytes = writeMessage(message);
        INVARIANT(bytes);
        query_ = std::move(*bytes);
        const asio::ip::udp::endpoint to{addressOf(resolver_.address), resolver_.port};
        SystemError error;
        socket_.open(to.protocol(), error);
        // Connected: the system then drops what comes from others, and tells when nobody listens.
        if (!error) socket_.connect(to, error);
        if (error) return fail(error.message());
        receive();
        send();
    }

private:
    void send() {
        if (isDone_) return;
        if (tries_++ == kTries) return fail("it did not answer in time");
        socket_.async_send(asio::buffer(query_), [self = shared_from_this()](const SystemError& error, std::size_t) {
            if (error && error != asio::error::operation_aborted) self->fail(error.message());
        });
        timer_.expires_after(pause_);
        timer_.async_wait([self = shared_from_this()](const SystemError& error) {
            if (!error) self->send();
        });
    }

    void receive() {
        socket_.async_receive(asio::buffer(received_),
                              [self = shared_from_this()](const SystemError& error, std::size_t size) {
                                  if (self->isDone_) return;
                                  if (error) return self->fail(error.message());
                                  if (!self->take({self->received_.data(), size}, true)) self->receive();
                              });
    }

    /// False: not our answer.
    bool take(std::string_view bytes, bool mayBeCut) {
        auto message = parseMessage(bytes);
        if (!message || !message->header.isResponse || message->header.id != id_) return false;
        const bool isOurs = message->questions.size() == 1 && message->questions[0].name == question_.name &&
                            message->questions[0].type == question_.type;
        // Servers that do not know EDNS may leave out the question of an error.
        if (!isOurs && message->header.rcode == 0) return false;
        if (mayBeCut && message->header.isTruncated) {
            askByTcp();
            return true;
        }
        finish({question_, std::move(*message), std::nullopt});
        return true;
    }

    void askByTcp() {
        timer_.cancel();
        SystemError ignored;
        socket_.close(ignored);
        const auto size = query_.size();
        query_.insert(0, {static_cast<char>(size >> 8), static_cast<char>(size & 0xFF)});
        stream_.async_connect(
            {addressOf(resolver_.address), resolver_.port}, [self = shared_from_this()](const SystemError& error) {
                if (error) return self->fail("its answer is too long for UDP, and by TCP: " + error.message());
                self->writeTcp();
            });
    }

    void writeTcp() {
        asio::async_write(stream_, asio::buffer(query_),
                          [self = shared_from_this()](const SystemError& error, std::size_t) {
                              if (error) return self->fail(error.message());
                              self->readLength();
                          });
    }

    void readLength() {
        asio::async_read(stream_, asio::buffer(received_, 2),
                         [self = shared_from_this()](const SystemError& error, std::size_t) {
                             if (error) return self->fail(error.message());
                             const auto high = static_cast<unsigned char>(self->received_[0]);
                             const auto low = static_cast<unsigned char>(self->received_[1]);
                             self->readBody((std::size_t{high} << 8) | low);
                         });
    }

    void readBody(std::size_t size) {
        asio::async_read(stream_, asio::buffer(received_, size),
                         [self = shared_from_this()](const SystemError& error, std::size_t read) {
                             if (error) return self->fail(error.message());
                             if (!self->take({self->received_.data(), read}, false))
                                 self->fail("its answer by TCP is not well formed");
                         });
    }

    void fail(const std::string& why) {
        finish({question_, std::nullopt,
                Error{Code::Unavailable, "The resolver " + resolver_.text() + " did not answer.", why + ".", ""}});
    }

    void finish(CheckReply reply) {
        if (std::exchange(isDone_, true)) return;
        timer_.cancel();
        SystemError ignored;
        socket_.close(ignored);
        stream_.close(ignored);
        done_(std::move(reply));
    }

    Endpoint resolver_;
    CheckQuestion question_;
    Duration pause_;
    std::function<void(CheckReply)> done_;
    asio::ip::udp::socket socket_;
    asio::ip::tcp::socket stream_;
    asio::steady_timer timer_;
    std::uint16_t id_ = 0;
    unsigned tries_ = 0;
    bool isDone_ = false;
    std::string query_;
    std::array<char, kMaxMessage> received_;
};

}  // namespace

std::vector<CheckReply> askResolver(const Endpoint& resolver, const std::vector<CheckQuestion>& questions,
                                    Duration patience) {
    std::vector<CheckReply> replies(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        replies[i].question = questions[i];
        replies[i].failure =
            Error{Code::Timeout, "The resolver " + resolver.text() + " did not answer in time.", "", ""};
    }
    asio::io_context io{1};
    std::size_t next = 0;
    const std::function<void()> startNext = [&] {
        if (next >= questions.size()) return;
        const auto index = next++;
        std::make_shared<Ask>(io, resolver, questions[index], patience / (kTries + 1), [&, index](CheckReply reply) {
            replies[index] = std::move(reply);
            startNext();
        })->start();
    };
    for (std::size_t i = 0; i < kAtOnce; ++i)
        startNext();
    io.run_for(patience);
    return replies;
}

Result<std::vector<Endpoint>> systemResolvers() {
    std::ifstream in{"/etc/resolv.conf"};
    if (!in) {
        return Error{Code::NotFound, "The resolvers of this computer are not known.",
                     "There is no /etc/resolv.conf here.", "Give the address of a resolver by hand."};
    }
    return parseResolvConf(std::string{std::istreambuf_iterator<char>{in}, {}});
}

}  // namespace causeway::dns
