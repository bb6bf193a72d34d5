#include "console/widgets/page_base.h"

#include "console/widgets/icons.h"
#include "console/widgets/theme.h"

namespace causeway::console {

void turnPagesByKey(wxBookCtrlBase* book) {
    book->Bind(wxEVT_CHAR_HOOK, [book](wxKeyEvent& event) {
        const int key = event.GetKeyCode();
        const bool isForward = key == WXK_PAGEDOWN || key == WXK_NUMPAD_PAGEDOWN;
        const bool isBack = key == WXK_PAGEUP || key == WXK_NUMPAD_PAGEUP;
        if (event.GetModifiers() != wxMOD_CONTROL || (!isForward && !isBack) || book->GetPageCount() < 2) {
            event.Skip();
            return;
        }
        book->AdvanceSelection(isForward);
        auto* first = firstControl(book->GetCurrentPage());
        if (first != nullptr)
            first->SetFocus();
        else
            book->SetFocus();
    });
}

wxButton* iconButton(wxWindow* parent, const wxString& label, const wxString& iconName, const wxString& tooltip) {
    const long style = label.empty() ? wxBU_EXACTFIT | wxBU_NOTEXT : 0;
    auto* button = new wxButton(parent, wxID_ANY, label, wxDefaultPosition, wxDefaultSize, style);
    if (!iconName.empty()) {
        theme().watch(button, [button, iconName] {
            button->SetBitmap(icon(iconName, 16));
            button->SetBitmapDisabled(icon(iconName, 16, Theme::Ink::Unknown));
        });
    }
    if (!tooltip.empty()) button->SetToolTip(tooltip);
    if (label.empty()) setAccessibleName(button, tooltip);
    return button;
}

void onPress(wxButton* button, std::function<void()> action) {
    button->Bind(wxEVT_BUTTON, [button, action = std::move(action)](wxCommandEvent&) { button->CallAfter(action); });
}

PageBase::PageBase(wxWindow* parent, const wxString& name, const wxString& title)
    : wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, name), title_(title) {
    Hide();
    auto* outer = new wxBoxSizer(wxVERTICAL);
    titleRow_ = new wxBoxSizer(wxHORIZONTAL);
    auto* text = new wxStaticText(this, wxID_ANY, title);
    text->SetFont(titleFont(this));
    subtitle_ = new wxStaticText(this, wxID_ANY, {});
    theme().watch(subtitle_, [this] { subtitle_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    titleRow_->Add(text, wxSizerFlags().CentreVertical());
    titleRow_->Add(subtitle_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this, 2)));
    titleRow_->AddStretchSpacer();
    content_ = new wxBoxSizer(wxVERTICAL);
    outer->Add(titleRow_, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    outer->Add(content_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT | wxBOTTOM, gap(this, 2)));
    // Pages with and without buttons begin at the same height.
    titleRow_->SetMinSize(wxSize(-1, FromDIP(36)));
    SetSizer(outer);
    setAccessibleName(this, title);
}

wxWindow* firstControl(wxWindow* above) {
    for (wxWindow* child : above->GetChildren()) {
        if (!child->IsShown() || !child->IsEnabled() || child->IsTopLevel()) continue;
        if (wxWindow* inside = firstControl(child)) return inside;
        if (child->IsShownOnScreen() && child->CanAcceptFocusFromKeyboard() && !dynamic_cast<wxPanel*>(child))
            return child;
    }
    return nullptr;
}

wxWindow* PageBase::firstFocus() {
    return firstControl(this);
}

void PageBase::addToTitleRow(wxWindow* control) {
    titleRow_->Add(control, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
}

wxButton* PageBase::addAction(const wxString& label, const wxString& iconName, std::function<void()> action,
                              const wxString& tooltip) {
    wxButton* button = iconButton(this, label, iconName, tooltip);
    onPress(button, std::move(action));
    addToTitleRow(button);
    return button;
}

void PageBase::setSubtitle(const wxString& text) {
    if (subtitle_->GetLabelText() == text) return;
    subtitle_->SetLabel(wxControl::EscapeMnemonics(text));
    titleRow_->Layout();
}

}  // namespace causeway::console
