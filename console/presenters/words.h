#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "console/presenters/table.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/admin.h"
#include "shared/model/lan_user.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

/// Everything that the console says, in the language of the user. Texts are whole sentences with %1, %2 for values;
/// assets/locale holds the translations, gathered from tr() and trn() by assets/locale/update.sh.
namespace causeway::console {

/// Where translations come from; the application gives the one of wxTranslations. Not given = the text itself.
/// UI thread only, like all of this file.
using Translator = std::function<std::string(const char* text)>;
using PluralTranslator = std::function<std::string(const char* one, const char* many, std::uint64_t count)>;
void setTranslators(Translator translator, PluralTranslator plural);

std::string tr(const char* text);
/// The form for `count`; %1 is the count with separators.
std::string trn(const char* one, const char* many, std::uint64_t count);
/// Replaces %1..%9.
std::string fill(std::string pattern, std::initializer_list<std::string> values);

/// "1,204"
std::string numberText(std::uint64_t number);
/// "now", "5 s", "2 min", "3 h", "4 d"; how long ago.
std::string agoText(TimePoint when, TimePoint now);
/// "250 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "12 d"
std::string durationText(Duration duration);
/// "12 MiB"
std::string bytesText(std::uint64_t bytes);
/// Local time of this computer: "2026-11-22 10:02:03"; only the time of day if it is today.
std::string timeText(TimePoint when, TimePoint now);
std::string exactTimeText(TimePoint when);
std::string clockText(TimePoint when);  ///< "12:03:11"

Mark markOf(Presence presence);
std::string textOf(Presence presence);
std::string textOf(UnstableReason reason);
/// What it means and what to do, one or two sentences.
std::string explanationOf(UnstableReason reason);
std::string textOf(Delivery delivery);
std::string explanationOf(Delivery delivery);
std::string textOf(UserEventKind kind);
std::string textOf(SearchState state);
std::string textOf(SearchFinding finding);
Mark markOf(SearchFinding finding);
std::string textOf(SearchOrigin origin);
std::string textOf(RangeKind kind);
std::string textOf(Role role);
std::string textOf(LogLevel level);
std::string textOf(Severity severity);
Mark markOf(Severity severity);

/// Lower case for searching: ASCII, Latin, Greek, Cyrillic; full-width letters become plain ones. Other text stays.
std::string foldText(std::string_view text);

/// What, why and what to do in separate lines.
std::string errorLines(const Error& error);

}  // namespace causeway::console
