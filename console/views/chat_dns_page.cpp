#include "console/views/chat_dns_page.h"

#include <wx/button.h>
#include <wx/msgdlg.h>

#include "console/presenters/words.h"
#include "console/views/form_dialog.h"
#include "console/views/text_tools.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr int kRefreshMillis = 5000;  // counts of queries
constexpr int kZonePause = 400;

class KeyDialog : public FormDialog {
public:
    KeyDialog(wxWindow* parent, DnsPresenter& presenter)
        : FormDialog(parent, "dialog.dns-key", _("Add a key"), _("Crea&te")), presenter_(presenter) {
        const auto name = form().row(
            _("&Name:"), [](wxWindow* parentOfField) { return new wxTextCtrl(parentOfField, wxID_ANY); },
            _("The secondary must know the key under the same name, such as secondary1. Its secret is made here and "
              "shown once."));
        name_ = static_cast<wxTextCtrl*>(name.control);
        addField("name", name);
        finish(name_);
    }

private:
    std::vector<FieldText> check() override { return {}; }
    void save(Answer answer) override { presenter_.addKey(fromWx(name_->GetValue()), std::move(answer)); }

    DnsPresenter& presenter_;
    wxTextCtrl* name_;
};

}  // namespace

wxWindow* createChatDnsPage(wxWindow* parent, AppContext& app) {
    return new ChatDnsPage(parent, app);
}

ChatDnsPage::ChatDnsPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.chat-dns", _("Chat DNS")),
      app_(app),
      presenter_(app.session, app.domains),
      timer_(this),
      zoneTimer_(this) {
    filter_ = new FilterBox(this, "chatdns.filter", _("Filter chat DNS"));
    addToTitleRow(filter_);
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    splitter_ = new ThinSplitter(this, "chatdns.splitter");
    upper_ = new wxPanel(splitter_);
    auto* column = new wxBoxSizer(wxVERTICAL);
    table_ = new TableView(upper_, "chatdns.table", _("What chat DNS serves"), presenter_.table(), wxDV_ROW_LINES);
    empty_ = new EmptyState(upper_, "dns", _("Nothing is served yet"), {});
    column->Add(table_, wxSizerFlags(1).Expand());
    column->Add(empty_, wxSizerFlags(1).Expand());
    upper_->SetSizer(column);
    auto* lower = makeLower(splitter_);
    splitter_->SetMinimumPaneSize(FromDIP(100));
    splitter_->SetSashGravity(0);
    splitter_->SplitHorizontally(upper_, lower, FromDIP(168));
    content()->Add(splitter_, wxSizerFlags(1).Expand());
    filter_->onFilter = [this](const std::string& text) { presenter_.table().setFilter(text); };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    table_->onSelectionChanged = [this] {
        const auto id = table_->selectedId();
        const auto* line = id ? presenter_.table().find(*id) : nullptr;
        if (line) presenter_.choose(line->row.domain, line->row.view);
    };
    table_->onCountChanged = [this] { update(); };
    presenter_.onChanged = [this] { update(); };
    presenter_.onRecords = [this] { updateRecords(); };
    presenter_.onCheck = [this] { updateCheck(); };
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { presenter_.load(); }, timer_.GetId());
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { chosen(); }, zoneTimer_.GetId());
    presenter_.load();
    update();
    updateRecords();
    updateCheck();
}

ChatDnsPage::~ChatDnsPage() {
    presenter_.onChanged = nullptr;
    presenter_.onRecords = nullptr;
    presenter_.onCheck = nullptr;
    // The table of the presenter goes before the window that shows it.
    table_->Destroy();
}

