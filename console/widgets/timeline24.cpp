#include "console/widgets/timeline24.h"

#include <algorithm>

#include <wx/dcbuffer.h>

#include "console/widgets/theme.h"

namespace causeway::console {

Timeline24::Timeline24(wxWindow* parent, const wxString& name)
    : wxControl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE, wxDefaultValidator, name) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    setAccessibleName(this, _("The last 24 hours"));
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
    Bind(wxEVT_MOTION, [this](wxMouseEvent& event) {
        event.Skip();
        const int width = std::max(GetClientSize().x, 1);
        const auto bucket = static_cast<std::size_t>(std::clamp(event.GetX() * 24 / width, 0, 23));
        const wxString text =
            wxString::Format(_("%s: %u times"), hourText(bucket), static_cast<unsigned>(buckets_[bucket]));
        if (GetToolTipText() != text) SetToolTip(text);
    });
}

void Timeline24::setBuckets(const Buckets& buckets, int nowHour, const wxString& summary) {
    buckets_ = buckets;
    nowHour_ = nowHour;
    setAccessibleDescription(this, summary);
    Refresh();
}

wxSize Timeline24::DoGetBestClientSize() const {
    return FromDIP(wxSize(24 * 12, 56));
}

wxString Timeline24::hourText(std::size_t bucket) const {
    return wxString::Format("%02d:00", (nowHour_ + 1 + static_cast<int>(bucket)) % 24);
}

void Timeline24::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    const Theme& look = theme();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(look.colour(Theme::Ink::Window)));
    dc.DrawRectangle(0, 0, size.x, size.y);
    dc.SetFont(smallFont(this));
    const int textHeight = dc.GetCharHeight();
    const int bottom = size.y - textHeight - FromDIP(2);
    const std::uint32_t most = std::max<std::uint32_t>(4, *std::max_element(buckets_.begin(), buckets_.end()));
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        const int left = static_cast<int>(bucket) * size.x / 24;
        const int right = (static_cast<int>(bucket) + 1) * size.x / 24 - FromDIP(2);
        int height =
            static_cast<int>(std::uint64_t{buckets_[bucket]} * static_cast<std::uint64_t>(std::max(bottom, 0)) / most);
        if (buckets_[bucket] > 0) height = std::max(height, FromDIP(3));
        dc.SetBrush(wxBrush(look.colour(Theme::Ink::Line)));
        dc.DrawRectangle(left, bottom - FromDIP(1), std::max(right - left, 1), FromDIP(1));
        dc.SetBrush(wxBrush(look.colour(Theme::Ink::Partly)));
        if (height > 0) dc.DrawRectangle(left, bottom - height, std::max(right - left, 1), height);
    }
    dc.SetTextForeground(look.colour(Theme::Ink::Muted));
    for (const std::size_t bucket : {std::size_t{0}, std::size_t{6}, std::size_t{12}, std::size_t{18}}) {
        dc.DrawText(hourText(bucket), static_cast<int>(bucket) * size.x / 24, bottom + FromDIP(2));
    }
    const wxString now = _("now");
    dc.DrawText(now, size.x - dc.GetTextExtent(now).x, bottom + FromDIP(2));
}

}  // namespace causeway::console
