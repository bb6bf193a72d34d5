#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "shared/model/certificate_facts.h"

/// The certificate of a chat domain in words.
namespace causeway::console {

struct CertificateView {
    bool isThere = false;  ///< there is one to show; else only the sentence is told
    Mark mark = Mark::Unknown;
    std::string sentence;  ///< how it is; for a trouble what is wrong and what to do
    std::vector<Fact> facts;
    std::string fingerprint;  ///< SHA-256 as clients show it, "AA:BB:..."
    std::string forClients;
};
CertificateView viewOf(const CertificateFacts& facts);

/// What stands in the way, with the next action; empty if nothing does.
std::string troubleText(const CertificateFacts& facts);
/// Field of a form where the trouble is mended: "certificateFile" or "keyFile"; empty for what is wrong with the
/// certificate itself, such as its name or its end.
std::string fieldOf(const CertificateFacts& facts);

}  // namespace causeway::console
