#include "shared/model/certificate_facts.h"

namespace causeway {

const char* wordOf(CertificateTrouble trouble) {
    switch (trouble) {
        case CertificateTrouble::None:
            return "none";
        case CertificateTrouble::EndsSoon:
            return "ends-soon";
        case CertificateTrouble::EndsVerySoon:
            return "ends-very-soon";
        case CertificateTrouble::WeakName:
            return "weak-name";
        case CertificateTrouble::FileMissing:
            return "file-missing";
        case CertificateTrouble::FileUnreadable:
            return "file-unreadable";
        case CertificateTrouble::NotACertificate:
            return "not-a-certificate";
        case CertificateTrouble::NoKey:
            return "no-key";
        case CertificateTrouble::KeyLocked:
            return "key-locked";
        case CertificateTrouble::KeyDoesNotMatch:
            return "key-does-not-match";
        case CertificateTrouble::Expired:
            return "expired";
        case CertificateTrouble::NotYetValid:
            return "not-yet-valid";
        case CertificateTrouble::WrongName:
            return "wrong-name";
        case CertificateTrouble::CannotMake:
            return "cannot-make";
    }
    return "none";
}

ProofState stateOf(CertificateTrouble trouble) {
    switch (trouble) {
        case CertificateTrouble::None:
            return ProofState::Fine;
        case CertificateTrouble::EndsSoon:
        case CertificateTrouble::EndsVerySoon:
        case CertificateTrouble::WeakName:
            return ProofState::Partly;
        default:
            return ProofState::Broken;
    }
}

bool isProblem(CertificateTrouble trouble) {
    return trouble == CertificateTrouble::EndsVerySoon || stateOf(trouble) == ProofState::Broken;
}

std::string fingerprintText(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i != 0 && i % 2 == 0) out += ':';
        const char c = hex[i];
        out += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

}  // namespace causeway
