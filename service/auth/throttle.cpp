#include "service/auth/throttle.h"

#include <algorithm>
#include <vector>

#include "shared/base/text.h"

namespace causeway::auth {

namespace {

std::string pairKey(std::string_view account, const std::string& address) {
    return std::string(account) + '\n' + address;
}

}  // namespace

Duration BackOff::waitFor(const std::string& key, TimePoint now, std::uint32_t pending) const {
    const auto at = keys_.find(key);
    if (at == keys_.end()) return Duration{0};
    const auto count = countNow(at->second, now) + pending;
    if (count <= rule_.freeFailures) return Duration{0};
    const auto doublings = std::min<std::uint32_t>(count - rule_.freeFailures - 1, 20);
    const auto pause = std::min(rule_.longestWait, rule_.firstWait * (std::int64_t{1} << doublings));
    const auto until = at->second.last + pause;
    return std::max(Duration{0}, until - now);
}

std::uint32_t BackOff::countNow(const Failures& failures, TimePoint now) const {
    if (rule_.forgetOne <= Duration{0} || now <= failures.last) return failures.count;
    const auto forgotten = (now - failures.last) / rule_.forgetOne;
    return forgotten >= failures.count ? 0 : failures.count - static_cast<std::uint32_t>(forgotten);
}

void BackOff::failed(const std::string& key, TimePoint now) {
    auto at = keys_.find(key);
    if (at == keys_.end()) {
        if (keys_.size() >= rule_.mostKeys) {
            keys_.erase(byAge_.front());
            byAge_.pop_front();
        }
        byAge_.push_back(key);
        keys_.emplace(key, Failures{1, now, std::prev(byAge_.end())});
        return;
    }
    auto& failures = at->second;
    failures.count = std::min<std::uint32_t>(countNow(failures, now) + 1, rule_.freeFailures + 32);
    failures.last = now;
    byAge_.splice(byAge_.end(), byAge_, failures.place);
}

void BackOff::forget(const std::string& key) {
    const auto at = keys_.find(key);
    if (at == keys_.end()) return;
    byAge_.erase(at->second.place);
    keys_.erase(at);
}

Throttle::Throttle(ThrottleRules rules)
    : mostPending_(rules.mostPendingOfPair),
      pairs_(rules.pair),
      addresses_(rules.address),
      strangers_(rules.strangers) {}

Throttle::Admission Throttle::admit(std::string_view account, std::string_view address, TimePoint now) {
    const auto where = addressKey(address);
    const auto key = pairKey(account, where);
    const auto pending = pending_.find(key);
    const auto waiting = pending == pending_.end() ? 0 : pending->second;
    if (waiting >= mostPending_) return {.wait = Duration{1000}};
    const auto wait = std::max(pairs_.waitFor(key, now, waiting), addresses_.waitFor(where, now));
    if (wait > Duration{0}) return {.wait = wait};
    const auto answer = strangers_.begin(std::string(account), where, now);
    if (answer.wait > Duration{0}) {
        return {.wait = answer.wait,
                .isOfAccount = answer.isOfFailures,
                .beginsEpisode = answer.beginsEpisode,
                .addresses = answer.addresses};
    }
    ++pending_[key];
    return {};
}

void Throttle::done(std::string_view account, std::string_view address, Ending ending, TimePoint now) {
    const auto where = addressKey(address);
    const auto key = pairKey(account, where);
    const std::string name{account};
    if (const auto pending = pending_.find(key); pending != pending_.end() && --pending->second == 0) {
        pending_.erase(pending);
    }
    switch (ending) {
        case Ending::Right:
            pairs_.forget(key);
            strangers_.succeeded(name, where, now);
            return;
        case Ending::Refused:
            pairs_.failed(key, now);
            addresses_.failed(where, now);
            strangers_.failed(name, where, now);
            return;
        case Ending::Neutral:
            strangers_.cancelled(name, where);
            return;
    }
}

std::string addressKey(std::string_view address) {
    const auto zone = address.find('%');
    const auto text = lowerAscii(address.substr(0, zone));
    if (text.find(':') == std::string::npos) return text;
    if (text.starts_with("::ffff:") && text.find('.') != std::string::npos) return text.substr(7);
    // The first four groups; "::" stands for as many zero groups as are missing.
    const auto gap = text.find("::");
    std::vector<std::string> groups;
    for (const auto part : split(std::string_view(text).substr(0, gap), ':'))
        if (!part.empty()) groups.emplace_back(part);
    if (gap != std::string::npos) {
        std::vector<std::string> tail;
        for (const auto part : split(std::string_view(text).substr(gap + 2), ':'))
            if (!part.empty()) tail.emplace_back(part);
        while (groups.size() + tail.size() < 8)
            groups.emplace_back("0");
        groups.insert(groups.end(), tail.begin(), tail.end());
    }
    std::string key;
    for (std::size_t i = 0; i < 4 && i < groups.size(); ++i) {
        const auto digits = groups[i].find_first_not_of('0');
        key += (digits == std::string::npos ? "0" : groups[i].substr(digits)) + ":";
    }
    return key + ":/64";
}

}  // namespace causeway::auth
