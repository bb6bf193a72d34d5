#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/net/tls.h"
#include "service/xmpp/certificate_pem_io.h"
#include "service/xmpp/certificates_port.h"
#include "shared/base/guarded.h"
#include "shared/base/log.h"
#include "shared/base/time.h"
#include "shared/model/chat_domain.h"

namespace causeway::xmpp {

/// The certificate that a chat domain shall have.
struct CertificateWish {
    std::string domain;  ///< ASCII form
    std::string shown;
    CertificateSource source = CertificateSource::SelfSigned;
    std::string certificateFile{};
    std::string keyFile{};

    bool operator==(const CertificateWish&) const = default;
};
CertificateWish wishOf(const ChatDomain& domain);

/// One certificate for each chat domain. Self-signed ones are made at once, kept by the keeper, and made anew with the
/// same key 30 days before their end. Files are read again when they change; files that cannot be used leave the
/// certificate from before in place and become a problem in words. Has a thread of its own, because files, keys and the
/// keeper may take their time.
class Certificates final : public CertificatesPort {
public:
    struct Parts {
        CertificateKeeper* keeper = nullptr;
        Log* log = nullptr;
        /// On the thread of the certificates, after anything about the certificate of this domain has changed: DNS
        /// (TLSA), the dots and the console want to know. May be empty.
        std::function<void(const std::string& domain)> changed{};
        std::function<TimePoint()> now{};  ///< empty: the clock of the event loops
        Duration lookEvery = 10s;
    };
    explicit Certificates(Parts parts);
    ~Certificates() override;  ///< stops
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    void start();
    void stop();  ///< no callback comes any more behind this

    /// All domains, those whose certificate is shown to clients that name nobody first. Any thread; done soon.
    void setDomains(std::vector<CertificateWish> wishes);
    /// Waits until what was set has been read. False: it takes longer. Any thread but the callback's.
    bool settle(Duration patience);
    /// Looks at the files now; done soon.
    void lookNow();

    // CertificatesPort
    std::vector<CertificateFacts> certificates() const override;
    std::optional<CertificateFacts> certificate(const std::string& domain) const override;
    CertificateFacts checkFiles(const std::string& domain, const std::string& certificateFile,
                                const std::string& keyFile) const override;

    // For the door; any thread.
    /// nullptr: it has none that can be used.
    std::shared_ptr<const net::TlsContext> contextOf(const std::string& domain) const;
    /// For direct TLS: chooses by the name that the client asks for, refuses unknown names, shows the first domain's
    /// certificate if no name is asked for. nullptr: there is no certificate at all.
    std::shared_ptr<const net::TlsContext> front() const;

private:
    struct Entry {
        CertificateWish wish;
        CertificateFacts facts;  ///< of what is served, or why nothing is
        CertificateTexts texts;
        std::shared_ptr<const net::TlsContext> context;
        FileStamp chainStamp;
        FileStamp keyStamp;
        bool isRead = false;
        bool isTold = false;  ///< in the log and to `changed`
        bool isSaved = true;  ///< self-signed: the keeper has it
    };
    struct Shelf {
        std::vector<CertificateFacts> facts;
        std::map<std::string, std::shared_ptr<const net::TlsContext>> contexts;
        std::shared_ptr<const net::TlsContext> front;
    };

    void run();
    void look(std::vector<CertificateWish> wishes);
    void readFiles(Entry& entry);
    void readSelfSigned(Entry& entry, TimePoint now);
    void saveSelfSigned(Entry& entry);
    bool install(Entry& entry, CertificateFacts facts, CertificateTexts texts);
    void keep(Entry& entry, CertificateFacts trouble);
    void tell(const Entry& entry, const CertificateFacts& before) const;
    void publish();

    Parts parts_;
    std::map<std::string, Entry> entries_;  ///< thread of the certificates only
    std::vector<std::string> order_;
    Guarded<std::shared_ptr<const Shelf>> shelf_;

    std::mutex lock_;
    std::condition_variable wake_;
    std::condition_variable settled_;
    std::vector<CertificateWish> wishes_;
    std::uint64_t asked_ = 0;
    std::uint64_t done_ = 0;
    bool isEnding_ = false;
    std::thread thread_;
};

}  // namespace causeway::xmpp
