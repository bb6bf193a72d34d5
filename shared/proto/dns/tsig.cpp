#include "shared/proto/dns/tsig.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstring>

#include "shared/proto/dns/message.h"
#include "shared/proto/dns/record_shape.h"
#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

constexpr std::string_view kAlgorithm{"\x0bhmac-sha256\0", 13};
constexpr std::size_t kMac = 32;
constexpr std::size_t kLeastMac = 16;
constexpr std::uint16_t kFudge = 300;
constexpr std::size_t kAdditionalCount = 10;

void appendU48(std::string& out, std::uint64_t value) {
    appendU16(out, static_cast<std::uint16_t>(value >> 32));
    appendU32(out, static_cast<std::uint32_t>(value));
}

std::uint64_t readU48(WireReader& in) {
    const std::uint64_t high = in.u16();
    return (high << 32) | in.u32();
}

std::string hmac(const Secret& secret, std::string_view input) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const auto& key = secret.reveal();
    const auto* done =
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const Byte*>(input.data()),
             input.size(), reinterpret_cast<Byte*>(out.data()), &size);
    INVARIANT(done != nullptr);
    out.resize(size);
    return out;
}

struct Variables {
    std::uint64_t time = 0;
    std::uint16_t fudge = kFudge;
    std::uint16_t error = 0;
    std::string_view other;
};

/// RFC 8945 4.3.3; of later messages of a transfer only the timers (5.3.1).
void appendVariables(std::string& out, const Name& keyName, const Variables& variables, bool isFirst) {
    if (isFirst) {
        out += keyName.key();
        appendU16(out, static_cast<std::uint16_t>(Class::Any));
        appendU32(out, 0);
        out += kAlgorithm;
    }
    appendU48(out, variables.time);
    appendU16(out, variables.fudge);
    if (isFirst) {
        appendU16(out, variables.error);
        appendU16(out, static_cast<std::uint16_t>(variables.other.size()));
        out += variables.other;
    }
}

std::string digestInput(std::string_view previousMac, std::string_view message) {
    std::string out;
    if (!previousMac.empty()) {
        appendU16(out, static_cast<std::uint16_t>(previousMac.size()));
        out += previousMac;
    }
    out += message;
    return out;
}

std::size_t append(std::span<Byte> buffer, std::size_t size, const Name& keyName, std::string_view data) {
    std::string record = keyName.wire();
    appendU16(record, static_cast<std::uint16_t>(Type::Tsig));
    appendU16(record, static_cast<std::uint16_t>(Class::Any));
    appendU32(record, 0);
    appendU16(record, static_cast<std::uint16_t>(data.size()));
    record += data;
    if (size < kHeaderSize || record.size() > buffer.size() - size) return 0;
    std::memcpy(buffer.data() + size, record.data(), record.size());
    const unsigned count = ((unsigned{buffer[kAdditionalCount]} << 8) | buffer[kAdditionalCount + 1]) + 1;
    buffer[kAdditionalCount] = static_cast<Byte>(count >> 8);
    buffer[kAdditionalCount + 1] = static_cast<Byte>(count & 0xFFU);
    return size + record.size();
}

std::string dataOf(std::string_view algorithm, const Variables& variables, std::string_view mac, std::uint16_t id) {
    std::string data{algorithm};
    appendU48(data, variables.time);
    appendU16(data, variables.fudge);
    appendU16(data, static_cast<std::uint16_t>(mac.size()));
    data += mac;
    appendU16(data, id);
    appendU16(data, variables.error);
    appendU16(data, static_cast<std::uint16_t>(variables.other.size()));
    data += variables.other;
    return data;
}

Error badMessage(const WireReader& in) {
    return {Code::BadInput, "The signed DNS message is not well formed.", "", "", in.position()};
}

}  // namespace

