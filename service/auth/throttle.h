#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "service/auth/stranger_guard.h"
#include "shared/base/time.h"

namespace causeway::auth {

struct BackOffRule {
    std::uint32_t freeFailures = 3;  ///< these cost nothing
    Duration firstWait{1000};        ///< after one more; doubles with each
    Duration longestWait{60000};
    Duration forgetOne{60000};       ///< a failure is forgotten after each such time without a new one
    std::size_t mostKeys = 100'000;  ///< the key that failed longest ago gives way
};

/// Failures by key and how long the next try must wait. Pure, not thread-safe.
class BackOff {
public:
    explicit BackOff(BackOffRule rule) : rule_(rule) {}
    /// `pending` tries that have no answer yet count as failures.
    Duration waitFor(const std::string& key, TimePoint now, std::uint32_t pending = 0) const;
    void failed(const std::string& key, TimePoint now);
    void forget(const std::string& key);
    std::size_t size() const { return keys_.size(); }

private:
    struct Failures {
        std::uint32_t count = 0;
        TimePoint last{};
        std::list<std::string>::iterator place;
    };
    std::uint32_t countNow(const Failures& failures, TimePoint now) const;

    BackOffRule rule_;
    std::unordered_map<std::string, Failures> keys_;
    std::list<std::string> byAge_;  ///< failed longest ago first
};

struct ThrottleRules {
    BackOffRule pair{
        .freeFailures = 3, .firstWait = Duration{1000}, .longestWait = Duration{300000}, .forgetOne = Duration{120000}};
    /// Many people may be behind one address, so it bears more.
    BackOffRule address{
        .freeFailures = 30, .firstWait = Duration{1000}, .longestWait = Duration{60000}, .forgetOne = Duration{10000}};
    std::uint32_t mostPendingOfPair = 3;
    StrangerRule strangers{};
};

/// Slows down guessing: by account and address together, by address, and by account over all addresses from which it
/// never logged in (StrangerGuard). Nothing is kept by account alone: otherwise somebody far away could lock a user out
/// by guessing his password wrongly. A throttled login never reaches a provider. Pure, not thread-safe.
/// Addresses: of IPv6 the first 64 bits count, since one attacker has that many.
class Throttle {
public:
    explicit Throttle(ThrottleRules rules = {});

    struct Admission {
        Duration wait{};              ///< zero: go on, and owe one done(). Else: wait this long, nothing is owed.
        bool isOfAccount = false;     ///< other addresses failed with this account; this one may be innocent
        bool beginsEpisode = false;   ///< of guesses of this account from many addresses: worth one entry
        std::uint32_t addresses = 0;  ///< of the episode
    };
    Admission admit(std::string_view account, std::string_view address, TimePoint now);
    enum class Ending {
        Right,
        Refused,
        Neutral,  ///< could not be asked
    };
    void done(std::string_view account, std::string_view address, Ending ending, TimePoint now);
    std::size_t size() const { return pairs_.size() + addresses_.size() + strangers_.size(); }

private:
    std::uint32_t mostPending_;
    BackOff pairs_;
    BackOff addresses_;
    StrangerGuard strangers_;
    std::unordered_map<std::string, std::uint32_t> pending_;
};

/// "2001:db8:1:2::/64" of an IPv6 address with or without zone; other texts as they are.
std::string addressKey(std::string_view address);

}  // namespace causeway::auth
