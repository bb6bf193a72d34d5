#include "service/dns/responder.h"

#include <algorithm>
#include <cstring>

#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

constexpr std::size_t kOptSize = 11;
constexpr std::size_t kOptionHead = 4;
constexpr std::size_t kLongestCookie = kClientCookie + 32;

unsigned byteAt(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t u16At(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>((byteAt(bytes, at) << 8) | byteAt(bytes, at + 1));
}

void put16(std::span<Byte> out, std::size_t at, unsigned value) {
    out[at] = static_cast<Byte>((value >> 8) & 0xFFU);
    out[at + 1] = static_cast<Byte>(value & 0xFFU);
}

std::uint32_t seconds(TimePoint now) {
    return static_cast<std::uint32_t>(epochMillis(now) / 1000);
}

/// Types that are questions about the server, not about data (RFC 6895 3.1).
bool isMetaType(Type type) {
    const auto number = static_cast<unsigned>(type);
    return type == Type::Opt || (number >= 128 && number < 255);
}

}  // namespace

struct Responder::Query {
    std::string_view bytes;
    LookupName name;
    std::size_t questionEnd = 0;
    Type type = Type::A;
    Class klass = Class::In;
    bool hasQuestion = true;
    bool hasEdns = false;
    bool isDnssecOk = false;
    std::uint8_t version = 0;
    std::uint16_t payload = kPlainUdpPayload;
    bool hasCookie = false;
    std::string_view clientCookie;
    std::string_view serverCookie;
    bool hasTsig = false;
    std::size_t reserved = 0;  ///< bytes of the response that a signature will take
};

/// What the response will be.
struct Responder::Draft {
    Rcode rcode = Rcode::NoError;
    bool isAuthoritative = false;
    bool isTruncated = false;
    const Prepared* prepared = nullptr;
    const Negative* negative = nullptr;
    std::size_t shift = 0;  ///< of the pointers in `negative`
};

bool Responder::readOpt(std::string_view options, Query& query) {
    while (!options.empty()) {
        if (options.size() < kOptionHead) return false;
        const auto code = u16At(options, 0);
        const std::size_t length = u16At(options, 2);
        if (length > options.size() - kOptionHead) return false;
        const auto data = options.substr(kOptionHead, length);
        options.remove_prefix(kOptionHead + length);
        if (code != kCookieOption || query.hasCookie) continue;
        // RFC 7873 5.2.2: 8 bytes, or 16 to 40.
        if (length != kClientCookie && (length < 2 * kClientCookie || length > kLongestCookie)) return false;
        query.hasCookie = true;
        query.clientCookie = data.substr(0, kClientCookie);
        query.serverCookie = data.substr(kClientCookie);
    }
    return true;
}

bool Responder::readAdditional(std::string_view bytes, Query& query) {
    const auto count = u16At(bytes, 10);
    std::size_t at = query.questionEnd;
    // IXFR carries the SOA that the client has.
    const unsigned others = unsigned{u16At(bytes, 6)} + u16At(bytes, 8);
    if (others > (query.type == Type::Ixfr ? 1U : 0U)) return false;
    for (unsigned i = 0; i < others + count; ++i) {
        const bool isOpt = i >= others && at + kOptSize <= bytes.size() && byteAt(bytes, at) == 0 &&
                           u16At(bytes, at + 1) == static_cast<unsigned>(Type::Opt);
        if (isOpt) {
            const std::size_t length = u16At(bytes, at + 9);
            if (query.hasEdns || length > bytes.size() - at - kOptSize) return false;
            query.hasEdns = true;
            query.payload = u16At(bytes, at + 3);
            query.version = static_cast<std::uint8_t>(byteAt(bytes, at + 6));
            query.isDnssecOk = (byteAt(bytes, at + 7) & 0x80U) != 0;
            if (!readOpt(bytes.substr(at + kOptSize, length), query)) return false;
            at += kOptSize + length;
            continue;
        }
        // Anything else is rare. Names may be compressed here, hence the whole message.
        WireReader in{bytes};
        in.skip(at);
        in.name();
        const auto type = static_cast<Type>(in.u16());
        in.skip(6);
        in.skip(in.u16());
        if (!in.ok() || query.hasTsig || type == Type::Opt) return false;
        query.hasTsig = type == Type::Tsig;
        at = in.position();
    }
    return at == bytes.size();
}

Responder::Shape Responder::read(std::string_view bytes, Query& query) {
    query.bytes = bytes;
    const auto questions = u16At(bytes, 4);
    if (questions == 0) {
        // RFC 7873 5.4: a client that only wants a cookie.
        query.hasQuestion = false;
        query.questionEnd = kHeaderSize;
        return readAdditional(bytes, query) && query.hasCookie ? Shape::Good : Shape::Malformed;
    }
    if (questions != 1 || !query.name.read(bytes, kHeaderSize)) return Shape::Malformed;
    const auto nameEnd = kHeaderSize + query.name.size;
    if (bytes.size() < nameEnd + 4) return Shape::Malformed;
    query.type = static_cast<Type>(u16At(bytes, nameEnd));
    query.klass = static_cast<Class>(u16At(bytes, nameEnd + 2));
    query.questionEnd = nameEnd + 4;
    return readAdditional(bytes, query) ? Shape::Good : Shape::Malformed;
}

