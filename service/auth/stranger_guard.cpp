#include "service/auth/stranger_guard.h"

#include <algorithm>
#include <set>

namespace causeway::auth {

bool StrangerGuard::isKnown(const std::string& name, const std::string& address, TimePoint now) const {
    const auto at = known_.find(name);
    if (at == known_.end()) return false;
    const auto& homes = at->second.list;
    return std::any_of(homes.begin(), homes.end(),
                       [&](const Home& each) { return each.address == address && now - each.at < rule_.knownFor; });
}

StrangerGuard::Tries& StrangerGuard::triesOf(const std::string& name, TimePoint now) {
    if (const auto at = tries_.find(name); at != tries_.end()) {
        auto& tries = at->second;
        if (now - tries.last >= rule_.pause) std::erase_if(tries.list, [](const Try& each) { return each.isFailure; });
        if (now - tries.seen >= rule_.pause) tries.isTold = false;
        tries.seen = now;
        return tries;
    }
    if (tries_.size() >= rule_.mostNames) {
        tries_.erase(tryOrder_.front());
        tryOrder_.pop_front();
    }
    tryOrder_.push_back(name);
    return tries_.emplace(name, Tries{{}, now, now, false, std::prev(tryOrder_.end())}).first->second;
}

bool StrangerGuard::isFull(const Tries& tries, const std::string& address, Count what) const {
    std::uint32_t all = 0;
    std::uint32_t ofAddress = 0;
    for (const auto& each : tries.list) {
        if (what == Count::Failures && !each.isFailure) continue;
        ++all;
        if (each.address == address) ++ofAddress;
    }
    return all >= rule_.most || ofAddress >= rule_.mostOfAddress;
}

StrangerGuard::Answer StrangerGuard::begin(const std::string& name, const std::string& address, TimePoint now) {
    if (isKnown(name, address, now)) return {};
    auto& tries = triesOf(name, now);
    if (isFull(tries, address, Count::Failures)) {
        Answer refused;
        refused.isOfFailures = true;
        refused.wait = tries.last + rule_.pause - now;
        std::set<std::string> addresses;
        std::size_t failures = 0;
        for (const auto& each : tries.list) {
            if (!each.isFailure) continue;
            ++failures;
            addresses.insert(each.address);
        }
        // One address alone that fails again and again is no sign of more than an old password.
        if (failures >= rule_.most && !tries.isTold) {
            tries.isTold = true;
            refused.beginsEpisode = true;
            refused.addresses = static_cast<std::uint32_t>(addresses.size());
        }
        return refused;
    }
    if (isFull(tries, address, Count::All)) return {.wait = Duration{1000}};
    tries.list.push_back({address});
    tryOrder_.splice(tryOrder_.end(), tryOrder_, tries.place);
    return {};
}

void StrangerGuard::takeBack(const std::string& name, const std::string& address, TakeBack what) {
    const auto at = tries_.find(name);
    if (at == tries_.end()) return;
    auto& list = at->second.list;
    if (what == TakeBack::AllOfAddress) {
        std::erase_if(list, [&](const Try& each) { return each.address == address; });
    } else {
        const auto one = std::find_if(list.begin(), list.end(),
                                      [&](const Try& each) { return each.address == address && !each.isFailure; });
        if (one != list.end()) list.erase(one);
    }
    if (!list.empty()) return;
    tryOrder_.erase(at->second.place);
    tries_.erase(at);
}

void StrangerGuard::succeeded(const std::string& name, const std::string& address, TimePoint now) {
    // Whoever knows the password made the mistakes before it at this address himself.
    takeBack(name, address, TakeBack::AllOfAddress);
    auto at = known_.find(name);
    if (at == known_.end()) {
        if (known_.size() >= rule_.mostKnownNames) {
            known_.erase(knownOrder_.front());
            knownOrder_.pop_front();
        }
        knownOrder_.push_back(name);
        at = known_.emplace(name, Homes{{}, std::prev(knownOrder_.end())}).first;
    }
    knownOrder_.splice(knownOrder_.end(), knownOrder_, at->second.place);
    auto& homes = at->second.list;
    std::erase_if(homes, [&](const Home& each) { return each.address == address || now - each.at >= rule_.knownFor; });
    if (homes.size() >= rule_.mostKnownOfName) homes.erase(homes.begin());
    homes.push_back({address, now});
}

void StrangerGuard::failed(const std::string& name, const std::string& address, TimePoint now) {
    const auto at = tries_.find(name);
    if (at == tries_.end()) return;
    auto& tries = at->second;
    const auto one = std::find_if(tries.list.begin(), tries.list.end(),
                                  [&](const Try& each) { return each.address == address && !each.isFailure; });
    if (one == tries.list.end()) return;
    one->isFailure = true;
    tries.last = now;
}

void StrangerGuard::cancelled(const std::string& name, const std::string& address) {
    takeBack(name, address, TakeBack::OnePending);
}

}  // namespace causeway::auth
