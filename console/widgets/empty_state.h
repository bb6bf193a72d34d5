#pragma once

#include <functional>

#include <wx/button.h>
#include <wx/panel.h>
#include <wx/stattext.h>

namespace causeway::console {

/// What a list shows while it has nothing to show: icon, title, what will appear here and how to make it appear.
class EmptyState : public wxPanel {
public:
    EmptyState(wxWindow* parent, const wxString& iconName, const wxString& title, const wxString& sentence);
    void set(const wxString& title, const wxString& sentence);
    /// One button below; empty label hides it.
    void setButton(const wxString& label, std::function<void()> action);

private:
    wxStaticText* title_;
    wxStaticText* sentence_;
    wxButton* button_;
    std::function<void()> action_;
    wxString words_;
};

}  // namespace causeway::console
