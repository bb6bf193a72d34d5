#include "console/views/log_page.h"

#include <array>

#include <wx/file.h>
#include <wx/filedlg.h>
#include <wx/intl.h>
#include <wx/simplebook.h>
#include <wx/splitter.h>
#include <wx/textctrl.h>

#include "console/presenters/text_format.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr std::array kLevels{LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error};

}  // namespace

LogPage::LogPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.log", _("Log and audit")), app_(app), presenter_(app.session) {
    book_ = new wxNotebook(this, wxID_ANY);
    turnPagesByKey(book_);
    book_->SetName("log.book");
    setAccessibleName(book_, _("Log and audit"));
    book_->AddPage(createLog(book_), _("Log"));
    book_->AddPage(createAudit(book_), _("Audit"));
    content()->Add(book_, wxSizerFlags(1).Expand());
    book_->Bind(wxEVT_NOTEBOOK_PAGE_CHANGED, [this](wxBookCtrlEvent& event) {
        if (event.GetSelection() == 1) presenter_.loadAudit();
        event.Skip();
    });
    presenter_.onChanged = [this] { update(); };
    update();
    presenter_.resync();
}

LogPage::~LogPage() {
    presenter_.onChanged = nullptr;
}

void LogPage::shown() {
    if (book_->GetSelection() == 1) presenter_.loadAudit();
    update();
}

wxWindow* LogPage::firstFocus() {
    return book_->GetSelection() == 1 ? auditFilter_ : logFilter_;
}

void LogPage::refresh() {
    presenter_.resync();
    if (book_->GetSelection() == 1) presenter_.loadAudit();
}

void LogPage::show(const std::string& part) {
    if (!part.empty()) book_->SetSelection(part == "audit" ? 1 : 0);
}

wxWindow* LogPage::createLog(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY);
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    auto* bar = new wxBoxSizer(wxHORIZONTAL);
    bar->Add(new wxStaticText(panel, wxID_ANY, _("Mini&mum level:")), wxSizerFlags().CentreVertical());
    level_ = new wxChoice(panel, wxID_ANY);
    level_->SetName("log.level");
    setAccessibleName(level_, _("Least level"));
    level_->Append(_("everything"));
    level_->Append(_("info and worse"));
    level_->Append(_("warnings and errors"));
    level_->Append(_("errors"));
    level_->SetSelection(static_cast<int>(presenter_.log().least()));
    level_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) {
        presenter_.setLeast(kLevels[static_cast<std::size_t>(std::max(0, level_->GetSelection()))]);
    });
    bar->Add(level_, wxSizerFlags().CentreVertical().Border(wxLEFT, halfGap(panel)));
    logFilter_ = new FilterBox(panel, "log.filter", _("Filter the log"));
    logFilter_->onFilter = [this](const std::string& text) { presenter_.log().setFilter(text); };
    bar->Add(logFilter_, wxSizerFlags(1).CentreVertical().Border(wxLEFT, gap(panel)));
    pause_ = new wxToggleButton(panel, wxID_ANY, _("Pause"));
    pause_->SetName("log.pause");
    pause_->SetToolTip(_("Keep new lines back while you read"));
    pause_->Bind(wxEVT_TOGGLEBUTTON, [this](wxCommandEvent& event) { presenter_.pause(event.IsChecked()); });
    bar->Add(pause_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    auto* clear = iconButton(panel, _("&Clear"), "clear", _("Empty this view; the log of the service stays"));
    clear->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { presenter_.clear(); });
    bar->Add(clear, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    auto* save = iconButton(panel, _("E&xport..."), "export", _("Save the shown lines as CSV"));
    onPress(save, [this] { exportTable(presenter_.log(), "causeway-log.csv"); });
    bar->Add(save, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    sizer->Add(bar, wxSizerFlags().Expand());

    logBook_ = new wxSimplebook(panel, wxID_ANY);
    log_ = new TableView(logBook_, "log.table", _("Log"), presenter_.log());
    logEmpty_ = new EmptyState(logBook_, "log", _("No log lines"), wxEmptyString);
    logBook_->AddPage(log_, "table");
    logBook_->AddPage(logEmpty_, "empty");
    logFilter_->onArrowDown = [this] { log_->SetFocus(); };
    sizer->Add(logBook_, wxSizerFlags(1).Expand().Border(wxTOP, gap(panel)));
    logState_ = new wxStaticText(panel, wxID_ANY, wxEmptyString);
    logState_->SetName("log.state");
    sizer->Add(logState_, wxSizerFlags().Border(wxTOP, halfGap(panel)));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(panel)));
    panel->SetSizer(outer);
    return panel;
}

