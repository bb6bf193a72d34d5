#include "service/auth/remembered.h"

#include <algorithm>
#include <charconv>

#include "service/auth/pending_change.h"

namespace causeway::auth {

namespace {
constexpr Duration kFresh = 15min;

std::optional<std::int64_t> numberIn(const std::string& text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [at, status] = std::from_chars(text.data(), end, number);
    if (status != std::errc{} || at != end) return std::nullopt;
    return number;
}
}  // namespace

Secret packedSurvivor(std::uint64_t revision, const SurvivalEntry& entry) {
    const auto& person = entry.person;
    return Secret{packed({std::to_string(revision), entry.hash, std::to_string(epochMillis(entry.confirmedAt)),
                          person.localPart, person.reference, person.displayName, person.mail, person.department})};
}

std::optional<SurvivalEntry> unpackedSurvivor(const std::string& address, const Secret& text, std::uint64_t revision) {
    const auto texts = unpacked(text.reveal());
    if (!texts || texts->size() != 8 || texts->at(0) != std::to_string(revision)) return std::nullopt;
    const auto millis = numberIn(texts->at(2));
    if (!millis) return std::nullopt;
    SurvivalEntry entry;
    entry.address = address;
    entry.hash = texts->at(1);
    entry.confirmedAt = fromEpochMillis(*millis);
    entry.person.localPart = texts->at(3);
    entry.person.reference = texts->at(4);
    entry.person.displayName = texts->at(5);
    entry.person.mail = texts->at(6);
    entry.person.department = texts->at(7);
    return entry;
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

std::string SurvivalCache::remember(SurvivalEntry entry) {
    forget(entry.address);
    byAge_.push_back(std::move(entry));
    entries_.emplace(byAge_.back().address, std::prev(byAge_.end()));
    if (entries_.size() <= most_) return {};
    std::string oldest = byAge_.front().address;
    forget(oldest);
    return oldest;
}

std::vector<std::string> SurvivalCache::takeExpired(TimePoint now) {
    std::vector<std::string> addresses;
    while (!byAge_.empty() && now >= byAge_.front().confirmedAt + life_) {
        addresses.push_back(byAge_.front().address);
        forget(addresses.back());
    }
    return addresses;
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