std::size_t Responder::headerOnly(std::string_view bytes, Rcode rcode, std::span<Byte> out) {
    counters_.malformed.add();
    std::fill_n(out.begin(), kHeaderSize, Byte{0});
    out[0] = static_cast<Byte>(bytes[0]);
    out[1] = static_cast<Byte>(bytes[1]);
    out[2] = static_cast<Byte>(0x80U | (byteAt(bytes, 2) & 0x79U));  // QR; operation and RD as asked
    out[3] = static_cast<Byte>(rcode);
    return kHeaderSize;
}

std::size_t Responder::answer(std::string_view bytes, const Asker& asker, std::span<Byte> out) {
    counters_.queries.add();
    // Answering an answer would let two servers talk for ever.
    if (bytes.size() < kHeaderSize || (byteAt(bytes, 2) & 0x80U) != 0 || out.size() < kPlainUdpPayload) {
        counters_.malformed.add();
        return 0;
    }
    Query query;
    const bool isQuery = ((byteAt(bytes, 2) >> 3) & 0xFU) == static_cast<unsigned>(Opcode::Query);
    if (!isQuery || read(bytes, query) != Shape::Good) {
        if (asker.transport == Transport::Udp &&
            shared_.limiter.take(asker.address, static_cast<std::uint32_t>(epochMillis(asker.now))) !=
                RateLimiter::Verdict::Send) {
            counters_.limited.add();
            return 0;
        }
        return headerOnly(bytes, isQuery ? Rcode::FormErr : Rcode::NotImp, out);
    }
    if (query.hasTsig) return answerSigned(bytes, query, asker, out);
    return respond(query, asker, out, asker.transport == Transport::Tcp);
}

std::size_t Responder::answerSigned(std::string_view bytes, Query& query, const Asker& asker, std::span<Byte> out) {
    const auto found = findTsig(bytes);
    if (!found || !*found) return headerOnly(bytes, Rcode::FormErr, out);
    const auto& tsig = **found;
    const auto* key = reader_.current().key(tsig.keyName);
    const auto now = static_cast<std::uint64_t>(epochMillis(asker.now) / 1000);
    const auto wrong = key ? verifyTsig(bytes, tsig, *key, now) : kBadKey;
    if (wrong == 0) {
        TsigSigner signer{*key, tsig.mac};
        query.reserved = signer.roomFor();
        const auto size = respond(query, asker, out, true);
        return size == 0 ? 0 : signer.sign(out, size, now);
    }
    if (asker.transport == Transport::Udp &&
        shared_.limiter.take(asker.address, static_cast<std::uint32_t>(epochMillis(asker.now))) !=
            RateLimiter::Verdict::Send) {
        counters_.limited.add();
        return 0;
    }
    Draft draft;
    draft.rcode = Rcode::NotAuth;
    counters_.refused.add();
    const auto size = write(query, asker, draft, out);
    if (wrong == kBadTime) return TsigSigner{*key, tsig.mac}.sign(out, size, now, kBadTime, tsig.time);
    return refuseTsig(out, size, tsig, wrong);
}

std::size_t Responder::respond(const Query& query, const Asker& asker, std::span<Byte> out, bool isProven) {
    Draft draft;
    if (!isProven && !query.serverCookie.empty()) {
        isProven = shared_.cookies.isGood(query.clientCookie, query.serverCookie, asker.address, seconds(asker.now));
    }
    if (!isProven && shared_.cookiePolicy == CookiePolicy::Demand) {
        if (query.hasCookie) {
            draft.rcode = Rcode::BadCookie;
        } else {
            draft.isTruncated = true;
        }
    } else {
        decide(query, asker, draft);
    }
    if (!isProven) {
        const auto verdict = shared_.limiter.take(asker.address, static_cast<std::uint32_t>(epochMillis(asker.now)));
        if (verdict != RateLimiter::Verdict::Send) {
            counters_.limited.add();
            if (verdict == RateLimiter::Verdict::Drop) return 0;
            draft = Draft{};
            draft.isTruncated = true;
        }
    }
    return write(query, asker, draft, out);
}

