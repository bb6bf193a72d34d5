#include "service/auth/remembered.h"

#include <algorithm>

namespace causeway::auth {

namespace {
constexpr Duration kFresh = 15min;
}

bool UnknownNames::has(const std::string& name, TimePoint now) const {
    const auto at = names_.find(name);
    return at != names_.end() && now < at->second;
}

void UnknownNames::add(const std::string& name, TimePoint until) {
    const auto [at, isNew] = names_.insert_or_assign(name, until);
    static_cast<void>(at);
    if (!isNew) return;
    byAge_.push_back(name);
    if (byAge_.size() <= most_) return;
    names_.erase(byAge_.front());
    byAge_.pop_front();
}

void UnknownNames::clear() {
    names_.clear();
    byAge_.clear();
}

std::optional<SurvivalEntry> SurvivalCache::find(const std::string& address, TimePoint now) const {
    const auto at = entries_.find(address);
    if (at == entries_.end() || now >= at->second->confirmedAt + life_) return std::nullopt;
    return *at->second;
}

bool SurvivalCache::isFresh(const std::string& address, TimePoint now) const {
    const auto at = entries_.find(address);
    return at != entries_.end() && now < at->second->confirmedAt + std::min(kFresh, life_);
}

void SurvivalCache::remember(SurvivalEntry entry) {
    forget(entry.address);
    byAge_.push_back(std::move(entry));
    entries_.emplace(byAge_.back().address, std::prev(byAge_.end()));
    if (entries_.size() > most_) forget(std::string(byAge_.front().address));
}

void SurvivalCache::forget(const std::string& address) {
    const auto at = entries_.find(address);
    if (at == entries_.end()) return;
    byAge_.erase(at->second);
    entries_.erase(at);
}

void SurvivalCache::clear() {
    entries_.clear();
    byAge_.clear();
}

std::size_t SurvivalCache::alive(TimePoint now) const {
    return static_cast<std::size_t>(std::count_if(
        byAge_.begin(), byAge_.end(), [&](const SurvivalEntry& entry) { return now < entry.confirmedAt + life_; }));
}

}  // namespace causeway::auth
