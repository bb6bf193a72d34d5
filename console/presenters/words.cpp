#include "console/presenters/words.h"

#include <array>
#include <ctime>
#include <utility>

#include "shared/base/text.h"

namespace causeway::console {

namespace {

Translator& translator() {
    static Translator current;
    return current;
}
PluralTranslator& pluralTranslator() {
    static PluralTranslator current;
    return current;
}

std::tm localTime(TimePoint when) {
    const auto seconds = static_cast<std::time_t>(epochMillis(when) / 1000);
    std::tm out{};
#if defined(_WIN32)
    localtime_s(&out, &seconds);
#else
    localtime_r(&seconds, &out);
#endif
    return out;
}

std::string twoDigits(int number) {
    const auto text = std::to_string(number);
    return text.size() < 2 ? "0" + text : text;
}

std::string oneDecimal(std::uint64_t tenths) {
    return numberText(tenths / 10) + "." + std::to_string(tenths % 10);
}

char32_t foldPoint(char32_t point) {
    if (point >= U'A' && point <= U'Z') return point + 32;
    if (point >= 0xC0 && point <= 0xDE && point != 0xD7) return point + 32;
    if (point >= 0x100 && point <= 0x17F && point != 0x130 && point != 0x131 && point != 0x178) {
        // Pairs of Latin Extended-A: upper is even up to 0x137 and from 0x14A, odd between.
        const bool upperIsOdd = (point >= 0x139 && point <= 0x148) || point >= 0x179;
        if (upperIsOdd) return (point % 2 == 1 && point != 0x17F) ? point + 1 : point;
        return point % 2 == 0 ? point + 1 : point;
    }
    if (point >= 0x391 && point <= 0x3A9) return point + 32;
    if (point >= 0x410 && point <= 0x42F) return point + 32;
    if (point >= 0x400 && point <= 0x40F) return point + 80;
    if (point >= 0xFF21 && point <= 0xFF3A) return point - 0xFF21 + U'a';
    if (point >= 0xFF41 && point <= 0xFF5A) return point - 0xFF41 + U'a';
    if (point >= 0xFF10 && point <= 0xFF19) return point - 0xFF10 + U'0';
    if (point == 0x3000) return U' ';
    return point;
}

void appendUtf8(std::string& out, char32_t point) {
    const auto byte = [&out](char32_t value) { out.push_back(static_cast<char>(static_cast<unsigned char>(value))); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0 | (point >> 6));
        byte(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        byte(0xE0 | (point >> 12));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    } else {
        byte(0xF0 | (point >> 18));
        byte(0x80 | ((point >> 12) & 0x3F));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    }
}

}  // namespace

void setTranslators(Translator one, PluralTranslator plural) {
    translator() = std::move(one);
    pluralTranslator() = std::move(plural);
}

std::string tr(const char* text) {
    return translator() ? translator()(text) : std::string(text);
}

std::string trn(const char* one, const char* many, std::uint64_t count) {
    auto pattern = pluralTranslator() ? pluralTranslator()(one, many, count) : std::string(count == 1 ? one : many);
    return fill(std::move(pattern), {numberText(count)});
}

std::string fill(std::string pattern, std::initializer_list<std::string> values) {
    std::string out;
    out.reserve(pattern.size() + 32);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool isPlace = pattern[i] == '%' && i + 1 < pattern.size() && pattern[i + 1] >= '1' &&
                             pattern[i + 1] <= '9' && static_cast<std::size_t>(pattern[i + 1] - '1') < values.size();
        if (!isPlace) {
            out.push_back(pattern[i]);
            continue;
        }
        out += *(values.begin() + (pattern[i + 1] - '1'));
        ++i;
    }
    return out;
}

std::string numberText(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}

