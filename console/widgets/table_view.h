#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <wx/dataview.h>
#include <wx/timer.h>

#include "console/presenters/table.h"
#include "console/widgets/life.h"

namespace causeway::console {

/// A presenter's Table as a wxDataViewCtrl for 100,000 rows and more. Sorts by click on a header, copies with Ctrl+C,
/// chooses columns with the right button on a header (or in the menu of a row), remembers widths, order
/// and shown columns under `name` in wxConfig, and keeps selection and scroll by id when rows change.
/// `name` is unique in the program ("users.table"). The table outlives the view.
class TableView : public wxDataViewCtrl {
public:
    TableView(wxWindow* parent, const wxString& name, const wxString& accessibleName, Table& table,
              long style = wxDV_ROW_LINES | wxDV_MULTIPLE);
    ~TableView() override;

    std::optional<std::uint64_t> selectedId() const;  ///< the first of them
    std::vector<std::uint64_t> selectedIds() const;
    /// Selects and scrolls to it; false if the filter hides it.
    bool selectId(std::uint64_t id);
    void clearSelection();
    /// Selected rows (all rows if none is selected) as text with tabs, headers first.
    wxString asText() const;
    void copySelection();
    /// Not at each turn while the list learns of its rows: wx would draw all of it again after each portion.
    void OnInternalIdle() override;

    std::function<void()> onSelectionChanged;
    /// Rows came or went: for counts and empty states.
    std::function<void()> onCountChanged;
    std::function<void(std::uint64_t id)> onActivated;  ///< Enter or double click
    /// Fills the menu of the selected rows before Copy and Columns are added; right button or Menu key.
    std::function<void(wxMenu& menu)> onContextMenu;

private:
    class Model;
    void rowsChanged();
    void tableReset();
    /// The list learns of its rows in small portions, in idle time: where a screen reader listens, GTK tells it of
    /// every cell, about 20 us each, which would freeze the window for many seconds with 100,000 rows.
    void growTo(unsigned count);
    bool isGrowing() const;
    bool growSome();
    void keepPlace();
    void restoreSelection();
    void refreshVisible();
    /// At once if the rows were not drawn just now; many changes in a row make ten drawings a second.
    void refreshSoon();
    void showSortMark();
    void sortBy(std::size_t column);
    void appendColumnsMenu(wxMenu& menu);
    void showColumn(std::size_t column, bool isShown);
    void remember() const;
    void buildColumns();
    void onContext(wxDataViewEvent& event);
    std::vector<wxDataViewColumn*> shownOrder() const;
    wxString configPath() const { return "/tables/" + name_ + "/"; }

    Table& table_;
    wxString name_;
    wxObjectDataPtr<Model> model_;
    std::vector<std::uint64_t> selected_;
    std::optional<std::uint64_t> top_;
    bool isRestoring_ = false;
    bool hasPendingChange_ = false;
    wxTimer fade_;  ///< draws rows again that are fresh no more
    wxTimer draw_;  ///< the next drawing of refreshSoon()
    std::chrono::steady_clock::time_point refreshedAt_{};
    std::chrono::steady_clock::time_point idledAt_{};
    Life life_;
};

}  // namespace causeway::console