Result<std::optional<Tsig>> findTsig(std::string_view message) {
    WireReader in{message};
    in.skip(4);
    const auto questions = in.u16();
    const unsigned records = unsigned{in.u16()} + in.u16();
    const unsigned total = records + in.u16();
    for (unsigned i = 0; i < questions && in.ok(); ++i) {
        in.name();
        in.skip(4);
    }
    std::optional<Tsig> found;
    for (unsigned i = 0; i < total && in.ok(); ++i) {
        if (found) return badMessage(in);
        Tsig tsig;
        tsig.offset = in.position();
        tsig.keyName = in.name();
        const auto type = static_cast<Type>(in.u16());
        const auto klass = static_cast<Class>(in.u16());
        const auto ttl = in.u32();
        const auto data = in.take(in.u16());
        if (type != Type::Tsig) continue;
        WireReader inside{data};
        tsig.algorithm = inside.name();
        tsig.time = readU48(inside);
        tsig.fudge = inside.u16();
        tsig.mac = std::string(inside.take(inside.u16()));
        tsig.originalId = inside.u16();
        tsig.error = inside.u16();
        tsig.other = std::string(inside.take(inside.u16()));
        if (!inside.ok() || !inside.atEnd() || klass != Class::Any || ttl != 0 || i < records) return badMessage(in);
        found = std::move(tsig);
    }
    if (!in.ok() || !in.atEnd()) return badMessage(in);
    return found;
}

std::uint16_t verifyTsig(std::string_view message, const Tsig& tsig, const TsigKey& key, std::uint64_t now,
                         std::string_view previousMac) {
    if (tsig.keyName != key.name || tsig.algorithm.key() != kAlgorithm) return kBadKey;
    if (tsig.mac.size() > kMac || tsig.mac.size() < kLeastMac) return tsig.mac.empty() ? kBadSig : kBadTrunc;
    // The message as it was before the record was added: one record less, and the id of its first sender.
    std::string bare{message.substr(0, tsig.offset)};
    if (bare.size() < kHeaderSize) return kBadSig;
    bare[0] = static_cast<char>(tsig.originalId >> 8);
    bare[1] = static_cast<char>(tsig.originalId & 0xFF);
    const unsigned count = ((static_cast<unsigned char>(bare[kAdditionalCount]) << 8U) |
                            static_cast<unsigned char>(bare[kAdditionalCount + 1])) -
                           1U;
    bare[kAdditionalCount] = static_cast<char>((count >> 8) & 0xFFU);
    bare[kAdditionalCount + 1] = static_cast<char>(count & 0xFFU);
    auto input = digestInput(previousMac, bare);
    appendVariables(input, key.name, {tsig.time, tsig.fudge, tsig.error, tsig.other}, true);
    const auto expected = hmac(key.secret, input);
    if (!equalInConstantTime(std::string_view{expected}.substr(0, tsig.mac.size()), tsig.mac)) return kBadSig;
    const auto apart = now > tsig.time ? now - tsig.time : tsig.time - now;
    return apart > tsig.fudge ? kBadTime : std::uint16_t{0};
}

std::size_t TsigSigner::roomFor() const {
    // The other data hold six bytes in an answer to a wrong time.
    return key_.name.wire().size() + 10 + kAlgorithm.size() + 16 + kMac + 6;
}

std::size_t TsigSigner::sign(std::span<Byte> buffer, std::size_t size, std::uint64_t now, std::uint16_t error,
                             std::uint64_t queryTime) {
    if (size < kHeaderSize || size > buffer.size()) return 0;
    std::string serverTime;
    if (error == kBadTime) appendU48(serverTime, now);
    // RFC 8945 5.2.3: the answer to a wrong time carries the time of the query, and ours in the other data.
    const Variables variables{error == kBadTime ? queryTime : now, kFudge, error, serverTime};
    auto input = digestInput(previousMac_, textOf(buffer.first(size)));
    appendVariables(input, key_.name, variables, isFirst_);
    const auto mac = hmac(key_.secret, input);
    const auto id = static_cast<std::uint16_t>((buffer[0] << 8) | buffer[1]);
    const auto end = append(buffer, size, key_.name, dataOf(kAlgorithm, variables, mac, id));
    if (end == 0) return 0;
    previousMac_ = mac;
    isFirst_ = false;
    return end;
}

std::size_t refuseTsig(std::span<Byte> buffer, std::size_t size, const Tsig& asked, std::uint16_t error) {
    if (size < kHeaderSize || size > buffer.size()) return 0;
    const Variables variables{asked.time, asked.fudge, error, {}};
    const auto id = static_cast<std::uint16_t>((buffer[0] << 8) | buffer[1]);
    return append(buffer, size, asked.keyName, dataOf(asked.algorithm.wire(), variables, {}, id));
}

}  // namespace causeway::dns
