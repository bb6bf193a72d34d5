#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "service/dns/counters.h"
#include "service/dns/rate_limit.h"
#include "service/dns/snapshot.h"
#include "shared/base/time.h"
#include "shared/proto/dns/cookie.h"
#include "shared/proto/dns/message.h"

namespace causeway::dns {

/// Whether a client without a good cookie gets an answer by UDP.
enum class CookiePolicy : std::uint8_t {
    Offer,   ///< cookies are answered; nobody must have one
    Demand,  ///< BADCOOKIE to clients that know cookies, TC to others (RFC 7873 5.2.3)
};

enum class Transport : std::uint8_t { Udp, Tcp };

/// One query's sender and time.
struct Asker {
    IpAddress address;
    Transport transport = Transport::Udp;
    TimePoint now{};
};

/// Answers queries from the newest snapshot. One for each worker thread; allocates nothing unless the query is signed.
/// Rules: what is no query is dropped; other operations NOTIMP; not exactly one question, bytes behind the end, a
/// compressed question name: FORMERR; EDNS versions above 0: BADVERS; names that are not ours, other classes than IN
/// and views that the client may not see: REFUSED; ANY gets one set (RFC 8482); AXFR by UDP FORMERR; IXFR by UDP TC.
/// A response by UDP is at most 1232 bytes and what the client offers, and never longer than the query to a client
/// whom the rate limit holds.
class Responder {
public:
    struct Shared {
        const SnapshotHolder& snapshots;
        RateLimiter& limiter;
        CookieMaker cookies;
        CookiePolicy cookiePolicy = CookiePolicy::Offer;
    };

    /// `worker`: slot in the counters of domains.
    Responder(Shared& shared, std::size_t worker) : shared_(shared), worker_(worker), reader_(shared.snapshots) {}

    /// Writes the response into `out` (at least 512 bytes) and returns its size; 0 = no response.
    std::size_t answer(std::string_view query, const Asker& asker, std::span<Byte> out);

    const WorkerCounters& counters() const { return counters_; }
    SnapshotReader& snapshots() { return reader_; }

private:
    struct Query;
    struct Draft;

    enum class Shape { Good, Malformed };
    static Shape read(std::string_view bytes, Query& query);
    static bool readAdditional(std::string_view bytes, Query& query);
    static bool readOpt(std::string_view options, Query& query);

    std::size_t headerOnly(std::string_view bytes, Rcode rcode, std::span<Byte> out);
    std::size_t answerSigned(std::string_view bytes, Query& query, const Asker& asker, std::span<Byte> out);
    std::size_t respond(const Query& query, const Asker& asker, std::span<Byte> out, bool isProven);
    void decide(const Query& query, const Asker& asker, Draft& draft);
    std::size_t write(const Query& query, const Asker& asker, const Draft& draft, std::span<Byte> out);

    Shared& shared_;
    std::size_t worker_;
    SnapshotReader reader_;
    WorkerCounters counters_;
};

}  // namespace causeway::dns