void Responder::decide(const Query& query, const Asker& asker, Draft& draft) {
    if (query.hasEdns && query.version != 0) {
        draft.rcode = Rcode::BadVers;
        counters_.malformed.add();
        return;
    }
    if (!query.hasQuestion) return;
    if (query.klass != Class::In) {
        draft.rcode = Rcode::Refused;
        counters_.refused.add();
        return;
    }
    if (isMetaType(query.type)) {
        // Transfers by TCP do not come here. IXFR by UDP is told to come by TCP.
        draft.isTruncated = query.type == Type::Ixfr && asker.transport == Transport::Udp;
        if (!draft.isTruncated) {
            const bool isTransfer = query.type == Type::Axfr || query.type == Type::Opt;
            draft.rcode = isTransfer ? Rcode::FormErr : Rcode::NotImp;
        }
        counters_.malformed.add();
        return;
    }
    const auto found = reader_.current().table.find(query.name, query.type, asker.address);
    if (!found.zone) {
        draft.rcode = Rcode::Refused;
        counters_.refused.add();
        return;
    }
    found.zone->counters->count(worker_, asker.now);
    draft.isAuthoritative = true;
    if (found.prepared) {
        draft.prepared = found.prepared;
        draft.rcode = static_cast<Rcode>(found.prepared->rcode);
        counters_.answered.add();
        return;
    }
    draft.negative = found.negative;
    draft.shift = found.apexOffset;
    if (found.nameExists) {
        counters_.noData.add();
    } else {
        draft.rcode = Rcode::NxDomain;
        counters_.noName.add();
    }
}

std::size_t Responder::write(const Query& query, const Asker& asker, const Draft& draft, std::span<Byte> out) {
    std::size_t most = out.size();
    if (asker.transport == Transport::Udp) {
        const auto offered =
            query.hasEdns ? std::clamp(query.payload, kPlainUdpPayload, kUdpPayload) : kPlainUdpPayload;
        most = std::min<std::size_t>(most, offered);
    }
    most -= std::min(most, query.reserved);
    const auto optSize =
        query.hasEdns ? kOptSize + (query.hasCookie ? kOptionHead + kClientCookie + kServerCookie : 0) : std::size_t{0};

    std::memcpy(out.data(), query.bytes.data(), query.questionEnd);
    auto size = query.questionEnd;
    unsigned answers = 0;
    unsigned authorities = 0;
    unsigned additionals = 0;
    bool isTruncated = draft.isTruncated;
    if (draft.prepared) {
        const auto& prepared = *draft.prepared;
        auto bodySize = prepared.body.size();
        additionals = prepared.additionals;
        if (size + bodySize + optSize > most) {
            // The additional section is a service only; what was asked for is not (RFC 2181 9).
            bodySize = prepared.withoutAdditional;
            additionals = 0;
        }
        if (size + bodySize + optSize > most) {
            isTruncated = true;
        } else {
            std::memcpy(out.data() + size, prepared.body.data(), bodySize);
            size += bodySize;
            answers = prepared.answers;
            authorities = prepared.authorities;
        }
    } else if (draft.negative) {
        const auto& negative = *draft.negative;
        if (size + negative.body.size() + optSize > most) {
            isTruncated = true;
        } else {
            std::memcpy(out.data() + size, negative.body.data(), negative.body.size());
            for (const auto place : negative.pointers) {
                const auto at = size + place;
                const unsigned pointer = (unsigned{out[at]} << 8) | out[at + 1];
                put16(out, at, pointer + static_cast<unsigned>(draft.shift));
            }
            size += negative.body.size();
            authorities = 1;
        }
    }
    if (isTruncated) counters_.truncated.add();

    const auto rcode = static_cast<unsigned>(draft.rcode);
    if (query.hasEdns) {
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(size), kOptSize, Byte{0});
        out[size + 2] = static_cast<Byte>(Type::Opt);
        put16(out, size + 3, kUdpPayload);
        out[size + 5] = static_cast<Byte>(rcode >> 4);
        out[size + 7] = query.isDnssecOk ? Byte{0x80} : Byte{0};
        put16(out, size + 9, static_cast<unsigned>(optSize - kOptSize));
        auto at = size + kOptSize;
        if (query.hasCookie) {
            put16(out, at, kCookieOption);
            put16(out, at + 2, kClientCookie + kServerCookie);
            std::memcpy(out.data() + at + kOptionHead, query.clientCookie.data(), kClientCookie);
            const auto cookie = shared_.cookies.make(query.clientCookie, asker.address, seconds(asker.now));
            std::memcpy(out.data() + at + kOptionHead + kClientCookie, cookie.data(), cookie.size());
        }
        size += optSize;
        ++additionals;
    }

    const auto asked = byteAt(query.bytes, 2);
    out[2] =
        static_cast<Byte>(0x80U | (asked & 0x79U) | (draft.isAuthoritative ? 0x04U : 0U) | (isTruncated ? 0x02U : 0U));
    out[3] = static_cast<Byte>((byteAt(query.bytes, 3) & 0x10U) | (rcode & 0xFU));
    put16(out, 4, query.hasQuestion ? 1 : 0);
    put16(out, 6, answers);
    put16(out, 8, authorities);
    put16(out, 10, additionals);
    return size;
}

}  // namespace causeway::dns
