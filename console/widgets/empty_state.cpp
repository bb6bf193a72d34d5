#include "console/widgets/empty_state.h"

#include <wx/sizer.h>
#include <wx/statbmp.h>

#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/theme.h"

namespace causeway::console {

EmptyState::EmptyState(wxWindow* parent, const wxString& iconName, const wxString& title, const wxString& sentence)
    : wxPanel(parent, wxID_ANY) {
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* picture = new wxStaticBitmap(this, wxID_ANY, icon(iconName, 48, Theme::Ink::Muted));
    title_ = new wxStaticText(this, wxID_ANY, title, wxDefaultPosition, wxDefaultSize, wxALIGN_CENTRE_HORIZONTAL);
    title_->SetFont(GetFont().Scaled(1.2F).Bold());
    sentence_ = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxALIGN_CENTRE_HORIZONTAL);
    button_ = new wxButton(this, wxID_ANY);
    button_->Hide();
    column->AddStretchSpacer(2);
    column->Add(picture, wxSizerFlags().Centre());
    column->Add(title_, wxSizerFlags().Centre().Border(wxTOP, gap(this)));
    column->Add(sentence_, wxSizerFlags().Centre().Border(wxTOP, gap(this)));
    column->Add(button_, wxSizerFlags().Centre().Border(wxTOP, gap(this, 2)));
    column->AddStretchSpacer(3);
    SetSizer(column);
    theme().watch(this, [this, picture, iconName] {
        SetBackgroundColour(theme().colour(Theme::Ink::Base));
        picture->SetBitmap(icon(iconName, 48, Theme::Ink::Muted));
        title_->SetForegroundColour(theme().colour(Theme::Ink::Text));
        sentence_->SetForegroundColour(theme().colour(Theme::Ink::Muted));
    });
    button_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        if (action_) action_();
    });
    set(title, sentence);
}

void EmptyState::set(const wxString& title, const wxString& sentence) {
    const wxString words = title + "\n" + sentence;
    if (words == words_) return;
    words_ = words;
    title_->SetLabel(wxControl::EscapeMnemonics(title));
    sentence_->SetLabel(wxControl::EscapeMnemonics(wrapped(sentence_, sentence, FromDIP(440))));
    Layout();
}

void EmptyState::setButton(const wxString& label, std::function<void()> action) {
    action_ = std::move(action);
    button_->SetLabel(label);
    button_->Show(!label.empty());
    Layout();
}

}  // namespace causeway::console
