#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/time.h"

namespace causeway {

enum class ProofState {
    Fine,
    Partly,  ///< works, but not for all or not for long: one of two servers, a certificate that ends soon
    Broken,
    Unknown,  ///< not tried, because a step before it failed or something is not set
};

/// One step of a proof: what was tried, what came of it, what it proves, what to do. Steps with children are judged by
/// them. Used for graded tests of providers and for the dots of a chat domain.
struct ProofStep {
    std::string id;    ///< stable: "resolve", "connect", "tls", "bind", "base", "filter", "group", "login"
    std::string name;  ///< for people: "Find the server's address"
    ProofState state = ProofState::Unknown;
    std::string proves;  ///< what is certain now, or what this step would have proven; one sentence
    TimePoint at{};      ///< when it began; epoch 0 = not tried
    Duration took{};
    std::string why{};                                         ///< for Partly, Broken, Unknown
    std::string todo{};                                        ///< next action, for Partly and Broken
    std::vector<std::pair<std::string, std::string>> facts{};  ///< shown as rows: "Name in the certificate", "dc1"
    std::vector<ProofStep> children{};
};

/// Broken before Partly before Unknown before Fine: the state of a whole with these parts. None: Unknown.
/// Fine beside Broken is Partly only where the caller says that one is enough (several servers): oneIsEnough().
ProofState worstOf(const std::vector<ProofStep>& steps);
/// Fine if all are, Partly if one is Fine or Partly, else the worst.
ProofState oneIsEnough(const std::vector<ProofStep>& steps);

/// The tree as lines of text for copying into a mail; two blanks a level.
std::string proofText(const ProofStep& step);
/// The first broken or partly good step in reading order, which is the one to mend; nullptr if none.
const ProofStep* firstTrouble(const ProofStep& step);

const char* wordOf(ProofState state);  ///< "fine", "partly", "broken", "unknown"
std::optional<ProofState> proofStateOf(std::string_view word);

}  // namespace causeway
