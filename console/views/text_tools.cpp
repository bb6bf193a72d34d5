#include "console/views/text_tools.h"

#include <wx/clipbrd.h>
#include <wx/dialog.h>
#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/log.h>
#include <wx/sizer.h>
#include <wx/textctrl.h>

#include "console/views/pages.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

void copyText(AppContext& app, const wxString& text, const wxString& said) {
    const wxClipboardLocker lock;
    if (!lock) return;
    wxTheClipboard->SetData(new wxTextDataObject(text));
    app.say(said);
}

void saveText(wxWindow* parent, AppContext& app, const wxString& title, const wxString& fileName,
              const wxString& wildcard, const std::string& text) {
    wxFileDialog dialog(parent, title, {}, fileName, wildcard, wxFD_SAVE | wxFD_OVERWRITE_PROMPT);
    if (dialog.ShowModal() != wxID_OK) return;
    const wxString path = dialog.GetPath();
    const wxLogNull quiet;
    wxFFile file;
    if (file.Open(path, "wb") && file.Write(text.data(), text.size()) == text.size() && file.Close()) {
        app.say(wxString::Format(_("Saved %s."), path));
        return;
    }
    app.tell(Error{Code::Unavailable, fromWx(wxString::Format(_("%s could not be written."), path)),
                   fromWx(wxSysErrorMsgStr(wxSysErrorCode())),
                   fromWx(_("Choose another folder, or look at its permissions and free space."))});
}

bool loadText(wxWindow* parent, AppContext& app, const wxString& title, const wxString& wildcard, std::size_t mostBytes,
              std::string& text) {
    wxFileDialog dialog(parent, title, {}, {}, wildcard, wxFD_OPEN | wxFD_FILE_MUST_EXIST);
    if (dialog.ShowModal() != wxID_OK) return false;
    const wxString path = dialog.GetPath();
    const wxLogNull quiet;
    wxFFile file;
    if (!file.Open(path, "rb") || file.Length() < 0) {
        app.tell(Error{Code::Unavailable, fromWx(wxString::Format(_("%s could not be read."), path)),
                       fromWx(wxSysErrorMsgStr(wxSysErrorCode())), fromWx(_("Look at the permissions of the file."))});
        return false;
    }
    const auto size = static_cast<std::size_t>(file.Length());
    if (size > mostBytes) {
        app.tell(Error{Code::TooMany,
                       fromWx(wxString::Format(_("%s is too large."), path)),
                       {},
                       fromWx(_("Choose the right file, or divide it."))});
        return false;
    }
    text.resize(size);
    text.resize(file.Read(text.data(), size));
    return true;
}

void showSecretOnce(wxWindow* parent, AppContext& app, const wxString& title, const wxString& sentence,
                    const wxString& secret) {
    wxDialog dialog(parent, wxID_ANY, title);
    dialog.SetName("dialog.secret");
    setAccessibleDialog(&dialog);
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    sizer->Add(new WrapText(&dialog, sentence, 460), wxSizerFlags().Expand());
    sizer->Add(new wxStaticText(&dialog, wxID_ANY, _("&Token:")), wxSizerFlags().Border(wxTOP, gap(&dialog)));
    auto* field =
        new wxTextCtrl(&dialog, wxID_ANY, secret, wxDefaultPosition, dialog.FromDIP(wxSize(460, -1)), wxTE_READONLY);
    setAccessibleName(field, _("Token"));
    sizer->Add(field, wxSizerFlags().Expand().Border(wxTOP, halfGap(&dialog)));
    auto* copy = iconButton(&dialog, _("&Copy"), "copy");
    copy->Bind(wxEVT_BUTTON, [&app, secret](wxCommandEvent&) { copyText(app, secret, _("Copied the token.")); });
    sizer->Add(copy, wxSizerFlags().Border(wxTOP, gap(&dialog)));
    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(&dialog, 2)));
    outer->Add(dialog.CreateSeparatedButtonSizer(wxCLOSE), wxSizerFlags().Expand().Border(wxALL, gap(&dialog)));
    dialog.SetEscapeId(wxID_CLOSE);
    dialog.SetSizerAndFit(outer);
    dialog.CentreOnParent();
    copy->SetFocus();
    dialog.ShowModal();
}

}  // namespace causeway::console