wxWindow* ChatDnsPage::makeLower(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, "chatdns.lower");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    const auto choice = [&](const wxString& label, const wxString& name) {
        row->Add(new wxStaticText(panel, wxID_ANY, label),
                 wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
        auto* made = new wxChoice(panel, wxID_ANY, wxDefaultPosition, wxDefaultSize);
        made->SetName(name);
        setAccessibleName(made, wxControl::RemoveMnemonics(label).BeforeLast(':'));
        row->Add(made, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this, 2)));
        made->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) { chosen(); });
        return made;
    };
    domain_ = choice(_("Do&main:"), "chatdns.domain");
    domain_->SetMinSize(FromDIP(wxSize(200, -1)));
    view_ = choice(_("Seen f&rom:"), "chatdns.view");
    view_->Append(toWx(viewText("lan")));
    view_->Append(toWx(viewText("internet")));
    view_->SetSelection(0);
    column->Add(row, wxSizerFlags().Border(wxTOP | wxBOTTOM, gap(this)));
    book_ = new wxNotebook(panel, wxID_ANY, wxDefaultPosition, wxDefaultSize, 0, "chatdns.tabs");
    turnPagesByKey(book_);
    setAccessibleName(book_, _("Tools for chat DNS"));
    const auto page = [this](const std::function<wxWindow*(wxWindow*)>& make, const wxString& title) {
        auto* holder = new wxPanel(book_);
        auto* sizer = new wxBoxSizer(wxVERTICAL);
        sizer->Add(make(holder), wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
        holder->SetSizer(sizer);
        book_->AddPage(holder, title);
    };
    page([this](wxWindow* holder) { return makeCheck(holder); }, _("Live check"));
    page([this](wxWindow* holder) { return makeRecords(holder); }, _("Records for other servers"));
    page([this](wxWindow* holder) { return makeSecondaries(holder); }, _("Secondaries and keys"));
    column->Add(book_, wxSizerFlags(1).Expand());
    panel->SetSizer(column);
    return panel;
}

