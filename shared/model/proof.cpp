#include "shared/model/proof.h"

#include <algorithm>
#include <array>

namespace causeway {

namespace {

constexpr std::array kStates{std::pair{ProofState::Fine, "fine"}, std::pair{ProofState::Partly, "partly"},
                             std::pair{ProofState::Broken, "broken"}, std::pair{ProofState::Unknown, "unknown"}};

bool has(const std::vector<ProofStep>& steps, ProofState state) {
    return std::any_of(steps.begin(), steps.end(), [&](const ProofStep& step) { return step.state == state; });
}

void write(std::string& out, const ProofStep& step, std::size_t level) {
    const std::string indent(level * 2, ' ');
    out += indent + "[" + wordOf(step.state) + "] " + step.name;
    if (step.at != TimePoint{}) out += " (" + isoText(step.at) + ", " + std::to_string(step.took.count()) + " ms)";
    out += "\n";
    // What a broken step would have proven is no news.
    const bool isProven = step.state == ProofState::Fine || step.state == ProofState::Partly;
    for (const auto* sentence : {&step.proves, &step.why, &step.todo})
        if (!sentence->empty() && (isProven || sentence != &step.proves)) out += indent + "    " + *sentence + "\n";
    for (const auto& [name, value] : step.facts)
        out += indent + "    " + name + ": " + value + "\n";
    for (const auto& child : step.children)
        write(out, child, level + 1);
}

}  // namespace

ProofState worstOf(const std::vector<ProofStep>& steps) {
    for (const auto state : {ProofState::Broken, ProofState::Partly, ProofState::Unknown})
        if (has(steps, state)) return state;
    return steps.empty() ? ProofState::Unknown : ProofState::Fine;
}

ProofState oneIsEnough(const std::vector<ProofStep>& steps) {
    const auto worst = worstOf(steps);
    if (worst == ProofState::Fine) return worst;
    return has(steps, ProofState::Fine) || has(steps, ProofState::Partly) ? ProofState::Partly : worst;
}

std::string proofText(const ProofStep& step) {
    std::string out;
    write(out, step, 0);
    return out;
}

const ProofStep* firstTrouble(const ProofStep& step) {
    for (const auto& child : step.children)
        if (const auto* found = firstTrouble(child)) return found;
    return step.state == ProofState::Broken || step.state == ProofState::Partly ? &step : nullptr;
}

const char* wordOf(ProofState state) {
    for (const auto& [value, word] : kStates)
        if (value == state) return word;
    return "unknown";
}

std::optional<ProofState> proofStateOf(std::string_view word) {
    for (const auto& [value, text] : kStates)
        if (text == word) return value;
    return std::nullopt;
}

}  // namespace causeway
