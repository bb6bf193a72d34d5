#include "console/widgets/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include <wx/dcbuffer.h>
#include <wx/graphics.h>

#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr int kLeastSide = 8;   ///< DIP
constexpr int kMostSide = 120;  ///< DIP
constexpr int kMarkSide = 18;   ///< from here on there is room for a mark
constexpr int kTextSide = 44;   ///< and here for a text
constexpr std::array kStates{BlockState::Seen, BlockState::Partly, BlockState::Dark, BlockState::TooFew,
                             BlockState::NotMeasured};

wxColour mixed(const wxColour& from, const wxColour& to, double share) {
    const auto part = [&](unsigned char a, unsigned char b) {
        return static_cast<unsigned char>(std::lround(a + (b - a) * share));
    };
    return {part(from.Red(), to.Red()), part(from.Green(), to.Green()), part(from.Blue(), to.Blue())};
}

/// Dark blocks stand out, bright ones stay calm.
wxColour fillOf(BlockState state) {
    const Theme& look = theme();
    const auto base = look.colour(Theme::Ink::Base);
    switch (state) {
        case BlockState::Seen:
            return mixed(base, look.colour(Theme::Ink::Fine), look.isDark() ? 0.34 : 0.26);
        case BlockState::Partly:
            return mixed(base, look.colour(Theme::Ink::Partly), look.isDark() ? 0.52 : 0.46);
        case BlockState::Dark:
            return mixed(base, look.colour(Theme::Ink::Broken), look.isDark() ? 0.80 : 0.88);
        case BlockState::TooFew:
            return mixed(base, look.colour(Theme::Ink::Unknown), 0.22);
        case BlockState::NotMeasured:
            break;
    }
    return base;
}

wxColour inkOf(BlockState state) {
    const Theme& look = theme();
    if (state == BlockState::Dark) return look.isDark() ? wxColour(0x20, 0x08, 0x08) : wxColour(0xFF, 0xFF, 0xFF);
    if (state == BlockState::Seen) return look.colour(Theme::Ink::Fine);
    if (state == BlockState::Partly) return mixed(look.colour(Theme::Ink::Partly), look.colour(Theme::Ink::Text), 0.45);
    return look.colour(Theme::Ink::Unknown);
}

/// The shape of the state, as on all status marks: filled circle, triangle, cross, hollow circle.
void drawMark(wxGraphicsContext& context, BlockState state, double x, double y, double size) {
    const double half = size / 2;
    const auto ink = inkOf(state);
    context.SetPen(context.CreatePen(wxGraphicsPenInfo(ink).Width(std::max(1.5, size / 8))));
    context.SetBrush(*wxTRANSPARENT_BRUSH);
    auto path = context.CreatePath();
    switch (state) {
        case BlockState::Seen:
            context.SetBrush(wxBrush(ink));
            path.AddCircle(x, y, half * 0.8);
            context.FillPath(path);
            return;
        case BlockState::Partly:
            context.SetBrush(wxBrush(ink));
            path.MoveToPoint(x, y - half * 0.9);
            path.AddLineToPoint(x + half * 0.95, y + half * 0.75);
            path.AddLineToPoint(x - half * 0.95, y + half * 0.75);
            path.CloseSubpath();
            context.FillPath(path);
            return;
        case BlockState::Dark:
            path.MoveToPoint(x - half * 0.7, y - half * 0.7);
            path.AddLineToPoint(x + half * 0.7, y + half * 0.7);
            path.MoveToPoint(x + half * 0.7, y - half * 0.7);
            path.AddLineToPoint(x - half * 0.7, y + half * 0.7);
            break;
        case BlockState::TooFew:
            path.AddCircle(x, y, half * 0.75);
            break;
        case BlockState::NotMeasured:
            return;
    }
    context.StrokePath(path);
}

}  // namespace

