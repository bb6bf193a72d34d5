#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console/presenters/table.h"
#include "shared/model/chat_domain.h"
#include "shared/model/proof.h"
#include "shared/model/provider_view.h"

/// Chat domains, dots and proofs in words.
namespace causeway::console {

Mark markOf(ProofState state);
/// "Registered", "Partly registered", "Not registered", "Not measured".
std::string dotWord(ProofState state);
/// Result of one step of a proof: "Fine", "Partly", "Failed", "Not tried".
std::string resultWord(ProofState state);
std::string textOf(DotKind kind);
std::string textOf(DomainReach reach);
std::string textOf(EndToEnd policy);
std::string explanationOf(EndToEnd policy);
std::string textOf(CertificateSource source);
std::string textOf(SupernodeOrigin origin);
std::string textOf(ProviderKind kind);
/// What a kind is for, one sentence.
std::string explanationOf(ProviderKind kind);

/// What a login would be told now.
struct LoginLine {
    Mark mark = Mark::Unknown;
    std::string text;
};
LoginLine loginLine(const std::string& gateWord);

/// Whether a provider is asked, mostly by its circuit breaker: "Answers", "Needs its password", "Not asked until
/// 12:03:11, it failed 3 times in a row", "Tried with one login".
LoginLine breakerLine(const ProviderView& view, TimePoint now);

/// The result of a login test in words: "Right password", "Wrong password", ...; unknown words stay as they are.
std::string loginOutcomeText(const std::string& word);
/// What a login test showed, with what to do next.
LoginLine loginTestLine(const LoginTrail& trail);

/// One line of a proof tree, in reading order.
struct ProofRow {
    std::size_t depth = 0;
    Mark mark = Mark::Unknown;
    std::string name;
    std::string result;
    std::string took;    ///< "12 ms"; empty if it was not tried
    std::string proves;  ///< what it proves; for a failed step why it failed
    std::string todo;
    std::string details;  ///< all that is known of the step, in lines
};
/// Without the root, if that has children and says nothing by itself.
std::vector<ProofRow> proofRows(const ProofStep& proof);
/// Index of the row to look at first: the first that failed, else the first that is partly good.
std::optional<std::size_t> troubleRow(const std::vector<ProofRow>& rows);

}  // namespace causeway::console
