#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "console/client/certificate_pins.h"
#include "console/presenters/session.h"

namespace causeway::console {

/// Asks the user once about a certificate that is not known, with No as the default. The calls that ask run on worker
/// threads and wait for the answer; of several that ask at the same time only the first shows a question.
class CertificateQuestion : public std::enable_shared_from_this<CertificateQuestion> {
public:
    CertificateQuestion(Executor& executor, std::shared_ptr<client::CertificatePins> pins);
    client::AskAboutCertificate asker();
    /// The user tries again: earlier answers of No count no more.
    void forgetRefusals();
    /// Waiting calls get No at once.
    void close() { isClosing_ = true; }

private:
    bool ask(const client::CertificateInfo& info);
    static bool show(const client::CertificateInfo& info);

    Executor& executor_;
    std::shared_ptr<client::CertificatePins> pins_;
    std::atomic<bool> isClosing_{false};
    std::mutex one_;  ///< one question at a time
    std::set<std::string> refused_;
};

}  // namespace causeway::console