std::string durationText(Duration duration) {
    const auto millis = static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count());
    if (millis < 1000) return fill(tr("%1 ms"), {std::to_string(millis)});
    if (millis < 10'000) return fill(tr("%1 s"), {oneDecimal(millis / 100)});
    const auto seconds = millis / 1000;
    if (seconds < 60) return fill(tr("%1 s"), {std::to_string(seconds)});
    if (seconds < 3600) {
        if (seconds % 60 == 0) return fill(tr("%1 min"), {std::to_string(seconds / 60)});
        return fill(tr("%1 min %2 s"), {std::to_string(seconds / 60), std::to_string(seconds % 60)});
    }
    if (seconds < 86'400) {
        return fill(tr("%1 h %2 min"), {std::to_string(seconds / 3600), std::to_string(seconds % 3600 / 60)});
    }
    return fill(tr("%1 d"), {numberText(seconds / 86'400)});
}

std::string agoText(TimePoint when, TimePoint now) {
    const auto seconds = (now - when).count() / 1000;
    if (seconds < 5) return tr("now");
    if (seconds < 60) return fill(tr("%1 s"), {std::to_string(seconds)});
    if (seconds < 3600) return fill(tr("%1 min"), {std::to_string(seconds / 60)});
    if (seconds < 86'400) return fill(tr("%1 h"), {std::to_string(seconds / 3600)});
    return fill(tr("%1 d"), {numberText(static_cast<std::uint64_t>(seconds / 86'400))});
}

std::string bytesText(std::uint64_t bytes) {
    constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes * 10;
    while (tenths >= 10'240 && unit + 1 < kUnits.size()) {
        tenths /= 1024;
        ++unit;
    }
    if (unit == 0 || tenths >= 1000) return numberText(tenths / 10) + " " + kUnits[unit];
    return oneDecimal(tenths) + " " + kUnits[unit];
}

std::string clockText(TimePoint when) {
    const auto time = localTime(when);
    return twoDigits(time.tm_hour) + ":" + twoDigits(time.tm_min) + ":" + twoDigits(time.tm_sec);
}

std::string exactTimeText(TimePoint when) {
    const auto time = localTime(when);
    return std::to_string(time.tm_year + 1900) + "-" + twoDigits(time.tm_mon + 1) + "-" + twoDigits(time.tm_mday) +
           " " + clockText(when);
}

std::string timeText(TimePoint when, TimePoint now) {
    const auto day = localTime(when);
    const auto today = localTime(now);
    if (day.tm_year == today.tm_year && day.tm_yday == today.tm_yday) return clockText(when);
    return exactTimeText(when);
}

Mark markOf(Presence presence) {
    switch (presence) {
        case Presence::Present:
            return Mark::Fine;
        case Presence::Silent:
            return Mark::Partly;
        case Presence::Gone:
            return Mark::Broken;
        case Presence::Unconfirmed:
            break;
    }
    return Mark::Unknown;
}

std::string textOf(Presence presence) {
    switch (presence) {
        case Presence::Present:
            return tr("Present");
        case Presence::Silent:
            return tr("Silent");
        case Presence::Gone:
            return tr("Gone");
        case Presence::Unconfirmed:
            break;
    }
    return tr("Not proven");
}

std::string textOf(UnstableReason reason) {
    switch (reason) {
        case UnstableReason::Flapping:
            return tr("Enters and leaves again and again");
        case UnstableReason::MissedProbes:
            return tr("Misses probes");
        case UnstableReason::RestartWithoutExit:
            return tr("Enters again without having left");
        case UnstableReason::AddressChanges:
            return tr("Changes his address");
        case UnstableReason::SharedAddress:
            return tr("Shares an address with others");
        case UnstableReason::PortClosed:
            return tr("Computer answers, chat does not");
        case UnstableReason::DuplicateIdentity:
            return tr("Two computers use the same identity");
    }
    return {};
}

std::string explanationOf(UnstableReason reason) {
    switch (reason) {
        case UnstableReason::Flapping:
            return tr(
                "The client keeps starting and stopping, or its network keeps dropping. Look at the computer's sleep "
                "settings and at its Wi-Fi or cable.");
        case UnstableReason::MissedProbes:
            return tr(
                "Some packets get lost on the way or in a firewall. Allow UDP port 2425 on the computer and look for a "
                "weak link.");
        case UnstableReason::RestartWithoutExit:
            return tr(
                "The client ends without saying goodbye, as after a crash, a forced logoff or a lost connection.");
        case UnstableReason::AddressChanges:
            return tr(
                "The computer is connected twice, as by cable and Wi-Fi, or gets a new address often. Give it one "
                "connection or a fixed lease.");
        case UnstableReason::SharedAddress:
            return tr(
                "Several people appear from one address, as on a terminal server or behind address translation. Only "
                "one of them can be reached.");
        case UnstableReason::PortClosed:
            return tr(
                "The computer is on, but nothing listens on port 2425. Start the chat program there, or allow it in "
                "the firewall.");
        case UnstableReason::DuplicateIdentity:
            return tr(
                "Two running computers have the same user name and host name, often because one was cloned. Rename "
                "one of them.");
    }
    return {};
}

std::string textOf(Delivery delivery) {
    switch (delivery) {
        case Delivery::None:
            return tr("None");
        case Delivery::SignedList:
            return tr("Signed list");
        case Delivery::PlainList:
            return tr("Plain list");
        case Delivery::Introduction:
            return tr("Introductions");
        case Delivery::NotNeeded:
            return tr("Not needed");
    }
    return {};
}

std::string explanationOf(Delivery delivery) {
    switch (delivery) {
        case Delivery::None:
            return tr(
                "This client cannot be told of external users with the present settings. Turn on lists or "
                "introductions in the preferences, page Network.");
        case Delivery::SignedList:
            return tr("The service sends him a signed list of external users whenever something changes.");
        case Delivery::PlainList:
            return tr("The service sends him a list of external users when he enters or refreshes.");
        case Delivery::Introduction:
            return tr("The service shows him each external user with packets that carry that user's address.");
        case Delivery::NotNeeded:
            return tr("There is no external user to tell him of, or he is a service himself.");
    }
    return {};
}

std::string textOf(UserEventKind kind) {
    switch (kind) {
        case UserEventKind::Entered:
            return tr("Entered");
        case UserEventKind::Confirmed:
            return tr("Confirmed");
        case UserEventKind::Left:
            return tr("Left");
        case UserEventKind::BecameSilent:
            return tr("Became silent");
        case UserEventKind::DeclaredGone:
            return tr("Declared gone");
        case UserEventKind::CameBack:
            return tr("Came back");
        case UserEventKind::Renamed:
            return tr("Renamed");
        case UserEventKind::Moved:
            return tr("Moved");
        case UserEventKind::Refused:
            return tr("Refused");
        case UserEventKind::RefreshedList:
            return tr("Refreshed his list");
        case UserEventKind::MarkedUnstable:
            return tr("Marked unstable");
        case UserEventKind::Calm:
            return tr("Calm again");
    }
    return {};
}

std::string textOf(SearchState state) {
    switch (state) {
        case SearchState::Waiting:
            return tr("Waiting");
        case SearchState::Running:
            return tr("Running");
        case SearchState::Stopping:
            return tr("Stopping");
        case SearchState::Finished:
            return tr("Finished");
        case SearchState::Stopped:
            return tr("Stopped");
        case SearchState::Failed:
            return tr("Failed");
    }
    return {};
}

std::string textOf(SearchFinding finding) {
    switch (finding) {
        case SearchFinding::New:
            return tr("New");
        case SearchFinding::Known:
            return tr("Known");
        case SearchFinding::Lost:
            return tr("Lost");
    }
    return {};
}

Mark markOf(SearchFinding finding) {
    return finding == SearchFinding::Lost ? Mark::Broken : Mark::Fine;
}

std::string textOf(SearchOrigin origin) {
    switch (origin) {
        case SearchOrigin::Manual:
            return tr("By hand");
        case SearchOrigin::Start:
            return tr("At start");
        case SearchOrigin::Interval:
            return tr("Announcement");
    }
    return {};
}

std::string textOf(RangeKind kind) {
    switch (kind) {
        case RangeKind::Blank:
            return tr("Comment");
        case RangeKind::Single:
            return tr("One address");
        case RangeKind::Wildcard:
            return tr("Wildcard");
        case RangeKind::Cidr:
            return tr("Network");
        case RangeKind::FromTo:
            return tr("From - to");
        case RangeKind::Broadcast:
            return tr("Broadcast");
        case RangeKind::Name:
            return tr("DNS name");
    }
    return {};
}

std::string textOf(Role role) {
    switch (role) {
        case Role::Viewer:
            return tr("Viewer");
        case Role::Operator:
            return tr("Operator");
        case Role::Admin:
            return tr("Administrator");
    }
    return {};
}

std::string textOf(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return tr("Debug");
        case LogLevel::Info:
            return tr("Info");
        case LogLevel::Warning:
            return tr("Warning");
        case LogLevel::Error:
            return tr("Error");
    }
    return {};
}

std::string textOf(Severity severity) {
    switch (severity) {
        case Severity::Notice:
            return tr("Notice");
        case Severity::Warning:
            return tr("Warning");
        case Severity::Problem:
            return tr("Problem");
    }
    return {};
}

Mark markOf(Severity severity) {
    switch (severity) {
        case Severity::Problem:
            return Mark::Broken;
        case Severity::Warning:
            return Mark::Partly;
        case Severity::Notice:
            break;
    }
    return Mark::Unknown;
}

std::string foldText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length == 1 || lead < 0xC2 || i + length > text.size()) {
            out.push_back(lead >= 'A' && lead <= 'Z' ? static_cast<char>(lead + 32) : text[i]);
            ++i;
            continue;
        }
        char32_t point = lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k)
            point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
        appendUtf8(out, foldPoint(point));
        i += length;
    }
    return out;
}

std::string errorLines(const Error& error) {
    std::string out = error.what;
    for (const auto* part : {&error.why, &error.todo}) {
        if (part->empty()) continue;
        if (!out.empty()) out += "\n";
        out += *part;
    }
    return out;
}

}  // namespace causeway::console
