#include "shared/model/visibility.h"

#include <array>

namespace causeway {

namespace {

constexpr std::array kFaults{"site-link",   "one-way",      "pc-inbound", "pc-receives",
                             "pc-isolated", "segment-dark", "pair"};
constexpr std::array kModes{"off", "on-demand", "interval"};
constexpr std::array kStates{"not-measured", "too-few", "dark", "partly", "seen"};
constexpr double kDark = 0.25;

template <class Words, class T>
const char* wordIn(const Words& words, T value) {
    const auto number = static_cast<std::size_t>(value);
    return number < words.size() ? words[number] : "unknown";
}

template <class T, class Words>
std::optional<T> valueIn(const Words& words, std::string_view word) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (word == words[i]) return static_cast<T>(i);
    return std::nullopt;
}

}  // namespace

const char* wordOf(FaultKind kind) {
    return wordIn(kFaults, kind);
}
std::optional<FaultKind> faultKindOf(std::string_view word) {
    return valueIn<FaultKind>(kFaults, word);
}
const char* wordOf(VisibilityMode mode) {
    return wordIn(kModes, mode);
}
std::optional<VisibilityMode> visibilityModeOf(std::string_view word) {
    return valueIn<VisibilityMode>(kModes, word);
}
const char* wordOf(BlockState state) {
    return wordIn(kStates, state);
}
std::optional<BlockState> blockStateOf(std::string_view word) {
    return valueIn<BlockState>(kStates, word);
}

BlockState VisibilityBlock::stateOf(std::uint32_t cells, std::uint32_t seen, std::uint32_t observers) {
    if (cells == 0) return BlockState::NotMeasured;
    // All seen needs no third witness; a fault does.
    if (seen == cells) return BlockState::Seen;
    if (observers < kFewestObservers) return BlockState::TooFew;
    const VisibilityBlock block{0, 0, cells, seen, observers};
    if (block.share() < kDark) return BlockState::Dark;
    // One in fifty is what a collection misses by chance: somebody who came or went meanwhile.
    return seen * 50ULL >= cells * 49ULL ? BlockState::Seen : BlockState::Partly;
}

}  // namespace causeway
