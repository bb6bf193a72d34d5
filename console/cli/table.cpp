#include "console/cli/table.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct Stretch {
    char32_t first;
    char32_t last;
};
/// Wide and fullwidth blocks (Unicode Standard Annex 11), as far as names of people and computers use them.
constexpr std::array kWide{Stretch{0x1100, 0x115F},   Stretch{0x2E80, 0x303E},  Stretch{0x3041, 0x33FF},
                           Stretch{0x3400, 0x4DBF},   Stretch{0x4E00, 0x9FFF},  Stretch{0xA000, 0xA4CF},
                           Stretch{0xAC00, 0xD7A3},   Stretch{0xF900, 0xFAFF},  Stretch{0xFE30, 0xFE4F},
                           Stretch{0xFF00, 0xFF60},   Stretch{0xFFE0, 0xFFE6},  Stretch{0x1F300, 0x1F64F},
                           Stretch{0x1F900, 0x1F9FF}, Stretch{0x20000, 0x3FFFD}};

std::size_t widthOf(char32_t point) {
    // Combining marks stand on the character before.
    if (point >= 0x0300 && point <= 0x036F) return 0;
    const bool isWide = std::any_of(kWide.begin(), kWide.end(), [point](const Stretch& stretch) {
        return point >= stretch.first && point <= stretch.last;
    });
    return isWide ? 2 : 1;
}

}  // namespace

std::size_t displayWidth(std::string_view utf8) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t j = 1; j < length && i + j < utf8.size(); ++j)
            point = point << 6U | (static_cast<unsigned char>(utf8[i + j]) & 0x3FU);
        width += widthOf(point);
        i += length;
    }
    return width;
}

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    // What clients call themselves must not move the cursor of the administrator's terminal.
    for (auto& cell : cells)
        cell = cleanUtf8(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(displayWidth(columns_[i].head));
        for (const auto& row : rows_)
            widths[i] = std::max(widths[i], displayWidth(row[i]));
    }
    std::string out;
    const auto line = [&](const auto& cellOf) {
        std::string text;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string& cell = cellOf(i);
            const std::string padding(widths[i] - displayWidth(cell), ' ');
            if (i > 0) text += "  ";
            text += columns_[i].align == Align::Right ? padding + cell : cell + padding;
        }
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    };
    line([this](std::size_t i) -> const std::string& { return columns_[i].head; });
    for (const auto& row : rows_)
        line([&row](std::size_t i) -> const std::string& { return row[i]; });
    return out;
}

std::string agoText(TimePoint when, TimePoint now) {
    if (when == TimePoint{}) return "-";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - when).count();
    if (seconds < 2) return "now";
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 7200) return std::to_string(seconds / 60) + " min";
    if (seconds < 172'800) return std::to_string(seconds / 3600) + " h";
    return std::to_string(seconds / 86'400) + " d";
}

std::string agoText(const std::optional<TimePoint>& when, TimePoint now) {
    return when ? agoText(*when, now) : "-";
}

std::string spanText(Duration span) {
    const auto seconds = std::max<std::int64_t>(0, span.count() / 1000);
    const auto two = [](std::int64_t big, const char* bigUnit, std::int64_t small, const char* smallUnit) {
        return std::to_string(big) + bigUnit + (small > 0 ? " " + std::to_string(small) + smallUnit : std::string());
    };
    if (seconds >= 86'400) return two(seconds / 86'400, " d", seconds % 86'400 / 3600, " h");
    if (seconds >= 3600) return two(seconds / 3600, " h", seconds % 3600 / 60, " min");
    if (seconds >= 60) return two(seconds / 60, " min", seconds % 60, " s");
    return std::to_string(seconds) + " s";
}

std::string countText(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

}  // namespace causeway::cli
