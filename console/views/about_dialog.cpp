#include "console/views/about_dialog.h"

#include <wx/clipbrd.h>
#include <wx/dialog.h>
#include <wx/sizer.h>
#include <wx/statbmp.h>
#include <wx/stattext.h>
#include <wx/utils.h>
#include <wx/version.h>

#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"

namespace causeway::console {

void showAboutDialog(wxWindow* parent, AppContext& app) {
    wxDialog dialog(parent, wxID_ANY, _("About Causeway"), wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE,
                    "about");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    auto* picture = new wxStaticBitmap(&dialog, wxID_ANY, icon("causeway", 96));
    auto* words = new wxBoxSizer(wxVERTICAL);
    auto* name = new wxStaticText(&dialog, wxID_ANY, "Causeway");
    name->SetFont(titleFont(&dialog));
    words->Add(name, wxSizerFlags());
    words->Add(new WrapText(&dialog,
                            _("Joins the segments of a company network, so that employees find each other and "
                              "chat with the clients that they already have."),
                            360),
               wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(&dialog)));
    FormGrid form(&dialog);
    const auto& service = app.session.service();
    wxString text;
    const auto fact = [&](const wxString& label, const wxString& value) {
        form.fact(label, value);
        text += label + " " + value + "\n";
    };
    fact(_("Console:"), CAUSEWAY_VERSION);
    if (app.session.hasService() && !service.version.empty()) {
        fact(_("Service:"), toWx(service.version + " (" + service.serverName + ")"));
        fact(_("Address:"), toWx(app.session.addressText()));
    }
    fact(_("Toolkit:"), wxVERSION_STRING + wxString(", ") + wxPlatformInfo::Get().GetPortIdName());
    fact(_("System:"), wxGetOsDescription());
    words->Add(form.sizer(), wxSizerFlags().Expand());
    row->Add(picture, wxSizerFlags().Top());
    row->Add(words, wxSizerFlags(1).Border(wxLEFT, gap(&dialog, 2)));
    column->Add(row, wxSizerFlags(1).Expand().Border(wxALL, gap(&dialog, 2)));
    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    auto* copy = iconButton(&dialog, _("&Copy"), "copy", _("Copy the versions, for a question to the support"));
    copy->Bind(wxEVT_BUTTON, [&text](wxCommandEvent&) {
        wxClipboardLocker lock;
        if (!!lock) wxTheClipboard->SetData(new wxTextDataObject(text));
    });
    auto* close = new wxButton(&dialog, wxID_CANCEL, _("Close"));
    close->SetDefault();
    buttons->AddStretchSpacer();
    buttons->Add(copy, wxSizerFlags());
    buttons->Add(close, wxSizerFlags().Border(wxLEFT, gap(&dialog)));
    column->Add(buttons, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxBOTTOM, gap(&dialog, 2)));
    dialog.SetSizerAndFit(column);
    dialog.CentreOnParent();
    close->SetFocus();
    dialog.ShowModal();
}

}  // namespace causeway::console
