#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "shared/base/time.h"
#include "shared/model/base_link.h"
#include "shared/proto/link/message.h"

namespace causeway::links {

/// How far another clock is from ours, from questions with both times on them.
/// Method: the answer lies somewhere between question and arrival, so half of the round trip bounds the error; of the
/// last eight samples the quickest is the best.
class ClockGauge {
public:
    /// All three as read from the clock of the side that names them; `sentAt` and `arrivedAt` are ours.
    void add(TimePoint sentAt, TimePoint answeredAt, TimePoint arrivedAt);
    void reset() { samples_.clear(); }
    std::optional<ClockOffset> offset() const;
    std::optional<Duration> roundTrip() const;  ///< the best one

private:
    struct Sample {
        ClockOffset clock;
        Duration roundTrip{};
    };
    const Sample* best() const;
    std::deque<Sample> samples_;
};

constexpr Duration kPingEvery = 10s;
constexpr Duration kSilentAfter = 30s;  ///< a connection on which nothing came for so long is given up
constexpr Duration kFirstRedial = 1s;   ///< doubles with each failure
constexpr Duration kLongestRedial = 30s;
constexpr Duration kRefusedRedial = 60s;

/// What is known of one linked service: state, since when, why, and when to try again. Pure; told the time.
class LinkHealth {
public:
    LinkHealth(LinkRecord record, std::string baseName, TimePoint now);

    const LinkRecord& record() const { return record_; }
    LinkState state() const { return state_; }
    void setBaseName(std::string name) { baseName_ = std::move(name); }

    void connected(const link::Hello& hello, const std::string& address, TimePoint now);
    /// The other side tells anew who it is: its networks or its name have changed.
    void introduced(const link::Hello& hello);
    void heard(TimePoint now) { lastHeard_ = now; }
    void answered(const link::Pong& pong, TimePoint arrivedAt) { clock_.add(pong.sentAt, pong.answeredAt, arrivedAt); }
    /// There is no connection, or it ended. `why` is a sentence.
    void lost(const std::string& why, TimePoint now);
    /// One of both does not take the other's certificate, or the link was taken away over there.
    void refused(const std::string& why, const std::string& todo, TimePoint now);
    void otherVersion(const link::Hello& hello, TimePoint now);

    const link::Hello& hello() const { return hello_; }
    bool isDialDue(TimePoint now) const { return record_.isDialling() && now >= nextDial_; }
    void dialled() { nextDial_ = TimePoint::max(); }

    BaseLink view() const;
    /// Grows when the state changes.
    std::uint64_t revision() const { return revision_; }

private:
    void become(LinkState state, TimePoint now);
    std::string sentence() const;
    std::string todo() const;

    LinkRecord record_;
    std::string baseName_;
    LinkState state_ = LinkState::NotAnswering;
    TimePoint since_;
    std::string why_;
    std::string todo_;
    std::string address_;
    link::Hello hello_;
    ClockGauge clock_;
    std::optional<TimePoint> lastHeard_;
    TimePoint nextDial_;
    Duration pause_ = kFirstRedial;
    std::uint64_t revision_ = 1;
};

}  // namespace causeway::links
