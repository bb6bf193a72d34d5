#include "console/widgets/status_mark.h"

#include <wx/popupwin.h>
#include <wx/richtooltip.h>
#include <wx/sizer.h>

#include "console/widgets/icons.h"
#include "console/widgets/theme.h"

namespace causeway::console {

wxString wordOf(Mark mark) {
    switch (mark) {
        case Mark::Fine:
            return _("Fine");
        case Mark::Partly:
            return _("Partly");
        case Mark::Broken:
            return _("Broken");
        case Mark::None:
            return {};
        case Mark::Unknown:
            break;
    }
    return _("Not measured");
}

StatusMark::StatusMark(wxWindow* parent, Mark mark, const wxString& word) : wxPanel(parent, wxID_ANY), mark_(mark) {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    picture_ = new wxStaticBitmap(this, wxID_ANY, markIcon(mark));
    word_ = new wxStaticText(this, wxID_ANY, word);
    row->Add(picture_, wxSizerFlags().CentreVertical());
    row->AddSpacer(halfGap(this));
    row->Add(word_, wxSizerFlags(1).CentreVertical());
    SetSizer(row);
    set(mark, word);
    theme().watch(this, [this] { picture_->SetBitmap(markIcon(mark_)); });
    const auto open = [this](wxMouseEvent& event) {
        event.Skip();
        openProof();
    };
    for (wxWindow* part :
         {static_cast<wxWindow*>(this), static_cast<wxWindow*>(picture_), static_cast<wxWindow*>(word_)}) {
        part->Bind(wxEVT_LEFT_UP, open);
    }
    Bind(wxEVT_KEY_DOWN, [this](wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_SPACE || event.GetKeyCode() == WXK_RETURN) {
            openProof();
        } else {
            event.Skip();
        }
    });
}

void StatusMark::set(Mark mark, const wxString& word) {
    const wxString plain = wxControl::EscapeMnemonics(word);
    if (mark != mark_) {
        mark_ = mark;
        picture_->SetBitmap(markIcon(mark));
    }
    if (word_->GetLabel() != plain) {
        word_->SetLabel(plain);
        InvalidateBestSize();
        if (GetParent()) GetParent()->Layout();
    }
    setAccessibleName(this, word);
}

void StatusMark::setProof(const wxString& text) {
    if (proof_ == text) return;
    proof_ = text;
    for (wxWindow* part :
         {static_cast<wxWindow*>(this), static_cast<wxWindow*>(picture_), static_cast<wxWindow*>(word_)}) {
        if (text.empty()) {
            part->UnsetToolTip();
        } else {
            part->SetToolTip(text);
        }
    }
    SetCanFocus(!text.empty());
    setAccessibleDescription(this, text);
}

void StatusMark::openProof() {
    if (proof_.empty()) return;
    wxRichToolTip tip(word_->GetLabelText(), proof_);
    tip.SetIcon(markIcon(mark_, 24));
    tip.SetTimeout(20000);
    tip.ShowFor(this);
}

}  // namespace causeway::console
