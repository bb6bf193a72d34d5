#pragma once

#include <functional>
#include <optional>

#include <wx/scrolwin.h>

#include "console/presenters/visibility_presenter.h"

namespace causeway::console {

/// Who sees whom as squares: rows look, columns are looked at. Colour and shape tell the state, text where there is
/// room. Keyboard: arrows, Home, End, Page Up and Down move; Enter opens, Backspace goes up, + and - zoom, 0 fits.
/// Mouse: a click chooses, a double click opens, the wheel with Ctrl zooms.
class HeatMap : public wxScrolledCanvas {
public:
    HeatMap(wxWindow* parent, const wxString& name, const wxString& accessibleName);
    void set(const HeatGrid& grid, std::optional<HeatPlace> chosen);
    void zoom(double factor);
    void fit();

    std::function<void(HeatPlace)> onChosen;
    std::function<void(HeatPlace)> onOpened;
    std::function<void()> onUp;

    bool AcceptsFocus() const override { return true; }
    bool AcceptsFocusFromKeyboard() const override { return true; }

protected:
    wxSize DoGetBestClientSize() const override;

private:
    void paint();
    void paintHeads(wxDC& dc, const wxSize& size);
    void key(wxKeyEvent& event);
    void arrange();
    void choose(HeatPlace place);
    void reveal();
    std::optional<HeatPlace> placeAt(wxPoint point) const;
    wxRect rectOf(HeatPlace place) const;
    wxPoint offset() const;
    /// Side of a square that shows the whole map, if that is not too small.
    int fittingSide() const;

    HeatGrid grid_;
    std::optional<HeatPlace> chosen_;
    double zoom_ = 1;
    int side_ = 32;           ///< pixels of a square
    int left_ = 80;           ///< width of the row heads
    int top_ = 24;            ///< height of the column heads
    bool isUpright_ = false;  ///< column heads stand on end
};

/// The states with their colour, shape and word, in one row.
class HeatLegend : public wxWindow {
public:
    HeatLegend(wxWindow* parent, const wxString& name);
    bool AcceptsFocus() const override { return false; }
    bool AcceptsFocusFromKeyboard() const override { return false; }

protected:
    wxSize DoGetBestClientSize() const override;

private:
    void paint();
};

}  // namespace causeway::console
