#include "console/views/bug_report_dialog.h"

#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/filename.h>
#include <wx/intl.h>
#include <wx/log.h>
#include <wx/sizer.h>
#include <wx/stdpaths.h>
#include <wx/uilocale.h>
#include <wx/utils.h>
#include <wx/version.h>

#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

namespace {

std::string contentOf(const wxString& path) {
    const wxLogNull quiet;
    wxFFile file;
    std::string text;
    if (!wxFileName::FileExists(path) || !file.Open(path, "rb") || file.Length() < 0) return text;
    text.resize(static_cast<std::size_t>(file.Length()));
    text.resize(file.Read(text.data(), text.size()));
    return text;
}

std::string variable(const char* name) {
    wxString value;
    return wxGetEnv(name, &value) && !value.empty() ? fromWx(value) : "not set";
}

BugReportPresenter::Own ownPart(const wxWindow* window, const wxString& logFile) {
    BugReportPresenter::Own own;
    own.program = "causeway-console " CAUSEWAY_VERSION;
    const auto add = [&own](const char* name, const wxString& value) { own.facts.emplace_back(name, fromWx(value)); };
    add("toolkit", wxVERSION_STRING + wxString(", ") + wxPlatformInfo::Get().GetPortIdName() + " " +
                       wxString::Format("%d.%d.%d", wxPlatformInfo::Get().GetToolkitMajorVersion(),
                                        wxPlatformInfo::Get().GetToolkitMinorVersion(),
                                        wxPlatformInfo::Get().GetToolkitMicroVersion()));
    add("system", wxGetOsDescription());
    add("architecture", wxGetCpuArchitectureName());
    add("language", wxUILocale::GetCurrent().GetName());
    for (const char* name : {"LANG", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "GTK_THEME"})
        own.facts.emplace_back(name, variable(name));
    add("colours", theme().isDark() ? "dark" : "light");
    const auto screen = wxGetDisplaySize();
    add("screen", wxString::Format("%d x %d, scale %.2f", screen.x, screen.y, window->GetDPIScaleFactor()));
    own.log = contentOf(logFile);
    own.hostNames = {fromWx(wxGetHostName()), fromWx(wxGetFullHostName())};
    return own;
}

}  // namespace

BugReportDialog::BugReportDialog(wxWindow* parent, AppContext& app, const wxString& logFile)
    : wxDialog(parent, wxID_ANY, _("Bug report"), wxDefaultPosition, wxDefaultSize,
               wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER | wxMAXIMIZE_BOX),
      presenter_(app.session, ownPart(parent, logFile)) {
    SetName("dialog.bugreport");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(new WrapText(this,
                            _("What somebody needs to understand a fault, in one file. Passwords, tokens and keys are "
                              "not in it. Nothing is sent anywhere: you save the file and decide who gets it."),
                            720),
               wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    auto* splitter = new ThinSplitter(this, "bugreport.splitter");
    list_ = new PlainList(splitter, "bugreport.files", _("Files of the report"),
                          {{_("File"), 220}, {_("Size"), 72, true}}, PlainList::Switches::Shown, _("Save"));
    auto* right = new wxPanel(splitter);
    about_ = new wxStaticText(right, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    text_ = new wxTextCtrl(right, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize,
                           wxTE_MULTILINE | wxTE_READONLY | wxTE_DONTWRAP);
    text_->SetFont(wxFont(wxFontInfo(GetFont().GetPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    setAccessibleName(text_, _("Content of the file"));
    splitter->SetMinimumPaneSize(FromDIP(200));
    auto* rightSizer = new wxBoxSizer(wxVERTICAL);
    rightSizer->Add(about_, wxSizerFlags().Expand().Border(wxALL, halfGap(this)));
    rightSizer->Add(text_, wxSizerFlags(1).Expand());
    right->SetSizer(rightSizer);
    splitter->SplitVertically(list_, right, FromDIP(370));
    outer->Add(splitter, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));

    auto* options = new wxBoxSizer(wxHORIZONTAL);
    anonymous_ = new wxCheckBox(this, wxID_ANY, _("&Replace names and addresses"));
    anonymous_->SetToolTip(
        _("The same user, computer, group, domain or address gets the same word in all files, such as user-3."));
    auto* label = new wxStaticText(this, wxID_ANY, _("&Packets:"));
    trace_ = new wxChoice(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(280, -1)));
    setAccessibleName(trace_, _("Packets"));
    options->Add(anonymous_, wxSizerFlags().CentreVertical());
    options->AddStretchSpacer();
    options->Add(label, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this)));
    options->Add(trace_, wxSizerFlags().CentreVertical());
    outer->Add(options, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxTOP, gap(this, 2)));
    line_ = new MarkLine(this, 720);
    outer->Add(line_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxTOP, gap(this, 2)));

    auto* row = new wxBoxSizer(wxHORIZONTAL);
    busy_ = new wxActivityIndicator(this);
    busy_->Hide();
    row->Add(busy_, wxSizerFlags().CentreVertical().ReserveSpaceEvenIfHidden());
    row->AddStretchSpacer();
    row->Add(new wxButton(this, wxID_CLOSE), wxSizerFlags());
    save_ = iconButton(this, _("&Save..."), "export");
    row->Add(save_, wxSizerFlags().Border(wxLEFT, gap(this)));
    outer->Add(row, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    SetEscapeId(wxID_CLOSE);
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(640, 420)));
    SetSize(FromDIP(wxSize(960, 620)));
    CentreOnParent();

    list_->onSwitch = [this](std::uint64_t id, bool isOn) {
        if (id > 0 && id <= presenter_.rows().size()) presenter_.setIncluded(presenter_.rows()[id - 1].name, isOn);
    };
    list_->onSelectionChanged = [this] { showSelected(); };
    anonymous_->Bind(wxEVT_CHECKBOX, [this](wxCommandEvent&) { presenter_.setAnonymous(anonymous_->GetValue()); });
    trace_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) {
        const int at = trace_->GetSelection();
        if (at >= 0) presenter_.setTrace(presenter_.traces()[static_cast<std::size_t>(at)].id);
    });
    onPress(save_, [this] { save(); });
    presenter_.onChanged = [this] { update(); };
    presenter_.load();
    list_->SetFocus();
}

