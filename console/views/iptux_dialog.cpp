#include "console/views/iptux_dialog.h"

#include <wx/button.h>
#include <wx/clipbrd.h>
#include <wx/intl.h>
#include <wx/sizer.h>
#include <wx/stattext.h>
#include <wx/textctrl.h>

#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"

namespace causeway::console {

IptuxDialog::IptuxDialog(wxWindow* parent, AppContext& app, const IptuxScan& scan)
    : wxDialog(parent, wxID_ANY, _("Settings for iptux"), wxDefaultPosition, wxDefaultSize,
               wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER) {
    SetName("dialog.iptux");
    setAccessibleDialog(this);
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    sizer->Add(new WrapText(this,
                            _("Every iptux that should see external users scans the ranges itself, at its start and on "
                              "F5. Enter the stretches under Preferences > Network of iptux, or put the JSON text into "
                              "~/.iptux/config.json while iptux is closed."),
                            480),
               wxSizerFlags().Expand());
    if (!scan.leftOut.empty()) {
        sizer->Add(new WrapText(this, toWx(scan.leftOut), 480), wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    }
    const auto part = [&](const wxString& label, const wxString& name, const wxString& copyLabel,
                          const std::string& text, const wxString& copied) {
        auto* row = new wxBoxSizer(wxHORIZONTAL);
        row->Add(new wxStaticText(this, wxID_ANY, label), wxSizerFlags(1).Align(wxALIGN_BOTTOM));
        auto* field = new wxTextCtrl(this, wxID_ANY, toWx(text), wxDefaultPosition, FromDIP(wxSize(560, 130)),
                                     wxTE_MULTILINE | wxTE_READONLY | wxTE_DONTWRAP);
        auto* copy = iconButton(this, copyLabel, "copy");
        copy->Bind(wxEVT_BUTTON, [&app, text, copied](wxCommandEvent&) {
            if (!wxTheClipboard->Open()) return;
            wxTheClipboard->SetData(new wxTextDataObject(toWx(text)));
            wxTheClipboard->Close();
            app.say(copied);
        });
        row->Add(copy);
        sizer->Add(row, wxSizerFlags().Expand().Border(wxTOP, gap(this, 2)));
        wxFont fixed = field->GetFont();
        fixed.SetFamily(wxFONTFAMILY_TELETYPE);
        field->SetFont(fixed);
        field->SetName(name);
        setAccessibleName(field, wxControl::RemoveMnemonics(label));
        sizer->Add(field, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(this)));
    };
    part(_("From - to, one stretch a line:"), "iptux.fromto", _("Copy the &stretches"), scan.fromTo,
         _("Copied the stretches."));
    part(_("For config.json of iptux:"), "iptux.json", _("Copy the &JSON text"), scan.json, _("Copied the JSON text."));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    outer->Add(CreateSeparatedButtonSizer(wxCLOSE), wxSizerFlags().Expand().Border(wxALL, gap(this)));
    SetEscapeId(wxID_CLOSE);
    SetSizerAndFit(outer);
    CentreOnParent();
}

}  // namespace causeway::console
