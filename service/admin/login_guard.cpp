#include "service/admin/login_guard.h"

#include <algorithm>

namespace causeway::admin {

namespace {

std::string pairOf(const std::string& name, const std::string& caller) {
    return caller + " " + name;
}

ThrottleRule nameRule(const GuardRule& rule) {
    ThrottleRule made;
    made.forgetAfter = rule.forgetAfter;
    return made;
}

/// The entry with the earliest time gives way.
void makeRoom(std::unordered_map<std::string, TimePoint>& times, std::size_t most) {
    if (times.size() < most) return;
    times.erase(std::min_element(times.begin(), times.end(),
                                 [](const auto& left, const auto& right) { return left.second < right.second; }));
}

}  // namespace

LoginGuard::LoginGuard(GuardRule rule)
    : rule_(rule), byPair_(rule.pair), byCaller_(rule.caller), byName_(nameRule(rule)) {}

bool LoginGuard::isKnown(const std::string& name, const std::string& caller, TimePoint now) const {
    const auto found = known_.find(pairOf(name, caller));
    return found != known_.end() && now - found->second < rule_.knownFor;
}

TimePoint LoginGuard::turnOf(const std::string& pair, const std::string& name, TimePoint now) {
    const auto found = turns_.find(pair);
    if (found != turns_.end() && now < found->second + rule_.turnLasts) return found->second;
    std::erase_if(lineEnd_, [now](const auto& entry) { return entry.second <= now; });
    if (turns_.size() >= rule_.mostTurns) {
        std::erase_if(turns_, [&](const auto& entry) { return now >= entry.second + rule_.turnLasts; });
        makeRoom(turns_, rule_.mostTurns);
    }
    auto turn = now + rule_.oneIn;
    if (const auto end = lineEnd_.find(name); end != lineEnd_.end()) turn = std::max(turn, end->second);
    turn = std::min(turn, now + rule_.longestLine);
    turns_[pair] = turn;
    lineEnd_[name] = turn + rule_.oneIn;
    return turn;
}

Duration LoginGuard::begin(const std::string& name, const std::string& caller, TimePoint now) {
    const auto pair = pairOf(name, caller);
    const bool isFriend = isKnown(name, caller, now);
    auto wait = byPair_.waitFor(pair, now);
    if (!isFriend) wait = std::max(wait, byCaller_.waitFor(caller, now));
    if (wait > 0ms) return wait;
    if (!isFriend && byName_.failures(name, now) >= rule_.openFailures) {
        const auto turn = turnOf(pair, name, now);
        if (turn > now) return turn - now;
        turns_.erase(pair);
    }
    byPair_.failed(pair, now);
    if (!isFriend) {
        byCaller_.failed(caller, now);
        byName_.failed(name, now);
    }
    return 0ms;
}

void LoginGuard::succeeded(const std::string& name, const std::string& caller, TimePoint now) {
    const auto pair = pairOf(name, caller);
    cancelled(name, caller, now);
    byPair_.succeeded(pair);
    if (!known_.contains(pair)) makeRoom(known_, rule_.mostKnown);
    known_[pair] = now;
}

void LoginGuard::cancelled(const std::string& name, const std::string& caller, TimePoint now) {
    byPair_.takeBack(pairOf(name, caller));
    if (isKnown(name, caller, now)) return;
    byCaller_.takeBack(caller);
    byName_.takeBack(name);
}

}  // namespace causeway::admin