wxWindow* ChatDnsPage::makeRecords(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    const auto label = [&](const wxString& text) {
        row->Add(new wxStaticText(panel, wxID_ANY, text),
                 wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    };
    label(_("&Written for:"));
    form_ = new wxChoice(panel, wxID_ANY);
    for (const auto& form : DnsPresenter::forms())
        form_->Append(toWx(DnsPresenter::formText(form)));
    form_->SetSelection(0);
    setAccessibleName(form_, _("Written for"));
    row->Add(form_, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this, 2)));
    label(_("&Zone there:"));
    zone_ = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(160, -1)));
    zone_->SetHint(_("the domain itself"));
    zone_->SetToolTip(
        _("The zone at the other server that takes the records, such as example.com. Empty: the domain "
          "is a zone of its own there."));
    setAccessibleName(zone_, _("Zone there"));
    row->Add(zone_, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this, 2)));
    copy_ = iconButton(panel, _("&Copy"), "copy", _("Copy the records"));
    row->Add(copy_, wxSizerFlags().CentreVertical());
    column->Add(row, wxSizerFlags().Expand());
    formHelp_ = new WrapText(panel, {}, 520);
    formHelp_->SetFont(smallFont(panel));
    theme().watch(formHelp_, [this] { formHelp_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    column->Add(formHelp_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    records_ = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize,
                              wxTE_MULTILINE | wxTE_READONLY | wxTE_DONTWRAP);
    records_->SetFont(wxFont(wxFontInfo(GetFont().GetPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    setAccessibleName(records_, _("Records for the other server"));
    column->Add(records_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    panel->SetSizer(column);
    form_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) { chosen(); });
    zone_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { zoneTimer_.StartOnce(kZonePause); });
    copy_->Bind(wxEVT_BUTTON,
                [this](wxCommandEvent&) { copyText(app_, toWx(presenter_.recordsText()), _("Copied the records.")); });
    return panel;
}

wxWindow* ChatDnsPage::makeCheck(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    row->Add(new wxStaticText(panel, wxID_ANY, _("Other resol&vers:")),
             wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    resolvers_ = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(240, -1)), wxTE_PROCESS_ENTER);
    resolvers_->SetHint("10.1.0.2, 192.0.2.53:5353");
    resolvers_->SetToolTip(_("Addresses of DNS servers that are asked too, at most 8"));
    setAccessibleName(resolvers_, _("Other resolvers"));
    row->Add(resolvers_, wxSizerFlags(1).CentreVertical().Border(wxRIGHT, gap(this)));
    check_ = iconButton(panel, _("Chec&k"), "refresh", _("Ask this server, the resolver of its system and these"));
    row->Add(check_, wxSizerFlags().CentreVertical());
    column->Add(row, wxSizerFlags().Expand());
    auto* line = new wxBoxSizer(wxHORIZONTAL);
    checkMark_ = new StatusMark(panel, Mark::Unknown, {});
    checkText_ = new WrapText(panel, {}, 420);
    line->Add(checkMark_, wxSizerFlags().Border(wxRIGHT, gap(this)));
    line->Add(checkText_, wxSizerFlags(1).Expand());
    column->Add(line, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    checkRows_ = new wxDataViewListCtrl(panel, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(-1, 90)),
                                        wxDV_SINGLE | wxDV_ROW_LINES);
    checkRows_->SetName("chatdns.check");
    setAccessibleName(checkRows_, _("Wanted and found records"));
    const auto text = [this](const wxString& title, int width) {
        checkRows_->AppendTextColumn(title, wxDATAVIEW_CELL_INERT, FromDIP(width), wxALIGN_LEFT,
                                     wxDATAVIEW_COL_RESIZABLE);
    };
    text(_("Asked"), 150);
    checkRows_->AppendIconTextColumn(_("Result"), wxDATAVIEW_CELL_INERT, FromDIP(130), wxALIGN_LEFT,
                                     wxDATAVIEW_COL_RESIZABLE);
    text(_("Record"), 240);
    text(_("Wanted"), 190);
    text(_("Found"), 190);
    column->Add(checkRows_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    checkWhy_ = new WrapText(panel, {}, 520);
    checkWhy_->Hide();
    column->Add(checkWhy_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    panel->SetSizer(column);
    onPress(check_, [this] { runCheck(); });
    resolvers_->Bind(wxEVT_TEXT_ENTER, [this](wxCommandEvent&) { runCheck(); });
    resolvers_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { updateCheck(); });
    checkRows_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        const auto lines = presenter_.checkLines();
        const int at = checkRows_->GetSelectedRow();
        wxString words;
        if (at >= 0 && static_cast<std::size_t>(at) < lines.size()) {
            const auto& chosenLine = lines[static_cast<std::size_t>(at)];
            words = toWx(chosenLine.why);
            if (!chosenLine.todo.empty()) words << (words.empty() ? "" : " ") << toWx(chosenLine.todo);
        }
        checkWhy_->setText(words);
        checkWhy_->Show(!words.empty());
        checkWhy_->GetParent()->Layout();
    });
    return panel;
}

