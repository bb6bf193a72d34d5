#include "console/views/connect_page.h"

#include <wx/clipbrd.h>
#include <wx/config.h>
#include <wx/scrolwin.h>
#include <wx/statline.h>

#include "console/presenters/connection_presenter.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "shared/base/data_folder.h"

namespace causeway::console {

ConnectPage::ConnectPage(wxWindow* parent, AppContext& app, std::function<client::ClientOptions()> makeOptions)
    : PageBase(parent, "page.connect", _("Connect to a service")), app_(app), makeOptions_(std::move(makeOptions)) {
    auto* scroll = new wxScrolledWindow(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL);
    scroll->SetScrollRate(0, FromDIP(8));
    setAccessibleName(scroll, title());
    inner_ = scroll;
    auto* column = new wxBoxSizer(wxVERTICAL);
    const auto head = [this](const wxString& text) {
        auto* label = new wxStaticText(inner_, wxID_ANY, text);
        label->SetFont(GetFont().Scaled(1.15F).Bold());
        return label;
    };

    column->Add(head(_("The service of this computer")), wxSizerFlags());
    state_ = new StatusMark(inner_, Mark::Unknown, {});
    why_ = new WrapText(inner_, {}, 600);
    todo_ = new WrapText(inner_, {}, 600);
    column->Add(state_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    column->Add(why_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    column->Add(todo_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    startLabel_ = new wxStaticText(inner_, wxID_ANY, _("Start it &with this command:"));
    auto* startRow = new wxBoxSizer(wxHORIZONTAL);
    start_ = new wxTextCtrl(inner_, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxTE_READONLY);
    wxFont fixed = start_->GetFont();
    fixed.SetFamily(wxFONTFAMILY_TELETYPE);
    start_->SetFont(wxFont(wxFontInfo(fixed.GetFractionalPointSize()).Family(wxFONTFAMILY_TELETYPE)));
    setAccessibleName(start_, _("Command that starts the service"));
    copy_ = iconButton(inner_, _("Cop&y"), "copy", _("Copy the command"));
    startRow->Add(start_, wxSizerFlags(1).CentreVertical());
    startRow->Add(copy_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    column->Add(startLabel_, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    column->Add(startRow, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    again_ = iconButton(inner_, _("&Try again"), "refresh", _("Look again for the service of this computer"));
    cancel_ = iconButton(inner_, _("&Back to the service"), "back", _("Stay with the service that is connected"));
    buttons->Add(again_, wxSizerFlags());
    buttons->Add(cancel_, wxSizerFlags().Border(wxLEFT, gap(this)));
    column->Add(buttons, wxSizerFlags().Border(wxTOP, gap(this, 2)));

    column->Add(new wxStaticLine(inner_), wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this, 3)));
    column->Add(head(_("Another computer")), wxSizerFlags().Border(wxBOTTOM, gap(this)));
    FormGrid form(inner_);
    wxArrayString known;
    if (auto* config = wxConfigBase::Get(false)) known = wxSplit(config->Read("/connect/addresses"), ',');
    addressField_ = form.row(
        _("Add&ress of the service:"),
        [this, &known](wxWindow* owner) {
            address_ = new wxComboBox(owner, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, known, wxTE_PROCESS_ENTER,
                                      wxDefaultValidator, "connect.address");
            return address_;
        },
        _("Name or address of the computer, with the port if it is not 8425, such as hq-server or 10.1.0.5:8425. The "
          "service there must listen on its network address (setting admin.listen)."));
    column->Add(form.sizer(), wxSizerFlags().Expand());
    connect_ = iconButton(inner_, _("&Connect"), "connect");
    column->Add(connect_, wxSizerFlags().Border(wxTOP, gap(this)));

    inner_->SetSizer(column);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    inner_->SetMaxSize(FromDIP(wxSize(720, -1)));
    row->Add(inner_, wxSizerFlags(1).Expand());
    content()->Add(row, wxSizerFlags(1).Expand());

    copy_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        wxClipboardLocker lock;
        if (!!lock) wxTheClipboard->SetData(new wxTextDataObject(start_->GetValue()));
        app_.say(_("Copied the command."));
    });
    again_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { connectLocal(); });
    cancel_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        if (onCancel) onCancel();
    });
    connect_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { connectRemote(); });
    address_->Bind(wxEVT_TEXT_ENTER, [this](wxCommandEvent&) { connectRemote(); });
}

void ConnectPage::update(bool isChosen) {
    const ConnectionPresenter& connection = app_.connection;
    const bool isBusy = connection.isBusy();
    state_->set(connection.mark(), toWx(connection.stateText()));
    wxString why = toWx(connection.triedText());
    const wxString reason = toWx(connection.whyText());
    if (!reason.empty()) why += (why.empty() ? "" : "\n") + reason;
    why_->setText(why);
    why_->Show(!why.empty());
    const wxString todo = toWx(connection.todoText());
    todo_->setText(todo);
    todo_->Show(!todo.empty());
    const wxString command = toWx(connection.startCommand());
    const bool needsStart = !command.empty() && connection.showsConnectPage() && !isBusy;
    if (start_->GetValue() != command) start_->ChangeValue(command);
    for (wxWindow* part :
         {static_cast<wxWindow*>(startLabel_), static_cast<wxWindow*>(start_), static_cast<wxWindow*>(copy_)}) {
        part->Show(needsStart);
    }
    again_->Enable(!isBusy);
    connect_->Enable(!isBusy);
    cancel_->Show(isChosen && !connection.showsConnectPage());
    Layout();
    inner_->Layout();
}

void ConnectPage::focusFirst() {
    address_->SetFocus();
}

void ConnectPage::refresh() {
    connectLocal();
}

void ConnectPage::connectLocal() {
    if (onConnecting) onConnecting();
    app_.connection.tryAgain();
}

void ConnectPage::connectRemote() {
    const wxString address = address_->GetValue().Trim().Trim(false);
    const std::string problem = app_.connection.connectRemote(fromWx(address), makeOptions_());
    addressField_.setError(toWx(problem));
    if (!problem.empty()) {
        address_->SetFocus();
        return;
    }
    rememberAddress(address);
    if (onConnecting) onConnecting();
}

void ConnectPage::rememberAddress(const wxString& address) {
    wxArrayString known = address_->GetStrings();
    if (const int at = known.Index(address); at != wxNOT_FOUND) known.RemoveAt(static_cast<std::size_t>(at));
    known.Insert(address, 0);
    constexpr std::size_t kMostAddresses = 10;
    while (known.size() > kMostAddresses)
        known.RemoveAt(known.size() - 1);
    address_->Set(known);
    address_->SetValue(address);
    if (auto* config = wxConfigBase::Get(false)) config->Write("/connect/addresses", wxJoin(known, ','));
}

}  // namespace causeway::console
