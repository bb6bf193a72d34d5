#include "service/admin/door.h"

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <map>

namespace causeway::admin {

std::string callerOf(const std::string& address) {
    Poco::Net::IPAddress ip;
    if (!Poco::Net::IPAddress::tryParse(address.substr(0, address.find('%')), ip)) return address;
    if (ip.family() == Poco::Net::IPAddress::IPv4) return ip.toString();
    const auto* bytes = static_cast<const unsigned char*>(ip.addr());
    if (ip.isIPv4Mapped()) return Poco::Net::IPAddress(bytes + 12, 4).toString();
    if (ip.isLoopback()) return ip.toString();
    return (ip & Poco::Net::IPAddress(64, Poco::Net::IPAddress::IPv6)).toString() + "/64";
}

bool Door::isKnown(const std::string& caller) const {
    return caller == "127.0.0.1" || caller == "::1" || known_.contains(caller);
}

std::size_t Door::unproven(const std::string& caller) const {
    return static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), [&caller](const auto& entry) {
        return !entry.second.isProven && entry.second.caller == caller;
    }));
}

bool Door::hasProved(Key key) const {
    const auto found = open_.find(key);
    return found != open_.end() && found->second.isProven;
}

const std::pair<const Door::Key, Door::Guest>* Door::oldestOf(const std::string& caller) const {
    const std::pair<const Key, Guest>* oldest = nullptr;
    for (const auto& entry : open_) {
        if (entry.second.isProven || entry.second.caller != caller) continue;
        // Keys are given in the order of arrival: they decide where the clock does not.
        if (oldest == nullptr ||
            std::pair{entry.second.since, entry.first} < std::pair{oldest->second.since, oldest->first})
            oldest = &entry;
    }
    return oldest;
}

std::string Door::greediest() const {
    std::map<std::string, std::size_t> counts;
    for (const auto& [key, guest] : open_) {
        if (!guest.isProven) ++counts[guest.caller];
    }
    std::string most;
    for (const auto& [caller, count] : counts) {
        if (most.empty()) {
            most = caller;
            continue;
        }
        const auto best = counts[most];
        if (count < best) continue;
        // Of equals the one goes whom nobody here knows, then the one who has waited longest already.
        if (count > best || (isKnown(most) && !isKnown(caller)) ||
            (isKnown(most) == isKnown(caller) && oldestOf(caller)->second.since < oldestOf(most)->second.since))
            most = caller;
    }
    return most;
}

Door::Verdict Door::arrived(Key key, const std::string& caller, TimePoint now) {
    Verdict verdict;
    const auto close = [&](const std::string& whose) {
        const auto* victim = oldestOf(whose);
        verdict.toClose.push_back(victim->first);
        verdict.greediest = whose;
        open_.erase(victim->first);
    };
    const bool isFriend = isKnown(caller);
    if (!isFriend && unproven(caller) >= rule_.strangers) close(caller);
    const auto room = isFriend ? rule_.places : rule_.places - rule_.reserved;
    while (open_.size() >= room) {
        const auto whose = greediest();
        if (whose.empty()) break;
        // A script that opens many connections at a time is not an attack: they wait for their turn.
        if (isFriend && whose == caller && now - oldestOf(whose)->second.since < rule_.burst &&
            open_.size() < rule_.places + rule_.waiting)
            break;
        close(whose);
    }
    if (open_.size() >= rule_.places + rule_.waiting) {
        verdict.isAdmitted = false;
        return verdict;
    }
    open_[key] = {caller, now, false};
    return verdict;
}

void Door::proved(Key key, TimePoint now) {
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    found->second.isProven = true;
    const auto& caller = found->second.caller;
    if (!known_.contains(caller) && known_.size() >= rule_.mostCallers) {
        known_.erase(std::min_element(known_.begin(), known_.end(),
                                      [](const auto& left, const auto& right) { return left.second < right.second; }));
    }
    known_[caller] = now;
}

void Door::left(Key key) {
    open_.erase(key);
}

}  // namespace causeway::admin
