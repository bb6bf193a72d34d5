#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "shared/base/time.h"

namespace causeway::admin {

/// Who counts as one caller: an IPv4 address, or the /64 of an IPv6 address (one household has all of it).
/// "10.1.0.5" -> "10.1.0.5", "::ffff:10.1.0.5" -> "10.1.0.5", "fd00:0:0:7::1" -> "fd00:0:0:7::/64". Text that is no
/// address stays as it is.
std::string callerOf(const std::string& address);

struct DoorRule {
    std::size_t places = 32;         ///< connections that are served at a time
    std::size_t waiting = 64;        ///< further ones that may wait for a place
    std::size_t reserved = 4;        ///< places only for this machine and for callers who have proven themselves before
    std::size_t strangers = 16;      ///< unproven connections of one caller
    Duration burst = 1s;             ///< a known caller's own connections of this age are not closed for his next one
    std::size_t mostCallers = 1000;  ///< remembered as proven; who proved himself longest ago is forgotten
};

/// Who of those who connect keeps his place when places are short. A connection is unproven until it shows a valid
/// token or logs in; connecting alone costs an attacker nothing. When there is no room, the oldest unproven connection
/// of the caller with most of them makes room: an attacker competes with himself, not with the administrators.
/// Pure, not thread-safe.
class Door {
public:
    using Key = std::uint64_t;
    struct Verdict {
        bool isAdmitted = true;
        std::vector<Key> toClose;  ///< they do not count any more, also before left() is called for them
        std::string greediest;     ///< the caller of the last one of these
    };
    explicit Door(DoorRule rule) : rule_(rule) {}

    Verdict arrived(Key key, const std::string& caller, TimePoint now);
    void proved(Key key, TimePoint now);
    void left(Key key);

    std::size_t open() const { return open_.size(); }
    std::size_t unproven(const std::string& caller) const;
    bool hasProved(Key key) const;
    /// More than half of the places are taken: who has not proven himself gets little time.
    bool isCrowded() const { return open_.size() * 2 > rule_.places; }

private:
    struct Guest {
        std::string caller;
        TimePoint since{};
        bool isProven = false;
    };
    bool isKnown(const std::string& caller) const;
    /// Oldest unproven guest of this caller; nullptr if there is none.
    const std::pair<const Key, Guest>* oldestOf(const std::string& caller) const;
    std::string greediest() const;

    DoorRule rule_;
    std::unordered_map<Key, Guest> open_;
    std::unordered_map<std::string, TimePoint> known_;
};

}  // namespace causeway::admin
