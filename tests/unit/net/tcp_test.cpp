#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "service/net/tcp_connection.h"
#include "service/net/tcp_listener.h"
#include "tests/unit/net/net_support.h"
#include "tests/unit/net/test_certificate.h"

using namespace causeway;
using namespace causeway::net;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;
using causeway::net::test::makeCertificate;
using causeway::net::test::RecordingLog;

namespace {

using ConnectionPointer = std::shared_ptr<TcpConnection>;

/// A user of a connection whose behaviour a test puts together.
struct User : TcpUser {
    ConnectionPointer connection;
    std::function<void(std::string_view)> bytes = [](std::string_view) {};
    std::function<void()> secured = [] {};
    std::function<void()> room = [] {};
    Collector<std::string>* received = nullptr;
    Collector<CloseReason>* closed = nullptr;

    void onSecured() override { secured(); }
    void onBytes(std::string_view text) override {
        if (received != nullptr) received->add(std::string(text));
        bytes(text);
    }
    void onRoom() override { room(); }
    void onClosed(const CloseReport& report) override {
        if (closed != nullptr) closed->add(report.reason);
        connection.reset();
    }
};

/// Last among the variables of a test: also when a check fails, the loop ends before what its callbacks use.
struct LoopEnd {
    EventLoop& loop;
    ~LoopEnd() { loop.stop(); }
};

struct Fixture {
    RecordingLog log;
    EventLoop loop{"test", log};
    test::TestCertificate certificate = makeCertificate();
    std::shared_ptr<const TlsContext> serverTls = *TlsContext::server({certificate.certificatePem, certificate.keyPem});
    std::shared_ptr<const TlsContext> clientTls = *TlsContext::client({certificate.certificatePem});
    Collector<CloseReason> serverClosed;
    Collector<CloseReason> clientClosed;
    Collector<std::string> serverReceived;
    Collector<std::string> clientReceived;
    Collector<ConnectionPointer> accepted;
    TcpLimits limits;
    std::function<void(User&)> serverBehaviour = [](User&) {};
    std::unique_ptr<TcpListener> listener;

    Fixture() { loop.start(); }
    ~Fixture() { loop.stop(); }

    template <class F>
    auto onLoop(F work) {
        auto answer = loop.ask("test", kPatience, std::move(work));
        REQUIRE(answer);
        if constexpr (!std::is_void_v<std::remove_reference_t<decltype(answer.value())>>) return std::move(*answer);
    }

    void listen(bool isTls) {
        onLoop([&] {
            TcpListenSettings settings;
            settings.address = "127.0.0.1";
            settings.limits = limits;
            auto opened = TcpListener::open(
                loop, settings,
                [this, isTls](const ConnectionPointer& connection) {
                    auto user = std::make_shared<User>();
                    user->connection = connection;
                    user->closed = &serverClosed;
                    user->received = &serverReceived;
                    serverBehaviour(*user);
                    if (isTls) connection->startTls(serverTls, TlsRole::Server);
                    connection->begin(user);
                    accepted.add(connection);
                },
                log);
            if (opened) listener = std::move(*opened);
        });
        REQUIRE(listener);
    }

    /// A connected client; its user and the connection hold each other.
    std::shared_ptr<User> connect(
        bool isTls, std::function<void(User&)> behaviour = [](User&) {}, const TcpLimits& clientLimits = {}) {
        Collector<std::shared_ptr<User>> ready;
        connectTcp(loop, "127.0.0.1", listener->localPort(), 1h, clientLimits, [&](Result<ConnectionPointer> made) {
            auto user = std::make_shared<User>();
            if (made) {
                user->connection = *made;
                user->closed = &clientClosed;
                user->received = &clientReceived;
                behaviour(*user);
                if (isTls) (*made)->startTls(clientTls, TlsRole::Client, "localhost");
                (*made)->begin(user);
            }
            ready.add(user);
        });
        REQUIRE(ready.waitFor(1));
        auto user = ready.values()[0];
        REQUIRE(user->connection);
        return user;
    }

