#include "shared/proto/radius/client_core.h"

#include <algorithm>
#include <utility>

namespace causeway::radius {

ClientCore::ClientCore(ClientRules rules, AccessRequest login, Secret secret,
                       std::function<std::string(std::size_t)> random, TimePoint now)
    : rules_(rules), login_(std::move(login)), secret_(std::move(secret)), random_(std::move(random)) {
    startServer(now);
}

std::vector<ClientCore::Outgoing> ClientCore::takeOutgoing() {
    return std::exchange(outgoing_, {});
}

void ClientCore::startServer(TimePoint now) {
    if (server_ >= rules_.servers || now >= rules_.deadline) {
        if (server_ > 0) --server_;
        if (badAnswer_) server_ = badServer_;
        finish(badAnswer_.value_or(LoginResult::NoAnswer));
        return;
    }
    tries_ = 0;
    isProbing_ = false;
    login_.authenticator = random_(kAuthenticatorBytes);
    login_.identifier = static_cast<std::uint8_t>(random_(1).front());
    auto packet = writeAccessRequest(login_, secret_, Signature::MessageAuthenticator);
    if (!packet) {
        finish(LoginResult::NotSent, packet.error().text());
        return;
    }
    packet_ = std::move(*packet);
    sendAgain(now);
}

void ClientCore::sendAgain(TimePoint now) {
    ++tries_;
    outgoing_.push_back({server_, packet_});
    next_ = std::min(now + rules_.tryTime, rules_.deadline);
}

void ClientCore::sendProbe(TimePoint now) {
    isProbing_ = true;
    AccessRequest probe;
    probe.authenticator = login_.authenticator = random_(kAuthenticatorBytes);
    probe.identifier = login_.identifier = static_cast<std::uint8_t>(login_.identifier + 1);
    probe.userName = "causeway-probe";
    probe.password = Secret{random_(kAuthenticatorBytes)};
    probe.nasIdentifier = login_.nasIdentifier;
    auto packet = writeAccessRequest(probe, secret_, Signature::None);
    INVARIANT(packet);
    outgoing_.push_back({server_, std::move(*packet)});
    next_ = std::min(now + rules_.probeTime, rules_.deadline);
}

void ClientCore::giveUpServer(TimePoint now) {
    ++server_;
    startServer(now);
}

void ClientCore::onDatagram(std::size_t server, std::string_view bytes, TimePoint now) {
    if (isDone() || server != server_) return;
    auto answer = checkAnswer(bytes, login_.identifier, login_.authenticator, secret_);
    if (isProbing_ && answer.kind != AnswerKind::NotOurs) {
        // Whatever it says is about the probe. Only the secret is of interest.
        probeWasAnswered_ = true;
        if (answer.kind == AnswerKind::BadSecret && !badAnswer_) {
            badAnswer_ = LoginResult::WrongSecret;
            badServer_ = server_;
        }
        giveUpServer(now);
        return;
    }
    const auto note = [&](LoginResult result) {
        badAnswer_ = result;
        badServer_ = server_;
    };
    switch (answer.kind) {
        case AnswerKind::NotOurs:
            return;
        case AnswerKind::Accept:
            return finish(LoginResult::Accept, std::move(answer.message));
        case AnswerKind::Reject:
            return finish(LoginResult::Reject, std::move(answer.message));
        case AnswerKind::Challenge:
            return finish(LoginResult::Challenge, std::move(answer.message));
        case AnswerKind::BadSecret:
            return note(LoginResult::WrongSecret);
        case AnswerKind::Unsigned:
            return note(LoginResult::Unsigned);
        case AnswerKind::BadSignature:
            return note(LoginResult::BadSignature);
    }
}

void ClientCore::onUnreachable(std::size_t server, TimePoint now) {
    if (isDone() || server != server_) return;
    sawUnreachable_ = true;
    giveUpServer(now);
}

void ClientCore::tick(TimePoint now) {
    if (isDone() || now < next_) return;
    if (now >= rules_.deadline) {
        if (badAnswer_) server_ = badServer_;
        finish(badAnswer_.value_or(LoginResult::NoAnswer));
    } else if (isProbing_) {
        giveUpServer(now);
    } else if (badAnswer_ && badServer_ == server_) {
        // The server answers, only not as it should: asking again changes nothing.
        giveUpServer(now);
    } else if (tries_ < rules_.triesPerServer) {
        sendAgain(now);
    } else if (rules_.probeTime > Duration{0}) {
        sendProbe(now);
    } else {
        giveUpServer(now);
    }
}

void ClientCore::finish(LoginResult result, std::string message) {
    result_ = result;
    message_ = std::move(message);
}

}  // namespace causeway::radius
