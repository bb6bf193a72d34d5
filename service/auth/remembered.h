#pragma once

#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "shared/base/result.h"
#include "shared/base/secret.h"
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

/// A remembered password as it is kept on disk, where it is sealed too. It is of one revision of its provider only.
Secret packedSurvivor(std::uint64_t revision, const SurvivalEntry& entry);
/// Nothing if the text is damaged or of another revision.
std::optional<SurvivalEntry> unpackedSurvivor(const std::string& address, const Secret& text, std::uint64_t revision);

/// Remembered passwords outside of memory, so that a restart during an outage does not lose them. Any thread. What is
/// given is sealed and written later, in its order; only survivors() blocks.
class SurvivorRecords {
public:
    virtual ~SurvivorRecords() = default;
    virtual void saveSurvivorLater(std::uint64_t provider, const std::string& address, const Secret& packed) = 0;
    virtual void removeSurvivorLater(std::uint64_t provider, const std::string& address) = 0;
    virtual void removeSurvivorsLater(std::uint64_t provider) = 0;
    virtual Result<std::vector<std::pair<std::string, Secret>>> survivors(std::uint64_t provider) = 0;
};

/// Passwords of one provider that were confirmed lately. Only used when the administrator turned it on.
/// Bounds: 50,000 people; the one confirmed longest ago gives way. Pure, not thread-safe.
class SurvivalCache {
public:
    explicit SurvivalCache(Duration life, std::size_t most = 50'000) : life_(life), most_(most) {}

    /// As `find`, without regard to time.
    bool has(const std::string& address) const { return entries_.contains(address); }
    std::optional<SurvivalEntry> find(const std::string& address, TimePoint now) const;
    /// Confirmed so lately that hashing again is not worth it.
    bool isFresh(const std::string& address, TimePoint now) const;
    /// Gives the address that had to give way, or nothing.
    std::string remember(SurvivalEntry entry);
    /// Forgets those whose time is over and gives their addresses.
    std::vector<std::string> takeExpired(TimePoint now);
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
