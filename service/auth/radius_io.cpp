#include "service/auth/radius_io.h"

#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/NetException.h>

#include <algorithm>
#include <map>
#include <optional>

#include "service/auth/proof_run.h"
#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/base/text.h"
#include "shared/model/template_text.h"

namespace causeway::auth {

namespace {

constexpr std::uint16_t kPort = 1812;
constexpr const char* kTestUser = "causeway-test";

using Poco::Net::DatagramSocket;
using Poco::Net::Socket;

std::string nameOf(const ServerAddress& server) {
    return server.text(kPort);
}

/// Sockets of one login, one a server: connected, so that only this server is heard and refusals come back.
class Conversation {
public:
    Conversation(const std::vector<ServerAddress>& servers, radius::ClientCore& core)
        : servers_(servers), core_(core) {}

    void run() {
        while (!core_.isDone()) {
            for (const auto& packet : core_.takeOutgoing())
                send(packet);
            if (core_.isDone()) break;
            const auto wait = std::max(Duration{1}, core_.nextDeadline() - net::EventLoop::now());
            if (socket_ &&
                socket_->poll(Poco::Timespan(wait.count() * 1000), Socket::SELECT_READ | Socket::SELECT_ERROR)) {
                receive();
            } else if (!socket_) {
                core_.onUnreachable(server_, net::EventLoop::now());
            }
            core_.tick(net::EventLoop::now());
        }
    }
    const std::string& trouble() const { return trouble_; }

private:
    void send(const radius::ClientCore::Outgoing& packet) {
        try {
            if (!socket_ || server_ != packet.server) open(packet.server);
            if (socket_) socket_->sendBytes(packet.bytes.data(), static_cast<int>(packet.bytes.size()));
        } catch (const Poco::Exception&) {
            core_.onUnreachable(packet.server, net::EventLoop::now());
        }
    }
    void open(std::size_t server) {
        socket_.reset();
        server_ = server;
        const auto& wanted = servers_[server];
        const auto addresses = net::resolveServer(wanted.host, wanted.port == 0 ? kPort : wanted.port);
        if (!addresses) {
            trouble_ = addresses.error().text();
            return;
        }
        DatagramSocket socket(addresses->front().family());
        socket.connect(addresses->front());
        socket_ = std::move(socket);
    }
    void receive() {
        try {
            std::string room(radius::kMostPacketBytes + 1, '\0');
            const int got = socket_->receiveBytes(room.data(), static_cast<int>(room.size()));
            room.resize(static_cast<std::size_t>(std::max(got, 0)));
            core_.onDatagram(server_, room, net::EventLoop::now());
        } catch (const Poco::TimeoutException&) {
            return;
        } catch (const Poco::Exception&) {
            // The host sent back that nothing listens on the port.
            core_.onUnreachable(server_, net::EventLoop::now());
        }
    }

