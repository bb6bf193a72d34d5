#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/proto/ipmsg/host_list.h"

namespace causeway::ipmsg {

/// Ordered dictionary of IP Messenger "format 3" ("IP2:" len ":" content ":Z"). Values are raw bytes.
class Dict {
public:
    void putText(std::string key, std::string value);
    void putInt(std::string key, std::int64_t value);
    void putDict(std::string key, const Dict& value);
    void putDicts(std::string key, const std::vector<Dict>& values);

    std::optional<std::string_view> text(std::string_view key) const;
    std::optional<std::int64_t> number(std::string_view key) const;
    Result<Dict> dict(std::string_view key) const;
    Result<std::vector<Dict>> dicts(std::string_view key, std::size_t maxItems = 4096) const;
    const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

    /// key ":" len ":" value joined by ":"
    std::string content() const;
    /// "IP2:" len ":" content ":Z"
    std::string packet() const;

    friend bool operator==(const Dict&, const Dict&) = default;

private:
    std::vector<std::pair<std::string, std::string>> entries_;
};

/// Bounds: kMaxDatagram bytes, 256 keys a level, 32 bytes a key. A double key: the first counts for look-ups.
/// Errors: BadInput, Truncated, TooMany, TooLong; `place` is the byte offset.
Result<Dict> parseDictContent(std::string_view content);
Result<Dict> parseDictPacket(std::string_view datagram);

/// RSA-2048 key that signs the server's lists. One for ever per service (facts 9): a new key under an old name is
/// silently refused by clients.
class SigningKey {
public:
    static Result<SigningKey> generate();
    static Result<SigningKey> fromPem(const Secret& pem);
    Secret pem() const;

    std::string modulus() const;                     ///< 256 bytes, big-endian
    std::uint32_t exponent() const;                  ///< 65537
    std::string fingerprint() const;                 ///< 16 hex digits for the user name, facts 11
    std::string sign(std::string_view bytes) const;  ///< 256 bytes, PKCS#1 v1.5 with SHA-256

private:
    struct Impl;
    explicit SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

/// Capability mask of the server: RSA_2048 AES_256 PACKETNO_IV ENCODE_BASE64 SIGN_SHA256 ... as facts 11.
constexpr std::uint32_t kCapabilities = 0x65920006;

std::string fingerprintOfModulus(std::string_view modulusBigEndian);

/// Appends PUBE, PUBN, EF, EC, signs the packed packet, appends SIGN; returns the datagram.
std::string signedPacket(Dict dict, const SigningKey& key);

/// Good: SIGN is last, the signature over the packet without it verifies with the key in PUBN/PUBE, and a fingerprint
/// in UID, if any, matches that key. Errors: BadInput with the reason.
Result<void> verifySignedPacket(std::string_view datagram);

/// Who signs: the same UID, HID, nick and group in every dictionary and in the server's own entry packets.
struct DictSender {
    std::string user;
    std::string host;
    std::string nick;
    std::string group;
    std::uint32_t status = 0;
    std::string version;  ///< CVER, as a VS line
};
struct DictListItem {
    HostListItem who;
    bool isPresent = true;  ///< ACT
};
/// A signed ANSLIST_DICT (0x14). Number 1..; NUM equals the entries, as the client demands.
std::string listDictPacket(const DictSender& sender, std::span<const DictListItem> items, std::uint32_t number,
                           std::int64_t unixTime, const SigningKey& key);
/// Size of one entry inside, to fill a datagram; and of the packet around them with all its numbers at their longest:
/// the sum is never less than the packet, and at most 24 bytes more (packets up to 65,535 bytes).
std::size_t listDictItemBytes(const DictListItem& item);
std::size_t listDictOverheadBytes(const DictSender& sender);

/// ANSPUBKEY body "caps:exponent-modulus", hex.
std::string publicKeyBody(const SigningKey& key);

}  // namespace causeway::ipmsg
