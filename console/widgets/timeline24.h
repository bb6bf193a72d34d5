#pragma once

#include <array>
#include <cstdint>

#include <wx/control.h>

namespace causeway::console {

/// The last 24 hours as 24 small bars, oldest left, with the hours below. The tooltip says hour and count.
class Timeline24 : public wxControl {
public:
    using Buckets = std::array<std::uint32_t, 24>;
    Timeline24(wxWindow* parent, const wxString& name);
    /// `nowHour` is the local hour of the newest bucket, 0..23.
    void setBuckets(const Buckets& buckets, int nowHour, const wxString& summary);
    bool AcceptsFocus() const override { return false; }
    bool AcceptsFocusFromKeyboard() const override { return false; }

protected:
    wxSize DoGetBestClientSize() const override;

private:
    void paint();
    wxString hourText(std::size_t bucket) const;
    Buckets buckets_{};
    int nowHour_ = 0;
};

}  // namespace causeway::console
