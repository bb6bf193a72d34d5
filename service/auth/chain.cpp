#include "service/auth/chain.h"

#include <algorithm>
#include <utility>

namespace causeway::auth {

ChainRun::ChainRun(std::vector<ChainMember> members, Duration budget, TimePoint now)
    : members_(std::move(members)), end_(now + budget) {
    if (members_.empty()) {
        finish({Outcome::CannotAsk, "The chat domain has no authentication provider that is turned on.",
                "Add one to the domain, or turn one on.", "chain"});
    }
}

std::optional<ChainRun::Ask> ChainRun::next(TimePoint now) {
    if (isDone_) return std::nullopt;
    const auto& member = members_[at_];
    if (now >= end_) {
        const std::string why = "The time for one login was used up before \"" + member.name + "\" could be asked.";
        steps_.push_back({member.provider, member.name, Outcome::CannotAsk, "chain", why, {}, false});
        finish({Outcome::CannotAsk, why, "Look at which provider of the domain is slow.", "chain"});
        return std::nullopt;
    }
    askedAt_ = now;
    return Ask{member.provider, std::min(now + member.timeout, end_)};
}

void ChainRun::onVerdict(Verdict verdict, TimePoint now, bool wasRemembered) {
    if (isDone_) return;
    const auto& member = members_[at_];
    steps_.push_back(
        {member.provider, member.name, verdict.outcome, verdict.failedAt, verdict.why, now - askedAt_, wasRemembered});
    const bool isReject = verdict.outcome == Outcome::WrongPassword && member.asksNextAfterReject;
    if (verdict.outcome != Outcome::UnknownUser && !isReject) {
        finish(std::move(verdict));
        return;
    }
    // A reject that may have meant "unknown" stays the answer if nobody else knows the user.
    if (isReject && !reject_) reject_ = verdict;
    if (++at_ < members_.size()) return;
    finish(reject_ ? std::move(*reject_) : std::move(verdict));
}

void ChainRun::finish(Verdict verdict) {
    isDone_ = true;
    verdict_ = std::move(verdict);
}

TimePoint tellAt(const Verdict& verdict, TimePoint began, TimePoint now, Duration grid) {
    if (!isRefusal(verdict.outcome) || grid <= Duration{0} || now < began) return now;
    const auto steps = (now - began) / grid + 1;
    return began + steps * grid;
}

}  // namespace causeway::auth