wxWindow* LogPage::createAudit(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY);
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    auto* bar = new wxBoxSizer(wxHORIZONTAL);
    auditFilter_ = new FilterBox(panel, "audit.filter", _("Filter the audit"));
    auditFilter_->onFilter = [this](const std::string& text) { presenter_.audit().setFilter(text); };
    bar->Add(auditFilter_, wxSizerFlags(1).CentreVertical());
    more_ = iconButton(panel, _("Load olde&r entries"), "history");
    more_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { presenter_.loadMoreAudit(); });
    bar->Add(more_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    auto* save = iconButton(panel, _("E&xport..."), "export", _("Save the shown entries as CSV"));
    onPress(save, [this] { exportTable(presenter_.audit(), "causeway-audit.csv"); });
    bar->Add(save, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    sizer->Add(bar, wxSizerFlags().Expand());

    auditBook_ = new wxSimplebook(panel, wxID_ANY);
    auto* filled = new wxPanel(auditBook_, wxID_ANY);
    auto* inside = new wxBoxSizer(wxVERTICAL);
    audit_ = new TableView(filled, "audit.table", _("Audit"), presenter_.audit());
    audit_->onSelectionChanged = [this] { showDetails(); };
    auditFilter_->onArrowDown = [this] { audit_->SetFocus(); };
    inside->Add(audit_, wxSizerFlags(3).Expand());
    auditLine_ =
        new wxStaticText(filled, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    auditLine_->SetFont(headFont(filled));
    inside->Add(auditLine_, wxSizerFlags().Expand().Border(wxTOP, gap(panel)));
    auto* sides = new wxBoxSizer(wxHORIZONTAL);
    const auto side = [&](const wxString& label, const wxString& name, int border) {
        auto* column = new wxBoxSizer(wxVERTICAL);
        column->Add(new wxStaticText(filled, wxID_ANY, label));
        auto* text = new wxTextCtrl(filled, wxID_ANY, wxEmptyString, wxDefaultPosition, FromDIP(wxSize(-1, 90)),
                                    wxTE_MULTILINE | wxTE_READONLY);
        text->SetName(name);
        setAccessibleName(text, wxControl::RemoveMnemonics(label));
        column->Add(text, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(panel)));
        sides->Add(column, wxSizerFlags(1).Expand().Border(wxLEFT, border));
        return text;
    };
    before_ = side(_("&Before:"), "audit.before", 0);
    after_ = side(_("Af&ter:"), "audit.after", gap(panel));
    inside->Add(sides, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(panel)));
    filled->SetSizer(inside);
    auditEmpty_ = new EmptyState(auditBook_, "audit", _("No audit entries"), wxEmptyString);
    auditBook_->AddPage(filled, "table");
    auditBook_->AddPage(auditEmpty_, "empty");
    sizer->Add(auditBook_, wxSizerFlags(1).Expand().Border(wxTOP, gap(panel)));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(panel)));
    panel->SetSizer(outer);
    return panel;
}

void LogPage::update() {
    const auto put = [](wxStaticText* label, const wxString& text) {
        if (label->GetLabel() != escapedLabel(text)) label->SetLabel(escapedLabel(text));
    };
    put(logState_, toWx(presenter_.logStateText()));
    const auto logEmpty = toWx(presenter_.logEmptyText());
    logBook_->ChangeSelection(presenter_.log().rowCount() == 0 && !logEmpty.empty() ? 1 : 0);
    logEmpty_->set(_("No log lines"), logEmpty);
    if (pause_->GetValue() != presenter_.isPaused()) pause_->SetValue(presenter_.isPaused());

    const auto auditEmpty = toWx(presenter_.auditEmptyText());
    auditBook_->ChangeSelection(presenter_.audit().rowCount() == 0 && !auditEmpty.empty() ? 1 : 0);
    auditEmpty_->set(presenter_.mayReadAudit() ? _("No audit entries") : _("The audit is for administrators"),
                     auditEmpty);
    more_->Enable(presenter_.hasMoreAudit() && !presenter_.isAuditLoading());
    showDetails();
}

void LogPage::showDetails() {
    const auto id = audit_->selectedId();
    const auto* entry = id ? presenter_.audit().find(*id) : nullptr;
    const auto put = [](wxTextCtrl* field, const wxString& text) {
        if (field->GetValue() != text) field->ChangeValue(text);
    };
    if (entry == nullptr) {
        put(before_, wxEmptyString);
        put(after_, wxEmptyString);
        auditLine_->SetLabel(_("Choose an entry to see it before and after."));
        return;
    }
    put(before_, entry->before.empty() ? _("(nothing)") : toWx(entry->before));
    put(after_, entry->after.empty() ? _("(nothing)") : toWx(entry->after));
    auditLine_->SetLabel(escapedLabel(wxString::Format("%s  %s  %s  %s", toWx(exactTime(entry->at)), toWx(entry->who),
                                                       toWx(entry->action), toWx(entry->subject))));
}

void LogPage::exportTable(RowTable& table, const wxString& fileName) {
    wxFileDialog dialog(wxGetTopLevelParent(this), _("Export as CSV"), wxEmptyString, fileName,
                        _("CSV files (*.csv)|*.csv"), wxFD_SAVE | wxFD_OVERWRITE_PROMPT);
    if (dialog.ShowModal() != wxID_OK) return;
    table.exportCsv([this, alive = life().token(), path = dialog.GetPath()](const std::string& text) {
        if (!alive.expired()) write(path, text);
    });
}

void LogPage::write(const wxString& path, const std::string& text) {
    wxFile file;
    if (!file.Create(path, true) || file.Write(text.data(), text.size()) != text.size() || !file.Close()) {
        app_.tell(Error{Code::Unavailable, fromWx(wxString::Format(_("\"%s\" could not be written."), path)), "",
                        fromWx(_("Choose a folder that you may write to, with room on its disk."))});
        return;
    }
    app_.say(wxString::Format(_("Saved %s."), path));
}

wxWindow* createLogPage(wxWindow* parent, AppContext& app) {
    return new LogPage(parent, app);
}

}  // namespace causeway::console