HeatMap::HeatMap(wxWindow* parent, const wxString& name, const wxString& accessibleName)
    : wxScrolledCanvas(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize,
                       wxHSCROLL | wxVSCROLL | wxWANTS_CHARS | wxBORDER_NONE, name) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    EnableScrolling(false, false);  // the heads stay, so everything is drawn anew
    SetCanFocus(true);
    setAccessibleName(this, accessibleName);
    theme().watch(this, [this] { Refresh(); });
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        arrange();
        Refresh();
    });
    // The heads stay where they are while the squares scroll.
    for (const auto type :
         {wxEVT_SCROLLWIN_THUMBTRACK, wxEVT_SCROLLWIN_THUMBRELEASE, wxEVT_SCROLLWIN_LINEUP, wxEVT_SCROLLWIN_LINEDOWN,
          wxEVT_SCROLLWIN_PAGEUP, wxEVT_SCROLLWIN_PAGEDOWN, wxEVT_SCROLLWIN_TOP, wxEVT_SCROLLWIN_BOTTOM}) {
        Bind(type, [this](wxScrollWinEvent& event) {
            event.Skip();
            CallAfter([this] { Refresh(); });
        });
    }
    for (const auto type : {wxEVT_SET_FOCUS, wxEVT_KILL_FOCUS}) {
        Bind(type, [this](wxFocusEvent& event) {
            event.Skip();
            Refresh();
        });
    }
    Bind(wxEVT_LEFT_DOWN, [this](wxMouseEvent& event) {
        SetFocus();
        if (const auto place = placeAt(event.GetPosition())) choose(*place);
    });
    Bind(wxEVT_LEFT_DCLICK, [this](wxMouseEvent& event) {
        const auto place = placeAt(event.GetPosition());
        if (place && onOpened) onOpened(*place);
    });
    Bind(wxEVT_MOTION, [this](wxMouseEvent& event) {
        event.Skip();
        const auto place = placeAt(event.GetPosition());
        const wxString text = place ? toWx(grid_.at(place->first, place->second).words) : wxString();
        if (GetToolTipText() == text) return;
        if (text.empty()) {
            UnsetToolTip();
        } else {
            SetToolTip(text);
        }
    });
    Bind(wxEVT_MOUSEWHEEL, [this](wxMouseEvent& event) {
        if (!event.ControlDown()) {
            event.Skip();
            CallAfter([this] { Refresh(); });
            return;
        }
        zoom(event.GetWheelRotation() > 0 ? 1.25 : 0.8);
    });
    Bind(wxEVT_KEY_DOWN, [this](wxKeyEvent& event) { key(event); });
}

wxSize HeatMap::DoGetBestClientSize() const {
    return FromDIP(wxSize(360, 240));
}

void HeatMap::set(const HeatGrid& grid, std::optional<HeatPlace> chosen) {
    const bool isOther = grid.rows != grid_.rows || grid.columns != grid_.columns;
    grid_ = grid;
    chosen_ = chosen;
    if (isOther) zoom_ = 1;
    arrange();
    const wxString words = chosen_ ? toWx(grid_.at(chosen_->first, chosen_->second).words)
                                   : wxString::Format(_("%zu rows, %zu columns; arrow keys choose a block"),
                                                      grid_.rows.size(), grid_.columns.size());
    setAccessibleDescription(this, words);
    Refresh();
}

int HeatMap::fittingSide() const {
    const auto size = GetSize();
    const auto columns = static_cast<int>(std::max<std::size_t>(grid_.columns.size(), 1));
    const auto rows = static_cast<int>(std::max<std::size_t>(grid_.rows.size(), 1));
    const int wide = (size.x - left_ - FromDIP(8)) / columns;
    const int high = (size.y - top_ - FromDIP(8)) / rows;
    return std::clamp(std::min(wide, high), FromDIP(kLeastSide), FromDIP(kMostSide));
}

void HeatMap::arrange() {
    wxClientDC dc(this);
    dc.SetFont(GetFont());
    const auto widest = [&dc](const std::vector<std::string>& names) {
        int width = 0;
        for (const auto& name : names)
            width = std::max(width, dc.GetTextExtent(toWx(name)).x);
        return width;
    };
    const int longestColumn = widest(grid_.columns);
    left_ = std::clamp(widest(grid_.rows) + FromDIP(12), FromDIP(48), FromDIP(200));
    top_ = dc.GetCharHeight() + FromDIP(10);
    side_ = fittingSide();
    isUpright_ = longestColumn + FromDIP(8) > static_cast<int>(side_ * zoom_) && longestColumn > 0;
    if (isUpright_) {
        top_ = std::clamp(longestColumn + FromDIP(12), FromDIP(32), FromDIP(150));
        side_ = fittingSide();
    }
    side_ = std::clamp(static_cast<int>(side_ * zoom_), FromDIP(kLeastSide), FromDIP(kMostSide));
    const wxSize all(left_ + side_ * static_cast<int>(grid_.columns.size()) + FromDIP(4),
                     top_ + side_ * static_cast<int>(grid_.rows.size()) + FromDIP(4));
    SetScrollRate(FromDIP(8), FromDIP(8));
    SetVirtualSize(all);
}

