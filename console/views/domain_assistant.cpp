#include "console/views/domain_assistant.h"

#include <array>

#include <wx/button.h>
#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/dialog.h>
#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/radiobut.h>
#include <wx/simplebook.h>
#include <wx/sizer.h>
#include <wx/statline.h>
#include <wx/textctrl.h>
#include <wx/timer.h>

#include "console/presenters/dns_presenter.h"
#include "console/presenters/domain_assistant.h"
#include "console/views/accounts_dialog.h"
#include "console/views/dot_panel.h"
#include "console/views/fact_list.h"
#include "console/views/fingerprint_row.h"
#include "console/views/mark_line.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/views/proof_view.h"
#include "console/views/provider_chain.h"
#include "console/views/provider_dialog.h"
#include "console/views/text_tools.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

class AssistantDialog : public wxDialog {
public:
    AssistantDialog(wxWindow* parent, AppContext& app);
    ~AssistantDialog() override;

private:
    using Page = std::pair<wxPanel*, wxBoxSizer*>;
    Page beginPage(const wxString& title, const wxString& sentence);
    void makeName();
    void makeWhere();
    void makeDirectory();
    void makeCertificate();
    void makeDns();
    void makeReview();
    void makeDone();
    void update();
    void updateSteps();
    void focusPage();
    void setField(const FormField& field, const char* key);
    void openProof(DotKind kind);
    void tryClose();
    WrapText* errorText(wxWindow* parent);
    WrapText* words(wxWindow* parent, const wxString& text);

    AppContext& app_;
    DomainAssistantPresenter& presenter_;
    wxSimplebook* book_;
    std::array<wxStaticText*, DomainAssistantPresenter::kPages> steps_{};
    wxButton* back_;
    wxButton* next_;
    wxButton* cancel_;
    WrapText* general_;
    wxTimer timer_;
    AssistantPage shown_ = AssistantPage::Made;
    std::map<std::string, wxString> shownProblems_;

    wxTextCtrl* name_ = nullptr;
    FormField nameField_;
    MarkLine* nameLine_ = nullptr;
    wxRadioButton* lan_ = nullptr;
    wxRadioButton* internet_ = nullptr;
    wxTextCtrl* address_ = nullptr;
    FormField addressField_;
    wxRadioButton* required_ = nullptr;
    wxRadioButton* preferred_ = nullptr;
    ProviderChain* chain_ = nullptr;
    std::vector<std::string> chainShown_;
    wxSizer* loginRow_ = nullptr;
    wxTextCtrl* loginName_ = nullptr;
    wxTextCtrl* loginPassword_ = nullptr;
    wxButton* test_ = nullptr;
    wxButton* edit_ = nullptr;
    MarkLine* chainLine_ = nullptr;
    ProofView* chainProof_ = nullptr;
    std::string proofShown_;
    WrapText* chainProblem_ = nullptr;
    wxCheckBox* override_ = nullptr;
    wxRadioButton* selfSigned_ = nullptr;
    wxRadioButton* files_ = nullptr;
    wxTextCtrl* certificateFile_ = nullptr;
    wxTextCtrl* keyFile_ = nullptr;
    FormField certificateField_;
    FormField keyField_;
    WrapText* certificateText_ = nullptr;
    MarkLine* certificateLine_ = nullptr;
    wxRadioButton* thisServer_ = nullptr;
    wxRadioButton* otherServer_ = nullptr;
    MarkLine* dnsLine_ = nullptr;
    WrapText* wayText_ = nullptr;
    WrapText* wayProblem_ = nullptr;
    PlainList* records_ = nullptr;
    FactList* review_ = nullptr;
    MarkLine* done_ = nullptr;
    DotPanel* directory_ = nullptr;
    DotPanel* supernode_ = nullptr;
    FingerprintRow* fingerprint_ = nullptr;
    wxChoice* form_ = nullptr;
    wxTextCtrl* dnsText_ = nullptr;
    ProofDialog* proof_ = nullptr;
    DotKind proofKind_ = DotKind::Directory;
    Life life_;
};