wxWindow* ChatDnsPage::makeSecondaries(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    column->Add(new WrapText(panel,
                             _("Secondaries are other DNS servers that take whole zones from here. They are listed in "
                               "the settings of the service; each needs a key that both sides know."),
                             520),
                wxSizerFlags().Expand());
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    secondaries_ = new PlainList(panel, "chatdns.secondaries", _("Secondaries"),
                                 {{_("Domain"), 150}, {_("Secondary"), 140}, {_("Notice"), 170}, {_("Taken"), 150}});
    row->Add(secondaries_, wxSizerFlags(3).Expand());
    keys_ = new PlainList(panel, "chatdns.keys", _("Keys"), {{_("Key"), 150}});
    keys_->onSelectionChanged = [this] { update(); };
    auto* right = new wxBoxSizer(wxVERTICAL);
    right->Add(keys_, wxSizerFlags(1).Expand());
    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    addKey_ = iconButton(panel, _("Add &key..."), "token");
    removeKey_ = iconButton(panel, _("Remove ke&y"), "delete");
    buttons->Add(addKey_);
    buttons->Add(removeKey_, wxSizerFlags().Border(wxLEFT, gap(this)));
    right->Add(buttons, wxSizerFlags().Border(wxTOP, gap(this)));
    row->AddSpacer(gap(this, 2));
    row->Add(right, wxSizerFlags(2).Expand());
    column->Add(row, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    panel->SetSizer(column);
    onPress(addKey_, [this] { addKey(); });
    onPress(removeKey_, [this] { removeKey(); });
    return panel;
}

void ChatDnsPage::shown() {
    presenter_.load();
    timer_.Start(kRefreshMillis);
    update();
}

void ChatDnsPage::hidden() {
    timer_.Stop();
}

wxWindow* ChatDnsPage::firstFocus() {
    return table_->IsShownOnScreen() ? static_cast<wxWindow*>(table_) : filter_;
}

void ChatDnsPage::refresh() {
    app_.domains.load();
    presenter_.load();
}

void ChatDnsPage::update() {
    setSubtitle(toWx(presenter_.statusText()));
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        empty_->set(presenter_.problem()                  ? _("Chat DNS could not be read")
                    : !presenter_.isLoaded()              ? _("Loading ...")
                    : presenter_.table().totalCount() > 0 ? _("No row to show")
                                                          : _("Nothing is served yet"),
                    toWx(presenter_.emptyText()));
    }
    if (empty_->IsShown() != isEmpty || table_->IsShown() == isEmpty) {
        empty_->Show(isEmpty);
        table_->Show(!isEmpty);
        upper_->Layout();
    }
    updateChoices();
    if (const wxString text = toWx(presenter_.troubleText()); text != bannerText_) {
        bannerText_ = text;
        if (text.empty()) {
            banner_->hide();
        } else {
            banner_->show(Banner::Kind::Warning, text);
        }
    }
    std::vector<PlainList::Row> rows;
    for (const auto& cells : presenter_.secondaries()) {
        PlainList::Row row{rows.size() + 1, false, {}};
        for (const auto& cell : cells)
            row.cells.push_back(toWx(cell));
        rows.push_back(std::move(row));
    }
    if (rows.empty()) rows.push_back({1, false, {_("no secondary"), wxString(), wxString(), wxString()}});
    secondaries_->setRows(std::move(rows));
    std::vector<PlainList::Row> keys;
    for (const auto& key : presenter_.overview().keys)
        keys.push_back({keys.size() + 1, false, {toWx(key)}});
    const bool hasKeys = !keys.empty();
    if (!hasKeys) keys.push_back({1, false, {_("no key")}});
    if (keys != keys_->rows()) keys_->setRows(std::move(keys));
    addKey_->Enable(presenter_.isEditable());
    removeKey_->Enable(presenter_.isEditable() && hasKeys && keys_->selectedId());
}

void ChatDnsPage::updateChoices() {
    wxArrayString names;
    std::vector<std::string> domains;
    int at = wxNOT_FOUND;
    for (const auto& choice : presenter_.domains()) {
        if (choice.name == presenter_.domain()) at = static_cast<int>(domains.size());
        domains.push_back(choice.name);
        names.Add(toWx(choice.shown));
    }
    domains_ = std::move(domains);
    if (names != domain_->GetStrings()) domain_->Set(names);
    if (domain_->GetSelection() != at) domain_->SetSelection(at);
    const int view = presenter_.view() == "internet" ? 1 : 0;
    if (view_->GetSelection() != view) view_->SetSelection(view);
    const bool hasDomain = at != wxNOT_FOUND;
    domain_->Enable(!names.empty());
    check_->Enable(hasDomain && !presenter_.isChecking());
}

