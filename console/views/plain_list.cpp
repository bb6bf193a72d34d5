#include "console/views/plain_list.h"

#include <algorithm>

#include "console/widgets/theme.h"

namespace causeway::console {

PlainList::PlainList(wxWindow* parent, const wxString& name, const wxString& accessibleName,
                     const std::vector<Head>& heads, Switches switches, const wxString& switchTitle)
    : wxDataViewListCtrl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxDV_SINGLE),
      hasSwitches_(switches == Switches::Shown) {
    SetName(name);
    setAccessibleName(this, accessibleName);
    if (hasSwitches_) AppendToggleColumn(switchTitle, wxDATAVIEW_CELL_ACTIVATABLE, FromDIP(48), wxALIGN_CENTER, 0);
    for (const auto& head : heads) {
        AppendTextColumn(head.title, wxDATAVIEW_CELL_INERT, FromDIP(head.width),
                         head.isRightAligned ? wxALIGN_RIGHT : wxALIGN_LEFT, wxDATAVIEW_COL_RESIZABLE);
    }
    Bind(wxEVT_DATAVIEW_ITEM_VALUE_CHANGED, [this](wxDataViewEvent& event) {
        const int row = ItemToRow(event.GetItem());
        if (isFilling_ || !hasSwitches_ || row < 0 || event.GetColumn() != 0) return;
        auto& mine = rows_[static_cast<std::size_t>(row)];
        mine.isOn = GetToggleValue(static_cast<unsigned>(row), 0);
        if (onSwitch) onSwitch(mine.id, mine.isOn);
    });
    Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        if (!isFilling_ && onSelectionChanged) onSelectionChanged();
    });
    Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED, [this](wxDataViewEvent& event) {
        const int row = ItemToRow(event.GetItem());
        if (row >= 0 && onActivated) onActivated(rows_[static_cast<std::size_t>(row)].id);
    });
}

wxVector<wxVariant> PlainList::valuesOf(const Row& row) const {
    wxVector<wxVariant> values;
    if (hasSwitches_) values.push_back(wxVariant(row.isOn));
    for (const auto& cell : row.cells)
        values.push_back(wxVariant(cell));
    return values;
}

void PlainList::setRows(std::vector<Row> rows) {
    if (rows == rows_) return;
    isFilling_ = true;
    const auto same = [](const Row& left, const Row& right) { return left.id == right.id; };
    if (rows.size() == rows_.size() && std::equal(rows.begin(), rows.end(), rows_.begin(), same)) {
        for (std::size_t at = 0; at < rows.size(); ++at) {
            const auto values = valuesOf(rows[at]);
            const auto old = valuesOf(rows_[at]);
            for (std::size_t column = 0; column < values.size(); ++column) {
                if (values[column] != old[column])
                    SetValue(values[column], static_cast<unsigned>(at), static_cast<unsigned>(column));
            }
        }
        rows_ = std::move(rows);
        isFilling_ = false;
        return;
    }
    const auto chosen = selectedId();
    DeleteAllItems();
    rows_ = std::move(rows);
    for (const auto& row : rows_)
        AppendItem(valuesOf(row));
    isFilling_ = false;
    if (chosen) selectId(*chosen);
    if (onSelectionChanged) onSelectionChanged();
}

std::optional<std::uint64_t> PlainList::selectedId() const {
    const int row = GetSelectedRow();
    if (row == wxNOT_FOUND || static_cast<std::size_t>(row) >= rows_.size()) return std::nullopt;
    return rows_[static_cast<std::size_t>(row)].id;
}

void PlainList::selectId(std::uint64_t id) {
    const auto at = std::find_if(rows_.begin(), rows_.end(), [id](const Row& row) { return row.id == id; });
    if (at != rows_.end()) SelectRow(static_cast<unsigned>(at - rows_.begin()));
}

}  // namespace causeway::console
