#include "service/xmpp/door_session.h"

#include <utility>

#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"
#include "shared/proto/xmpp/stream_writer.h"

namespace causeway::xmpp {

StreamRefusal refusalOf(LoginGate gate) {
    switch (gate) {
        case LoginGate::Open:
            return {StreamCondition::UndefinedCondition, "Logins are not available in this version yet."};
        case LoginGate::UnknownDomain:
            return {StreamCondition::HostUnknown,
                    "This server does not serve that chat domain. Check the part behind the @ in your address."};
        case LoginGate::DomainDisabled:
            return {StreamCondition::HostGone, "This chat domain is turned off. Ask your administrator."};
        case LoginGate::DirectoryDown:
            return {StreamCondition::RemoteConnectionFailed,
                    "The user directory of this chat domain does not answer, so nobody can log in now. Your password "
                    "was not asked for. Try again later, or tell your administrator."};
        case LoginGate::SupernodeDown:
            return {StreamCondition::ResourceConstraint,
                    "This chat domain is not ready: its servers are not reachable from end to end. Try again later, or "
                    "tell your administrator."};
    }
    return {StreamCondition::UndefinedCondition, ""};
}

DoorSession::DoorSession(DoorKind kind, Asks asks, const Rules& rules, TimePoint now)
    : asks_(std::move(asks)),
      rules_(rules),
      place_(kind == DoorKind::StartTls ? Place::PlainHeader : Place::Handshake),
      opening_(rules.limits) {
    // The handshake has a time limit of its own, in the connection.
    if (kind == DoorKind::StartTls) deadline_ = now + rules_.opening;
}

void DoorSession::feed(std::string_view bytes, TimePoint now) {
    if (deadline_ && now >= *deadline_) return tick(now);
    if (place_ != Place::PlainHeader && place_ != Place::PlainFeatures && place_ != Place::SecureHeader) return;
    opening_.feed(bytes);
    while (place_ == Place::PlainHeader || place_ == Place::PlainFeatures || place_ == Place::SecureHeader) {
        const auto event = opening_.next();
        if (!event) return;
        onEvent(*event);
    }
}

void DoorSession::onEvent(const OpeningEvent& event) {
    switch (event.kind) {
        case OpeningEvent::Kind::Header:
            return onHeader(event.header);
        case OpeningEvent::Kind::StartTls:
            place_ = Place::WantsTls;
            deadline_.reset();
            return;
        case OpeningEvent::Kind::Element:
            // RFC 6120 5.3.1: TLS is required here, so nothing else may come before it.
            return end({event.name == "auth" ? StreamCondition::PolicyViolation : StreamCondition::NotAuthorized,
                        event.name == "auth" ? "A password may be sent behind STARTTLS only."
                                             : "Only STARTTLS is possible here before the login."});
        case OpeningEvent::Kind::End:
            output_ += streamEnd();
            place_ = Place::Over;
            deadline_.reset();
            return;
        case OpeningEvent::Kind::Failed:
            return end({event.condition, event.text});
    }
}

void DoorSession::onHeader(const StreamHeader& header) {
    if (header.to.empty()) {
        return end(
            {StreamCondition::ImproperAddressing, "The stream header must name the chat domain in its attribute to."});
    }
    const auto name = jid::parseDomain(header.to);
    const auto gate = name ? asks_.gate(name->ascii) : LoginGate::UnknownDomain;
    if (gate == LoginGate::UnknownDomain) return end(refusalOf(gate));
    domain_ = name->ascii;
    sendHeader(domain_, header.from);
    if (place_ == Place::SecureHeader) return end(refusalOf(gate));
    // Everything else about the domain is told behind TLS, where the client believes it.
    output_ += startTlsFeatures();
    place_ = Place::PlainFeatures;
}

void DoorSession::answerTls(TlsAnswer answer) {
    if (place_ != Place::WantsTls) return;
    if (answer == TlsAnswer::NoCertificate) {
        output_ += startTlsFailure();
        condition_ = StreamCondition::ResourceConstraint;
        place_ = Place::Over;
        return;
    }
    output_ += startTlsProceed();
    place_ = Place::Handshake;
}

void DoorSession::secured(TimePoint now) {
    if (place_ != Place::Handshake) return;
    place_ = Place::SecureHeader;
    opening_.restart();
    hasSentHeader_ = false;
    deadline_ = now + rules_.opening;
}

void DoorSession::tick(TimePoint now) {
    if (!deadline_ || now < *deadline_) return;
    end({StreamCondition::ConnectionTimeout, "The stream was not opened in time."});
}

void DoorSession::shutdown() {
    if (place_ == Place::Over) return;
    if (place_ == Place::PlainHeader || place_ == Place::PlainFeatures || place_ == Place::SecureHeader)
        return end({StreamCondition::SystemShutdown, "The server is shutting down."});
    place_ = Place::Over;
}

std::string DoorSession::takeOutput() {
    return std::exchange(output_, {});
}

void DoorSession::sendHeader(const std::string& from, const std::string& to) {
    output_ += streamHeader({from, std::string(cutUtf8(to, 3071)), asks_.newId()});
    hasSentHeader_ = true;
}

/// RFC 6120 4.9.1.2: an error stands inside a stream, so the header goes out first.
void DoorSession::end(const StreamRefusal& refusal) {
    if (!hasSentHeader_) sendHeader(domain_, "");
    output_ += streamError(refusal.condition, refusal.text);
    condition_ = refusal.condition;
    place_ = Place::Over;
    deadline_.reset();
}

}  // namespace causeway::xmpp
