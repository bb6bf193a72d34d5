#include "service/net/tcp_connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "service/net/tcp_connection_asio.h"

namespace causeway::net {

namespace {

using boost::asio::ip::tcp;
using SystemError = boost::system::error_code;

constexpr std::size_t kReadRoom = 64U << 10;
constexpr std::size_t kPlainRoom = 16U << 10;  // one TLS record
constexpr int kReadsPerWakeup = 4;             // then other connections get their turn
constexpr std::size_t kCompactAt = 64U << 10;

bool isWouldBlock(const SystemError& error) {
    return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

/// One for all connections of a loop: bytes are in it only during one callback.
char* readRoom() {
    thread_local const std::unique_ptr<char[]> room{new char[kReadRoom]};
    return room.get();
}
char* plainRoom() {
    thread_local const std::unique_ptr<char[]> room{new char[kPlainRoom]};
    return room.get();
}

class AsioConnection final : public TcpConnection, public EventLoop::Member {
public:
    AsioConnection(EventLoop& loop, tcp::socket socket, const TcpLimits& limits)
        : loop_(loop), socket_(std::move(socket)), limits_(limits) {
        SystemError ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(tcp::no_delay{true}, ignored);  // what leaves together is decided by flushLater()
        socket_.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
        peer_ = socket_.remote_endpoint(ignored);
    }

    void begin(std::shared_ptr<TcpUser> user) override {
        INVARIANT(!user_ && state_ == State::Open);
        user_ = std::move(user);
        membership_ = loop_.enrol(self());
        waitReadable();
    }

    void startTls(std::shared_ptr<const TlsContext> context, TlsRole role, const std::string& serverName) override {
        INVARIANT(!tls_);
        if (state_ != State::Open) return;
        tls_.emplace(std::move(context), role, serverName, out_);
        setTimer(limits_.handshake, "The TLS handshake was not complete in time.");
        if (role == TlsRole::Client) later("tls begin", [](AsioConnection& self) { self.takeIn({}); });
    }

    Result<void> send(std::string_view bytes) override {
        if (state_ != State::Open) {
            return Error{Code::Unavailable, "The data was not sent.", "The connection is closed.", ""};
        }
        if (unsentBytes() + bytes.size() > limits_.sendBuffer) {
            wantsRoom_ = true;
            return Error{Code::Busy, "The data was not sent.", "The peer reads too slowly.", ""};
        }
        if (!tls_) {
            out_.append(bytes);
        } else if (!tls_->isReady()) {
            early_.append(bytes);
        } else if (!tls_->write(bytes)) {
            finish({CloseReason::Tls, tls_->failure()});
            return Error{Code::Unavailable, "The data was not sent.", "The connection is closed.", ""};
        }
        flushLater();
        return {};
    }

    void pauseReading() override { isPaused_ = true; }
    void resumeReading() override {
        if (!isPaused_) return;
        isPaused_ = false;
        later("tcp resume", [](AsioConnection& self) {
            if (!self.isPaused_ && !self.isGone()) self.takeIn(std::exchange(self.kept_, {}));
            self.waitReadable();
        });
    }

    void close() override {
        if (state_ != State::Open) return;
        state_ = State::Closing;
        if (tls_) tls_->sayGoodbye();
        setTimer(limits_.goodbye, "The peer did not take the rest in time.");
        // What a paused user did not take goes with the connection; the peer's end must be seen.
        isPaused_ = false;
        release(kept_);
        flushLater();
        waitReadable();
    }

    void abort() override {
        if (!isGone()) finish({CloseReason::Local, {}});
    }

    /// User and connection mostly hold each other: the end of the loop unties them, nobody else would.
    void onLoopEnded() override { user_.reset(); }

    bool isOpen() const override { return state_ == State::Open; }
    std::string peerAddress() const override { return peer_.address().to_string(); }
    std::uint16_t peerPort() const override { return peer_.port(); }
    std::size_t unsentBytes() const override { return out_.size() - outSent_ + early_.size(); }
    std::size_t heldBytes() const override { return heap(out_) + heap(early_) + heap(kept_); }
    const TlsLayer* tls() const override { return tls_ ? &*tls_ : nullptr; }
    EventLoop& loop() const override { return loop_; }

private:
    enum class State {
        Open,
        Closing,   ///< what waits is being sent
        Finished,  ///< our end is sent, the peer's is awaited
        Gone,      ///< the socket is closed
    };

    bool isGone() const { return state_ == State::Gone; }
    static std::size_t heap(const std::string& text) {
        return text.capacity() > std::string{}.capacity() ? text.capacity() : 0;
    }
    /// Assigning an empty string would keep the memory.
    static void release(std::string& text) { std::string{}.swap(text); }
    std::shared_ptr<AsioConnection> self() { return std::static_pointer_cast<AsioConnection>(shared_from_this()); }

    template <class F>
    void later(const char* name, F action) {
        loop_.post(name, [self = self(), action] { self->orEnd([&] { action(*self); }); });
    }

    /// A throw of the user is logged by the loop; the connection, whose state nobody knows then, ends.
    template <class F>
    void orEnd(F action) {
        try {
            action();
        } catch (...) {
            finish({CloseReason::Local, "an error inside the service"});
            throw;
        }
    }

    // --- in ---

    void waitReadable() {
        if (isGone() || isPaused_ || isWaitingReadable_) return;
        isWaitingReadable_ = true;
        socket_.async_wait(tcp::socket::wait_read, [self = self()](const SystemError& error) {
            self->isWaitingReadable_ = false;
            if (error || self->isGone()) return;
            self->loop_.run("tcp read", [&self] { self->orEnd([&self] { self->readSome(); }); });
            self->waitReadable();
        });
    }

    void readSome() {
        for (int i = 0; i < kReadsPerWakeup && !isGone() && !isPaused_; ++i) {
            SystemError error;
            const auto size = socket_.read_some(boost::asio::buffer(readRoom(), kReadRoom), error);
            if (isWouldBlock(error)) return;
            if (error) {
                onEnd(error);
                return;
            }
            takeIn({readRoom(), size});
        }
    }

    /// TLS has an end of its own: an end of TCP without it may be the work of somebody in between.
    void onEnd(const SystemError& error) {
        if (state_ != State::Open) {
            finish({CloseReason::Local, {}});
        } else if (error == boost::asio::error::eof && !tls_) {
            finish({CloseReason::Peer, {}});
        } else {
            finish({CloseReason::PeerCut, error == boost::asio::error::eof ? "end without goodbye" : error.message()});
        }
    }

    void takeIn(std::string_view bytes) {
        if (!tls_) {
            if (state_ == State::Open && !bytes.empty()) user_->onBytes(bytes);
            return;
        }
        tls_->feed(bytes);
        if (!tls_->isReady() && !shakeHands()) return;
        while (!isGone()) {
            if (isPaused_) {
                kept_.assign(tls_->rest());
                return;
            }
            std::size_t got = 0;
            const auto step = tls_->read(plainRoom(), kPlainRoom, got);
            if (step == TlsLayer::Step::Done) {
                if (state_ == State::Open) user_->onBytes({plainRoom(), got});
                continue;
            }
            if (step == TlsLayer::Step::Closed) {
                finish({state_ == State::Open ? CloseReason::Peer : CloseReason::Local, {}});
            } else if (step == TlsLayer::Step::Failed) {
                tlsFailed();
            }
            break;
        }
        // Answers of TLS itself, such as to a key update.
        if (unsentBytes() > 0) flushLater();
    }

    bool shakeHands() {
        const auto step = tls_->handshake();
        if (step == TlsLayer::Step::Done) {
            if (state_ == State::Open) timer_.reset();
            if (!tls_->write(std::exchange(early_, {}))) {
                tlsFailed();
                return false;
            }
            if (state_ == State::Closing) tls_->sayGoodbye();
            flushLater();
            if (state_ == State::Open) user_->onSecured();
            return true;
        }
        if (step != TlsLayer::Step::WantMore) {
            tlsFailed();
        } else {
            flushLater();
        }
        return false;
    }

    void tlsFailed() {
        // The alert that tells the peer why; once, without waiting.
        SystemError ignored;
        socket_.write_some(boost::asio::buffer(out_.data() + outSent_, out_.size() - outSent_), ignored);
        finish({CloseReason::Tls, tls_->failure()});
    }

    // --- out ---

    /// At the end of the callbacks that run now, so that small sends leave in one packet.
    void flushLater() {
        if (isFlushPosted_ || isWaitingWritable_) return;
        isFlushPosted_ = true;
        later("tcp flush", [](AsioConnection& self) {
            self.isFlushPosted_ = false;
            self.flush();
        });
    }

    void flush() {
        if (isGone()) return;
        while (outSent_ < out_.size()) {
            SystemError error;
            outSent_ += socket_.write_some(boost::asio::buffer(out_.data() + outSent_, out_.size() - outSent_), error);
            if (isWouldBlock(error)) {
                compact();
                waitWritable();
                break;
            }
            if (error) {
                finish({state_ == State::Open ? CloseReason::PeerCut : CloseReason::Local, error.message()});
                return;
            }
        }
        if (outSent_ == out_.size()) {
            release(out_);
            outSent_ = 0;
            if (state_ == State::Closing && early_.empty()) sendEnd();
        }
        if (wantsRoom_ && unsentBytes() <= limits_.sendBuffer / 4 && state_ == State::Open && user_) {
            wantsRoom_ = false;
            user_->onRoom();
        }
    }

    void compact() {
        if (outSent_ < kCompactAt) return;
        out_.erase(0, outSent_);
        outSent_ = 0;
    }

    void waitWritable() {
        isWaitingWritable_ = true;
        socket_.async_wait(tcp::socket::wait_write, [self = self()](const SystemError& error) {
            self->isWaitingWritable_ = false;
            if (error || self->isGone()) return;
            self->loop_.run("tcp write", [&self] { self->orEnd([&self] { self->flush(); }); });
        });
    }

    void sendEnd() {
        state_ = State::Finished;
        SystemError ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }

    // --- end ---

    void setTimer(Duration wait, const char* detail) {
        timer_ = std::make_unique<LoopTimer>(loop_, "tcp timeout", [this, detail] {
            // We asked for the end; that the peer never answered changes nothing about that.
            finish({state_ == State::Open ? CloseReason::Timeout : CloseReason::Local, detail});
        });
        timer_->setAt(EventLoop::now() + wait);
    }

    void finish(CloseReport report) {
        if (isGone()) return;
        state_ = State::Gone;
        SystemError ignored;
        socket_.close(ignored);
        release(out_);
        outSent_ = 0;
        release(early_);
        release(kept_);
        // Later, because this runs inside a callback of the user, of TLS or of the timer. The task owns the user: if
        // the loop ends first, he goes with it.
        later("tcp closed", [report = std::move(report), user = std::exchange(user_, nullptr)](AsioConnection& self) {
            self.timer_.reset();
            if (user) user->onClosed(report);
        });
    }

    EventLoop& loop_;
    tcp::socket socket_;
    TcpLimits limits_;
    tcp::endpoint peer_;
    std::shared_ptr<TcpUser> user_;
    std::shared_ptr<void> membership_;
    State state_ = State::Open;
    bool isPaused_ = false;
    bool isWaitingReadable_ = false;
    bool isWaitingWritable_ = false;
    bool isFlushPosted_ = false;
    bool wantsRoom_ = false;
    std::string out_;  ///< as it goes to the socket
    std::size_t outSent_ = 0;
    std::string early_;  ///< plain text that waits for the handshake
    std::string kept_;   ///< cipher text that came while the user paused
    std::optional<TlsLayer> tls_;
    std::unique_ptr<LoopTimer> timer_;
};

/// A connection attempt; lives in its handlers.
struct Attempt : std::enable_shared_from_this<Attempt> {
    Attempt(EventLoop& onLoop, const TcpLimits& connectionLimits,
            std::function<void(Result<std::shared_ptr<TcpConnection>>)> callback)
        : loop(onLoop), limits(connectionLimits), done(std::move(callback)), socket(onLoop.io()) {}

    EventLoop& loop;
    TcpLimits limits;
    std::function<void(Result<std::shared_ptr<TcpConnection>>)> done;
    tcp::socket socket;
    std::unique_ptr<LoopTimer> timer;
    std::string what;

    void begin(const tcp::endpoint& target, Duration patience) {
        timer = std::make_unique<LoopTimer>(loop, "tcp connect timeout", [this] {
            const auto keep = shared_from_this();
            SystemError ignored;
            socket.close(ignored);
            answer(Error{Code::Timeout, what, "It did not answer in time.",
                         "Look whether it is running and whether a firewall is between."});
        });
        timer->setAt(EventLoop::now() + patience);
        socket.async_connect(target, [self = shared_from_this()](const SystemError& error) {
            self->loop.run("tcp connect", [&] { self->onConnected(error); });
        });
    }

    void onConnected(const SystemError& error) {
        if (!done) return;
        if (error) {
            answer(Error{Code::Unavailable, what, "The system says: " + error.message() + ".",
                         "Look whether the program there is running and the address and port are right."});
            return;
        }
        answer(makeTcpConnection(loop, std::move(socket), limits));
    }

    void answer(Result<std::shared_ptr<TcpConnection>> result) {
        timer->cancel();
        const auto callback = std::exchange(done, nullptr);
        if (callback) callback(std::move(result));
    }
};

}  // namespace

std::shared_ptr<TcpConnection> makeTcpConnection(EventLoop& loop, tcp::socket socket, const TcpLimits& limits) {
    return std::make_shared<AsioConnection>(loop, std::move(socket), limits);
}

void connectTcp(EventLoop& loop, const std::string& address, std::uint16_t port, Duration patience,
                const TcpLimits& limits, std::function<void(Result<std::shared_ptr<TcpConnection>>)> done) {
    SystemError error;
    const auto ip = boost::asio::ip::make_address(address, error);
    auto attempt = std::make_shared<Attempt>(loop, limits, std::move(done));
    attempt->what = "The connection to " + address + " port " + std::to_string(port) + " was not made.";
    loop.post("tcp connect", [attempt, target = tcp::endpoint{ip, port}, patience, isBad = bool(error)] {
        if (!isBad) {
            attempt->begin(target, patience);
        } else {
            attempt->done(Error{Code::BadInput, attempt->what, "It is not an address.", "Give an IP address."});
        }
    });
}

}  // namespace causeway::net
