#include "shared/proto/radius/packet.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::radius {

namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kMostShownBytes = 300;

std::string md5(std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    INVARIANT(EVP_Digest(text.data(), text.size(), out, &size, EVP_md5(), nullptr) == 1);
    return {reinterpret_cast<const char*>(out), size};
}

std::string hmacMd5(std::string_view key, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const auto* done = HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
    INVARIANT(done != nullptr);
    return {reinterpret_cast<const char*>(out), size};
}

/// Blocks of 16 bytes, each covered with MD5(secret + block before).
std::string hidePassword(std::string password, std::string_view authenticator, const Secret& secret) {
    password.resize((password.size() + 15) / 16 * 16);
    std::string before(authenticator);
    for (std::size_t block = 0; block < password.size(); block += 16) {
        const auto cover = md5(secret.reveal() + before);
        for (std::size_t i = 0; i < 16; ++i)
            password[block + i] = static_cast<char>(password[block + i] ^ cover[i]);
        before = password.substr(block, 16);
    }
    return password;
}

/// The bytes of the packet with the given authenticator and an empty Message-Authenticator: what is signed.
std::string bytesToSign(Packet packet, std::string_view authenticator) {
    packet.authenticator = std::string(authenticator);
    for (auto& attribute : packet.attributes)
        if (attribute.type == kMessageAuthenticator) attribute.value.assign(kAuthenticatorBytes, '\0');
    return writePacket(packet);
}

AnswerKind kindOf(std::uint8_t code) {
    switch (static_cast<PacketCode>(code)) {
        case PacketCode::AccessAccept:
            return AnswerKind::Accept;
        case PacketCode::AccessReject:
            return AnswerKind::Reject;
        case PacketCode::AccessChallenge:
            return AnswerKind::Challenge;
        case PacketCode::AccessRequest:
            break;
    }
    return AnswerKind::NotOurs;
}

}  // namespace

const Attribute* Packet::find(std::uint8_t type) const {
    const auto at =
        std::find_if(attributes.begin(), attributes.end(), [&](const auto& each) { return each.type == type; });
    return at == attributes.end() ? nullptr : &*at;
}

Result<Packet> parsePacket(std::string_view datagram) {
    if (datagram.size() < kHeaderBytes) return Error{Code::Truncated, "The packet is shorter than its header."};
    const auto byteAt = [&](std::size_t at) { return static_cast<std::uint8_t>(datagram[at]); };
    const std::size_t length = std::size_t{byteAt(2)} * 256 + byteAt(3);
    if (length < kHeaderBytes || length > kMostPacketBytes) return Error{Code::BadInput, "The length is impossible."};
    if (length > datagram.size()) return Error{Code::Truncated, "The packet is shorter than it says."};
    Packet packet;
    packet.code = byteAt(0);
    packet.identifier = byteAt(1);
    packet.authenticator = std::string(datagram.substr(4, kAuthenticatorBytes));
    Cursor in{datagram.substr(kHeaderBytes, length - kHeaderBytes)};
    while (in.ok() && !in.atEnd()) {
        const auto head = in.take(2);
        if (!in.ok()) break;
        const auto size = static_cast<std::uint8_t>(head[1]);
        if (size < 2) return Error{Code::BadInput, "An attribute is shorter than its header."};
        const auto value = in.take(size - 2U);
        if (in.ok()) packet.attributes.push_back({static_cast<std::uint8_t>(head[0]), std::string(value)});
    }
    if (!in.ok()) return Error{Code::Truncated, "The last attribute is cut off."};
    return packet;
}

std::string writePacket(const Packet& packet) {
    INVARIANT(packet.authenticator.size() == kAuthenticatorBytes);
    std::string out{static_cast<char>(packet.code), static_cast<char>(packet.identifier), '\0', '\0'};
    out += packet.authenticator;
    for (const auto& attribute : packet.attributes) {
        INVARIANT(attribute.value.size() <= kMostAttributeBytes);
        out += static_cast<char>(attribute.type);
        out += static_cast<char>(attribute.value.size() + 2);
        out += attribute.value;
    }
    INVARIANT(out.size() <= kMostPacketBytes);
    out[2] = static_cast<char>(out.size() >> 8);
    out[3] = static_cast<char>(out.size() & 255);
    return out;
}

