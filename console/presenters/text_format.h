#pragma once

#include <string>

#include "console/presenters/table.h"
#include "console/presenters/words.h"

/// Values in words, for every page. Texts go through tr() of words.h, so they come out in the language of the user.
/// Texts that presenters hand out untranslated (column titles) are marked with later() for the gathering of texts.
namespace causeway::console {

/// Marks a text for translation later by the view; gives it back unchanged.
constexpr const char* later(const char* text) {
    return text;
}

/// "now", "20 s", "2 min", "3 h", "yesterday", "2026-11-20"; "never" for the epoch.
std::string relativeTime(TimePoint when, TimePoint now);
/// "2026-11-22 10:02:03" in local time; "never" for the epoch.
std::string exactTime(TimePoint when);
/// "1,204"
std::string countText(std::uint64_t count);
std::string presenceText(Presence presence);
std::string deliveryText(Delivery delivery);
std::string reasonText(UnstableReason reason);
std::string kindText(ClientKind kind);
std::string kindText(RangeKind kind);
/// "18 ms", "" if never measured.
std::string roundTripText(const std::optional<Duration>& roundTrip);
/// Word of a mark for those who see neither colour nor shape.
std::string markText(Mark mark);
/// One field of a CSV line: quoted where needed; text that a spreadsheet would run as a formula gets a ' in front.
std::string csvField(std::string_view text);
/// Tab, line feed and return become blanks.
std::string tsvField(std::string_view text);

}  // namespace causeway::console