AssistantDialog::AssistantDialog(wxWindow* parent, AppContext& app)
    : wxDialog(parent, wxID_ANY, _("New chat domain"), wxDefaultPosition, wxDefaultSize,
               wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      app_(app),
      presenter_(app.assistant),
      timer_(this) {
    SetName("dialog.domain-assistant");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    auto* side = new wxBoxSizer(wxVERTICAL);
    for (std::size_t at = 0; at < steps_.size(); ++at) {
        steps_[at] =
            new wxStaticText(this, wxID_ANY, toWx(DomainAssistantPresenter::titleOf(static_cast<AssistantPage>(at))));
        side->Add(steps_[at], wxSizerFlags().Border(wxBOTTOM, gap(this)));
    }
    side->SetMinSize(FromDIP(wxSize(128, -1)));
    row->Add(side, wxSizerFlags().Border(wxALL, gap(this, 2)));
    row->Add(new wxStaticLine(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxLI_VERTICAL),
             wxSizerFlags().Expand());
    book_ = new wxSimplebook(this, wxID_ANY);
    row->Add(book_, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    outer->Add(row, wxSizerFlags(1).Expand());
    makeName();
    makeWhere();
    makeDirectory();
    makeCertificate();
    makeDns();
    makeReview();
    makeDone();
    general_ = errorText(this);
    outer->Add(general_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT | wxBOTTOM, gap(this, 2)));
    outer->Add(new wxStaticLine(this), wxSizerFlags().Expand());
    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    back_ = new wxButton(this, wxID_ANY, _("&Back"));
    next_ = new wxButton(this, wxID_ANY, toWx(presenter_.nextLabel()));
    cancel_ = new wxButton(this, wxID_CANCEL);
    next_->SetDefault();
    buttons->AddStretchSpacer();
    buttons->Add(back_);
    buttons->Add(next_, wxSizerFlags().Border(wxLEFT, gap(this)));
    buttons->Add(cancel_, wxSizerFlags().Border(wxLEFT, gap(this, 2)));
    outer->Add(buttons, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(720, 520)));
    SetSize(FromDIP(wxSize(860, 620)));
    CentreOnParent();
    onPress(back_, [this] { presenter_.back(); });
    onPress(next_, [this] {
        if (presenter_.page() == AssistantPage::Made) {
            EndModal(wxID_OK);
        } else {
            presenter_.next();
        }
    });
    Bind(
        wxEVT_TIMER,
        [this](wxTimerEvent&) {
            presenter_.tick();
            // Ages and times of the marks go on.
            if (presenter_.page() == AssistantPage::Made) update();
        },
        timer_.GetId());
    Bind(
        wxEVT_BUTTON, [this](wxCommandEvent&) { tryClose(); }, wxID_CANCEL);
    presenter_.startOver();
    presenter_.onChanged = [this] { update(); };
    timer_.Start(200);
    update();
}

AssistantDialog::~AssistantDialog() {
    presenter_.onChanged = nullptr;
}

WrapText* AssistantDialog::errorText(wxWindow* parent) {
    auto* text = new WrapText(parent, {}, 520);
    theme().watch(text, [text] { text->SetForegroundColour(theme().colour(Theme::Ink::ErrorText)); });
    text->Hide();
    return text;
}