    const std::vector<ServerAddress>& servers_;
    radius::ClientCore& core_;
    std::optional<DatagramSocket> socket_;
    std::size_t server_ = 0;
    std::string trouble_;
};

}  // namespace

struct RadiusAuthenticator::Asked {
    radius::LoginResult result = radius::LoginResult::NoAnswer;
    std::string message;
    std::string server;
    bool sawUnreachable = false;
    bool probeWasAnswered = false;
    std::string trouble;
};

RadiusAuthenticator::RadiusAuthenticator(const Provider& provider, const ProviderSecrets& secrets)
    : userName_(provider.value("user_name")),
      nasIdentifier_(provider.value("nas_identifier")),
      tries_(static_cast<int>(provider.number("tries"))),
      tryTime_(provider.number("try_time")) {
    if (auto servers = parseServers(provider.value("servers"))) servers_ = std::move(*servers);
    if (const auto secret = secrets.find("secret"); secret != secrets.end()) secret_ = secret->second;
}

RadiusAuthenticator::Asked RadiusAuthenticator::ask(const std::vector<ServerAddress>& servers,
                                                    const std::string& userName, const Credentials& credentials,
                                                    TimePoint deadline) const {
    radius::ClientRules rules;
    rules.servers = servers.size();
    rules.triesPerServer = tries_;
    rules.tryTime = tryTime_;
    // Half a second of margin: the caller gives up at its deadline.
    rules.deadline = deadline - std::min<Duration>(100ms, (deadline - net::EventLoop::now()) / 10);
    radius::AccessRequest login;
    login.userName = userName;
    login.password = credentials.password;
    login.nasIdentifier = nasIdentifier_;
    login.callingStationId = credentials.from;
    radius::ClientCore core{rules, login, secret_, net::randomBytes, net::EventLoop::now()};
    Conversation conversation{servers, core};
    conversation.run();
    Asked asked;
    asked.result = core.result();
    asked.message = core.message();
    asked.server = servers.empty() ? "" : nameOf(servers[std::min(core.server(), servers.size() - 1)]);
    asked.sawUnreachable = core.sawUnreachable();
    asked.probeWasAnswered = core.probeWasAnswered();
    asked.trouble = conversation.trouble();
    return asked;
}

Verdict RadiusAuthenticator::verdictOf(const Asked& asked) const {
    using radius::LoginResult;
    Verdict verdict;
    verdict.failedAt = "connect";
    const auto said = asked.message.empty() ? std::string{} : " It says: " + asked.message;
    switch (asked.result) {
        case LoginResult::Accept:
            verdict.outcome = Outcome::Right;
            verdict.failedAt.clear();
            break;
        case LoginResult::Reject:
            verdict.outcome = Outcome::WrongPassword;
            verdict.failedAt = "login";
            verdict.why = asked.server +
                          " rejected the login: the password is wrong, the user is unknown, or a rule of "
                          "the server refuses it." +
                          said;
            verdict.todo = "Look into the RADIUS server's log for the reason.";
            break;
        case LoginResult::Challenge:
            verdict.outcome = Outcome::NotAllowed;
            verdict.failedAt = "login";
            verdict.why = asked.server + " wants a second step, such as a code, which chat logins do not have." + said;
            verdict.todo = "Make a rule on the RADIUS server that lets this client log in with the password alone.";
            break;
        case LoginResult::WrongSecret:
            verdict.failedAt = "bind";
            verdict.why = asked.server +
                          " answers, but its answers are signed with another secret. The shared secret is "
                          "wrong here or there.";
            verdict.todo = "Type the shared secret again on both sides.";
            break;
        case LoginResult::Unsigned:
            verdict.failedAt = "bind";
            verdict.why = asked.server +
                          " answers without Message-Authenticator. Such an answer can be forged by anybody "
                          "on the way (CVE-2024-3596), so it does not count.";
            verdict.todo =
                "Update the RADIUS server, or let it add the attribute. FreeRADIUS before 3.2.5: write "
                "\"update reply { Message-Authenticator := 0x00 }\" into post-auth and into Post-Auth-Type "
                "REJECT.";
            break;
        case LoginResult::BadSignature:
            verdict.failedAt = "bind";
            verdict.why = asked.server +
                          " answers with a Message-Authenticator that does not fit. Something on the way "
                          "changes the packets.";
            verdict.todo = "Look for a RADIUS proxy between the two.";
            break;
        case LoginResult::NotSent:
            verdict.outcome = Outcome::WrongPassword;
            verdict.failedAt = "login";
            verdict.why = asked.message;
            break;
        case LoginResult::NoAnswer:
            verdict.why = asked.trouble.empty() ? "" : asked.trouble + " ";
            if (asked.trouble.empty() && asked.sawUnreachable) {
                verdict.why = "Nothing listens at " + asked.server + ": the computer answers that the port is closed.";
                verdict.todo = "Check that the RADIUS server runs and that the port is right.";
            } else if (asked.probeWasAnswered) {
                verdict.why = asked.server + " answers a plain packet but not a signed one.";
                verdict.todo = "Look into the RADIUS server's log: it says why it drops the packets.";
            } else {
                verdict.why += "No answer from " + asked.server + ".";
                verdict.todo =
                    "Check the address, the firewalls for UDP, and that the server's list of clients has the "
                    "address of this machine with this secret: RADIUS servers drop packets of clients that "
                    "they do not know, or whose secret is wrong, without a word.";
            }
            break;
    }
    return verdict;
}

Verdict RadiusAuthenticator::check(const Credentials& credentials, TimePoint deadline) {
    if (credentials.password.empty()) {
        return {Outcome::WrongPassword, "The password is empty.", "", "login"};
    }
    const auto userName = fillTemplate(userName_, [&](std::string_view name) {
        return name == "domain"    ? credentials.domain
               : name == "address" ? credentials.address()
                                   : credentials.localPart;
    });
    auto verdict = verdictOf(ask(servers_, userName, credentials, deadline));
    verdict.person.localPart = credentials.localPart;
    return verdict;
}

Result<std::size_t> RadiusAuthenticator::list(const Take&, TimePoint) {
    return Error{Code::Unsupported, "RADIUS cannot list users.", "The protocol has no question for that.", ""};
}

void RadiusAuthenticator::testServer(ProofStep& step, const ServerAddress& server, TimePoint deadline) const {
    Credentials nobody;
    nobody.localPart = kTestUser;
    nobody.password = Secret{hexText(net::randomBytes(16))};
    nobody.from = "causeway";
    const auto share = std::min<Duration>(
        (deadline - net::EventLoop::now()) / static_cast<std::int64_t>(servers_.size() + 1), tryTime_ * tries_ + 600ms);
    const auto asked = ask({server}, kTestUser, nobody, net::EventLoop::now() + share);
    const auto verdict = verdictOf(asked);
    if (asked.result == radius::LoginResult::Accept) {
        step.state = ProofState::Partly;
        step.why = nameOf(server) + " accepts a user that does not exist with a password made of chance.";
        step.todo = "Look for a rule on the RADIUS server that accepts everybody (Auth-Type := Accept).";
    } else if (asked.result != radius::LoginResult::Reject && asked.result != radius::LoginResult::Challenge) {
        fail(step, verdict.why, verdict.todo);
    }
}

ProofStep RadiusAuthenticator::test(const Credentials* rehearsal, TimePoint deadline) {
    ProofRun run{"RADIUS", net::EventLoop::now};
    run.step("resolve", "Find the server's address", [&](ProofStep& step) {
        step.proves = "The name server knows the servers.";
        for (const auto& server : servers_) {
            const auto addresses = net::resolveServer(server.host, server.port == 0 ? kPort : server.port);
            if (addresses) {
                step.facts.emplace_back(server.host, addresses->front().toString());
            } else {
                step.state = ProofState::Partly;
                step.why = addresses.error().what + " " + addresses.error().why;
                step.todo = addresses.error().todo;
            }
        }
        if (step.facts.empty()) step.state = ProofState::Broken;
    });
    run.step("bind", "Ask about a user who does not exist", [&](ProofStep& step) {
        step.proves = "The server answers this machine, both have the same secret, and answers are signed.";
        std::vector<ProofStep> children;
        for (const auto& server : servers_) {
            ProofStep child;
            child.id = "bind";
            child.name = nameOf(server);
            child.state = ProofState::Fine;
            child.at = run.now();
            testServer(child, server, deadline);
            child.took = run.now() - child.at;
            children.push_back(std::move(child));
        }
        step.state = oneIsEnough(children);
        for (const auto& child : children) {
            if (child.state == ProofState::Fine || !step.why.empty()) continue;
            step.why = child.why;
            step.todo = child.todo;
        }
        if (children.size() == 1) {
            step.facts.emplace_back("Server", children.front().name);
        } else {
            step.children = std::move(children);
        }
    });
    addRehearsal(run, rehearsal, [&] { return check(*rehearsal, deadline); });
    return run.finish();
}

}  // namespace causeway::auth
