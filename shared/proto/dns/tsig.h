#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/secret.h"
#include "shared/proto/dns/name.h"

namespace causeway::dns {

/// A shared key of two servers; HMAC-SHA256, the one algorithm that every server has (RFC 8945 6).
struct TsigKey {
    Name name;
    Secret secret;  ///< raw bytes
};

/// What a TSIG record says.
struct Tsig {
    Name keyName;
    Name algorithm;
    std::uint64_t time = 0;  ///< seconds since 1970, 48 bits
    std::uint16_t fudge = 300;
    std::string mac;
    std::uint16_t originalId = 0;
    std::uint16_t error = 0;
    std::string other;
    std::size_t offset = 0;  ///< where the record begins in the message
};

constexpr std::uint16_t kBadSig = 16;
constexpr std::uint16_t kBadKey = 17;
constexpr std::uint16_t kBadTime = 18;
constexpr std::uint16_t kBadTrunc = 22;

/// The TSIG record at the end of a message; nothing if it has none.
/// Errors: BadInput (the message is not well formed, or the record is not the last).
Result<std::optional<Tsig>> findTsig(std::string_view message);

/// 0, or the TSIG error (kBadSig ...). `previousMac`: for a response the MAC of its query, else empty.
/// A shortened MAC is good from 16 bytes on (RFC 8945 5.2.2.1).
std::uint16_t verifyTsig(std::string_view message, const Tsig& tsig, const TsigKey& key, std::uint64_t now,
                         std::string_view previousMac = {});

/// Signs one message, or the messages of one transfer in a row.
class TsigSigner {
public:
    /// `queryMac` is empty when a query is signed.
    TsigSigner(TsigKey key, std::string queryMac) : key_(std::move(key)), previousMac_(std::move(queryMac)) {}

    /// Appends the record to the message in the first `size` bytes. Returns the new size; 0 if the buffer is too
    /// small; roomFor() tells how much is needed. `error` is kBadTime or 0.
    std::size_t sign(std::span<Byte> buffer, std::size_t size, std::uint64_t now, std::uint16_t error = 0,
                     std::uint64_t queryTime = 0);
    std::size_t roomFor() const;
    const std::string& lastMac() const { return previousMac_; }

private:
    TsigKey key_;
    std::string previousMac_;
    bool isFirst_ = true;
};

/// Appends an unsigned TSIG record, as the answer to a wrong key or signature demands. Returns the new size or 0.
std::size_t refuseTsig(std::span<Byte> buffer, std::size_t size, const Tsig& asked, std::uint16_t error);

}  // namespace causeway::dns
