#pragma once

#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "shared/base/time.h"

namespace causeway::auth {

/// Names that a provider did not know, for a short time, so that a client that tries again and again does not load it.
/// Nothing else is remembered here. Pure, not thread-safe.
class UnknownNames {
public:
    explicit UnknownNames(std::size_t most = 10'000) : most_(most) {}
    bool has(const std::string& name, TimePoint now) const;
    void add(const std::string& name, TimePoint until);
    void clear();
    std::size_t size() const { return names_.size(); }

private:
    std::size_t most_;
    std::unordered_map<std::string, TimePoint> names_;
    std::deque<std::string> byAge_;
};

/// A password that the provider confirmed, for "survive a directory outage".
struct SurvivalEntry {
    std::string address;  ///< alice@chat.example.com
    std::string hash;     ///< Argon2id with its salt
    TimePoint confirmedAt{};
    Person person;
};

/// Passwords of one provider that were confirmed lately. Only used when the administrator turned it on.
/// Bounds: 50,000 people; the one confirmed longest ago gives way. Pure, not thread-safe.
class SurvivalCache {
public:
    explicit SurvivalCache(Duration life, std::size_t most = 50'000) : life_(life), most_(most) {}

    std::optional<SurvivalEntry> find(const std::string& address, TimePoint now) const;
    /// Confirmed so lately that hashing again is not worth it.
    bool isFresh(const std::string& address, TimePoint now) const;
    void remember(SurvivalEntry entry);
    void forget(const std::string& address);
    void clear();
    std::size_t size() const { return entries_.size(); }
    /// How many may log in now during an outage.
    std::size_t alive(TimePoint now) const;

private:
    Duration life_;
    std::size_t most_;
    std::unordered_map<std::string, std::list<SurvivalEntry>::iterator> entries_;
    std::list<SurvivalEntry> byAge_;  ///< confirmed longest ago first
};

}  // namespace causeway::auth
