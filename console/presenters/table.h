#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace causeway::console {

/// Status marks of the console: always shape, colour and word together.
enum class Mark { None, Fine, Partly, Broken, Unknown };

/// One column of a table. `key` is stable (persistence, API sort word); `title` is translated by the view.
struct Column {
    std::string key;
    std::string title;  ///< English source text; the view passes it through gettext
    int width = 120;    ///< in DIPs, first time
    bool isRightAligned = false;
    bool hasMark = false;      ///< the cell shows a status mark before its text
    bool isShownFirst = true;  ///< hidden at first if false
};

/// Rows of a big list, sorted and filtered by the presenter; the view asks for what is visible only. UI thread.
class Table {
public:
    virtual ~Table() = default;
    virtual const std::vector<Column>& columns() const = 0;
    virtual std::size_t rowCount() const = 0;  ///< after filter
    virtual std::string cell(std::size_t row, std::size_t column) const = 0;
    virtual Mark mark(std::size_t row, std::size_t column) const {
        static_cast<void>(row);
        static_cast<void>(column);
        return Mark::None;
    }
    virtual std::uint64_t idAt(std::size_t row) const = 0;
    virtual std::optional<std::size_t> rowOf(std::uint64_t id) const = 0;
    virtual void sortBy(std::size_t column, bool isAscending) = 0;
    virtual std::size_t sortColumn() const = 0;
    virtual bool isAscending() const = 0;
    virtual void setFilter(const std::string& text) = 0;
    /// True for a second after the row changed, so that the view can fade it.
    virtual bool isFresh(std::size_t row) const {
        static_cast<void>(row);
        return false;
    }

    /// Set by the view: some rows changed in place (visible ones are drawn again), or the order or count changed.
    std::function<void()> onRowsChanged;
    std::function<void()> onReset;
};

}  // namespace causeway::console
