#include "console/widgets/thin_splitter.h"

#include <wx/dcclient.h>

#include "console/widgets/theme.h"

namespace causeway::console {

ThinSplitter::ThinSplitter(wxWindow* parent, const wxString& name)
    : wxSplitterWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize,
                       wxSP_LIVE_UPDATE | wxSP_NOBORDER | wxSP_NO_XP_THEME, name) {}

void ThinSplitter::DrawSash(wxDC& dc) {
    if (!IsSplit()) return;
    const wxSize size = GetClientSize();
    const int at = GetSashPosition();
    const int thickness = GetSashSize();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(theme().colour(Theme::Ink::Window)));
    const wxPen line(theme().colour(Theme::Ink::Line));
    if (GetSplitMode() == wxSPLIT_VERTICAL) {
        dc.DrawRectangle(at, 0, thickness, size.y);
        dc.SetPen(line);
        dc.DrawLine(at, 0, at, size.y);
    } else {
        dc.DrawRectangle(0, at, size.x, thickness);
        dc.SetPen(line);
        dc.DrawLine(0, at + thickness / 2, size.x, at + thickness / 2);
    }
}

}  // namespace causeway::console
