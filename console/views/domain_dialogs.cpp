#include "console/views/domain_dialogs.h"

#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/presenters/words.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

std::function<wxWindow*(wxWindow*)> textField(const std::string& value, long style = 0,
                                              const wxSize& size = wxDefaultSize) {
    return [=](wxWindow* parent) -> wxWindow* {
        return new wxTextCtrl(parent, wxID_ANY, toWx(value), wxDefaultPosition, size, style);
    };
}

template <class T>
std::function<wxWindow*(wxWindow*)> choiceField(std::initializer_list<T> values, T chosen) {
    return [values = std::vector<T>(values), chosen](wxWindow* parent) -> wxWindow* {
        auto* choice = new wxChoice(parent, wxID_ANY);
        for (const T value : values) {
            choice->Append(toWx(textOf(value)));
            if (value == chosen) choice->SetSelection(static_cast<int>(choice->GetCount()) - 1);
        }
        return choice;
    };
}

wxTextCtrl* textOfField(const FormField& field) {
    return static_cast<wxTextCtrl*>(field.control);
}

}  // namespace

DomainDialog::DomainDialog(wxWindow* parent, DomainsPresenter& presenter, DomainForm form)
    : FormDialog(parent, "dialog.domain", wxString::Format(_("Edit %s"), toWx(form.name)), _("&Save")),
      presenter_(presenter),
      form_(std::move(form)) {
    auto& grid = this->form();
    const auto reach =
        grid.row(_("&Where used:"), choiceField({DomainReach::Lan, DomainReach::LanAndInternet}, form_.reach), {},
                 FormGrid::Fit::Own);
    const auto policy =
        grid.row(_("&End-to-end encryption:"), choiceField({EndToEnd::Required, EndToEnd::Preferred}, form_.endToEnd),
                 toWx(explanationOf(form_.endToEnd)), FormGrid::Fit::Own);
    const auto chain = grid.row(
        _("&Providers:"),
        [this](wxWindow* parentOfField) -> wxWindow* {
            auto* made = new ProviderChain(parentOfField, "domain.providers");
            made->set(presenter_.chainOf(form_.providers));
            made->SetMinSize(FromDIP(wxSize(480, 92)));
            return made;
        },
        _("The built-in accounts are asked first, then the ticked providers from top to bottom."));
    const auto certificate = grid.row(
        _("&Certificate:"), choiceField({CertificateSource::SelfSigned, CertificateSource::Files}, form_.certificate),
        wxString::Format(_("It must carry the name %s, the part behind the @; not the name of the host."),
                         toWx(form_.name)),
        FormGrid::Fit::Own);
    const auto file = grid.row(_("Certificate &file:"), textField(form_.certificateFile),
                               _("PEM, on the computer of the service: the domain's certificate first, then the chain. "
                                 "It is read again when it changes."));
    const auto key = grid.row(_("&Key file:"), textField(form_.keyFile));
    const auto ttl =
        grid.row(_("&TTL, seconds:"), textField(form_.ttl),
                 _("How long other DNS servers may keep an answer before they ask again."), FormGrid::Fit::Own);
    const auto extra = grid.row(_("E&xtra records:"),
                                textField(form_.extraRecords, wxTE_MULTILINE | wxTE_DONTWRAP, FromDIP(wxSize(-1, 34))),
                                _("Lines in zone file syntax that chat DNS serves too. Usually empty."));
    const auto note = grid.row(_("&Note:"), textField(form_.note));
    reach_ = static_cast<wxChoice*>(reach.control);
    endToEnd_ = static_cast<wxChoice*>(policy.control);
    chain_ = static_cast<ProviderChain*>(chain.control);
    certificate_ = static_cast<wxChoice*>(certificate.control);
    certificateFile_ = textOfField(file);
    keyFile_ = textOfField(key);
    certificateRow_ = file;
    keyRow_ = key;
    ttl_ = textOfField(ttl);
    extra_ = textOfField(extra);
    note_ = textOfField(note);
    addField("reach", reach);
    addField("endToEnd", policy);
    addField("providers", chain);
    addField("certificate", certificate);
    addField("certificateFile", file);
    addField("keyFile", key);
    addField("ttl", ttl);
    addField("extraRecords", extra);
    addField("note", note);
    certificate_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) { certificateChosen(); });
    endToEnd_->Bind(wxEVT_CHOICE, [this, help = policy.help](wxCommandEvent&) {
        help->setText(toWx(explanationOf(endToEnd_->GetSelection() == 1 ? EndToEnd::Preferred : EndToEnd::Required)));
    });
    certificateChosen();
    finish(reach_);
}

void DomainDialog::certificateChosen() {
    const bool areFiles = certificate_->GetSelection() == 1;
    certificateRow_.show(areFiles);
    keyRow_.show(areFiles);
    Layout();
    if (IsShown()) Fit();
}

std::vector<FieldText> DomainDialog::check() {
    form_.reach = reach_->GetSelection() == 1 ? DomainReach::LanAndInternet : DomainReach::Lan;
    form_.endToEnd = endToEnd_->GetSelection() == 1 ? EndToEnd::Preferred : EndToEnd::Required;
    form_.providers = chain_->chosen();
    form_.certificate = certificate_->GetSelection() == 1 ? CertificateSource::Files : CertificateSource::SelfSigned;
    form_.certificateFile = fromWx(certificateFile_->GetValue());
    form_.keyFile = fromWx(keyFile_->GetValue());
    form_.ttl = fromWx(ttl_->GetValue());
    form_.extraRecords = fromWx(extra_->GetValue());
    form_.note = fromWx(note_->GetValue());
    return presenter_.check(form_);
}

