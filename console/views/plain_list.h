#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <wx/dataview.h>

namespace causeway::console {

/// A short list (tens of rows) of texts, with a switch in front of each row if wanted. Keeps the selection by id when
/// the rows are given again, and touches only the cells that differ. For long lists there is TableView.
class PlainList : public wxDataViewListCtrl {
public:
    struct Head {
        wxString title;
        int width = 120;  ///< DIP
        bool isRightAligned = false;
    };
    struct Row {
        std::uint64_t id = 0;
        bool isOn = false;
        std::vector<wxString> cells;
        friend bool operator==(const Row&, const Row&) = default;
    };

    enum class Switches { None, Shown };
    /// `switchTitle` heads the column of the switches.
    PlainList(wxWindow* parent, const wxString& name, const wxString& accessibleName, const std::vector<Head>& heads,
              Switches switches = Switches::None, const wxString& switchTitle = {});

    void setRows(std::vector<Row> rows);
    const std::vector<Row>& rows() const { return rows_; }
    std::optional<std::uint64_t> selectedId() const;
    void selectId(std::uint64_t id);

    std::function<void(std::uint64_t id, bool isOn)> onSwitch;
    std::function<void()> onSelectionChanged;
    std::function<void(std::uint64_t id)> onActivated;

private:
    wxVector<wxVariant> valuesOf(const Row& row) const;
    bool hasSwitches_;
    bool isFilling_ = false;
    std::vector<Row> rows_;
};

}  // namespace causeway::console