WrapText* AssistantDialog::words(wxWindow* parent, const wxString& text) {
    auto* made = new WrapText(parent, text, 520);
    theme().watch(made, [made] { made->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    return made;
}

AssistantDialog::Page AssistantDialog::beginPage(const wxString& title, const wxString& sentence) {
    auto* panel = new wxPanel(book_);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* head = new wxStaticText(panel, wxID_ANY, title);
    head->SetFont(titleFont(panel));
    column->Add(head);
    if (!sentence.empty()) {
        column->Add(new WrapText(panel, sentence, 560), wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    }
    panel->SetSizer(column);
    book_->AddPage(panel, title);
    return {panel, column};
}

void AssistantDialog::makeName() {
    auto [panel, column] = beginPage(
        _("Which name?"),
        _("A chat domain is the part behind the @ of your people's addresses: chat.example.com in "
          "alice@chat.example.com. It is not the name of a computer: computers come and go, the domain stays, and DNS "
          "leads from it to the computers. Take a name below one that belongs to your company. It cannot be changed "
          "later."));
    FormGrid grid(panel);
    nameField_ = grid.row(_("&Domain:"), [this](wxWindow* parent) -> wxWindow* {
        name_ = new wxTextCtrl(parent, wxID_ANY, toWx(presenter_.name()));
        name_->SetHint("chat.example.com");
        return name_;
    });
    column->Add(grid.sizer(), wxSizerFlags().Expand());
    nameLine_ = new MarkLine(panel);
    column->Add(nameLine_, wxSizerFlags().Expand());
    name_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { presenter_.setName(fromWx(name_->GetValue())); });
}

void AssistantDialog::makeWhere() {
    auto [panel, column] = beginPage(_("Where is it used?"), {});
    const auto radio = [&, sizer = column, page = panel](const wxString& label, const wxString& help, long style) {
        auto* button = new wxRadioButton(page, wxID_ANY, label, wxDefaultPosition, wxDefaultSize, style);
        sizer->Add(button, wxSizerFlags().Border(wxTOP, gap(this)));
        sizer->Add(words(page, help), wxSizerFlags().Expand().Border(wxLEFT, gap(this, 3)));
        setAccessibleDescription(button, help);
        return button;
    };
    lan_ = radio(_("Only inside the &company"), _("DNS answers with LAN addresses; nobody outside can log in."),
                 wxRB_GROUP);
    internet_ = radio(_("Inside and on the &Internet"),
                      _("People at home and on the road log in too. Ports 5222 and 5223 must be let through the "
                        "firewall."),
                      0);
    FormGrid grid(panel);
    addressField_ = grid.row(
        _("Internet &address of this service:"),
        [this](wxWindow* parent) -> wxWindow* {
            return address_ = new wxTextCtrl(parent, wxID_ANY, toWx(presenter_.internetAddress()));
        },
        _("Under which people outside reach it. It can be entered later, too: page Domains, Supernodes."));
    column->Add(grid.sizer(), wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    auto* head = new wxStaticText(panel, wxID_ANY, _("End-to-end encryption"));
    head->SetFont(headFont(panel));
    column->Add(head, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    required_ = radio(_("&Required"), toWx(explanationOf(EndToEnd::Required)), wxRB_GROUP);
    preferred_ = radio(_("&Preferred"), toWx(explanationOf(EndToEnd::Preferred)), 0);
    lan_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setReach(DomainReach::Lan); });
    internet_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setReach(DomainReach::LanAndInternet); });
    required_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setEndToEnd(EndToEnd::Required); });
    preferred_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setEndToEnd(EndToEnd::Preferred); });
    address_->Bind(wxEVT_TEXT,
                   [this](wxCommandEvent&) { presenter_.setInternetAddress(fromWx(address_->GetValue())); });
}

