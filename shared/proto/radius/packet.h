#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"

namespace causeway::radius {

enum class PacketCode : std::uint8_t {
    AccessRequest = 1,
    AccessAccept = 2,
    AccessReject = 3,
    AccessChallenge = 11,
};

/// Attribute types that we send or read.
enum : std::uint8_t {
    kUserName = 1,
    kUserPassword = 2,
    kReplyMessage = 18,
    kState = 24,
    kCallingStationId = 31,
    kNasIdentifier = 32,
    kProxyState = 33,
    kMessageAuthenticator = 80,
};

constexpr std::size_t kAuthenticatorBytes = 16;
constexpr std::size_t kMostPacketBytes = 4096;
constexpr std::size_t kMostPasswordBytes = 128;
constexpr std::size_t kMostAttributeBytes = 253;

struct Attribute {
    std::uint8_t type = 0;
    std::string value;  ///< 0..253 bytes

    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Shape:  20..4096 bytes: code, identifier, length, 16 bytes of authenticator, attributes.
/// Source: RFC 2865 3.
struct Packet {
    std::uint8_t code = 0;
    std::uint8_t identifier = 0;
    std::string authenticator;  ///< 16 bytes
    std::vector<Attribute> attributes;

    const Attribute* find(std::uint8_t type) const;
    friend bool operator==(const Packet&, const Packet&) = default;
};

/// Bytes beyond the packet's own length are padding and ignored. Errors: Truncated, BadInput.
Result<Packet> parsePacket(std::string_view datagram);
std::string writePacket(const Packet& packet);

/// What a PAP login sends. The password is 1..128 bytes.
struct AccessRequest {
    std::uint8_t identifier = 0;
    std::string authenticator;  ///< 16 unpredictable bytes, never used twice
    std::string userName;       ///< 1..253 bytes
    Secret password;
    std::string nasIdentifier;     ///< 1..253 bytes
    std::string callingStationId;  ///< address of the client, may be empty
};
enum class Signature { MessageAuthenticator, None };
/// The packet with Message-Authenticator as its first attribute. Without signature: only for probing whether a server
/// is there, never with a real password.
/// Errors: TooLong (password over 128 bytes, name over 253), BadInput (empty name).
/// Source: RFC 2865 5.2; RFC 3579 3.2; draft-ietf-radext-deprecating-radius 5 (first attribute).
Result<std::string> writeAccessRequest(const AccessRequest& request, const Secret& secret, Signature signature);

enum class AnswerKind {
    Accept,
    Reject,
    Challenge,
    NotOurs,       ///< malformed, or of another request; to be ignored
    BadSecret,     ///< the Response Authenticator does not fit: another secret, or forged
    Unsigned,      ///< no Message-Authenticator: could be forged by somebody on the way (CVE-2024-3596)
    BadSignature,  ///< a Message-Authenticator that does not fit
};
struct Answer {
    AnswerKind kind = AnswerKind::NotOurs;
    std::string message;  ///< Reply-Message, cleaned for showing; may be empty
};
/// Judges a datagram as the answer to the request with these two marks.
Answer checkAnswer(std::string_view datagram, std::uint8_t identifier, std::string_view requestAuthenticator,
                   const Secret& secret);

/// For servers in tests: the password that a request hides, and a signed answer.
std::string revealPassword(const Packet& request, const Secret& secret);
std::string writeAnswer(PacketCode code, const Packet& request, const Secret& secret, std::vector<Attribute> attributes,
                        Signature signature);

}  // namespace causeway::radius
