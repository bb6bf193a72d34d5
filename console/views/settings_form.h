#pragma once

#include <string>
#include <vector>

#include <wx/scrolwin.h>

#include "console/presenters/settings_presenter.h"
#include "console/widgets/form_grid.h"

class wxButton;

namespace causeway::console {

/// The settings of one group as a form that scrolls: value, what it does, its bounds, and what is wrong with it.
/// Rows are made when the settings arrived first; update() then keeps them in step with the presenter.
class SettingsForm : public wxScrolledWindow {
public:
    struct Section {
        wxString title;
        std::vector<std::string> keys;
    };
    /// Settings of the group that no section names stand at the end, under `rest` if that is not empty.
    SettingsForm(wxWindow* parent, const wxString& name, SettingsPresenter& presenter, SettingsGroup group,
                 std::vector<Section> sections = {}, const wxString& rest = {});

    void update();
    /// Puts the keyboard into the first field with a problem; false if there is none.
    bool focusProblem();

private:
    struct Row {
        std::string key;
        SettingType type = SettingType::Text;
        FormField field;
        wxWindow* input = nullptr;
        wxButton* toDefault = nullptr;
        wxString shownHelp;
        wxString shownProblem;
    };
    void build();
    void addRow(FormGrid& form, const SettingView& view);
    void fill(Row& row, const SettingView& view);
    void typed(const std::string& key, const std::string& text);

    SettingsPresenter& presenter_;
    SettingsGroup group_;
    std::vector<Section> sections_;
    wxString rest_;
    std::vector<Row> rows_;
    bool isFilling_ = false;
};

}  // namespace causeway::console
