#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/dns/zone.h"
#include "shared/base/time.h"
#include "shared/proto/dns/message.h"
#include "shared/proto/dns/tsig.h"

namespace causeway::dns {

/// What a secondary server knows of a domain, for the table.
struct SecondaryState {
    enum class Notice {
        None,          ///< nothing to tell yet
        Waiting,       ///< told, no answer so far
        Acknowledged,  ///< it has heard
        Refused,       ///< it answered with an error
        NoAnswer       ///< it did not answer to any try
    };
    std::string domain;
    Endpoint endpoint;
    Notice notice = Notice::None;
    std::string detail;  ///< the error of the answer
    std::uint32_t toldSerial = 0;
    std::uint32_t takenSerial = 0;  ///< of the last transfer; 0 = none since the start
    std::optional<TimePoint> takenAt;
};
const char* noticeText(SecondaryState::Notice notice);

/// When to tell which secondary server that a domain has changed: at once, then after 1, 2, 4, 8, 16 and 30 s until it
/// answers (RFC 1996 3.6), seven times in all. A newer change replaces an older one.
class NotifyPlan {
public:
    explicit NotifyPlan(std::uint64_t seed) : state_(seed) {}

    /// A new version is served. Forgets secondaries that the domain has no more.
    void changed(const Zone& zone, const std::vector<TsigKey>& keys, TimePoint now);
    void removed(const Name& domain);

    struct Datagram {
        Endpoint to;
        std::string bytes;
    };
    std::vector<Datagram> due(TimePoint now);
    std::optional<TimePoint> nextDeadline() const;

    /// A datagram came from `from`. Strangers, wrong ids and what is no answer to a notice are ignored.
    void received(const Endpoint& from, std::string_view bytes);
    /// A secondary has taken the zone.
    void transferred(const std::string& domain, const Endpoint& secondary, std::uint32_t serial, TimePoint now);

    std::vector<SecondaryState> states() const;

private:
    struct Row {
        Name domain;
        Record soa;
        std::optional<TsigKey> key;
        SecondaryState state;
        std::uint16_t id = 0;
        unsigned tries = 0;
        std::optional<TimePoint> due;
    };
    std::uint16_t nextId();

    std::uint64_t state_;
    std::vector<Row> rows_;
};

}  // namespace causeway::dns