void HeatMap::zoom(double factor) {
    zoom_ = std::clamp(zoom_ * factor, 0.2, 12.0);
    arrange();
    reveal();
    Refresh();
}

void HeatMap::fit() {
    zoom_ = 1;
    arrange();
    Refresh();
}

wxPoint HeatMap::offset() const {
    int x = 0;
    int y = 0;
    CalcUnscrolledPosition(0, 0, &x, &y);
    return {x, y};
}

wxRect HeatMap::rectOf(HeatPlace place) const {
    const auto from = offset();
    return {left_ + static_cast<int>(place.second) * side_ - from.x,
            top_ + static_cast<int>(place.first) * side_ - from.y, side_, side_};
}

std::optional<HeatPlace> HeatMap::placeAt(wxPoint point) const {
    if (point.x < left_ || point.y < top_) return std::nullopt;
    const auto from = offset();
    const auto column = static_cast<std::size_t>((point.x + from.x - left_) / side_);
    const auto row = static_cast<std::size_t>((point.y + from.y - top_) / side_);
    if (row >= grid_.rows.size() || column >= grid_.columns.size()) return std::nullopt;
    return HeatPlace{row, column};
}

void HeatMap::choose(HeatPlace place) {
    chosen_ = place;
    reveal();
    Refresh();
    if (onChosen) onChosen(place);
}

void HeatMap::reveal() {
    if (!chosen_) return;
    const auto rect = rectOf(*chosen_);
    const auto size = GetClientSize();
    int x = 0;
    int y = 0;
    GetViewStart(&x, &y);
    int rateX = 1;
    int rateY = 1;
    GetScrollPixelsPerUnit(&rateX, &rateY);
    const auto steps = [](int pixels, int rate) { return (pixels + rate - 1) / std::max(rate, 1); };
    if (rect.x < left_) x -= steps(left_ - rect.x, rateX);
    if (rect.GetRight() > size.x) x += steps(rect.GetRight() - size.x + 1, rateX);
    if (rect.y < top_) y -= steps(top_ - rect.y, rateY);
    if (rect.GetBottom() > size.y) y += steps(rect.GetBottom() - size.y + 1, rateY);
    Scroll(std::max(x, 0), std::max(y, 0));
}

void HeatMap::key(wxKeyEvent& event) {
    const auto rows = grid_.rows.size();
    const auto columns = grid_.columns.size();
    if (event.HasAnyModifiers() && event.GetModifiers() != wxMOD_SHIFT) {
        event.Skip();
        return;
    }
    auto at = chosen_.value_or(HeatPlace{0, 0});
    const bool isFirst = !chosen_;
    switch (event.GetKeyCode()) {
        case WXK_TAB:
            Navigate(event.ShiftDown() ? wxNavigationKeyEvent::IsBackward : wxNavigationKeyEvent::IsForward);
            return;
        case '+':
        case '=':
        case WXK_NUMPAD_ADD:
            zoom(1.25);
            return;
        case '-':
        case WXK_NUMPAD_SUBTRACT:
            zoom(0.8);
            return;
        case '0':
        case WXK_NUMPAD0:
            fit();
            return;
        case WXK_BACK:
            if (onUp) onUp();
            return;
        case WXK_RETURN:
        case WXK_NUMPAD_ENTER:
            if (chosen_ && onOpened) onOpened(*chosen_);
            return;
        default:
            break;
    }
    if (rows == 0 || columns == 0) {
        event.Skip();
        return;
    }
    switch (event.GetKeyCode()) {
        case WXK_LEFT:
            if (!isFirst && at.second > 0) --at.second;
            break;
        case WXK_RIGHT:
            if (!isFirst) at.second = std::min(at.second + 1, columns - 1);
            break;
        case WXK_UP:
            if (!isFirst && at.first > 0) --at.first;
            break;
        case WXK_DOWN:
            if (!isFirst) at.first = std::min(at.first + 1, rows - 1);
            break;
        case WXK_HOME:
            at.second = 0;
            break;
        case WXK_END:
            at.second = columns - 1;
            break;
        case WXK_PAGEUP:
            at.first -= std::min<std::size_t>(at.first, 10);
            break;
        case WXK_PAGEDOWN:
            at.first = std::min(at.first + 10, rows - 1);
            break;
        case WXK_SPACE:
            break;
        default:
            event.Skip();
            return;
    }
    choose(at);
}

