#include "console/widgets/filter_box.h"

#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

FilterBox::FilterBox(wxWindow* parent, const wxString& name, const wxString& hint)
    : wxSearchCtrl(parent, wxID_ANY, {}, wxDefaultPosition, parent->FromDIP(wxSize(220, -1)), 0, wxDefaultValidator,
                   name),
      timer_(this) {
    SetDescriptiveText(hint);
    ShowCancelButton(true);
    setAccessibleName(this, hint);
    Bind(wxEVT_TEXT, [this](wxCommandEvent& event) {
        event.Skip();
        // So short that the answer comes within 200 ms; a filter that is overtaken by the next letter is given up.
        timer_.StartOnce(80);
    });
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) { report(); });
    Bind(wxEVT_SEARCH, [this](wxCommandEvent&) { report(); });
    Bind(wxEVT_SEARCH_CANCEL, [this](wxCommandEvent&) { empty(); });
    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_ESCAPE && !GetValue().empty()) {
            empty();
        } else if (event.GetKeyCode() == WXK_DOWN && onArrowDown) {
            report();
            onArrowDown();
        } else {
            event.Skip();
        }
    });
}

void FilterBox::empty() {
    SetValue({});
    report();
}

void FilterBox::report() {
    timer_.Stop();
    const wxString now = GetValue();
    if (now == reported_) return;
    reported_ = now;
    if (onFilter) onFilter(fromWx(now));
}

}  // namespace causeway::console