    static std::string joined(const Collector<std::string>& parts) {
        std::string all;
        for (const auto& each : parts.values())
            all += each;
        return all;
    }
    /// Waits until so many bytes have come.
    static void waitBytes(Collector<std::string>& parts, std::size_t bytes) {
        while (joined(parts).size() < bytes)
            REQUIRE(parts.waitFor(parts.size() + 1));
    }
};

/// Memory in use on the heap, where that can be asked.
std::size_t heapBytes() {
#if defined(__GLIBC__)
    return ::mallinfo2().uordblks;
#else
    return 0;
#endif
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "tcp: 200 TLS connections echo at the same time, and hold no buffers when they are idle") {
    constexpr std::size_t kConnections = 200;
    serverBehaviour = [](User& user) {
        user.bytes = [&user](std::string_view text) { REQUIRE(user.connection->send(text)); };
        user.received = nullptr;
    };
    listen(true);
    const auto before = heapBytes();
    struct Client {
        std::shared_ptr<User> user;
        std::string sent;
        std::string got;
    };
    std::vector<Client> clients(kConnections);
    Collector<std::size_t> done;
    const LoopEnd end{loop};
    for (std::size_t i = 0; i < kConnections; ++i) {
        clients[i].sent = std::string(1 + i * 500, static_cast<char>('a' + i % 26));
        clients[i].user = connect(true, [&, i](User& user) {
            user.received = nullptr;
            user.secured = [&user, &clients, i] {
                REQUIRE(user.connection->tls()->version() == "TLSv1.3");
                REQUIRE(user.connection->send(clients[i].sent));
            };
            user.bytes = [&, i](std::string_view text) {
                clients[i].got += text;
                if (clients[i].got.size() == clients[i].sent.size()) done.add(i);
            };
        });
    }
    REQUIRE(done.waitFor(kConnections));
    // One turn of the loop later the last flush has been done everywhere.
    const auto held = onLoop([&] {
        std::size_t bytes = 0;
        for (const auto& client : clients)
            bytes += client.user->connection->heldBytes();
        for (const auto& connection : accepted.values())
            bytes += connection->heldBytes();
        return bytes;
    });
    CHECK(held == 0);
    CHECK(accepted.size() == kConnections);
    for (auto& client : clients) {
        CHECK(client.got == client.sent);
        std::string{}.swap(client.sent);
        std::string{}.swap(client.got);
    }
    MESSAGE("a pair of idle TLS connections, client and server, takes " << (heapBytes() - before) / kConnections / 1024
                                                                        << " KiB of heap");
    onLoop([&] {
        for (auto& client : clients)
            client.user->connection->close();
    });
    REQUIRE(serverClosed.waitFor(kConnections));
    REQUIRE(clientClosed.waitFor(kConnections));
    for (const auto reason : serverClosed.values())
        CHECK(reason == CloseReason::Peer);
    for (const auto reason : clientClosed.values())
        CHECK(reason == CloseReason::Local);
}

TEST_CASE_FIXTURE(Fixture,
                  "tcp: a peer who does not read is refused more, and gets everything in order when he reads") {
    limits.sendBuffer = 64U << 10;
    constexpr std::size_t kTotal = 10U << 20;  // more than the system's own buffers take
    // Every byte tells its place; 251 divides no buffer size.
    std::string pattern(std::size_t{251} * 400, '\0');
    for (std::size_t i = 0; i < pattern.size(); ++i)
        pattern[i] = static_cast<char>(i % 251);
    std::size_t sent = 0;
    std::size_t mostUnsent = 0;
    Collector<std::size_t> refusals;
    const auto pump = [&](TcpConnection& connection) {
        std::string piece(10'000, '\0');
        while (sent < kTotal) {
            for (std::size_t i = 0; i < piece.size(); ++i)
                piece[i] = static_cast<char>((sent + i) % 251);
            const auto taken = connection.send(piece);
            mostUnsent = std::max(mostUnsent, connection.unsentBytes());
            if (!taken) {
                REQUIRE(taken.error().code == Code::Busy);
                refusals.add(sent);
                return;
            }
            sent += piece.size();
        }
        connection.close();
    };
    serverBehaviour = [&](User& user) {
        user.secured = [&] { pump(*user.connection); };
        user.room = [&] { pump(*user.connection); };
    };
    listen(true);
    std::size_t got = 0;
    bool isInOrder = true;
    Collector<int> secured;
    const LoopEnd end{loop};
    auto client = connect(true, [&](User& user) {
        user.received = nullptr;
        user.secured = [&] {
            user.connection->pauseReading();
            secured.add(1);
        };
        user.bytes = [&](std::string_view text) {
            for (const char c : text)
                isInOrder = isInOrder && c == static_cast<char>(got++ % 251);
        };
    });
    REQUIRE(secured.waitFor(1));
    REQUIRE(refusals.waitFor(1));
    CHECK(onLoop([&] { return sent; }) < kTotal);  // the server stands still
    onLoop([&] { client->connection->resumeReading(); });
    REQUIRE(clientClosed.waitFor(1));
    REQUIRE(serverClosed.waitFor(1));
    CHECK(clientClosed.values()[0] == CloseReason::Peer);
    CHECK(serverClosed.values()[0] == CloseReason::Local);
    CHECK(got == sent);
    CHECK(sent >= kTotal);
    CHECK(isInOrder);
    CHECK(mostUnsent <= limits.sendBuffer + 1024);  // records are a little longer than their text
}

TEST_CASE_FIXTURE(Fixture, "tcp: TLS can begin in the middle of a connection") {
    serverBehaviour = [this](User& user) {
        user.bytes = [this, &user](std::string_view text) {
            if (text != "starttls") {
                REQUIRE(user.connection->send("secret " + std::string(text)));
                return;
            }
            REQUIRE(user.connection->send("proceed"));
            user.connection->startTls(serverTls, TlsRole::Server);
        };
    };
    listen(false);
    auto client = connect(false, [this](User& user) {
        user.bytes = [this, &user](std::string_view text) {
            if (text == "proceed") user.connection->startTls(clientTls, TlsRole::Client, "localhost");
            // Said before the handshake: it must wait for it.
            if (text == "proceed") REQUIRE(user.connection->send("hello"));
        };
    });
    onLoop([&] { REQUIRE(client->connection->send("starttls")); });
    REQUIRE(clientReceived.waitFor(2));
    CHECK(clientReceived.values() == std::vector<std::string>{"proceed", "secret hello"});
    CHECK(serverReceived.values() == std::vector<std::string>{"starttls", "hello"});
    CHECK(onLoop([&] { return client->connection->tls() != nullptr && client->connection->tls()->isReady(); }));
    onLoop([&] { client->connection->abort(); });
    REQUIRE(clientClosed.waitFor(1));
    REQUIRE(serverClosed.waitFor(1));
    CHECK(serverClosed.values()[0] == CloseReason::PeerCut);
}

TEST_CASE_FIXTURE(Fixture, "tcp: an end without TLS's goodbye is a cut, and one of plain TCP is an end") {
    SUBCASE("plain") {
        listen(false);
        auto client = connect(false);
        onLoop([&] {
            REQUIRE(client->connection->send("last words"));
            client->connection->close();
            CHECK_FALSE(client->connection->isOpen());
            CHECK(client->connection->send("too late").error().code == Code::Unavailable);
        });
        REQUIRE(serverClosed.waitFor(1));
        CHECK(serverClosed.values()[0] == CloseReason::Peer);
        CHECK(joined(serverReceived) == "last words");
        REQUIRE(clientClosed.waitFor(1));
        CHECK(clientClosed.values()[0] == CloseReason::Local);
    }
    SUBCASE("TLS") {
        Collector<int> secured;
        const LoopEnd end{loop};
        serverBehaviour = [&](User& user) { user.secured = [&] { secured.add(1); }; };
        listen(true);
        auto client = connect(true);
        REQUIRE(secured.waitFor(1));
        onLoop([&] { client->connection->abort(); });
        REQUIRE(serverClosed.waitFor(1));
        CHECK(serverClosed.values()[0] == CloseReason::PeerCut);
    }
}

TEST_CASE_FIXTURE(Fixture, "tcp: who does not speak TLS to a TLS port is sent away") {
    listen(true);
    auto client = connect(false);
    onLoop([&] { REQUIRE(client->connection->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); });
    REQUIRE(serverClosed.waitFor(1));
    CHECK(serverClosed.values()[0] == CloseReason::Tls);
    REQUIRE(clientClosed.waitFor(1));
    CHECK(serverReceived.size() == 0);
}

TEST_CASE_FIXTURE(Fixture, "tcp: who does not finish the handshake in time is sent away") {
    limits.handshake = 20ms;
    listen(true);
    auto client = connect(false);
    REQUIRE(serverClosed.waitFor(1));
    CHECK(serverClosed.values()[0] == CloseReason::Timeout);
    REQUIRE(clientClosed.waitFor(1));
}

TEST_CASE_FIXTURE(Fixture, "tcp: a peer who never ends his side is not waited for longer than the goodbye") {
    limits.goodbye = 20ms;
    listen(false);
    auto client = connect(false, [](User& user) { user.connection->pauseReading(); });
    REQUIRE(accepted.waitFor(1));
    onLoop([&] { accepted.values()[0]->close(); });
    REQUIRE(serverClosed.waitFor(1));
    CHECK(serverClosed.values()[0] == CloseReason::Local);
    onLoop([&] { client->connection->abort(); });
    REQUIRE(clientClosed.waitFor(1));
}

TEST_CASE_FIXTURE(Fixture, "tcp: a throw of the user is logged and ends his connection, not the loop") {
    serverBehaviour = [](User& user) { user.bytes = [](std::string_view) { throw std::runtime_error("powder"); }; };
    listen(false);
    auto client = connect(false);
    onLoop([&] { REQUIRE(client->connection->send("x")); });
    REQUIRE(serverClosed.waitFor(1));
    REQUIRE(clientClosed.waitFor(1));
    REQUIRE(log.lines.waitFor(1));
    CHECK(log.lines.values()[0].find("NET_TASK_THREW") == 0);
    auto second = connect(false);
    onLoop([&] { second->connection->abort(); });
    REQUIRE(clientClosed.waitFor(2));
}

TEST_CASE_FIXTURE(Fixture, "tcp: a paused user gets nothing until he goes on, and then all of it") {
    serverBehaviour = [](User& user) { user.connection->pauseReading(); };
    SUBCASE("plain") {
        listen(false);
        auto client = connect(false);
        onLoop([&] { REQUIRE(client->connection->send("one two")); });
        REQUIRE(accepted.waitFor(1));
        onLoop([] {});
        CHECK(serverReceived.size() == 0);
        onLoop([&] { accepted.values()[0]->resumeReading(); });
        waitBytes(serverReceived, 7);
        CHECK(joined(serverReceived) == "one two");
        onLoop([&] { client->connection->abort(); });
        REQUIRE(serverClosed.waitFor(1));
    }
    SUBCASE("TLS, paused between two records of one packet") {
        serverBehaviour = [](User& user) {
            user.bytes = [&user](std::string_view) { user.connection->pauseReading(); };
        };
        listen(true);
        auto client = connect(true, [](User& user) {
            user.secured = [&user] {
                REQUIRE(user.connection->send("one "));
                REQUIRE(user.connection->send("two"));
            };
        });
        REQUIRE(serverReceived.waitFor(1));
        onLoop([] {});
        CHECK(serverReceived.values() == std::vector<std::string>{"one "});
        onLoop([&] { accepted.values()[0]->resumeReading(); });
        REQUIRE(serverReceived.waitFor(2));
        CHECK(joined(serverReceived) == "one two");
        onLoop([&] {
            accepted.values()[0]->resumeReading();
            client->connection->close();
        });
        REQUIRE(serverClosed.waitFor(1));
        CHECK(serverClosed.values()[0] == CloseReason::Peer);
        REQUIRE(clientClosed.waitFor(1));
    }
}

TEST_CASE_FIXTURE(Fixture, "tcp: connections can live on another loop than their listener") {
    EventLoop other{"other", log};
    other.start();
    Collector<bool> isOnOther;
    std::unique_ptr<TcpListener> spread;
    onLoop([&] {
        TcpListenSettings settings;
        settings.address = "127.0.0.1";
        settings.chooseLoop = [&other]() -> EventLoop& { return other; };
        auto opened = TcpListener::open(
            loop, settings,
            [&](const ConnectionPointer& connection) {
                isOnOther.add(other.isOwnThread() && &connection->loop() == &other);
            },
            log);
        REQUIRE(opened);
        spread = std::move(*opened);
    });
    Collector<bool> connected;
    const LoopEnd end{loop};
    const LoopEnd otherEnd{other};
    connectTcp(loop, "127.0.0.1", spread->localPort(), 1h, {},
               [&](const Result<ConnectionPointer>& made) { connected.add(made.has_value()); });
    REQUIRE(connected.waitFor(1));
    REQUIRE(isOnOther.waitFor(1));
    CHECK(connected.values()[0]);
    CHECK(isOnOther.values()[0]);
    onLoop([&] { spread.reset(); });
}

TEST_CASE_FIXTURE(Fixture, "tcp: a connection that cannot be made is told with the reason") {
    listen(false);
    const auto port = listener->localPort();
    onLoop([&] { listener.reset(); });
    Collector<Code> failed;
    const LoopEnd end{loop};
    const auto note = [&](const Result<ConnectionPointer>& made) {
        failed.add(made ? Code::Internal : made.error().code);
    };
    connectTcp(loop, "127.0.0.1", port, 1h, {}, note);
    REQUIRE(failed.waitFor(1));
    connectTcp(loop, "not an address", port, 1h, {}, note);
    REQUIRE(failed.waitFor(2));
    CHECK(failed.values() == std::vector{Code::Unavailable, Code::BadInput});
}

TEST_CASE_FIXTURE(Fixture, "tcp listener: a port in use names its holder, other mistakes are told") {
    listen(false);
    TcpListenSettings settings;
    settings.address = "127.0.0.1";
    settings.port = listener->localPort();
    const auto refused = [&] {
        Error error;
        onLoop([&] {
            auto opened = TcpListener::open(
                loop, settings, [](const ConnectionPointer&) {}, log);
            if (!opened) error = opened.error();
        });
        return error;
    };
    auto error = refused();
    CHECK(error.code == Code::Conflict);
#if defined(__linux__)
    CHECK(error.why == "TCP port " + std::to_string(settings.port) + " on 127.0.0.1 is held by unit_net (process " +
                           std::to_string(::getpid()) + ").");
#endif
    settings.address = "203.0.113.77";
    CHECK(refused().code == Code::Unavailable);
    settings.address = "localhost:1";
    CHECK(refused().code == Code::BadInput);
}

TEST_CASE_FIXTURE(Fixture,
                  "tcp listener: out of descriptors it waits without spinning, and goes on when there are some") {
    listen(false);
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    // One descriptor is left, which the client takes; the listener finds none.
    Collector<bool> connected;
    ConnectionPointer held;
    const LoopEnd end{loop};
    onLoop([&] {
        const int next = ::dup(0);
        ::close(next);
        auto tight = before;
        tight.rlim_cur = static_cast<rlim_t>(next) + 1;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
        connectTcp(loop, "127.0.0.1", listener->localPort(), 1h, {}, [&](Result<ConnectionPointer> made) {
            if (made) held = *made;
            connected.add(made.has_value());
        });
    });
    const bool isConnected = connected.waitFor(1);
    const bool isPaused = log.lines.waitFor(1);
    const auto acceptedWhilePaused = accepted.size();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(isConnected);
    REQUIRE(isPaused);
    CHECK(log.lines.values()[0].find("NET_ACCEPT_PAUSED") == 0);
    CHECK(acceptedWhilePaused == 0);
    REQUIRE(accepted.waitFor(1));
    CHECK(log.lines.size() == 1);
    onLoop([&] { held.reset(); });
    REQUIRE(serverClosed.waitFor(1));
}
