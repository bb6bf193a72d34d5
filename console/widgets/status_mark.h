#pragma once

#include <wx/panel.h>
#include <wx/statbmp.h>
#include <wx/stattext.h>

#include "console/presenters/table.h"

namespace causeway::console {

/// Shape, colour and word of a state in one control. Space, Enter or a click opens the proof (setProof): what was
/// tried, when, what came back. Without a proof it takes no focus.
class StatusMark : public wxPanel {
public:
    StatusMark(wxWindow* parent, Mark mark, const wxString& word);
    void set(Mark mark, const wxString& word);
    void setProof(const wxString& text);
    bool AcceptsFocus() const override { return !proof_.empty(); }
    bool AcceptsFocusFromKeyboard() const override { return !proof_.empty(); }

private:
    void openProof();
    Mark mark_;
    wxStaticBitmap* picture_;
    wxStaticText* word_;
    wxString proof_;
};

/// "Fine", "Partly", "Broken", "Not measured": only where no better word is known.
wxString wordOf(Mark mark);

}  // namespace causeway::console
