#include "console/presenters/text_format.h"

#include <ctime>

namespace causeway::console {

namespace {

/// Days since 1970 in local time.
std::int64_t localDay(TimePoint when) {
    const auto seconds = static_cast<std::time_t>(epochMillis(when) / 1000);
    std::tm parts{};
#if defined(_WIN32)
    localtime_s(&parts, &seconds);
#else
    localtime_r(&seconds, &parts);
#endif
    const auto day = std::chrono::sys_days{std::chrono::year{parts.tm_year + 1900} /
                                           std::chrono::month{static_cast<unsigned>(parts.tm_mon + 1)} /
                                           std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    return day.time_since_epoch().count();
}

bool isNever(TimePoint when) {
    return when == TimePoint{};
}

}  // namespace

std::string relativeTime(TimePoint when, TimePoint now) {
    if (isNever(when)) return tr("never");
    const auto age = now - when;
    if (age < 24h) return agoText(when, now);
    const auto days = localDay(now) - localDay(when);
    if (days <= 1) return tr("yesterday");
    if (days < 7) return fill(tr("%1 d"), {std::to_string(days)});
    return exactTimeText(when).substr(0, 10);
}

std::string exactTime(TimePoint when) {
    return isNever(when) ? tr("never") : exactTimeText(when);
}

std::string countText(std::uint64_t count) {
    return numberText(count);
}

std::string presenceText(Presence presence) {
    return textOf(presence);
}

std::string deliveryText(Delivery delivery) {
    return textOf(delivery);
}

std::string reasonText(UnstableReason reason) {
    return textOf(reason);
}

std::string kindText(ClientKind kind) {
    switch (kind) {
        case ClientKind::Unknown:
            return tr("Unknown client");
        case ClientKind::Windows:
            return tr("IP Messenger for Windows");
        case ClientKind::Mac:
            return tr("IP Messenger for Mac");
        case ClientKind::Mobile:
            return tr("IP Messenger on a phone");
        case ClientKind::Iptux:
            return "iptux";
        case ClientKind::Feiq:
            return "FeiQ";
        case ClientKind::Other:
            return tr("Another client");
        case ClientKind::Causeway:
            return tr("Causeway service");
    }
    return {};
}

std::string kindText(RangeKind kind) {
    return textOf(kind);
}

std::string roundTripText(const std::optional<Duration>& roundTrip) {
    return roundTrip ? durationText(*roundTrip) : std::string{};
}

std::string markText(Mark mark) {
    switch (mark) {
        case Mark::Fine:
            return tr("Fine");
        case Mark::Partly:
            return tr("Partly");
        case Mark::Broken:
            return tr("Broken");
        case Mark::Unknown:
            return tr("Not measured");
        case Mark::None:
            break;
    }
    return {};
}

std::string csvField(std::string_view text) {
    // A cell that begins like a formula is run by spreadsheets; the names come from everybody on the LAN.
    const bool isFormula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    const bool needsQuotes = text.find_first_of(",\"\r\n;") != std::string_view::npos;
    std::string field;
    if (isFormula) field = "'";
    if (!needsQuotes) return field.append(text);
    field.insert(field.begin(), '"');
    for (const char letter : text) {
        if (letter == '"') field.push_back('"');
        field.push_back(letter);
    }
    field.push_back('"');
    return field;
}

std::string tsvField(std::string_view text) {
    std::string field(text);
    for (auto& letter : field) {
        if (letter == '\t' || letter == '\n' || letter == '\r') letter = ' ';
    }
    return field;
}

}  // namespace causeway::console
