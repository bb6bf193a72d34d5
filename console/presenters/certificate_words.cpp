#include "console/presenters/certificate_words.h"

#include <algorithm>

#include "console/presenters/domain_words.h"
#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostNames = 12;

std::string namesText(const std::vector<CertificateName>& names) {
    if (names.empty()) return tr("none");
    std::string text;
    std::vector<std::string> told;
    for (const auto& name : names) {
        // The same name often stands there twice: as a DNS name and as an XMPP address.
        if (std::find(told.begin(), told.end(), name.text) != told.end()) continue;
        if (told.size() == kMostNames) return text + ", ...";
        text += (told.empty() ? "" : ", ") + name.text;
        told.push_back(name.text);
    }
    return text;
}

/// The days are what people want to know; the exact moments are the hint.
Fact validity(const CertificateFacts& facts) {
    const auto from = exactTime(facts.notBefore);
    const auto until = exactTime(facts.notAfter);
    return {tr("Valid"), fill(tr("%1 to %2"), {from.substr(0, 10), until.substr(0, 10)}),
            fill(tr("%1 to %2"), {from, until})};
}

bool isAboutTime(CertificateTrouble trouble) {
    return trouble == CertificateTrouble::EndsSoon || trouble == CertificateTrouble::EndsVerySoon ||
           trouble == CertificateTrouble::Expired || trouble == CertificateTrouble::NotYetValid;
}

}  // namespace

std::string troubleText(const CertificateFacts& facts) {
    if (facts.trouble == CertificateTrouble::None) return {};
    auto text = facts.problem;
    if (!facts.todo.empty()) text += (text.empty() ? "" : " ") + facts.todo;
    return text;
}

CertificateView viewOf(const CertificateFacts& facts) {
    CertificateView view;
    view.isThere = facts.isThere;
    view.mark = markOf(stateOf(facts.trouble));
    view.forClients = facts.forClients;
    view.sentence = troubleText(facts);
    if (view.sentence.empty()) view.sentence = tr("The certificate is fine.");
    auto source = textOf(facts.source);
    if (!facts.keyKind.empty()) source += ", " + facts.keyKind;
    view.facts.push_back({tr("Source"), source});
    if (!facts.isThere) return view;
    const bool isNameWrong =
        facts.trouble == CertificateTrouble::WrongName || facts.trouble == CertificateTrouble::WeakName;
    view.facts.push_back({tr("Names"), namesText(facts.names), {}, isNameWrong ? view.mark : Mark::None});
    view.facts.push_back({tr("Signed by"), facts.isSelfSigned ? tr("itself") : facts.issuer});
    auto valid = validity(facts);
    if (isAboutTime(facts.trouble)) valid.mark = view.mark;
    view.facts.push_back(std::move(valid));
    view.fingerprint = fingerprintText(facts.sha256);
    return view;
}

std::string fieldOf(const CertificateFacts& facts) {
    switch (facts.trouble) {
        case CertificateTrouble::FileMissing:
        case CertificateTrouble::FileUnreadable:
            // The certificate is read first: if it is there, the file of its key is meant.
            return facts.isThere ? "keyFile" : "certificateFile";
        case CertificateTrouble::NotACertificate:
            return "certificateFile";
        case CertificateTrouble::NoKey:
        case CertificateTrouble::KeyLocked:
        case CertificateTrouble::KeyDoesNotMatch:
            return "keyFile";
        default:
            return {};
    }
}

}  // namespace causeway::console
