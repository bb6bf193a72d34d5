#include "shared/model/base_link.h"

#include <array>
#include <utility>

namespace causeway {

namespace {

constexpr std::array<std::pair<LinkState, const char*>, 5> kStates{{{LinkState::Invited, "invited"},
                                                                    {LinkState::Linked, "linked"},
                                                                    {LinkState::NotAnswering, "not-answering"},
                                                                    {LinkState::OtherVersion, "other-version"},
                                                                    {LinkState::Refused, "refused"}}};

}  // namespace

const char* wordOf(LinkState state) {
    for (const auto& [each, word] : kStates)
        if (each == state) return word;
    return "not-answering";
}

std::optional<LinkState> linkStateOf(std::string_view word) {
    for (const auto& [each, known] : kStates)
        if (word == known) return each;
    return std::nullopt;
}

}  // namespace causeway
