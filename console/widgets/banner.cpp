#include "console/widgets/banner.h"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>

#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/theme.h"

namespace causeway::console {

Banner::Banner(wxWindow* parent) : wxPanel(parent, wxID_ANY) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    picture_ = new wxStaticBitmap(this, wxID_ANY, icon("info", 24));
    text_ = new WrapText(this, {}, 600);
    button_ = new wxButton(this, wxID_ANY);
    second_ = new wxButton(this, wxID_ANY);
    button_->Hide();
    second_->Hide();
    row->Add(picture_, wxSizerFlags().CentreVertical().Border(wxALL, gap(this)));
    row->Add(text_, wxSizerFlags(1).CentreVertical().Border(wxTOP | wxBOTTOM | wxRIGHT, gap(this)));
    row->Add(button_, wxSizerFlags().CentreVertical().Border(wxTOP | wxBOTTOM | wxRIGHT, gap(this)));
    row->Add(second_, wxSizerFlags().CentreVertical().Border(wxTOP | wxBOTTOM | wxRIGHT, gap(this)));
    SetSizer(row);
    Hide();
    theme().watch(this, [this] { apply(); });
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
    onPress(button_, [this] {
        if (auto action = action_) action();
    });
    onPress(second_, [this] {
        if (auto action = secondAction_) action();
    });
}

void Banner::apply() {
    const wxColour fill = theme().colour(kind_ == Kind::Info ? Theme::Ink::InfoFill : Theme::Ink::WarningFill);
    SetBackgroundColour(fill);
    text_->SetForegroundColour(theme().colour(Theme::Ink::Text));
    picture_->SetBitmap(kind_ == Kind::Info ? icon("info", 20, Theme::Ink::Accent) : markIcon(Mark::Partly, 20));
    Refresh();
}

void Banner::show(Kind kind, const wxString& text) {
    kind_ = kind;
    apply();
    text_->setText(text);
    setAccessibleName(this, text);
    const bool wasHidden = !IsShown();
    Show();
    Layout();
    if (wasHidden) GetParent()->Layout();
}

void Banner::hide() {
    if (!IsShown()) return;
    Hide();
    GetParent()->Layout();
}

void Banner::setButton(const wxString& label, std::function<void()> action) {
    action_ = std::move(action);
    if (!label.empty()) button_->SetLabel(label);
    button_->Show(!label.empty());
    Layout();
}

void Banner::setSecondButton(const wxString& label, std::function<void()> action) {
    secondAction_ = std::move(action);
    if (!label.empty()) second_->SetLabel(label);
    second_->Show(!label.empty());
    Layout();
}

void Banner::paint() {
    wxAutoBufferedPaintDC dc(this);
    const wxSize size = GetClientSize();
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(GetBackgroundColour()));
    dc.DrawRectangle(0, 0, size.x, size.y);
    dc.SetPen(wxPen(theme().colour(Theme::Ink::Line)));
    dc.DrawLine(0, size.y - 1, size.x, size.y - 1);
    // The bar at the left carries the meaning a second time, beside picture and words.
    dc.SetPen(*wxTRANSPARENT_PEN);
    dc.SetBrush(wxBrush(theme().colour(kind_ == Kind::Info ? Theme::Ink::Accent : Theme::Ink::Partly)));
    dc.DrawRectangle(0, 0, FromDIP(4), size.y - 1);
}

}  // namespace causeway::console
