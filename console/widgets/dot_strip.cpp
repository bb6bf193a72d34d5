#include "console/widgets/dot_strip.h"

#include <wx/dcbuffer.h>

#include "console/presenters/text_format.h"
#include "console/widgets/status_mark.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

DotStrip::DotStrip(wxWindow* parent, const wxString& name, const wxString& accessibleName)
    : wxControl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE, wxDefaultValidator, name) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    setAccessibleName(this, accessibleName);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
    Bind(wxEVT_MOTION, [this](wxMouseEvent& event) {
        event.Skip();
        for (const auto& part : parts_) {
            if (event.GetX() > edgeOf(part.to)) continue;
            const wxString text = wxString::Format(_("%s: %s to %s"), wordOf(part.mark), toWx(exactTime(part.from)),
                                                   toWx(exactTime(part.to)));
            if (GetToolTipText() != text) SetToolTip(text);
            return;
        }
    });
}

void DotStrip::set(std::vector<StripPart> parts) {
    const auto isSame = [](const StripPart& left, const StripPart& right) {
        return left.mark == right.mark && left.from == right.from && left.to == right.to;
    };
    if (std::equal(parts.begin(), parts.end(), parts_.begin(), parts_.end(), isSame)) return;
    parts_ = std::move(parts);
    wxString words;
    for (const auto& part : parts_) {
        if (!words.empty()) words << "; ";
        words << wordOf(part.mark) << " " << toWx(durationText(part.to - part.from));
    }
    setAccessibleDescription(this, words);
    Refresh();
}

wxSize DotStrip::DoGetBestClientSize() const {
    return {FromDIP(160), FromDIP(14) + GetCharHeight()};
}

int DotStrip::edgeOf(TimePoint at) const {
    if (parts_.empty()) return 0;
    const auto whole = (parts_.back().to - parts_.front().from).count();
    const auto share = (at - parts_.front().from).count();
    return whole <= 0 ? 0 : static_cast<int>(share * GetClientSize().x / whole);
}

void DotStrip::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    const Theme& look = theme();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(GetParent()->GetBackgroundColour()));
    dc.DrawRectangle(0, 0, size.x, size.y);
    dc.SetFont(smallFont(this));
    // The state differs in height too, not in colour alone: fine is a line, trouble stands up.
    const int bottom = FromDIP(12);
    for (const auto& part : parts_) {
        const int left = edgeOf(part.from);
        const int width = std::max(edgeOf(part.to) - left, FromDIP(1));
        const int height = part.mark == Mark::Broken   ? bottom
                           : part.mark == Mark::Partly ? FromDIP(8)
                           : part.mark == Mark::Fine   ? FromDIP(4)
                                                       : FromDIP(2);
        dc.SetBrush(wxBrush(look.colour(part.mark == Mark::None ? Mark::Unknown : part.mark)));
        dc.DrawRectangle(left, bottom - height, width, height);
    }
    dc.SetTextForeground(look.colour(Theme::Ink::Muted));
    dc.DrawText(_("24 h ago"), 0, bottom + FromDIP(2));
    const wxString now = _("now");
    dc.DrawText(now, size.x - dc.GetTextExtent(now).x, bottom + FromDIP(2));
}

}  // namespace causeway::console
