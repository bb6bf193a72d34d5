#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "service/admin/login_throttle.h"

namespace causeway::admin {

struct GuardRule {
    ThrottleRule pair{};                              ///< one name from one caller
    ThrottleRule caller{.freeFailures = 10};          ///< one caller over all names
    std::uint32_t openFailures = 20;                  ///< of one name from unknown callers; then they stand in line
    Duration forgetAfter = 15min;                     ///< the line ends so long after the last failure of that name
    Duration oneIn = 2s;                              ///< of the line of one name
    Duration longestLine = 10min;                     ///< nobody waits longer for his turn, however many there are
    Duration turnLasts = 2min;                        ///< who does not come in this time loses it
    Duration knownFor = 30 * std::chrono::hours{24};  ///< since the last login of that name from there
    std::size_t mostKnown = 2000;
    std::size_t mostTurns = 10'000;
};

/// Who may try a password now. Guessing is slow, and an attacker cannot lock a person out:
/// - Each (name, caller) has its own back-off. A success clears that one only, never what others failed.
/// - A caller from which this name logged in within 30 days is known: only that back-off counts for it.
/// - Others also share the back-off of their caller over all names, so that many names cost as much as one.
/// - When a name has failed 20 times from callers that it does not know, further ones stand in line: one try in two
///   seconds, in the order in which they came. The place in line is one's own: it cannot be taken by hammering, so a
///   person at a new address gets in after two seconds for each address that stands before her, ten minutes at most.
/// Guesses of one name: at most 1,800 an hour in all, or 6 an hour for each address beyond 300.
/// A caller is what callerOf() says. Every try is counted when it begins, so that many at a time win nothing.
/// Pure, not thread-safe. Bounded by the rule: what is oldest gives way.
class LoginGuard {
public:
    explicit LoginGuard(GuardRule rule = {});

    /// Zero = this try may go on and is counted as a failure until succeeded() or cancelled(); else nothing is counted.
    Duration begin(const std::string& name, const std::string& caller, TimePoint now);
    void succeeded(const std::string& name, const std::string& caller, TimePoint now);
    /// The password was not looked at.
    void cancelled(const std::string& name, const std::string& caller, TimePoint now);

    bool isKnown(const std::string& name, const std::string& caller, TimePoint now) const;
    std::size_t size() const {
        return byPair_.size() + byCaller_.size() + byName_.size() + known_.size() + turns_.size();
    }

private:
    /// When it is this one's turn, making a place in line if it has none.
    TimePoint turnOf(const std::string& pair, const std::string& name, TimePoint now);

    GuardRule rule_;
    LoginThrottle byPair_;
    LoginThrottle byCaller_;
    LoginThrottle byName_;                                ///< failures from unknown callers; counted, not waited for
    std::unordered_map<std::string, TimePoint> known_;    ///< pair -> last login
    std::unordered_map<std::string, TimePoint> turns_;    ///< pair -> its turn
    std::unordered_map<std::string, TimePoint> lineEnd_;  ///< name -> the next free turn
};

}  // namespace causeway::admin