void HeatMap::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    const Theme& look = theme();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(look.colour(Theme::Ink::Base)));
    dc.DrawRectangle(0, 0, size.x, size.y);
    if (grid_.rows.empty() || grid_.columns.empty()) return;
    {
        const std::unique_ptr<wxGraphicsContext> context(wxGraphicsContext::Create(dc));
        if (!context) return;
        context->SetAntialiasMode(wxANTIALIAS_DEFAULT);
        const auto from = offset();
        const auto firstRow = static_cast<std::size_t>(std::max(from.y, 0) / side_);
        const auto firstColumn = static_cast<std::size_t>(std::max(from.x, 0) / side_);
        const double space = side_ >= FromDIP(16) ? FromDIP(2) : 1;
        const auto text = look.colour(Theme::Ink::Text);
        context->SetFont(smallFont(this), text);
        for (auto row = firstRow; row < grid_.rows.size(); ++row) {
            if (rectOf({row, 0}).y > size.y) break;
            for (auto column = firstColumn; column < grid_.columns.size(); ++column) {
                const auto rect = rectOf({row, column});
                if (rect.x > size.x) break;
                const auto& cell = grid_.at(row, column);
                const double round = side_ >= FromDIP(24) ? FromDIP(3) : 0;
                context->SetPen(cell.state == BlockState::NotMeasured ? wxPen(look.colour(Theme::Ink::Line))
                                                                      : *wxTRANSPARENT_PEN);
                context->SetBrush(wxBrush(fillOf(cell.state)));
                context->DrawRoundedRectangle(rect.x + space / 2, rect.y + space / 2, rect.width - space,
                                              rect.height - space, round);
                if (side_ < FromDIP(kMarkSide)) continue;
                const double x = rect.x + rect.width / 2.0;
                double y = rect.y + rect.height / 2.0;
                const bool hasText = side_ >= FromDIP(kTextSide) && !cell.text.empty();
                const double mark = std::min<double>(FromDIP(18), side_ * 0.45);
                if (hasText) {
                    double width = 0;
                    double height = 0;
                    const auto words = toWx(cell.text);
                    context->SetFont(smallFont(this), cell.state == BlockState::Dark ? inkOf(cell.state) : text);
                    context->GetTextExtent(words, &width, &height);
                    if (width <= rect.width - FromDIP(6)) {
                        y -= height / 2;
                        context->DrawText(words, x - width / 2, y + mark / 2 + FromDIP(2));
                    }
                }
                drawMark(*context, cell.state, x, y, mark);
            }
        }
        if (chosen_ && chosen_->first < grid_.rows.size() && chosen_->second < grid_.columns.size()) {
            const auto rect = rectOf(*chosen_);
            const auto accent = look.colour(Theme::Ink::Text);
            context->SetBrush(*wxTRANSPARENT_BRUSH);
            context->SetPen(context->CreatePen(wxGraphicsPenInfo(accent).Width(FromDIP(HasFocus() ? 3 : 2))));
            context->DrawRoundedRectangle(rect.x, rect.y, rect.width - 1, rect.height - 1, FromDIP(3));
        }
    }
    paintHeads(dc, size);
}

