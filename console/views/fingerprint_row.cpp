#include "console/views/fingerprint_row.h"

#include <wx/intl.h>
#include <wx/sizer.h>
#include <wx/stattext.h>

#include "console/views/pages.h"
#include "console/views/text_tools.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"

namespace causeway::console {

FingerprintRow::FingerprintRow(wxWindow* parent, AppContext& app, const wxString& copyLabel) : wxPanel(parent) {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    row->Add(new wxStaticText(this, wxID_ANY, _("SHA-256:")),
             wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    text_ = new wxTextCtrl(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize,
                           wxTE_MULTILINE | wxTE_READONLY | wxTE_DONTWRAP | wxTE_NO_VSCROLL);
    text_->SetFont(wxFont(wxFontInfo(GetFont().GetPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    setAccessibleName(text_, _("Fingerprint of the certificate, SHA-256"));
    // 16 of the 32 bytes a line.
    const auto line = text_->GetTextExtent(wxString('A', 49));
    text_->SetMinSize(wxSize(line.x + FromDIP(16), line.y * 2 + FromDIP(4)));
    copy_ = iconButton(this, copyLabel, "copy", _("Copy the fingerprint, so that your users can compare it"));
    row->Add(text_, wxSizerFlags().CentreVertical());
    row->Add(copy_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    SetSizer(row);
    copy_->Bind(wxEVT_BUTTON,
                [this, &app](wxCommandEvent&) { copyText(app, toWx(shown_), _("Copied the fingerprint.")); });
}

void FingerprintRow::set(const std::string& fingerprint) {
    copy_->Enable(!fingerprint.empty());
    if (shown_ == fingerprint) return;
    shown_ = fingerprint;
    constexpr std::size_t kHalf = 47;
    wxString text = toWx(fingerprint.substr(0, kHalf));
    if (fingerprint.size() > kHalf) text += "\n" + toWx(fingerprint.substr(kHalf + 1));
    text_->ChangeValue(text);
}

}  // namespace causeway::console
