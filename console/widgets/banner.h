#pragma once

#include <functional>

#include <wx/button.h>
#include <wx/panel.h>
#include <wx/statbmp.h>

#include "console/widgets/form_grid.h"

namespace causeway::console {

/// A calm strip above the content: what is so, and at most two buttons. Hidden at first; show() lays the parent out.
class Banner : public wxPanel {
public:
    enum class Kind { Info, Warning };
    explicit Banner(wxWindow* parent);
    void show(Kind kind, const wxString& text);
    void hide();
    /// Replaces the buttons; empty label = no such button. Call before show().
    void setButton(const wxString& label, std::function<void()> action);
    void setSecondButton(const wxString& label, std::function<void()> action);

private:
    void paint();
    void apply();
    Kind kind_ = Kind::Info;
    wxStaticBitmap* picture_;
    WrapText* text_;
    wxButton* button_;
    wxButton* second_;
    std::function<void()> action_;
    std::function<void()> secondAction_;
};

}  // namespace causeway::console
