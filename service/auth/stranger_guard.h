#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/time.h"

namespace causeway::auth {

struct StrangerRule {
    std::uint32_t most = 4;           ///< failures of one name, below the lock-outs of directories (mostly 5 to 10)
    std::uint32_t mostOfAddress = 3;  ///< of these; so one attacker always leaves a try to others
    Duration pause = 15min;           ///< without a failure, then all of them are forgotten
    std::size_t mostNames = 100'000;  ///< with failures; the name that failed longest ago gives way
    Duration knownFor = 30 * std::chrono::hours{24};  ///< since the last right password of that name from there
    std::size_t mostKnownNames = 100'000;             ///< the name that logged in longest ago gives way
    std::size_t mostKnownOfName = 16;                 ///< the address that logged in longest ago gives way
};

/// Bears guesses of one name from many addresses. An address from which the name logged in within 30 days is known and
/// never held up here, so that nobody can lock a user out where he usually is. All other addresses together have four
/// failures; then they wait until 15 minutes have passed without one. Directories forget failures in the same way
/// (Active Directory: lockoutObservationWindow), so strangers alone do not set off a lock-out of five or more.
/// A try that has no answer yet counts too, so that many at a time win nothing, but it costs others a second only.
/// Names that nobody has are counted alike. Kept in memory only: a restart forgets failures and known addresses. Pure,
/// not thread-safe.
class StrangerGuard {
public:
    explicit StrangerGuard(StrangerRule rule = {}) : rule_(rule) {}

    struct Answer {
        Duration wait{};              ///< zero: go on, and owe succeeded(), failed() or cancelled()
        bool isOfFailures = false;    ///< else only of tries that have no answer yet
        bool beginsEpisode = false;   ///< the first refusal since the name was quiet
        std::uint32_t addresses = 0;  ///< how many failed
    };
    /// `address` is an addressKey().
    Answer begin(const std::string& name, const std::string& address, TimePoint now);
    void succeeded(const std::string& name, const std::string& address, TimePoint now);
    void failed(const std::string& name, const std::string& address, TimePoint now);
    /// The password was not looked at.
    void cancelled(const std::string& name, const std::string& address);

    bool isKnown(const std::string& name, const std::string& address, TimePoint now) const;
    std::size_t size() const { return tries_.size() + known_.size(); }

private:
    using Order = std::list<std::string>;
    struct Try {
        std::string address;
        bool isFailure = false;  ///< else it has no answer yet
    };
    struct Tries {
        std::vector<Try> list;  ///< at most rule_.most
        TimePoint last{};       ///< failure
        TimePoint seen{};       ///< try, refused or not: an episode lasts as long as they come
        bool isTold = false;
        Order::iterator place;
    };
    struct Home {
        std::string address;
        TimePoint at{};
    };
    struct Homes {
        std::vector<Home> list;  ///< logged in longest ago first
        Order::iterator place;
    };
    Tries& triesOf(const std::string& name, TimePoint now);
    enum class TakeBack { OnePending, AllOfAddress };
    void takeBack(const std::string& name, const std::string& address, TakeBack what);
    enum class Count { All, Failures };
    bool isFull(const Tries& tries, const std::string& address, Count what) const;

    StrangerRule rule_;
    std::unordered_map<std::string, Tries> tries_;
    Order tryOrder_;  ///< longest ago first
    std::unordered_map<std::string, Homes> known_;
    Order knownOrder_;  ///< longest ago first
};

}  // namespace causeway::auth
