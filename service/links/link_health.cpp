#include "service/links/link_health.h"

#include <algorithm>
#include <utility>

namespace causeway::links {

namespace {

constexpr std::size_t kKeptSamples = 8;
constexpr Duration kStrangeClock = std::chrono::hours{24 * 365 * 50};

std::string clockWords(const ClockOffset& clock) {
    const auto ms = [](Duration span) { return std::to_string(span.count()) + " ms"; };
    const auto size = clock.offset < Duration{0} ? -clock.offset : clock.offset;
    if (size <= clock.bound) return "its clock agrees with ours to " + ms(clock.bound);
    return "its clock is " + (size < 10s ? ms(size) : std::to_string(size.count() / 1000) + " s") +
           (clock.offset < Duration{0} ? " behind" : " ahead of") + " ours (to " + ms(clock.bound) + ")";
}

}  // namespace

void ClockGauge::add(TimePoint sentAt, TimePoint answeredAt, TimePoint arrivedAt) {
    const auto roundTrip = arrivedAt - sentAt;
    // A clock that was set meanwhile says nothing.
    if (roundTrip < Duration{0} || roundTrip > kSilentAfter) return;
    // Compared before anything is subtracted: the other side may name any number.
    if (answeredAt > arrivedAt + kStrangeClock || answeredAt < sentAt - kStrangeClock) return;
    const auto offset = answeredAt - (sentAt + roundTrip / 2);
    // Both clocks are read to the millisecond.
    samples_.push_back({{offset, roundTrip / 2 + 1ms}, roundTrip});
    if (samples_.size() > kKeptSamples) samples_.pop_front();
}

const ClockGauge::Sample* ClockGauge::best() const {
    const auto at = std::min_element(samples_.begin(), samples_.end(), [](const Sample& left, const Sample& right) {
        return left.roundTrip < right.roundTrip;
    });
    return at == samples_.end() ? nullptr : &*at;
}

std::optional<ClockOffset> ClockGauge::offset() const {
    const auto* sample = best();
    return sample ? std::optional(sample->clock) : std::nullopt;
}

std::optional<Duration> ClockGauge::roundTrip() const {
    const auto* sample = best();
    return sample ? std::optional(sample->roundTrip) : std::nullopt;
}

LinkHealth::LinkHealth(LinkRecord record, std::string baseName, TimePoint now)
    : record_(std::move(record)), baseName_(std::move(baseName)), since_(now), nextDial_(now) {}

void LinkHealth::become(LinkState state, TimePoint now) {
    if (state_ == state) return;
    state_ = state;
    since_ = now;
    ++revision_;
}

void LinkHealth::connected(const link::Hello& hello, const std::string& address, TimePoint now) {
    hello_ = hello;
    address_ = address;
    lastHeard_ = now;
    clock_.reset();
    pause_ = kFirstRedial;
    why_.clear();
    todo_.clear();
    become(LinkState::Linked, now);
}

void LinkHealth::introduced(const link::Hello& hello) {
    hello_ = hello;
    ++revision_;
}

void LinkHealth::lost(const std::string& why, TimePoint now) {
    // A refusal explains more than that nobody is connected.
    const bool keepsWord = state_ == LinkState::Refused || state_ == LinkState::OtherVersion;
    if (!keepsWord) {
        if (why_ != why) ++revision_;
        why_ = why;
        todo_.clear();
        become(LinkState::NotAnswering, now);
    }
    nextDial_ = now + (keepsWord ? kRefusedRedial : pause_);
    pause_ = std::min(pause_ * 2, kLongestRedial);
}

void LinkHealth::refused(const std::string& why, const std::string& todo, TimePoint now) {
    if (why_ != why) ++revision_;
    why_ = why;
    todo_ = todo;
    become(LinkState::Refused, now);
    nextDial_ = now + kRefusedRedial;
}

void LinkHealth::otherVersion(const link::Hello& hello, TimePoint now) {
    hello_ = hello;
    lastHeard_ = now;
    become(LinkState::OtherVersion, now);
    nextDial_ = now + kRefusedRedial;
}

std::string LinkHealth::sentence() const {
    switch (state_) {
        case LinkState::Linked: {
            auto text = "Linked with " + (hello_.service.empty() ? std::string("the other service") : hello_.service);
            text += ", version " + hello_.version;
            if (const auto trip = clock_.roundTrip())
                text += ", " + std::string(*trip < 1ms ? "less than 1" : std::to_string(trip->count())) + " ms away";
            if (const auto clock = clock_.offset()) text += "; " + clockWords(*clock);
            return text + ".";
        }
        case LinkState::NotAnswering:
            if (!why_.empty()) return "No connection since " + isoText(since_) + ": " + why_;
            return record_.isDialling()
                       ? "This service is connecting to " + record_.host + ":" + std::to_string(record_.port) + "."
                       : "The service of " + baseName_ + " has not connected since " + isoText(since_) + ".";
        case LinkState::OtherVersion:
            return "The service of " + baseName_ + " is of version " + hello_.version + " and speaks link protocol " +
                   std::to_string(hello_.protocol) + ", this one speaks " + std::to_string(link::kProtocol) + ".";
        case LinkState::Refused:
            return why_;
        case LinkState::Invited:
            break;
    }
    return {};
}

std::string LinkHealth::todo() const {
    if (!todo_.empty()) return todo_;
    switch (state_) {
        case LinkState::NotAnswering:
            return record_.isDialling()
                       ? "See that the service runs there, and that TCP port " + std::to_string(record_.port) +
                             " is open on the way to it. This service tries again by itself."
                       : "That service connects to this one, not the other way round: look at the link on its side, "
                         "and whether the port of bases.link_listen is open on the way here.";
        case LinkState::OtherVersion:
            return "Install the same version on both sides. Until then each side measures alone.";
        case LinkState::Invited:
        case LinkState::Linked:
        case LinkState::Refused:
            break;
    }
    return {};
}

BaseLink LinkHealth::view() const {
    BaseLink view;
    view.base = record_.base;
    view.baseName = baseName_;
    view.state = state_;
    view.since = since_;
    view.sentence = sentence();
    view.todo = todo();
    view.isDialling = record_.isDialling();
    view.address = record_.isDialling() ? record_.host + ":" + std::to_string(record_.port) : address_;
    view.fingerprint = record_.fingerprint;
    view.service = hello_.service.empty() ? record_.service : hello_.service;
    view.version = hello_.version;
    view.protocol = hello_.version.empty() ? 0U : hello_.protocol;
    if (state_ == LinkState::Linked) {
        view.clock = clock_.offset();
        view.roundTrip = clock_.roundTrip();
    }
    view.segments = hello_.segments;
    view.lastHeard = lastHeard_;
    return view;
}

}  // namespace causeway::links
