#include "console/views/domains_page.h"

#include <wx/button.h>
#include <wx/menu.h>
#include <wx/msgdlg.h>

#include "console/views/accounts_dialog.h"
#include "console/views/domain_assistant.h"
#include "console/views/domain_dialogs.h"
#include "console/views/login_test_dialog.h"
#include "console/views/proof_view.h"
#include "console/views/text_tools.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "shared/base/cursor.h"

namespace causeway::console {

wxWindow* createDomainsPage(wxWindow* parent, AppContext& app) {
    return new DomainsPage(parent, app);
}

DomainsPage::DomainsPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.domains", _("Chat domains")), app_(app), presenter_(app.domains), timer_(this) {
    filter_ = new FilterBox(this, "domains.filter", _("Filter domains"));
    addToTitleRow(filter_);
    new_ = addAction(
        _("Ne&w domain..."), "add", [this] { openAssistant(); },
        _("An assistant leads from the name to two green marks"));
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    splitter_ = new ThinSplitter(this, "domains.splitter");
    upper_ = new wxPanel(splitter_);
    auto* column = new wxBoxSizer(wxVERTICAL);
    table_ = new TableView(upper_, "domains.table", _("Chat domains"), presenter_.table(), wxDV_ROW_LINES);
    empty_ = new EmptyState(upper_, "domain", _("No chat domain yet"), {});
    column->Add(table_, wxSizerFlags(1).Expand());
    column->Add(empty_, wxSizerFlags(1).Expand());
    upper_->SetSizer(column);
    details_ = makeDetails(splitter_);
    splitter_->SetMinimumPaneSize(FromDIP(110));
    splitter_->SetSashGravity(1.0);
    splitter_->Initialize(upper_);
    details_->Hide();
    content()->Add(splitter_, wxSizerFlags(1).Expand());

    filter_->onFilter = [this](const std::string& text) { presenter_.table().setFilter(text); };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    table_->onSelectionChanged = [this] { selectionChanged(); };
    table_->onActivated = [this](std::uint64_t) { edit(); };
    table_->onCountChanged = [this] {
        update();
        selectWanted();
    };
    table_->onContextMenu = [this](wxMenu& menu) { fillMenu(menu); };
    presenter_.onChanged = [this] { update(); };
    presenter_.onDetails = [this] { updateDetails(); };
    Bind(
        wxEVT_TIMER,
        [this](wxTimerEvent&) {
            updateBanner();
            updateDetails();
        },
        timer_.GetId());
    update();
}

DomainsPage::~DomainsPage() {
    presenter_.onChanged = nullptr;
    presenter_.onDetails = nullptr;
}