void ChatDnsPage::chosen() {
    const int at = domain_->GetSelection();
    if (at >= 0 && static_cast<std::size_t>(at) < domains_.size())
        presenter_.choose(domains_[static_cast<std::size_t>(at)], view_->GetSelection() == 1 ? "internet" : "lan");
    const auto& forms = DnsPresenter::forms();
    const auto form = static_cast<std::size_t>(std::max(0, form_->GetSelection()));
    presenter_.setForm(forms[std::min(form, forms.size() - 1)], fromWx(zone_->GetValue()));
}

void ChatDnsPage::updateRecords() {
    formHelp_->setText(toWx(DnsPresenter::formHelp(presenter_.form())));
    wxString text = toWx(presenter_.recordsText());
    if (text.empty()) text = _("The records appear here as soon as there is a chat domain.");
    if (records_->GetValue() != text) records_->ChangeValue(text);
    copy_->Enable(presenter_.hasRecords());
}

void ChatDnsPage::updateCheck() {
    auto line = presenter_.checkLine();
    const auto typing = presenter_.resolversProblem(fromWx(resolvers_->GetValue()));
    if (!typing.empty()) line = {Mark::Broken, typing};
    const wxString word = presenter_.isChecking()      ? _("Running")
                          : line.mark == Mark::Unknown ? _("Not checked")
                                                       : wordOf(line.mark);
    checkMark_->set(line.mark, word);
    checkText_->setText(toWx(line.text));
    check_->Enable(!presenter_.isChecking() && !presenter_.domain().empty() && typing.empty());
    const auto lines = presenter_.checkLines();
    checkRows_->DeleteAllItems();
    int trouble = wxNOT_FOUND;
    for (const auto& each : lines) {
        wxVector<wxVariant> values;
        values.push_back(toWx(each.resolver));
        wxVariant result;
        result << wxDataViewIconText(toWx(each.result), markIcon(each.mark));
        values.push_back(result);
        values.push_back(toWx(each.record));
        values.push_back(toWx(each.wanted));
        values.push_back(toWx(each.found));
        checkRows_->AppendItem(values);
        if (trouble == wxNOT_FOUND && each.mark == Mark::Broken)
            trouble = static_cast<int>(checkRows_->GetItemCount()) - 1;
    }
    wxString words;
    if (trouble != wxNOT_FOUND) {
        checkRows_->SelectRow(static_cast<unsigned>(trouble));
        checkRows_->EnsureVisible(checkRows_->RowToItem(trouble));
        const auto& each = lines[static_cast<std::size_t>(trouble)];
        words = toWx(each.why);
        if (!each.todo.empty()) words << (words.empty() ? "" : " ") << toWx(each.todo);
    }
    checkWhy_->setText(words);
    checkWhy_->Show(!words.empty());
    checkText_->GetParent()->Layout();
}

void ChatDnsPage::runCheck() {
    if (presenter_.resolversProblem(fromWx(resolvers_->GetValue())).empty())
        presenter_.check(fromWx(resolvers_->GetValue()));
}

void ChatDnsPage::addKey() {
    {
        KeyDialog dialog(wxGetTopLevelParent(this), presenter_);
        if (dialog.ShowModal() != wxID_OK) return;
    }
    showSecretOnce(wxGetTopLevelParent(this), app_, _("The new key"),
                   _("This is the only time that the secret is shown. Enter it at the secondary, with HMAC-SHA256."),
                   toWx(presenter_.newKey().reveal()));
    presenter_.forgetNewKey();
    keys_->SetFocus();
}

void ChatDnsPage::removeKey() {
    const auto id = keys_->selectedId();
    const auto& keys = presenter_.overview().keys;
    if (!id || *id > keys.size()) return;
    const auto name = keys[*id - 1];
    wxMessageDialog question(wxGetTopLevelParent(this), wxString::Format(_("Remove the key %s?"), toWx(name)),
                             _("Remove a key"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(_("Secondaries that use it are refused from then on."));
    question.SetYesNoLabels(_("Remove"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.removeKey(name, [alive = life().token(), this](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    });
}

}  // namespace causeway::console
