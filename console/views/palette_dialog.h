#pragma once

#include <vector>

#include <wx/dataview.h>
#include <wx/dialog.h>
#include <wx/textctrl.h>

#include "console/presenters/palette_presenter.h"
#include "console/views/pages.h"

namespace causeway::console {

/// Ctrl+K: type some letters of a page, a user or a setting; Up and Down choose, Enter opens, Escape closes.
class PaletteDialog : public wxDialog {
public:
    PaletteDialog(wxWindow* parent, AppContext& app);
    /// What to open: "users/42", "preferences/network".
    const std::string& chosen() const { return chosen_; }

private:
    void find();
    void move(int step);
    void open(int row);

    AppContext& app_;
    wxTextCtrl* text_ = nullptr;
    wxDataViewListCtrl* list_ = nullptr;
    std::vector<PaletteHit> hits_;
    std::string chosen_;
};

}  // namespace causeway::console
