#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/domain_words.h"
#include "console/presenters/domains_presenter.h"
#include "console/presenters/presenter.h"

namespace causeway::console {

enum class AssistantPage { Name, Where, Directory, Certificate, Dns, Review, Made };
/// How clients come to ask chat DNS.
enum class DnsWay {
    ThisServer,   ///< the company's DNS server forwards the domain to this one
    OtherServer,  ///< the records are entered at another server
};

/// Lines that make another DNS server ask this one about a domain; `form` as in DnsPresenter::forms().
std::string forwarderText(const std::string& form, const std::string& domain, const std::string& address,
                          std::uint16_t port);

/// A record that will be served, in words.
struct RecordPreview {
    std::string name;
    std::string type;
    std::string leadsTo;
};

/// From a name to a chat domain with two green marks. Every page is tested before the next one shows. Each opening
/// begins anew.
class DomainAssistantPresenter final : public Presenter {
public:
    DomainAssistantPresenter(Session& session, DomainsPresenter& domains, ProvidersPresenter& providers);
    ~DomainAssistantPresenter() override;

    AssistantPage page() const { return page_; }
    static std::string titleOf(AssistantPage page);
    static constexpr std::size_t kPages = 7;
    /// Tests the page, then goes to the next one; while it tests, isBusy(). On Review the domain is made.
    void next();
    void back();
    bool isBusy() const { return isBusy_; }
    bool canGoBack() const;
    std::string nextLabel() const;  ///< "Next", "Create", "Close"
    /// Sentences at fields of the page; "" is the page as a whole. Only after next() was tried, or while typing.
    std::string problemAt(const std::string& field) const;
    /// Ends what is under way and forgets what was typed; for opening anew.
    void startOver();
    /// Closing now would lose what was typed.
    bool isBegun() const;

    // Name
    const std::string& name() const { return form_.name; }
    void setName(const std::string& name);
    LoginLine nameLine() const;
    /// A moment after typing the service is asked whether the name can be used.
    void tick();
    static constexpr Duration kPause = 400ms;

    // Where used
    DomainReach reach() const { return form_.reach; }
    EndToEnd endToEnd() const { return form_.endToEnd; }
    const std::string& internetAddress() const { return internetAddress_; }
    void setReach(DomainReach reach);
    void setEndToEnd(EndToEnd policy);
    void setInternetAddress(const std::string& address);

    // Directory
    std::vector<ChainEntry> chain() const { return domains_.chainOf(form_.providers); }
    void setChain(std::vector<std::uint64_t> providers);
    /// With the test of what was just saved, if there was one: it is not asked for twice.
    void addToChain(std::uint64_t provider, const std::optional<ProofStep>& tested = {});
    /// It was saved anew: its test here is of before.
    void providerSaved(std::uint64_t provider, const std::optional<ProofStep>& tested);
    void setRehearsal(const std::string& name, const std::string& password);
    void setOverridden(bool isOverridden);
    bool isOverridden() const { return isOverridden_; }
    void testChain();
    /// How the chain as a whole did: fine if every provider answers and one of them lets the rehearsal in.
    LoginLine chainLine() const;
    bool isChainFine() const;
    /// One tree with a branch for each provider.
    ProofStep chainProof() const;

    // Certificate
    CertificateSource certificate() const { return form_.certificate; }
    const std::string& certificateFile() const { return form_.certificateFile; }
    const std::string& keyFile() const { return form_.keyFile; }
    void setCertificate(CertificateSource source);
    void setFiles(const std::string& certificateFile, const std::string& keyFile);
    std::string certificateText() const;  ///< what clients will say, and which name it must carry
    /// What the service says about the files, asked when Next is chosen. Files that cannot be used hold the assistant
    /// and are told at their field; what only clients will dislike is told here once, then Next goes on.
    LoginLine certificateLine() const;

    // DNS
    DnsWay dnsWay() const { return way_; }
    void setDnsWay(DnsWay way);
    LoginLine dnsLine() const;  ///< does chat DNS listen?
    std::vector<RecordPreview> recordPreviews() const;
    std::string wayText() const;

    std::vector<Fact> review() const;

    // Done
    std::uint64_t madeId() const { return madeId_; }
    DotView dot(DotKind kind) const { return domains_.dotOf(madeId_, kind); }
    LoginLine login() const { return domains_.loginOf(madeId_); }
    std::string doneText() const;
    CertificateView madeCertificate() const { return domains_.certificateOf(madeId_); }
    void setForm(const std::string& form);
    const std::string& form() const { return dnsForm_; }
    /// Records or forwarder lines, ready to be copied.
    const std::string& dnsText() const { return dnsText_; }

    void connectionChanged() override { changed(); }

private:
    enum class Moves { Yes, No };
    void askName(Moves moves);
    void go(AssistantPage page);
    void enter();
    void askCertificate();
    void loadDns();
    void loadDnsText();
    void create();
    void afterCreate(const api::DomainRow& row);
    bool isTested() const;
    std::vector<std::uint64_t> untested() const;
    bool hasRehearsal() const { return !rehearsal_.name.empty(); }
    void testNext(Moves moves);

    struct Tested {
        ProofStep proof;
        std::optional<Error> error;
    };

    DomainsPresenter& domains_;
    ProvidersPresenter& providers_;
    int follower_ = 0;
    AssistantPage page_ = AssistantPage::Name;
    bool isBusy_ = false;
    std::uint64_t run_ = 0;  ///< answers of an older run are dropped
    std::map<std::string, std::string> problems_;
    DomainForm form_;
    std::string internetAddress_;

    std::optional<TimePoint> askAt_;
    std::uint64_t nameRun_ = 0;
    bool isNameChecked_ = false;
    std::string nameProblem_;
    std::string asciiName_;

    api::RehearsalRequest rehearsal_;
    bool isOverridden_ = false;
    bool isTesting_ = false;
    std::map<std::uint64_t, Tested> tested_;

    std::optional<CertificateFacts> certificateFacts_;  ///< of the files as they were typed

    DnsWay way_ = DnsWay::ThisServer;
    std::optional<api::DnsStatus> dns_;
    std::optional<Error> dnsProblem_;

    std::uint64_t madeId_ = 0;
    std::string dnsForm_ = "bind";
    std::string dnsText_;
    std::string textFor_;  ///< what dnsText_ was made of
};

}  // namespace causeway::console
