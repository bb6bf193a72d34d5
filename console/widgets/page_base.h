#pragma once

#include <string>

#include <wx/bookctrl.h>
#include <wx/button.h>
#include <wx/panel.h>
#include <wx/sizer.h>
#include <wx/stattext.h>

#include "console/widgets/life.h"

namespace causeway::console {

/// Frame of every page: title left, actions right in the same row, content below with the page's margins.
/// Derived pages add to content(); the margins left, right and below are given.
class PageBase : public wxPanel {
public:
    /// `name` is unique ("page.users"); `title` is shown.
    PageBase(wxWindow* parent, const wxString& name, const wxString& title);

    /// The page came to the front or went; pages that are hidden do no work.
    virtual void shown() {}
    virtual void hidden() {}
    /// F5 and the Refresh button.
    virtual void refresh() {}
    /// "preferences/network" calls show("network"); ids of rows come as decimal text. Empty = nothing wanted.
    virtual void show(const std::string& part) { static_cast<void>(part); }
    /// False keeps the user on the page (after having asked about changes that are not applied).
    virtual bool mayLeave() { return true; }
    /// Where the keyboard begins on this page; by default the first control of it. Never one that is hidden: GTK would
    /// give it every key, also those of the menus.
    virtual wxWindow* firstFocus();

    const wxString& title() const { return title_; }

protected:
    wxBoxSizer* content() const { return content_; }
    /// Anything into the title row, from left to right at its right end.
    void addToTitleRow(wxWindow* control);
    wxButton* addAction(const wxString& label, const wxString& iconName, std::function<void()> action,
                        const wxString& tooltip = {});
    /// Small muted text behind the title ("1,204 users").
    void setSubtitle(const wxString& text);
    const Life& life() const { return life_; }

private:
    wxString title_;
    wxStaticText* subtitle_;
    wxBoxSizer* titleRow_;
    wxBoxSizer* content_;
    Life life_;
};

/// The first control inside `above`, in Tab order, that shows and takes the keyboard; null if there is none.
wxWindow* firstControl(wxWindow* above);

/// Calls `action` when the button was pressed and that event is over: a dialog or menu that opened inside of it would
/// leave a screen reader waiting for its "press" until it is closed. Nothing is called once the button is gone.
void onPress(wxButton* button, std::function<void()> action);

/// Ctrl+Page Down and Ctrl+Page Up turn the pages of `book` from anywhere inside it. Lists and texts on GTK keep these
/// keys for themselves otherwise.
void turnPagesByKey(wxBookCtrlBase* book);

/// Button with an icon that follows the theme; label may be empty for icon-only (then `tooltip` names it).
wxButton* iconButton(wxWindow* parent, const wxString& label, const wxString& iconName, const wxString& tooltip = {});

}  // namespace causeway::console