SupernodeDialog::SupernodeDialog(wxWindow* parent, DomainsPresenter& presenter, SupernodeForm form)
    : FormDialog(parent, "dialog.supernode", form.id == 0 ? _("Add a supernode") : _("Edit a supernode"), _("&Save")),
      presenter_(presenter),
      form_(std::move(form)) {
    auto& grid = this->form();
    wxWindow* first = nullptr;
    if (form_.id == 0) {
        const auto origin = grid.row(
            _("&How it comes here:"), choiceField({SupernodeOrigin::Hand, SupernodeOrigin::Token}, form_.origin),
            _("By hand: it is told by DNS as long as it is enabled. Registers itself: you get a token for it, shown "
              "once; it is told by DNS only while its heartbeats come."),
            FormGrid::Fit::Own);
        origin_ = static_cast<wxChoice*>(origin.control);
        addField("origin", origin);
        first = origin_;
    }
    const bool isLocal = form_.origin == SupernodeOrigin::Local;
    const auto name = grid.row(_("&Name:"), textField(form_.name, form_.id != 0 ? wxTE_READONLY : 0),
                               _("One short name, such as sn2; DNS calls it so below the domain."), FormGrid::Fit::Own);
    const auto lan = grid.row(_("&LAN address:"), textField(form_.lanAddress),
                              isLocal ? _("IPv4 or IPv6. Found by itself for this service; write another one if people "
                                          "reach it under that.")
                                      : _("IPv4 or IPv6, under which people inside reach it."));
    const auto internet = grid.row(_("&Internet address:"), textField(form_.internetAddress),
                                   _("Under which people outside reach it. Needed if the domain is for the Internet."));
    const auto port = grid.row(_("&Port, StartTLS:"), textField(form_.port), {}, FormGrid::Fit::Own);
    const auto tls = grid.row(_("Port, &direct TLS:"), textField(form_.tlsPort), _("0 = none."), FormGrid::Fit::Own);
    const auto priority =
        grid.row(_("P&riority:"), textField(form_.priority), _("The lowest is asked first."), FormGrid::Fit::Own);
    const auto weight = grid.row(_("&Weight:"), textField(form_.weight),
                                 _("Share of the people among supernodes of the same priority."), FormGrid::Fit::Own);
    const auto enabled = grid.plain([this](wxWindow* parentOfField) -> wxWindow* {
        auto* box = new wxCheckBox(parentOfField, wxID_ANY, _("&Enabled"));
        box->SetValue(form_.isEnabled);
        return box;
    });
    name_ = textOfField(name);
    lan_ = textOfField(lan);
    internet_ = textOfField(internet);
    port_ = textOfField(port);
    tlsPort_ = textOfField(tls);
    priority_ = textOfField(priority);
    weight_ = textOfField(weight);
    enabled_ = static_cast<wxCheckBox*>(enabled.control);
    addField("name", name);
    addField("lanAddress", lan);
    addField("internetAddress", internet);
    addField("port", port);
    addField("tlsPort", tls);
    addField("priority", priority);
    addField("weight", weight);
    addField("isEnabled", enabled);
    finish(first ? first : lan_);
}

std::vector<FieldText> SupernodeDialog::check() {
    if (origin_) form_.origin = origin_->GetSelection() == 1 ? SupernodeOrigin::Token : SupernodeOrigin::Hand;
    form_.name = fromWx(name_->GetValue());
    form_.lanAddress = fromWx(lan_->GetValue());
    form_.internetAddress = fromWx(internet_->GetValue());
    form_.port = fromWx(port_->GetValue());
    form_.tlsPort = fromWx(tlsPort_->GetValue());
    form_.priority = fromWx(priority_->GetValue());
    form_.weight = fromWx(weight_->GetValue());
    form_.isEnabled = enabled_->GetValue();
    return presenter_.check(form_);
}

DeleteDomainDialog::DeleteDomainDialog(wxWindow* parent, DomainsPresenter& presenter, std::uint64_t id)
    : FormDialog(parent, "dialog.delete-domain", _("Delete a chat domain"), _("&Delete")),
      presenter_(presenter),
      id_(id) {
    const auto* row = presenter_.find(id);
    const wxString name = row ? toWx(row->domain.shown.empty() ? row->domain.name : row->domain.shown) : wxString();
    const auto typed =
        form().row(_("&Name of the domain:"), textField({}),
                   toWx(presenter_.lossText(id)) + "\n" + wxString::Format(_("If that is meant, type %s."), name));
    typed_ = textOfField(typed);
    typed_->SetHint(name);
    addField("name", typed);
    finish(typed_);
}

std::vector<FieldText> DeleteDomainDialog::check() {
    if (presenter_.isTypedName(id_, fromWx(typed_->GetValue()))) return {};
    return {{"name", fromWx(_("This is not the name of the domain. Nothing was deleted."))}};
}

void DeleteDomainDialog::save(Answer answer) {
    presenter_.remove(id_, fromWx(typed_->GetValue()),
                      [answer = std::move(answer)](const Result<void>& result) { answer(result, {}); });
}

}  // namespace causeway::console
