#pragma once

#include <functional>
#include <vector>

#include <wx/colour.h>
#include <wx/font.h>
#include <wx/window.h>

#include "console/presenters/table.h"

namespace causeway::console {

/// Every colour and distance of the console; made from the system's colours in light and dark. UI thread.
/// Read colours when drawing. What is made once from a colour (bitmaps, SetForegroundColour) goes into watch().
class Theme {
public:
    enum class Ink {
        Text,         ///< ordinary text
        Muted,        ///< help texts, units, second lines
        Accent,       ///< selection, the one accent
        OnAccent,     ///< text on the accent
        Line,         ///< hair lines between areas
        Window,       ///< background of pages
        Base,         ///< background of lists and fields
        Side,         ///< background of the navigation
        Fresh,        ///< background of a row that just changed
        InfoFill,     ///< background of a calm banner
        WarningFill,  ///< background of a warning banner
        ErrorText,    ///< inline error under a field
        Fine,
        Partly,
        Broken,
        Unknown,
        ChartLine,
        ChartFill,
    };

    Theme();
    wxColour colour(Ink ink) const;
    wxColour colour(Mark mark) const;
    bool isDark() const { return isDark_; }

    /// Runs `apply` now, and again whenever the system's colours change, until `owner` is destroyed.
    void watch(wxWindow* owner, std::function<void()> apply);
    /// Called by the main frame on wxEVT_SYS_COLOUR_CHANGED.
    void systemColoursChanged();

private:
    struct Watcher {
        wxWindow* owner;
        std::function<void()> apply;
    };
    void read();
    bool isDark_ = false;
    std::vector<Watcher> watchers_;
};

/// The one theme of the process.
Theme& theme();

/// n steps of the 8-pixel rhythm in pixels of the window's screen: gap(this) = 8 DIP, gap(this, 2) = 16 DIP.
int gap(const wxWindow* window, int steps = 1);
/// Half a step, 4 DIP: between things that belong closely together.
int halfGap(const wxWindow* window);

/// Fonts relative to the window's own: page titles, section heads, help texts.
wxFont titleFont(const wxWindow* window);
wxFont headFont(const wxWindow* window);
wxFont smallFont(const wxWindow* window);

/// The name that assistive programs read; SetName() alone does not reach them on GTK. Also sets SetName if `id` is
/// given.
void setAccessibleName(wxWindow* window, const wxString& name);
/// Name and description (longer sentence, such as the help text of a field).
void setAccessibleDescription(wxWindow* window, const wxString& text);
/// GTK calls a dialog that can be resized a plain window; screen readers then do not read its texts when it opens.
void setAccessibleDialog(wxWindow* dialog);

}  // namespace causeway::console