void HeatMap::paintHeads(wxDC& dc, const wxSize& size) {
    const Theme& look = theme();
    const auto base = look.colour(Theme::Ink::Base);
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(base));
    dc.DrawRectangle(0, 0, size.x, top_);
    dc.DrawRectangle(0, 0, left_, size.y);
    dc.SetFont(GetFont());
    const int high = dc.GetCharHeight();
    const int every = std::max(1, (high + side_ - 1) / std::max(side_, 1));  // heads that would overlap are left out
    const auto inkFor = [&](bool isChosen) { return look.colour(isChosen ? Theme::Ink::Text : Theme::Ink::Muted); };
    {
        wxDCClipper clip(dc, wxRect(0, top_, left_, std::max(size.y - top_, 1)));
        for (std::size_t row = 0; row < grid_.rows.size(); row += static_cast<std::size_t>(every)) {
            const auto rect = rectOf({row, 0});
            if (rect.GetBottom() < top_ || rect.y > size.y) continue;
            dc.SetTextForeground(inkFor(chosen_ && chosen_->first == row));
            const auto text = wxControl::Ellipsize(toWx(grid_.rows[row]), dc, wxELLIPSIZE_END, left_ - FromDIP(10));
            dc.DrawText(text, left_ - FromDIP(6) - dc.GetTextExtent(text).x, rect.y + (side_ - high) / 2);
        }
    }
    {
        wxDCClipper clip(dc, wxRect(left_, 0, std::max(size.x - left_, 1), top_));
        const auto step = isUpright_ ? every : 1;
        for (std::size_t column = 0; column < grid_.columns.size(); column += static_cast<std::size_t>(step)) {
            const auto rect = rectOf({0, column});
            if (rect.GetRight() < left_ || rect.x > size.x) continue;
            dc.SetTextForeground(inkFor(chosen_ && chosen_->second == column));
            if (isUpright_) {
                const auto text =
                    wxControl::Ellipsize(toWx(grid_.columns[column]), dc, wxELLIPSIZE_END, top_ - FromDIP(10));
                dc.DrawRotatedText(text, rect.x + (side_ - high) / 2, top_ - FromDIP(4), 90);
            } else {
                const auto text =
                    wxControl::Ellipsize(toWx(grid_.columns[column]), dc, wxELLIPSIZE_END, side_ - FromDIP(4));
                dc.DrawText(text, rect.x + (side_ - dc.GetTextExtent(text).x) / 2, top_ - high - FromDIP(4));
            }
        }
    }
}

HeatLegend::HeatLegend(wxWindow* parent, const wxString& name)
    : wxWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE, name) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    SetCanFocus(false);
    setAccessibleName(this, _("Legend"));
    wxString words;
    for (const auto state : kStates)
        words << (words.empty() ? "" : ", ") << toWx(textOf(state));
    setAccessibleDescription(this, words);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    theme().watch(this, [this] { Refresh(); });
}

wxSize HeatLegend::DoGetBestClientSize() const {
    int width = 0;
    for (const auto state : kStates)
        width += GetTextExtent(toWx(textOf(state))).x + FromDIP(18 + 4 + 12);
    return {width, std::max(GetCharHeight(), FromDIP(18)) + FromDIP(4)};
}

void HeatLegend::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(theme().colour(Theme::Ink::Window)));
    dc.DrawRectangle(0, 0, size.x, size.y);
    int x = 0;
    const int side = FromDIP(18);
    dc.SetFont(GetFont());
    dc.SetTextForeground(theme().colour(Theme::Ink::Text));
    for (const auto state : kStates) {
        const int y = (size.y - side) / 2;
        {
            const std::unique_ptr<wxGraphicsContext> context(wxGraphicsContext::Create(dc));
            if (context) {
                context->SetPen(state == BlockState::NotMeasured ? wxPen(theme().colour(Theme::Ink::Line))
                                                                 : *wxTRANSPARENT_PEN);
                context->SetBrush(wxBrush(fillOf(state)));
                context->DrawRoundedRectangle(x, y, side - 1, side - 1, FromDIP(3));
                drawMark(*context, state, x + side / 2.0, y + side / 2.0, FromDIP(10));
            }
        }
        x += side + FromDIP(4);
        const auto text = toWx(textOf(state));
        dc.DrawText(text, x, (size.y - dc.GetCharHeight()) / 2);
        x += dc.GetTextExtent(text).x + FromDIP(12);
    }
}

}  // namespace causeway::console
