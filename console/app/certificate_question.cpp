#include "console/app/certificate_question.h"

#include <chrono>
#include <future>

#include <wx/app.h>
#include <wx/richmsgdlg.h>

#include "console/widgets/strings.h"

namespace causeway::console {

CertificateQuestion::CertificateQuestion(Executor& executor, std::shared_ptr<client::CertificatePins> pins)
    : executor_(executor), pins_(std::move(pins)) {}

client::AskAboutCertificate CertificateQuestion::asker() {
    return [self = shared_from_this()](const client::CertificateInfo& info) { return self->ask(info); };
}

void CertificateQuestion::forgetRefusals() {
    const std::unique_lock guard(one_, std::try_to_lock);
    if (guard.owns_lock()) refused_.clear();
}

bool CertificateQuestion::ask(const client::CertificateInfo& info) {
    const std::lock_guard guard(one_);
    const std::string key = info.service + " " + info.fingerprint;
    if (pins_->find(info.service) == info.fingerprint) return true;
    if (isClosing_ || refused_.contains(key)) return false;
    auto answer = std::make_shared<std::promise<bool>>();
    auto waiting = answer->get_future();
    executor_.ui([answer, info] { answer->set_value(show(info)); });
    while (waiting.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isClosing_) return false;
    }
    const bool isTrusted = waiting.get();
    if (!isTrusted) refused_.insert(key);
    return isTrusted;
}

bool CertificateQuestion::show(const client::CertificateInfo& info) {
    const bool isChange = !info.trustedBefore.empty();
    const wxString title = isChange ? _("The certificate of the service has changed") : _("Unknown certificate");
    const wxString question =
        isChange
            ? wxString::Format(_("%s shows another certificate than before. Trust the new one?"), toWx(info.service))
            : wxString::Format(_("%s shows a certificate that is not known here. Trust it?"), toWx(info.service));
    const wxString advice =
        isChange ? _("This is right after the service was installed anew or got a new certificate. If nobody did "
                     "that, somebody may be between you and the service: answer No and ask.")
                 : _("Compare the fingerprint with the one that the administrator of the service reads there, with "
                     "causewayctl status on that computer. Answer No if they differ or if you cannot compare.");
    wxRichMessageDialog dialog(wxTheApp->GetTopWindow(), question, title,
                               wxYES_NO | wxNO_DEFAULT | wxICON_WARNING | wxCENTRE);
    dialog.SetYesNoLabels(_("&Trust"), _("&No"));
    dialog.SetExtendedMessage(wxString::Format(
        "%s\n\n%s\n%s\n\n%s %s\n%s %s\n%s %s - %s", advice, _("SHA-256 fingerprint:"), toWx(info.shownFingerprint()),
        _("Issued to:"), toWx(info.subject), _("Issued by:"), toWx(info.issuer), _("Valid:"),
        toWx(info.validFrom).BeforeFirst('T'), toWx(info.validTo).BeforeFirst('T')));
    return dialog.ShowModal() == wxID_YES;
}

}  // namespace causeway::console
