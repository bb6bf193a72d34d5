#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/time.h"

namespace causeway::cli {

/// Columns on a terminal: East Asian wide characters take two.
std::size_t displayWidth(std::string_view utf8);

/// Aligned columns with a head line; the last column is not padded. Control characters become blanks.
class Table {
public:
    enum class Align { Left, Right };
    struct Column {
        std::string head;
        Align align = Align::Left;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells);
    bool isEmpty() const { return rows_.empty(); }
    std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// "now", "5 s", "2 min", "3 h", "4 d" ago; "-" for never.
std::string agoText(TimePoint when, TimePoint now);
std::string agoText(const std::optional<TimePoint>& when, TimePoint now);
/// "12 d 4 h", "3 min 5 s"
std::string spanText(Duration span);
/// 1234567 -> "1,234,567"
std::string countText(std::uint64_t number);

}  // namespace causeway::cli