BugReportDialog::~BugReportDialog() {
    presenter_.onChanged = nullptr;
}

std::string BugReportDialog::selectedName() const {
    const auto id = list_->selectedId();
    return id && *id > 0 && *id <= presenter_.rows().size() ? presenter_.rows()[*id - 1].name : std::string();
}

void BugReportDialog::update() {
    const bool isBusy = presenter_.isBusy();
    busy_->Show(isBusy);
    if (isBusy) {
        busy_->Start();
    } else {
        busy_->Stop();
    }
    // A button that rests loses the keyboard; this one only does nothing while there is work.
    save_->Enable(!presenter_.rows().empty());
    std::vector<PlainList::Row> rows;
    for (const auto& row : presenter_.rows())
        rows.push_back({rows.size() + 1, row.isIncluded, {toWx(row.name), toWx(row.sizeText)}});
    list_->setRows(std::move(rows));
    if (!list_->selectedId() && !presenter_.rows().empty()) list_->selectId(1);
    showSelected();
    const auto& traces = presenter_.traces();
    if (trace_->GetCount() != traces.size()) {
        trace_->Clear();
        for (const auto& each : traces)
            trace_->Append(escapedLabel(toWx(each.text)));
    }
    for (std::size_t at = 0; at < traces.size(); ++at) {
        if (traces[at].id == presenter_.trace()) trace_->SetSelection(static_cast<int>(at));
    }
    line_->set(presenter_.line());
    Layout();
}

void BugReportDialog::showSelected() {
    const auto name = selectedName();
    auto content = presenter_.textOf(name);
    if (name == shown_ && content == shownText_) return;
    shown_ = name;
    shownText_ = std::move(content);
    text_->ChangeValue(toWx(shownText_));
    text_->SetInsertionPoint(0);
    for (const auto& row : presenter_.rows()) {
        if (row.name == name) about_->SetLabel(escapedLabel(toWx(row.about)));
    }
}

void BugReportDialog::save() {
    if (presenter_.isBusy()) return;
    wxFileDialog dialog(this, _("Save the bug report"), wxStandardPaths::Get().GetDocumentsDir(),
                        toWx(presenter_.fileName()), _("Zip files (*.zip)|*.zip"), wxFD_SAVE | wxFD_OVERWRITE_PROMPT);
    if (dialog.ShowModal() == wxID_OK) presenter_.save(fromWx(dialog.GetPath()));
    save_->SetFocus();
}

void showBugReport(wxWindow* parent, AppContext& app) {
    BugReportDialog dialog(parent, app, app.logFile());
    dialog.ShowModal();
}

}  // namespace causeway::console
