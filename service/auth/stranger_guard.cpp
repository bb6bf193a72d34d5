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
        if (now - tries.last >= rule_.pause) tries.addresses.clear();
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

StrangerGuard::Answer StrangerGuard::begin(const std::string& name, const std::string& address, TimePoint now) {
    if (isKnown(name, address, now)) return {};
    auto& tries = triesOf(name, now);
    const auto ofAddress = std::count(tries.addresses.begin(), tries.addresses.end(), address);
    const bool isFull = tries.addresses.size() >= rule_.most;
    if (isFull || ofAddress >= static_cast<std::ptrdiff_t>(rule_.mostOfAddress)) {
        Answer refused;
        refused.wait = tries.last + rule_.pause - now;
        if (isFull && !tries.isTold) {
            tries.isTold = true;
            refused.beginsEpisode = true;
            refused.addresses = static_cast<std::uint32_t>(
                std::set<std::string>(tries.addresses.begin(), tries.addresses.end()).size());
        }
        return refused;
    }
    tries.addresses.push_back(address);
    tries.last = now;
    tryOrder_.splice(tryOrder_.end(), tryOrder_, tries.place);
    return {};
}

void StrangerGuard::takeBack(const std::string& name, const std::string& address, std::size_t most) {
    const auto at = tries_.find(name);
    if (at == tries_.end()) return;
    auto& addresses = at->second.addresses;
    for (; most > 0; --most) {
        const auto one = std::find(addresses.begin(), addresses.end(), address);
        if (one == addresses.end()) break;
        addresses.erase(one);
    }
    if (!addresses.empty()) return;
    tryOrder_.erase(at->second.place);
    tries_.erase(at);
}

void StrangerGuard::succeeded(const std::string& name, const std::string& address, TimePoint now) {
    // Whoever knows the password made the mistakes before it at this address himself.
    takeBack(name, address, rule_.most);
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
    // The directory counts from its answer, which may come seconds after the try began.
    if (std::find(tries.addresses.begin(), tries.addresses.end(), address) != tries.addresses.end()) tries.last = now;
}

void StrangerGuard::cancelled(const std::string& name, const std::string& address) {
    takeBack(name, address, 1);
}

}  // namespace causeway::auth