void AssistantDialog::makeDirectory() {
    auto [panel, column] = beginPage(_("Where are passwords checked?"),
                                     _("Built-in accounts are always asked first. Tick the directories that are asked "
                                       "after them, in their order, or add a new one."));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    chain_ = new ProviderChain(panel, "assistant.providers");
    row->Add(chain_, wxSizerFlags(1).Expand());
    auto* add = iconButton(panel, _("New &provider..."), "add");
    edit_ = iconButton(panel, _("&Edit..."), "edit", _("Changes the provider that is chosen in the list"));
    auto* buttons = new wxBoxSizer(wxVERTICAL);
    buttons->Add(add, wxSizerFlags().Expand());
    buttons->Add(edit_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    row->Add(buttons, wxSizerFlags().Border(wxLEFT, gap(this)));
    column->Add(row, wxSizerFlags().Expand());
    auto* login = new wxBoxSizer(wxHORIZONTAL);
    const auto field = [&, page = panel](const wxString& label, const wxString& name, long style) {
        login->Add(new wxStaticText(page, wxID_ANY, label),
                   wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
        auto* made = new wxTextCtrl(page, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, style);
        setAccessibleName(made, name);
        login->Add(made, wxSizerFlags(1).CentreVertical().Border(wxRIGHT, gap(this)));
        made->Bind(wxEVT_TEXT, [this](wxCommandEvent&) {
            presenter_.setRehearsal(fromWx(loginName_->GetValue()), fromWx(loginPassword_->GetValue()));
        });
        return made;
    };
    loginName_ = field(_("Test with na&me:"), _("Test with name"), 0);
    loginPassword_ = field(_("Pass&word:"), _("Password"), wxTE_PASSWORD);
    test_ = iconButton(panel, _("&Test"), "start", _("Asks the ticked providers now; nothing is saved"));
    login->Add(test_, wxSizerFlags().CentreVertical());
    loginRow_ = login;
    column->Add(login, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    chainLine_ = new MarkLine(panel);
    column->Add(chainLine_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    chainProof_ = new ProofView(panel, "assistant.test", _("Steps of the test"));
    column->Add(chainProof_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    chainProblem_ = errorText(panel);
    column->Add(chainProblem_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    override_ = new wxCheckBox(panel, wxID_ANY, _("&Go on nevertheless; I mend the directory later"));
    column->Add(override_, wxSizerFlags().Border(wxTOP, gap(this)));
    chain_->onChanged = [this] { presenter_.setChain(chain_->chosen()); };
    onPress(add, [this] {
        const auto saved = addProvider(this, app_);
        if (saved.id != 0) presenter_.addToChain(saved.id, saved.tested);
    });
    onPress(edit_, [this] {
        const auto chosen = chain_->selected();
        const auto* view = chosen ? app_.providers.find(*chosen) : nullptr;
        if (view == nullptr) return;
        const auto saved = editProvider(this, app_, *view);
        if (saved.id != 0) presenter_.providerSaved(saved.id, saved.tested);
    });
    chain_->onSelected = [this] { edit_->Enable(chain_->selected().has_value()); };
    edit_->Disable();
    onPress(test_, [this] { presenter_.testChain(); });
    override_->Bind(wxEVT_CHECKBOX, [this](wxCommandEvent& event) { presenter_.setOverridden(event.IsChecked()); });
}

void AssistantDialog::makeCertificate() {
    auto [panel, column] = beginPage(_("Which certificate?"), {});
    selfSigned_ = new wxRadioButton(panel, wxID_ANY, _("&Self-signed, made at once"), wxDefaultPosition, wxDefaultSize,
                                    wxRB_GROUP);
    files_ = new wxRadioButton(panel, wxID_ANY, _("From &files on the computer of the service"));
    column->Add(selfSigned_, wxSizerFlags().Border(wxTOP, gap(this)));
    column->Add(files_, wxSizerFlags().Border(wxTOP, gap(this)));
    FormGrid grid(panel);
    certificateField_ = grid.row(
        _("&Certificate file:"),
        [this](wxWindow* parent) -> wxWindow* {
            return certificateFile_ = new wxTextCtrl(parent, wxID_ANY, toWx(presenter_.certificateFile()));
        },
        _("PEM: the domain's certificate first, then the chain of those that signed it."));
    keyField_ = grid.row(
        _("&Key file:"),
        [this](wxWindow* parent) -> wxWindow* {
            return keyFile_ = new wxTextCtrl(parent, wxID_ANY, toWx(presenter_.keyFile()));
        },
        _("PEM, readable for the service and for nobody else."));
    column->Add(grid.sizer(), wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    certificateText_ = new WrapText(panel, {}, 520);
    column->Add(certificateText_, wxSizerFlags().Expand());
    certificateLine_ = new MarkLine(panel);
    column->Add(certificateLine_, wxSizerFlags().Expand().Border(wxTOP, gap(this, 2)));
    selfSigned_->Bind(wxEVT_RADIOBUTTON,
                      [this](wxCommandEvent&) { presenter_.setCertificate(CertificateSource::SelfSigned); });
    files_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setCertificate(CertificateSource::Files); });
    for (auto* field : {certificateFile_, keyFile_}) {
        field->Bind(wxEVT_TEXT, [this](wxCommandEvent&) {
            presenter_.setFiles(fromWx(certificateFile_->GetValue()), fromWx(keyFile_->GetValue()));
        });
    }
}

void AssistantDialog::makeDns() {
    auto [panel, column] =
        beginPage(_("How do clients find it?"), _("A client knows only the domain and asks DNS for its supernodes."));
    thisServer_ = new wxRadioButton(panel, wxID_ANY, _("&This service answers for the domain"), wxDefaultPosition,
                                    wxDefaultSize, wxRB_GROUP);
    otherServer_ = new wxRadioButton(panel, wxID_ANY, _("&Another DNS server has the records"));
    column->Add(thisServer_, wxSizerFlags().Border(wxTOP, gap(this)));
    column->Add(otherServer_, wxSizerFlags().Border(wxTOP, gap(this)));
    wayText_ = words(panel, {});
    column->Add(wayText_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    dnsLine_ = new MarkLine(panel);
    column->Add(dnsLine_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    wayProblem_ = errorText(panel);
    column->Add(wayProblem_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    auto* head = new wxStaticText(panel, wxID_ANY, _("Records that are served"));
    head->SetFont(headFont(panel));
    column->Add(head, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    records_ = new PlainList(panel, "assistant.records", _("Records that are served"),
                             {{_("Name"), 290}, {_("Type"), 70}, {_("Leads to"), 260}});
    column->Add(records_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    thisServer_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setDnsWay(DnsWay::ThisServer); });
    otherServer_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { presenter_.setDnsWay(DnsWay::OtherServer); });
}

void AssistantDialog::makeReview() {
    auto [panel, column] = beginPage(_("Is this right?"),
                                     _("The domain is not made yet. Back leads to each page again; Create makes it."));
    review_ = new FactList(panel, "assistant.review", _("What will be made"));
    review_->setMostColumns(1);
    column->Add(review_, wxSizerFlags(1).Expand());
}

void AssistantDialog::makeDone() {
    auto [panel, column] = beginPage(_("The domain was made"), {});
    done_ = new MarkLine(panel);
    column->Add(done_, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    directory_ = new DotPanel(panel, "assistant.directory", _("Directory"), _("Show the directory proof"),
                              DotPanel::Strip::None);
    supernode_ = new DotPanel(panel, "assistant.supernode", _("Supernode"), _("Show the supernode proof"),
                              DotPanel::Strip::None);
    directory_->onProof = [this] { openProof(DotKind::Directory); };
    supernode_->onProof = [this] { openProof(DotKind::Supernode); };
    row->Add(directory_, wxSizerFlags(1).Expand());
    row->AddSpacer(gap(this, 3));
    row->Add(supernode_, wxSizerFlags(1).Expand());
    column->Add(row, wxSizerFlags().Expand());
    const auto head = [&, sizer = column, page = panel](const wxString& text) {
        auto* made = new wxStaticText(page, wxID_ANY, text);
        made->SetFont(headFont(page));
        sizer->Add(made, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    };
    head(_("Fingerprint of the certificate, for your users"));
    fingerprint_ = new FingerprintRow(panel, app_, _("Co&py"));
    column->Add(fingerprint_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    head(_("For the DNS server of the company"));
    auto* line = new wxBoxSizer(wxHORIZONTAL);
    line->Add(new wxStaticText(panel, wxID_ANY, _("&Written for:")),
              wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    form_ = new wxChoice(panel, wxID_ANY);
    for (const auto& form : DnsPresenter::forms())
        form_->Append(toWx(DnsPresenter::formText(form)));
    form_->SetSelection(0);
    setAccessibleName(form_, _("Written for"));
    line->Add(form_, wxSizerFlags().CentreVertical());
    auto* copy = iconButton(panel, _("C&opy"), "copy", _("Copy the lines for the DNS server"));
    line->Add(copy, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    line->AddStretchSpacer();
    auto* accounts = iconButton(panel, _("&Accounts..."), "user", _("Add built-in accounts of this domain"));
    line->Add(accounts, wxSizerFlags().CentreVertical());
    column->Add(line, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    dnsText_ = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(-1, 96)),
                              wxTE_MULTILINE | wxTE_READONLY | wxTE_DONTWRAP);
    dnsText_->SetFont(wxFont(wxFontInfo(GetFont().GetPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    setAccessibleName(dnsText_, _("Lines for the DNS server"));
    column->Add(dnsText_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    form_->Bind(wxEVT_CHOICE, [this](wxCommandEvent& event) {
        const auto& forms = DnsPresenter::forms();
        const auto at = static_cast<std::size_t>(std::max(0, event.GetSelection()));
        if (at < forms.size()) presenter_.setForm(forms[at]);
    });
    copy->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        copyText(app_, toWx(presenter_.dnsText()), _("Copied the lines for the DNS server."));
    });
    onPress(accounts, [this] {
        const auto* made = app_.domains.find(presenter_.madeId());
        if (!made) return;
        AccountsDialog dialog(this, app_, made->domain.id, made->domain.shown);
        dialog.ShowModal();
        // The first account may be what the directory mark waits for.
        app_.domains.checkNow(presenter_.madeId(), {});
    });
}

void AssistantDialog::setField(const FormField& field, const char* key) {
    const wxString problem = toWx(presenter_.problemAt(key));
    if (shownProblems_[key] == problem) return;
    shownProblems_[key] = problem;
    field.setError(problem);
    if (!problem.empty()) field.control->SetFocus();
}

void AssistantDialog::update() {
    const auto page = presenter_.page();
    if (page != shown_ || book_->GetSelection() != static_cast<int>(page)) {
        book_->ChangeSelection(static_cast<std::size_t>(page));
        updateSteps();
    }
    const auto put = [](WrapText* text, const wxString& words) {
        text->setText(words);
        if (text->IsShown() == words.empty()) {
            text->Show(!words.empty());
            text->GetParent()->Layout();
        }
    };
    put(general_, toWx(presenter_.problemAt("")));
    switch (page) {
        case AssistantPage::Name:
            setField(nameField_, "name");
            nameLine_->set(presenter_.nameLine());
            break;
        case AssistantPage::Where:
            setField(addressField_, "internetAddress");
            lan_->SetValue(presenter_.reach() == DomainReach::Lan);
            internet_->SetValue(presenter_.reach() == DomainReach::LanAndInternet);
            address_->Enable(presenter_.reach() == DomainReach::LanAndInternet);
            required_->SetValue(presenter_.endToEnd() == EndToEnd::Required);
            preferred_->SetValue(presenter_.endToEnd() == EndToEnd::Preferred);
            break;
        case AssistantPage::Directory: {
            const auto entries = presenter_.chain();
            std::vector<std::string> seen;
            for (const auto& entry : entries)
                seen.push_back(std::to_string(entry.id) + entry.name + entry.hint + (entry.isChosen ? "+" : "-"));
            if (seen != chainShown_) {
                chainShown_ = seen;
                chain_->set(entries);
            }
            const auto line = presenter_.chainLine();
            chainLine_->set(line);
            const auto proof = presenter_.chainProof();
            const auto text = proofText(proof) + line.text;
            if (text != proofShown_) {
                proofShown_ = text;
                if (proof.children.empty()) {
                    chainProof_->setHint(_("The steps of the test appear here."));
                } else {
                    chainProof_->setProof(proof);
                }
            }
            const bool hasChain =
                std::any_of(entries.begin(), entries.end(), [](const ChainEntry& entry) { return entry.isChosen; });
            // Without a directory there is nothing to test.
            loginRow_->ShowItems(hasChain);
            chainProof_->Show(hasChain);
            override_->Show(hasChain);
            test_->Enable(!presenter_.isBusy());
            override_->SetValue(presenter_.isOverridden());
            override_->Enable(!presenter_.isChainFine());
            put(chainProblem_, toWx(presenter_.problemAt("providers")));
            chainLine_->GetParent()->Layout();
            break;
        }
        case AssistantPage::Certificate: {
            const bool areFiles = presenter_.certificate() == CertificateSource::Files;
            selfSigned_->SetValue(!areFiles);
            files_->SetValue(areFiles);
            certificateFile_->Enable(areFiles);
            keyFile_->Enable(areFiles);
            setField(certificateField_, "certificateFile");
            setField(keyField_, "keyFile");
            certificateText_->setText(toWx(presenter_.certificateText()));
            certificateLine_->set(presenter_.certificateLine());
            certificateLine_->GetParent()->Layout();
            break;
        }
        case AssistantPage::Dns: {
            thisServer_->SetValue(presenter_.dnsWay() == DnsWay::ThisServer);
            otherServer_->SetValue(presenter_.dnsWay() == DnsWay::OtherServer);
            dnsLine_->set(presenter_.dnsLine());
            wayText_->setText(toWx(presenter_.wayText()));
            put(wayProblem_, toWx(presenter_.problemAt("way")));
            std::vector<PlainList::Row> rows;
            for (const auto& record : presenter_.recordPreviews())
                rows.push_back({rows.size() + 1, false, {toWx(record.name), toWx(record.type), toWx(record.leadsTo)}});
            records_->setRows(std::move(rows));
            dnsLine_->GetParent()->Layout();
            break;
        }
        case AssistantPage::Review:
            review_->set(presenter_.review());
            break;
        case AssistantPage::Made: {
            const auto directory = presenter_.dot(DotKind::Directory);
            const auto supernode = presenter_.dot(DotKind::Supernode);
            directory_->set(directory);
            supernode_->set(supernode);
            const bool areBothFine = directory.mark == Mark::Fine && supernode.mark == Mark::Fine;
            fingerprint_->set(presenter_.madeCertificate().fingerprint);
            done_->set({areBothFine ? Mark::Fine : Mark::Unknown, presenter_.doneText()});
            const wxString text = toWx(presenter_.dnsText());
            if (dnsText_->GetValue() != text) dnsText_->ChangeValue(text);
            if (proof_) {
                const auto* proof = app_.domains.proof(presenter_.madeId(), proofKind_);
                const auto dot = presenter_.dot(proofKind_);
                proof_->setProof(proof ? *proof : ProofStep{},
                                 toWx(dot.word) + (dot.sentence.empty() ? "" : ": ") + toWx(dot.sentence));
            }
            break;
        }
    }
    const wxString label = presenter_.isBusy() ? _("Working ...") : toWx(presenter_.nextLabel());
    if (next_->GetLabel() != label) {
        next_->SetLabel(label);
        Layout();
    }
    next_->Enable(!presenter_.isBusy());
    back_->Enable(presenter_.canGoBack());
    cancel_->Show(page != AssistantPage::Made);
    SetEscapeId(page == AssistantPage::Made ? next_->GetId() : wxID_CANCEL);
    if (page != shown_) {
        shown_ = page;
        book_->GetCurrentPage()->Layout();
        focusPage();
    }
}

void AssistantDialog::updateSteps() {
    const auto now = static_cast<std::size_t>(presenter_.page());
    for (std::size_t at = 0; at < steps_.size(); ++at) {
        steps_[at]->SetFont(at == now ? headFont(this) : GetFont());
        steps_[at]->SetForegroundColour(theme().colour(at <= now ? Theme::Ink::Text : Theme::Ink::Muted));
    }
    Layout();
}

void AssistantDialog::focusPage() {
    // After the event that led here; a control that hides meanwhile must not keep the keyboard.
    CallAfter([this] {
        if (presenter_.page() == AssistantPage::Made || presenter_.page() == AssistantPage::Review) {
            next_->SetFocus();
            return;
        }
        if (wxWindow* first = firstControl(book_->GetCurrentPage())) first->SetFocus();
    });
}

void AssistantDialog::tryClose() {
    if (presenter_.isBegun()) {
        wxMessageDialog question(this, _("Close without making the domain?"), _("New chat domain"),
                                 wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
        question.SetExtendedMessage(_("What you typed is lost. Providers that you saved stay."));
        question.SetYesNoLabels(_("Close"), _("Go on editing"));
        if (question.ShowModal() != wxID_YES) return;
    }
    EndModal(wxID_CANCEL);
}

void AssistantDialog::openProof(DotKind kind) {
    const auto* row = app_.domains.find(presenter_.madeId());
    if (!row || proof_) return;
    proofKind_ = kind;
    ProofDialog dialog(this, app_,
                       wxString::Format(kind == DotKind::Directory ? _("Proof of the directory mark of %s")
                                                                   : _("Proof of the supernode mark of %s"),
                                        toWx(row->domain.shown)),
                       toWx(row->domain.name + (kind == DotKind::Directory ? "-directory.txt" : "-supernode.txt")));
    dialog.setCheck([this] {
        app_.domains.checkNow(presenter_.madeId(), [this](const Result<void>& result) {
            if (!result) app_.tell(result.error());
        });
    });
    proof_ = &dialog;
    update();
    dialog.ShowModal();
    proof_ = nullptr;
}

}  // namespace

std::uint64_t runDomainAssistant(wxWindow* parent, AppContext& app) {
    std::uint64_t made = 0;
    {
        AssistantDialog dialog(parent, app);
        dialog.ShowModal();
        made = app.assistant.madeId();
    }
    app.domains.watch(0);
    return made;
}

}  // namespace causeway::console
