#include "console/widgets/line_chart.h"

#include <algorithm>
#include <cmath>

#include <wx/dcbuffer.h>
#include <wx/graphics.h>
#include <wx/numformatter.h>

#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

/// The next of 1, 2, 4, 5, 10, 20, ... that is not below `value`, and even enough for a middle line.
double roundTop(double value) {
    if (value <= 2) return 2;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 4.0, 6.0, 8.0, 10.0}) {
        if (value <= step * power) return step * power;
    }
    return 10 * power;
}

wxString figure(double value) {
    return wxNumberFormatter::ToString(static_cast<long>(std::lround(value)),
                                       wxNumberFormatter::Style_WithThousandsSep);
}

}  // namespace

LineChart::LineChart(wxWindow* parent, const wxString& name, const wxString& title)
    : wxControl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE, wxDefaultValidator, name),
      title_(title) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    setAccessibleName(this, title);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
}

void LineChart::setTitle(const wxString& title) {
    title_ = title;
    setAccessibleName(this, title);
    Refresh();
}

void LineChart::setPoints(std::vector<Point> points, const wxString& leftLabel, const wxString& rightLabel,
                          const wxString& latest) {
    points_ = std::move(points);
    left_ = leftLabel;
    right_ = rightLabel;
    latest_ = latest;
    setAccessibleDescription(this, latest);
    Refresh();
}

wxSize LineChart::DoGetBestClientSize() const {
    return FromDIP(wxSize(200, 128));
}

void LineChart::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    const Theme& look = theme();
    dc.SetPen(wxPen(look.colour(Theme::Ink::Line)));
    dc.SetBrush(wxBrush(look.colour(Theme::Ink::Base)));
    dc.DrawRectangle(0, 0, size.x, size.y);

    const int edge = FromDIP(8);
    const wxFont head = headFont(this);
    const wxFont small = smallFont(this);
    dc.SetFont(head);
    dc.SetTextForeground(look.colour(Theme::Ink::Text));
    const int headHeight = std::max(dc.GetCharHeight(), dc.GetTextExtent(title_).y);
    dc.SetFont(GetFont());
    const int latestWidth = dc.GetTextExtent(latest_).x;
    dc.SetTextForeground(look.colour(Theme::Ink::Muted));
    dc.DrawText(latest_, size.x - edge - latestWidth, edge);
    dc.SetFont(head);
    dc.SetTextForeground(look.colour(Theme::Ink::Text));
    dc.DrawText(wxControl::Ellipsize(title_, dc, wxELLIPSIZE_END, std::max(0, size.x - 3 * edge - latestWidth)), edge,
                edge);

    double most = 0;
    for (const Point& point : points_)
        most = std::max(most, point.value);
    const double top = roundTop(most);
    dc.SetFont(small);
    const int smallHeight = dc.GetCharHeight();
    const int labelWidth = std::max(dc.GetTextExtent(figure(top)).x, FromDIP(16));
    const wxRect plot(wxPoint(edge + labelWidth + halfGap(this), edge + headHeight + edge + smallHeight / 4),
                      wxPoint(size.x - edge, size.y - edge - smallHeight - halfGap(this)));
    if (plot.width < FromDIP(24) || plot.height < FromDIP(16)) return;

    dc.SetTextForeground(look.colour(Theme::Ink::Muted));
    for (int line = 0; line <= 2; ++line) {
        const int y = plot.GetBottom() - plot.height * line / 2;
        dc.SetPen(wxPen(look.colour(Theme::Ink::Line)));
        dc.DrawLine(plot.x, y, plot.GetRight(), y);
        const wxString text = figure(top * line / 2);
        dc.DrawText(text, plot.x - halfGap(this) - dc.GetTextExtent(text).x, y - smallHeight / 2);
    }
    if (points_.size() >= 2) dc.DrawText(left_, plot.x, plot.GetBottom() + halfGap(this));
    dc.DrawText(right_, plot.GetRight() - dc.GetTextExtent(right_).x, plot.GetBottom() + halfGap(this));
    if (points_.size() < 2) {
        const wxString none = _("Figures appear here within a minute.");
        const wxSize extent = dc.GetTextExtent(none);
        dc.DrawText(none, plot.x + (plot.width - extent.x) / 2,
                    plot.y + (plot.height - extent.y) / 2 - smallHeight / 2);
        return;
    }

    std::unique_ptr<wxGraphicsContext> context(wxGraphicsContext::Create(dc));
    if (!context) return;
    context->SetAntialiasMode(wxANTIALIAS_DEFAULT);
    const double from = points_.front().at;
    const double span = std::max(points_.back().at - from, 1e-9);
    const auto xOf = [&](const Point& point) { return plot.x + (point.at - from) / span * (plot.width - 1); };
    const auto yOf = [&](const Point& point) { return plot.GetBottom() - point.value / top * plot.height; };
    std::size_t begin = 0;
    while (begin < points_.size()) {
        while (begin < points_.size() && points_[begin].value < 0)
            ++begin;
        std::size_t end = begin;
        while (end < points_.size() && points_[end].value >= 0)
            ++end;
        if (end - begin >= 2) {
            wxGraphicsPath line = context->CreatePath();
            line.MoveToPoint(xOf(points_[begin]), yOf(points_[begin]));
            for (std::size_t at = begin + 1; at < end; ++at)
                line.AddLineToPoint(xOf(points_[at]), yOf(points_[at]));
            wxGraphicsPath fill = context->CreatePath();
            fill.AddPath(line);
            fill.AddLineToPoint(xOf(points_[end - 1]), plot.GetBottom());
            fill.AddLineToPoint(xOf(points_[begin]), plot.GetBottom());
            fill.CloseSubpath();
            const wxColour ink = look.colour(Theme::Ink::ChartLine);
            context->SetBrush(wxBrush(wxColour(ink.Red(), ink.Green(), ink.Blue(), 40)));
            context->FillPath(fill);
            context->SetPen(context->CreatePen(wxGraphicsPenInfo(ink).Width(FromDIP(15) / 10.0)));
            context->StrokePath(line);
        }
        begin = end;
    }
}

}  // namespace causeway::console
