#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "service/trace/visibility_policy.h"

namespace causeway::trace::test {

/// A company whose clients answer by a rule; drives a policy on fake time.
class VisibilityCompany {
public:
    /// `segments` of `each` Windows clients: 10.1.0.10, 10.1.0.11 ..., 10.1.1.10 ...
    VisibilityCompany(std::size_t segments, std::size_t each, TimePoint begin) : now(begin), policy(begin) {
        for (std::size_t segment = 0; segment < segments; ++segment) {
            const auto network = segmentOf(segment);
            snapshot.bases.push_back({segment + 1, "base" + std::to_string(segment), {network}, ""});
            for (std::size_t pc = 0; pc < each; ++pc) {
                SeenUser user;
                user.id = segment * each + pc + 1;
                user.name = "pc" + std::to_string(user.id);
                user.client = "IPMsg 4.99";
                user.kind = ClientKind::Windows;
                user.address = Ip4{network.address.value + 10 + static_cast<std::uint32_t>(pc)};
                user.segment = network;
                user.base = "base" + std::to_string(segment);
                user.isAnswering = user.isExpected = true;
                user.enteredAt = begin - 1h;
                snapshot.users.push_back(user);
            }
        }
        snapshot.interfaces.push_back({"eth0", Ip4{0x0A010002}, segmentOf(0), segmentOf(0).broadcast(), false});
        policy.setConfig({VisibilityMode::OnDemand, 60min}, now);
    }

    static Network4 segmentOf(std::size_t number) {
        return {Ip4{0x0A010000U | static_cast<std::uint32_t>(number) << 8}, 24};
    }
    SeenUser& user(UserId id) { return snapshot.users[id - 1]; }

    /// Until nobody is asked any more, or for that long.
    void run(Duration most = 30min) {
        const auto end = now + most;
        while (now < end) {
            step();
            if (!policy.status().isCollecting) return;
            auto next = policy.nextDeadline(now);
            for (const auto& [when, client] : answers)
                next = std::min(next, when);
            now = std::max(next, now + 1ms);
        }
    }
    void step() {
        policy.tick(now);
        for (bool isMore = true; isMore;) {
            isMore = false;
            while (!answers.empty() && answers.begin()->first <= now) {
                const auto client = answers.begin()->second;
                answers.erase(answers.begin());
                policy.listRead(client, true, listOf(client), now);
                isMore = true;
            }
            if (policy.wantsSnapshot()) {
                snapshot.at = now;
                policy.take(snapshot, now);
                isMore = true;
            }
            for (const auto client : policy.takeQuestions()) {
                asked.emplace_back(now, client);
                mostOpen = std::max(mostOpen, answers.size() + 1);
                if (answersAfter(client) >= Duration{0}) answers.emplace(now + answersAfter(client), client);
                isMore = true;
            }
            for (const auto id : policy.takeProbes())
                probed.push_back(id);
            const auto wish = policy.takeReportWish();
            if (wish != VisibilityPolicy::ReportWish::None) {
                const bool isFinal = wish == VisibilityPolicy::ReportWish::Final;
                report = policy.book().report();
                outcome = policy.take(report, isFinal, now);
                isMore = true;
            }
        }
    }
    std::vector<Ip4> listOf(Ip4 client) const {
        std::vector<Ip4> listed;
        const auto self = std::find_if(snapshot.users.begin(), snapshot.users.end(),
                                       [&](const SeenUser& each) { return each.address == client; });
        for (const auto& each : snapshot.users)
            if (self != snapshot.users.end() && (each.id == self->id || sees(self->id, each.id)))
                listed.push_back(each.address);
        return listed;
    }
    std::vector<FaultKind> openKinds() const {
        std::vector<FaultKind> kinds;
        for (const auto& each : policy.findings().all())
            if (each.isOpen()) kinds.push_back(each.kind);
        return kinds;
    }

    TimePoint now;
    VisibilityPolicy policy;
    VisibilitySnapshot snapshot;
    std::function<bool(UserId, UserId)> sees = [](UserId, UserId) { return true; };
    std::function<Duration(Ip4)> answersAfter = [](Ip4) { return Duration{50}; };  ///< negative: never
    std::multimap<TimePoint, Ip4> answers;
    std::vector<std::pair<TimePoint, Ip4>> asked;
    std::vector<UserId> probed;
    std::size_t mostOpen = 0;
    VisibilityReport report;
    FindingBook::Outcome outcome;
};

}  // namespace causeway::trace::test
