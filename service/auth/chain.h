#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "shared/base/time.h"

namespace causeway::auth {

/// One provider of a domain's chain.
struct ChainMember {
    std::uint64_t provider = 0;
    std::string name;
    Duration timeout{5000};
    /// A reject of this provider may mean an unknown user (RADIUS): the next one is asked too.
    bool asksNextAfterReject = false;
};

/// What one provider said, for the trail of a login.
struct ChainStep {
    std::uint64_t provider = 0;
    std::string name;
    Outcome outcome = Outcome::CannotAsk;
    std::string failedAt;
    std::string why;
    Duration took{};
    bool wasRemembered = false;  ///< answered from what was kept of an earlier answer
};

/// One login through a chain of providers in their order. Pure: told verdicts and the time.
/// Rules: a user belongs to the first provider that knows him, so a wrong password ends the chain. "Cannot ask" and
/// "busy" end it too: whoever is in a provider that does not answer must not become the user of that name in another.
/// Only "unknown user" goes on, and a reject where the member says so. The chain as a whole has a budget.
class ChainRun {
public:
    ChainRun(std::vector<ChainMember> members, Duration budget, TimePoint now);

    struct Ask {
        std::uint64_t provider = 0;
        TimePoint deadline{};
    };
    /// Whom to ask next; nothing if the run is done.
    std::optional<Ask> next(TimePoint now);
    /// What the asked provider said.
    void onVerdict(Verdict verdict, TimePoint now, bool wasRemembered = false);

    bool isDone() const { return isDone_; }
    const Verdict& verdict() const { return verdict_; }
    const std::vector<ChainStep>& steps() const { return steps_; }

private:
    void finish(Verdict verdict);

    std::vector<ChainMember> members_;
    TimePoint end_;
    std::size_t at_ = 0;
    TimePoint askedAt_{};
    bool isDone_ = false;
    std::optional<Verdict> reject_;
    Verdict verdict_;
    std::vector<ChainStep> steps_;
};

/// When a refusal may be told: on a grid since the login began, so that its time does not tell which provider refused
/// or whether the user exists. Everything else at once.
TimePoint tellAt(const Verdict& verdict, TimePoint began, TimePoint now, Duration grid);

}  // namespace causeway::auth