wxPanel* DomainsPage::makeDetails(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, "domains.details");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    name_ = new wxStaticText(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    name_->SetFont(GetFont().Scaled(1.15F).Bold());
    row->Add(name_, wxSizerFlags(1).CentreVertical());
    const auto button = [&](const wxString& label, const wxString& picture, const wxString& tip,
                            const std::function<void()>& action) {
        auto* made = iconButton(panel, label, picture, tip);
        onPress(made, action);
        row->Add(made, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
        return made;
    };
    check_ = button(_("&Check now"), "refresh", _("Measure both marks now"), [this] { checkNow(); });
    test_ = button(_("Test lo&gin..."), "connect", _("Try a name and a password through the whole chain"),
                   [this] { testLogin(); });
    accounts_ = button(_("Accoun&ts..."), "user", _("Built-in accounts of this domain"), [this] { openAccounts(); });
    edit_ = button(_("Ed&it..."), "edit", _("Where used, providers, certificate and more"), [this] { edit(); });
    enable_ = button(_("Disa&ble"), "mute", {}, [this] { switchEnabled(); });
    delete_ =
        button(_("Delete..."), "delete", _("Says what is lost, and wants the name typed"), [this] { deleteDomain(); });
    book_ = new wxNotebook(panel, wxID_ANY, wxDefaultPosition, wxDefaultSize, 0, "domains.tabs");
    turnPagesByKey(book_);
    setAccessibleName(book_, _("Details of the selected domain"));
    const auto page = [this](const std::function<wxWindow*(wxWindow*)>& make, const wxString& title) {
        auto* holder = new wxPanel(book_);
        auto* sizer = new wxBoxSizer(wxVERTICAL);
        sizer->Add(make(holder), wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
        holder->SetSizer(sizer);
        book_->AddPage(holder, title);
    };
    page([this](wxWindow* holder) { return makeState(holder); }, _("State"));
    page([this](wxWindow* holder) { return makeSupernodes(holder); }, _("Supernodes"));
    certificatePage_ = book_->GetPageCount();
    page([this](wxWindow* holder) { return makeCertificate(holder); }, _("Certificate"));
    page(
        [this](wxWindow* holder) {
            return history_ = new PlainList(holder, "domains.history", _("History of the marks"),
                                            {{_("Time"), 160}, {_("What changed"), 640}});
        },
        _("History"));
    page([this](wxWindow* holder) { return facts_ = new FactList(holder, "domains.facts", _("Facts")); }, _("Facts"));
    column->Add(row, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    column->Add(book_, wxSizerFlags(1).Expand());
    panel->SetSizer(column);
    return panel;
}

wxWindow* DomainsPage::makeState(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    directory_ =
        new DotPanel(panel, "domains.directory", _("Directory"), _("Show the directory proof"), DotPanel::Strip::Shown);
    supernode_ =
        new DotPanel(panel, "domains.supernode", _("Supernode"), _("Show the supernode proof"), DotPanel::Strip::Shown);
    directory_->onProof = [this] { openProof(DotKind::Directory); };
    supernode_->onProof = [this] { openProof(DotKind::Supernode); };
    row->Add(directory_, wxSizerFlags(1).Expand());
    row->AddSpacer(gap(this, 3));
    row->Add(supernode_, wxSizerFlags(1).Expand());
    login_ = new StatusMark(panel, Mark::Unknown, {});
    column->Add(login_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    column->Add(row, wxSizerFlags().Expand());
    panel->SetSizer(column);
    return panel;
}

wxWindow* DomainsPage::makeSupernodes(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    nodes_ = new PlainList(panel, "domains.supernodes", _("Supernodes of the domain"),
                           {{_("Name"), 90},
                            {_("Comes from"), 130},
                            {_("State"), 150},
                            {_("LAN address"), 120},
                            {_("Internet address"), 120},
                            {_("Ports"), 90},
                            {_("Priority"), 70, true},
                            {_("Weight"), 70, true}});
    nodes_->onSelectionChanged = [this] { updateDetails(); };
    nodes_->onActivated = [this](std::uint64_t id) {
        if (presenter_.isEditable()) editSupernode(presenter_.formOfSupernode(id));
    };
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    const auto button = [&](const wxString& label, const wxString& picture, const std::function<void()>& action) {
        auto* made = iconButton(panel, label, picture);
        onPress(made, action);
        row->Add(made, wxSizerFlags().Border(wxRIGHT, gap(this)));
        return made;
    };
    addNode_ = button(_("Add supernode..."), "add", [this] {
        SupernodeForm form;
        form.domain = presenter_.selected().value_or(0);
        editSupernode(form);
    });
    editNode_ = button(_("Edit supernode..."), "edit", [this] {
        if (const auto id = nodes_->selectedId()) editSupernode(presenter_.formOfSupernode(*id));
    });
    removeNode_ = button(_("Remove supernode"), "delete", [this] { removeSupernode(); });
    column->Add(nodes_, wxSizerFlags(1).Expand());
    column->Add(row, wxSizerFlags().Border(wxTOP, gap(this)));
    panel->SetSizer(column);
    return panel;
}

wxWindow* DomainsPage::makeCertificate(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    certificateLine_ = new MarkLine(panel, 720);
    certificateFacts_ = new FactList(panel, "domains.certificate", _("Facts of the certificate"));
    fingerprint_ = new FingerprintRow(panel, app_, _("Copy fingerprint"));
    forClients_ = new WrapText(panel, {}, 720);
    theme().watch(forClients_, [this] { forClients_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    column->Add(certificateLine_, wxSizerFlags().Expand());
    column->Add(certificateFacts_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    column->Add(fingerprint_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    column->Add(forClients_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    panel->SetSizer(column);
    return panel;
}

void DomainsPage::shown() {
    timer_.Start(1000);
    update();
    updateDetails();
}

void DomainsPage::hidden() {
    timer_.Stop();
}

wxWindow* DomainsPage::firstFocus() {
    if (table_->IsShownOnScreen()) return table_;
    return new_->IsEnabled() ? static_cast<wxWindow*>(new_) : filter_;
}

void DomainsPage::refresh() {
    app_.providers.load();
    presenter_.load();
}

void DomainsPage::show(const std::string& part) {
    if (part == "new") {
        CallAfter([this] { openAssistant(); });
        return;
    }
    wanted_ = parseUnsigned(part);
    selectWanted();
}

void DomainsPage::selectWanted() {
    if (!wanted_ || !table_->selectId(*wanted_)) return;
    wanted_.reset();
    selectionChanged();
}

void DomainsPage::update() {
    setSubtitle(presenter_.count() > 0 ? toWx(presenter_.stateText()) : wxString());
    const bool mayEdit = presenter_.isEditable();
    new_->Enable(mayEdit);
    new_->SetToolTip(mayEdit ? _("An assistant leads from the name to two green marks")
                             : toWx(presenter_.whyReadOnly()));
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        const bool hasNone = presenter_.count() == 0;
        const wxString title = presenter_.problem()     ? _("The domains could not be read")
                               : !presenter_.isLoaded() ? _("Loading ...")
                               : hasNone                ? _("No chat domain yet")
                                                        : _("No domain to show");
        empty_->set(title, toWx(presenter_.emptyText()));
        if (hasNone && mayEdit && presenter_.isLoaded() && !presenter_.problem()) {
            empty_->setButton(_("New domain..."), [this] { CallAfter([this] { openAssistant(); }); });
        } else {
            empty_->setButton({}, {});
        }
    }
    if (empty_->IsShown() != isEmpty || table_->IsShown() == isEmpty) {
        empty_->Show(isEmpty);
        table_->Show(!isEmpty);
        upper_->Layout();
    }
    if (!presenter_.selected() && splitter_->IsSplit()) splitter_->Unsplit(details_);
    updateBanner();
}

void DomainsPage::updateBanner() {
    const auto waiting = presenter_.waiting();
    const wxString text = waiting ? toWx(waiting->text(app_.session.now())) : wxString();
    if (text == bannerText_) return;
    bannerText_ = text;
    if (!waiting) {
        banner_->hide();
        return;
    }
    const auto id = waiting->id;
    banner_->setButton(_("&Keep the change"), [this, id] { presenter_.keep(id, telling(_("The change stays."))); });
    banner_->setSecondButton(_("Undo it now"),
                             [this, id] { presenter_.undo(id, telling(_("The change was undone."))); });
    banner_->show(Banner::Kind::Warning, text);
}

void DomainsPage::selectionChanged() {
    const auto id = table_->selectedId();
    presenter_.select(id);
    if (id.has_value() != splitter_->IsSplit()) {
        if (id) {
            splitter_->SplitHorizontally(upper_, details_, -FromDIP(296));
        } else {
            splitter_->Unsplit(details_);
        }
    }
    updateDetails();
}

void DomainsPage::updateDetails() {
    const auto* row = presenter_.selectedRow();
    if (!row || !splitter_->IsSplit()) return;
    const auto& domain = row->domain;
    const wxString name = escapedLabel(toWx(domain.shown.empty() ? domain.name : domain.shown));
    if (name_->GetLabel() != name) name_->SetLabel(name);
    directory_->set(presenter_.dot(DotKind::Directory));
    supernode_->set(presenter_.dot(DotKind::Supernode));
    directory_->setStrip(presenter_.strip(DotKind::Directory));
    supernode_->setStrip(presenter_.strip(DotKind::Supernode));
    const auto login = presenter_.login();
    login_->set(login.mark, toWx(login.text));
    facts_->set(presenter_.facts());
    updateCertificate();

    std::vector<PlainList::Row> nodes;
    bool isLocal = false;
    for (const auto& line : presenter_.supernodes()) {
        PlainList::Row shownRow{line.id, false, {}};
        for (const auto& cell : line.cells)
            shownRow.cells.push_back(toWx(cell));
        if (nodes_->selectedId() == line.id) isLocal = line.origin == SupernodeOrigin::Local;
        nodes.push_back(std::move(shownRow));
    }
    nodes_->setRows(std::move(nodes));
    std::vector<PlainList::Row> history;
    for (const auto& fact : presenter_.history())
        history.push_back({history.size() + 1, false, {toWx(fact.hint), toWx(fact.value)}});
    if (history.empty()) history.push_back({1, false, {wxString(), _("The marks did not change yet.")}});
    history_->setRows(std::move(history));

    const bool mayEdit = presenter_.isEditable();
    edit_->Enable(mayEdit);
    delete_->Enable(mayEdit);
    enable_->Enable(mayEdit);
    accounts_->Enable(app_.session.hasService());
    check_->Enable(app_.session.mayOperate() && domain.isEnabled);
    test_->Enable(app_.session.mayOperate());
    const wxString enable = domain.isEnabled ? _("Disa&ble") : _("Ena&ble");
    if (enable_->GetLabel() != enable) {
        enable_->SetLabel(enable);
        enable_->SetToolTip(domain.isEnabled ? _("Nobody can log in until it is enabled again; nothing is deleted")
                                             : _("Let people log in again"));
        details_->Layout();
    }
    addNode_->Enable(mayEdit);
    editNode_->Enable(mayEdit && nodes_->selectedId());
    removeNode_->Enable(mayEdit && nodes_->selectedId() && !isLocal);
    updateProof();
}

void DomainsPage::updateCertificate() {
    const auto view = presenter_.certificate();
    // Trouble shows on the tab too, so that nobody has to look for it.
    const wxString title =
        view.mark == Mark::Partly || view.mark == Mark::Broken ? _("Certificate: needs a look") : _("Certificate");
    if (book_->GetPageText(certificatePage_) != title) book_->SetPageText(certificatePage_, title);
    certificateLine_->set({view.mark, view.sentence});
    certificateFacts_->set(view.facts);
    fingerprint_->set(view.fingerprint);
    forClients_->setText(toWx(view.forClients));
    if (fingerprint_->IsShown() != view.isThere) fingerprint_->Show(view.isThere);
    certificateLine_->GetParent()->Layout();
}

void DomainsPage::updateProof() {
    if (!proof_ || !presenter_.selected()) return;
    const auto* proof = presenter_.proof(*presenter_.selected(), proofKind_);
    const auto dot = presenter_.dot(proofKind_);
    proof_->setProof(proof ? *proof : ProofStep{},
                     toWx(dot.word) + (dot.sentence.empty() ? "" : ": ") + toWx(dot.sentence));
}

void DomainsPage::fillMenu(wxMenu& menu) {
    const auto add = [&menu](const wxString& label, const std::function<void()>& action, bool isEnabled) {
        auto* item = menu.Append(wxID_ANY, label);
        menu.Bind(
            wxEVT_MENU, [action](wxCommandEvent&) { action(); }, item->GetId());
        item->Enable(isEnabled);
    };
    const bool mayEdit = presenter_.isEditable();
    add(
        _("&Check now"), [this] { checkNow(); }, app_.session.mayOperate());
    add(
        _("Show &directory proof..."), [this] { openProof(DotKind::Directory); }, true);
    add(
        _("Show &supernode proof..."), [this] { openProof(DotKind::Supernode); }, true);
    add(
        _("Test lo&gin..."), [this] { testLogin(); }, app_.session.mayOperate());
    add(
        _("&Accounts..."), [this] { openAccounts(); }, true);
    add(
        _("&Edit..."), [this] { edit(); }, mayEdit);
    add(
        _("De&lete..."), [this] { deleteDomain(); }, mayEdit);
}

Done DomainsPage::telling(const wxString& said) {
    return [alive = life().token(), this, said](const Result<void>& result) {
        if (alive.expired()) return;
        if (!result) {
            app_.tell(result.error());
        } else if (!said.empty()) {
            app_.say(said);
        }
    };
}

void DomainsPage::openAssistant() {
    if (!presenter_.isEditable()) return;
    const auto made = runDomainAssistant(wxGetTopLevelParent(this), app_);
    if (made == 0) return;
    wanted_ = made;
    selectWanted();
    table_->SetFocus();
}

void DomainsPage::edit() {
    if (!presenter_.selected() || !presenter_.isEditable()) return;
    DomainDialog dialog(wxGetTopLevelParent(this), presenter_, presenter_.formOf(*presenter_.selected()));
    dialog.ShowModal();
    table_->SetFocus();
}

void DomainsPage::testLogin() {
    const auto* row = presenter_.selectedRow();
    if (!row || !app_.session.mayOperate()) return;
    LoginTestDialog dialog(wxGetTopLevelParent(this), presenter_, row->domain);
    dialog.ShowModal();
    table_->SetFocus();
}

void DomainsPage::checkNow() {
    if (!presenter_.selected()) return;
    presenter_.checkNow(*presenter_.selected(), telling(_("Measuring. The marks follow.")));
}

void DomainsPage::switchEnabled() {
    const auto* row = presenter_.selectedRow();
    if (!row) return;
    const auto id = row->domain.id;
    if (row->domain.isEnabled) {
        wxMessageDialog question(wxGetTopLevelParent(this), wxString::Format(_("Disable %s?"), toWx(row->domain.shown)),
                                 _("Disable a chat domain"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
        question.SetExtendedMessage(
            _("Nobody can log in until it is enabled again, and DNS leads nobody to it. Nothing is deleted."));
        question.SetYesNoLabels(_("Disable"), _("Keep it on"));
        if (question.ShowModal() != wxID_YES) return;
        presenter_.setEnabled(id, false, telling());
        return;
    }
    presenter_.setEnabled(id, true, telling());
}

void DomainsPage::deleteDomain() {
    if (!presenter_.selected()) return;
    DeleteDomainDialog dialog(wxGetTopLevelParent(this), presenter_, *presenter_.selected());
    dialog.ShowModal();
}

void DomainsPage::openAccounts() {
    const auto* row = presenter_.selectedRow();
    if (!row) return;
    const auto id = row->domain.id;
    AccountsDialog dialog(wxGetTopLevelParent(this), app_, id,
                          row->domain.shown.empty() ? row->domain.name : row->domain.shown);
    dialog.ShowModal();
    presenter_.load();
    // The first account may be what the directory mark waits for.
    if (app_.session.mayOperate()) presenter_.checkNow(id, {});
}

void DomainsPage::openProof(DotKind kind) {
    const auto* row = presenter_.selectedRow();
    if (!row || proof_) return;
    proofKind_ = kind;
    const wxString title = wxString::Format(
        kind == DotKind::Directory ? _("Proof of the directory mark of %s") : _("Proof of the supernode mark of %s"),
        toWx(row->domain.shown));
    ProofDialog dialog(wxGetTopLevelParent(this), app_, title,
                       toWx(row->domain.name + (kind == DotKind::Directory ? "-directory.txt" : "-supernode.txt")));
    if (app_.session.mayOperate()) dialog.setCheck([this] { checkNow(); });
    proof_ = &dialog;
    updateProof();
    dialog.ShowModal();
    proof_ = nullptr;
}

void DomainsPage::editSupernode(SupernodeForm form) {
    {
        SupernodeDialog dialog(wxGetTopLevelParent(this), presenter_, std::move(form));
        if (dialog.ShowModal() != wxID_OK) return;
    }
    if (!presenter_.newToken().empty()) {
        showSecretOnce(wxGetTopLevelParent(this), app_, _("Token of the new supernode"),
                       _("This is the only time that the token is shown. Put it into the settings of the supernode; "
                         "it is told by DNS once its first heartbeat came."),
                       toWx(presenter_.newToken().reveal()));
        presenter_.forgetNewToken();
    }
    nodes_->SetFocus();
}

void DomainsPage::removeSupernode() {
    const auto id = nodes_->selectedId();
    if (!id) return;
    const auto form = presenter_.formOfSupernode(*id);
    wxMessageDialog question(wxGetTopLevelParent(this),
                             wxString::Format(_("Remove the supernode %s?"), toWx(form.name)), _("Remove a supernode"),
                             wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(
        _("DNS leads nobody to it any more. People who are connected to it stay until they connect again."));
    question.SetYesNoLabels(_("Remove"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.removeSupernode(*id, telling());
}

}  // namespace causeway::console