Result<std::string> writeAccessRequest(const AccessRequest& request, const Secret& secret, Signature signature) {
    if (request.userName.empty()) return Error{Code::BadInput, "The user name is empty."};
    if (request.userName.size() > kMostAttributeBytes || request.nasIdentifier.size() > kMostAttributeBytes) {
        return Error{Code::TooLong, "The name is longer than the 253 bytes that RADIUS can carry.", "",
                     "Use a shorter name."};
    }
    const auto& password = request.password.reveal();
    if (password.empty()) return Error{Code::BadInput, "The password is empty."};
    if (password.size() > kMostPasswordBytes) {
        return Error{Code::TooLong, "The password is longer than the 128 bytes that RADIUS can carry.", "",
                     "Use a shorter password."};
    }
    Packet packet{static_cast<std::uint8_t>(PacketCode::AccessRequest), request.identifier, request.authenticator, {}};
    if (signature == Signature::MessageAuthenticator) {
        packet.attributes.push_back({kMessageAuthenticator, std::string(kAuthenticatorBytes, '\0')});
    }
    packet.attributes.push_back({kUserName, request.userName});
    packet.attributes.push_back({kUserPassword, hidePassword(password, request.authenticator, secret)});
    packet.attributes.push_back({kNasIdentifier, request.nasIdentifier});
    if (!request.callingStationId.empty()) {
        packet.attributes.push_back({kCallingStationId, request.callingStationId.substr(0, kMostAttributeBytes)});
    }
    if (signature == Signature::MessageAuthenticator) {
        packet.attributes.front().value = hmacMd5(secret.reveal(), bytesToSign(packet, request.authenticator));
    }
    return writePacket(packet);
}

Answer checkAnswer(std::string_view datagram, std::uint8_t identifier, std::string_view requestAuthenticator,
                   const Secret& secret) {
    const auto packet = parsePacket(datagram);
    if (!packet || packet->identifier != identifier) return {};
    const auto kind = kindOf(packet->code);
    if (kind == AnswerKind::NotOurs) return {};
    auto plain = *packet;
    plain.authenticator = std::string(requestAuthenticator);
    if (!equalInConstantTime(md5(writePacket(plain) + secret.reveal()), packet->authenticator)) {
        return {AnswerKind::BadSecret, {}};
    }
    const auto signatures = std::count_if(packet->attributes.begin(), packet->attributes.end(),
                                          [](const auto& each) { return each.type == kMessageAuthenticator; });
    if (signatures == 0) return {AnswerKind::Unsigned, {}};
    const auto* signature = packet->find(kMessageAuthenticator);
    if (signatures > 1 || signature->value.size() != kAuthenticatorBytes ||
        !equalInConstantTime(hmacMd5(secret.reveal(), bytesToSign(*packet, requestAuthenticator)), signature->value)) {
        return {AnswerKind::BadSignature, {}};
    }
    std::string message;
    for (const auto& attribute : packet->attributes)
        if (attribute.type == kReplyMessage && message.size() < kMostShownBytes) message += attribute.value;
    return {kind, cleanUtf8(cutUtf8(message, kMostShownBytes))};
}

std::string revealPassword(const Packet& request, const Secret& secret) {
    const auto* hidden = request.find(kUserPassword);
    if (!hidden || hidden->value.size() % 16 != 0) return {};
    std::string out = hidden->value;
    std::string before = request.authenticator;
    for (std::size_t block = 0; block < out.size(); block += 16) {
        const auto cover = md5(secret.reveal() + before);
        before = out.substr(block, 16);
        for (std::size_t i = 0; i < 16; ++i)
            out[block + i] = static_cast<char>(out[block + i] ^ cover[i]);
    }
    while (out.ends_with('\0'))
        out.pop_back();
    return out;
}

std::string writeAnswer(PacketCode code, const Packet& request, const Secret& secret, std::vector<Attribute> attributes,
                        Signature signature) {
    Packet packet{static_cast<std::uint8_t>(code), request.identifier, request.authenticator, std::move(attributes)};
    if (signature == Signature::MessageAuthenticator) {
        packet.attributes.insert(packet.attributes.begin(),
                                 {kMessageAuthenticator, std::string(kAuthenticatorBytes, '\0')});
        packet.attributes.front().value = hmacMd5(secret.reveal(), writePacket(packet));
    }
    packet.authenticator = md5(writePacket(packet) + secret.reveal());
    return writePacket(packet);
}

}  // namespace causeway::radius
