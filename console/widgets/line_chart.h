#pragma once

#include <string>
#include <vector>

#include <wx/control.h>

namespace causeway::console {

/// A small line chart with axes: at most a few hundred points. The vertical axis starts at 0 and ends at a round
/// figure.
class LineChart : public wxControl {
public:
    struct Point {
        double at;     ///< horizontal, any unit that grows, such as seconds
        double value;  ///< negative = unknown, the line has a gap
    };
    LineChart(wxWindow* parent, const wxString& name, const wxString& title);
    void setTitle(const wxString& title);
    /// `leftLabel` and `rightLabel` stand below the ends of the time axis ("10 min ago", "now"). `latest` stands beside
    /// the title ("412 online").
    void setPoints(std::vector<Point> points, const wxString& leftLabel, const wxString& rightLabel,
                   const wxString& latest = {});
    bool AcceptsFocus() const override { return false; }
    bool AcceptsFocusFromKeyboard() const override { return false; }

protected:
    wxSize DoGetBestClientSize() const override;

private:
    void paint();
    wxString title_;
    wxString left_;
    wxString right_;
    wxString latest_;
    std::vector<Point> points_;
};

}  // namespace causeway::console
