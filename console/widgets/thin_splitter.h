#pragma once

#include <wx/splitter.h>

namespace causeway::console {

/// Two windows with a hair line between them that can be dragged; the native sash is a heavy bar on GTK.
class ThinSplitter : public wxSplitterWindow {
public:
    ThinSplitter(wxWindow* parent, const wxString& name);

protected:
    void DrawSash(wxDC& dc) override;
};

}  // namespace causeway::console
