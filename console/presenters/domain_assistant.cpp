#include "console/presenters/domain_assistant.h"

#include <algorithm>

#include "console/presenters/dns_presenter.h"
#include "console/presenters/text_format.h"
#include "shared/base/cursor.h"
#include "shared/base/ip.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::uint16_t kDnsPort = 53;

bool looksLikeAddress(const std::string& text) {
    if (Ip4::parse(text)) return true;
    return text.find(':') != std::string::npos && std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
                      (letter >= 'A' && letter <= 'F') || letter == ':' || letter == '.';
           });
}

/// Everything but the rehearsal of the login works.
bool answers(const ProofStep& step) {
    if (step.id == "login") return true;
    if (step.children.empty()) return step.state != ProofState::Broken;
    return std::all_of(step.children.begin(), step.children.end(), answers);
}

bool letsIn(const ProofStep& step) {
    if (step.id == "login") return step.state == ProofState::Fine || step.state == ProofState::Partly;
    return std::any_of(step.children.begin(), step.children.end(), letsIn);
}

/// It does not listen, but only because there is nothing to tell yet.
bool waitsForDomain(const api::DnsStatus& status) {
    return !status.isOn && status.problem.empty() && status.domains == 0;
}

std::uint16_t portOf(const std::string& listener) {
    const auto colon = listener.rfind(':');
    if (colon == std::string::npos) return kDnsPort;
    return static_cast<std::uint16_t>(parseUnsigned(listener.substr(colon + 1)).value_or(kDnsPort));
}

}  // namespace

std::string forwarderText(const std::string& form, const std::string& domain, const std::string& address,
                          std::uint16_t port) {
    const auto number = std::to_string(port);
    const bool isUsual = port == kDnsPort;
    if (form == "windows") {
        if (!isUsual)
            return fill(tr("# Windows DNS can only forward to port 53; this server listens on port %1."), {number});
        return "Add-DnsServerConditionalForwarderZone -Name \"" + domain + "\" -MasterServers " + address + "\n";
    }
    if (form == "dnsmasq") return "server=/" + domain + "/" + address + (isUsual ? "" : "#" + number) + "\n";
    if (form == "unbound")
        return "stub-zone:\n    name: \"" + domain + "\"\n    stub-addr: " + address + (isUsual ? "" : "@" + number) +
               "\n";
    return "zone \"" + domain + "\" {\n    type forward;\n    forward only;\n    forwarders { " + address +
           (isUsual ? "" : " port " + number) + "; };\n};\n";
}

DomainAssistantPresenter::DomainAssistantPresenter(Session& session, DomainsPresenter& domains,
                                                   ProvidersPresenter& providers)
    : Presenter(session), domains_(domains), providers_(providers) {
    follower_ = domains_.follow([this] {
        // The Internet address of this service is told to its supernode as soon as that is there.
        if (page_ == AssistantPage::Made) loadDnsText();
        changed();
    });
}

DomainAssistantPresenter::~DomainAssistantPresenter() {
    domains_.unfollow(follower_);
}

std::string DomainAssistantPresenter::titleOf(AssistantPage page) {
    switch (page) {
        case AssistantPage::Name:
            return tr("Name");
        case AssistantPage::Where:
            return tr("Where used");
        case AssistantPage::Directory:
            return tr("Directory");
        case AssistantPage::Certificate:
            return tr("Certificate");
        case AssistantPage::Dns:
            return "DNS";
        case AssistantPage::Review:
            return tr("Review");
        case AssistantPage::Made:
            break;
    }
    return tr("Done");
}

std::string DomainAssistantPresenter::nextLabel() const {
    if (page_ == AssistantPage::Review) return tr("Crea&te");
    return page_ == AssistantPage::Made ? tr("&Close") : tr("&Next");
}

bool DomainAssistantPresenter::canGoBack() const {
    return page_ != AssistantPage::Name && page_ != AssistantPage::Made;
}

std::string DomainAssistantPresenter::problemAt(const std::string& field) const {
    const auto at = problems_.find(field);
    return at == problems_.end() ? std::string{} : at->second;
}

bool DomainAssistantPresenter::isBegun() const {
    return madeId_ == 0 && (page_ != AssistantPage::Name || !trimmed(form_.name).empty());
}

void DomainAssistantPresenter::startOver() {
    domains_.watch(0);
    ++run_;
    ++nameRun_;
    page_ = AssistantPage::Name;
    isBusy_ = false;
    problems_.clear();
    form_ = {};
    internetAddress_.clear();
    askAt_.reset();
    isNameChecked_ = false;
    nameProblem_.clear();
    asciiName_.clear();
    rehearsal_ = {};
    isOverridden_ = false;
    isTesting_ = false;
    tested_.clear();
    certificateFacts_.reset();
    way_ = DnsWay::ThisServer;
    dns_.reset();
    madeId_ = 0;
    dnsText_.clear();
    textFor_.clear();
    changed();
}

void DomainAssistantPresenter::go(AssistantPage page) {
    isBusy_ = false;
    problems_.clear();
    page_ = page;
    enter();
    changed();
}

void DomainAssistantPresenter::enter() {
    if (page_ == AssistantPage::Directory) providers_.load();
    if (page_ == AssistantPage::Dns) loadDns();
}

void DomainAssistantPresenter::back() {
    if (!canGoBack()) return;
    ++run_;
    go(static_cast<AssistantPage>(static_cast<int>(page_) - 1));
}

void DomainAssistantPresenter::next() {
    if (isBusy_) return;
    problems_.clear();
    switch (page_) {
        case AssistantPage::Name:
            askName(Moves::Yes);
            return;
        case AssistantPage::Where:
            if (form_.reach == DomainReach::LanAndInternet && !internetAddress_.empty() &&
                !looksLikeAddress(internetAddress_)) {
                problems_["internetAddress"] =
                    tr("This is not an address. Write it like 203.0.113.7 or 2001:db8::7, or leave it empty for now.");
                break;
            }
            go(AssistantPage::Directory);
            return;
        case AssistantPage::Directory:
            if (form_.providers.empty() || isOverridden_ || (isTested() && isChainFine())) {
                go(AssistantPage::Certificate);
                return;
            }
            if (!isTested()) {
                testNext(Moves::Yes);
                return;
            }
            problems_["providers"] = tr(
                "The test is not fine yet: the chosen step says why. Mend it (Edit changes the provider), or tick "
                "\"Go on nevertheless\" to mend it later; until then people of this directory may not be able to log "
                "in.");
            break;
        case AssistantPage::Certificate:
            for (const auto& problem : domains_.check(form_)) {
                if (problem.field == "certificateFile" || problem.field == "keyFile")
                    problems_[problem.field] = problem.text;
            }
            if (!problems_.empty()) break;
            if (form_.certificate == CertificateSource::Files) {
                askCertificate();
            } else {
                go(AssistantPage::Dns);
            }
            return;
        case AssistantPage::Dns:
            if (way_ == DnsWay::ThisServer && dns_ && !dns_->isOn && !waitsForDomain(*dns_)) {
                problems_["way"] =
                    tr("Chat DNS does not listen, so nobody can ask it. Mend that first, or enter the records at "
                       "another DNS server.");
                break;
            }
            go(AssistantPage::Review);
            return;
        case AssistantPage::Review:
            create();
            return;
        case AssistantPage::Made:
            return;
    }
    changed();
}

void DomainAssistantPresenter::setName(const std::string& name) {
    if (form_.name == name) return;
    form_.name = name;
    ++nameRun_;
    isNameChecked_ = false;
    nameProblem_.clear();
    asciiName_.clear();
    problems_.erase("name");
    if (trimmed(name).empty()) {
        askAt_.reset();
    } else {
        askAt_ = session_.now() + kPause;
    }
    changed();
}

void DomainAssistantPresenter::tick() {
    if (!askAt_ || session_.now() < *askAt_) return;
    askAt_.reset();
    if (page_ == AssistantPage::Name) askName(Moves::No);
}

void DomainAssistantPresenter::askName(Moves moves) {
    askAt_.reset();
    const bool isNext = moves == Moves::Yes;
    if (trimmed(form_.name).empty()) {
        problems_["name"] = tr("Write the domain, such as chat.example.com.");
        changed();
        return;
    }
    if (!session_.hasService()) {
        problems_["name"] = notConnected().text();
        changed();
        return;
    }
    isBusy_ = isNext;
    api::DomainRequest request;
    request.name = std::string(trimmed(form_.name));
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.checkDomain(request); },
        [this, isNext, run = run_, nameRun = nameRun_](const Result<api::DomainVerdict>& answer) {
            if (nameRun != nameRun_ || run != run_) {
                if (isNext) isBusy_ = false;
                changed();
                return;
            }
            if (isNext) isBusy_ = false;
            if (!answer) {
                if (isNext) problems_["name"] = answer.error().text();
                changed();
                return;
            }
            isNameChecked_ = true;
            nameProblem_.clear();
            asciiName_ = answer->name;
            for (const auto& problem : answer->problems) {
                if (problem.field == "name") nameProblem_ = problem.detail;
            }
            if (!nameProblem_.empty()) {
                problems_["name"] = nameProblem_;
            } else if (isNext) {
                go(AssistantPage::Where);
                return;
            }
            changed();
        });
    changed();
}

LoginLine DomainAssistantPresenter::nameLine() const {
    if (trimmed(form_.name).empty()) return {Mark::None, {}};
    if (!isNameChecked_) return {Mark::Unknown, tr("Checking ...")};
    if (!nameProblem_.empty()) return {Mark::Broken, tr("This name cannot be used.")};
    auto text = fill(tr("Can be used. People will be name@%1."), {std::string(trimmed(form_.name))});
    if (!asciiName_.empty() && asciiName_ != foldText(trimmed(form_.name)))
        text += " " + fill(tr("In DNS it is %1."), {asciiName_});
    return {Mark::Fine, text};
}

void DomainAssistantPresenter::setReach(DomainReach reach) {
    form_.reach = reach;
    problems_.clear();
    changed();
}

void DomainAssistantPresenter::setEndToEnd(EndToEnd policy) {
    form_.endToEnd = policy;
    changed();
}

void DomainAssistantPresenter::setInternetAddress(const std::string& address) {
    internetAddress_ = std::string(trimmed(address));
    problems_.erase("internetAddress");
    changed();
}

void DomainAssistantPresenter::setChain(std::vector<std::uint64_t> providers) {
    if (providers == form_.providers) return;
    form_.providers = std::move(providers);
    isOverridden_ = false;
    problems_.clear();
    changed();
}

void DomainAssistantPresenter::addToChain(std::uint64_t provider, const std::optional<ProofStep>& tested) {
    auto chain = form_.providers;
    if (std::find(chain.begin(), chain.end(), provider) == chain.end()) chain.push_back(provider);
    setChain(std::move(chain));
    providerSaved(provider, tested);
}

void DomainAssistantPresenter::providerSaved(std::uint64_t provider, const std::optional<ProofStep>& tested) {
    tested_.erase(provider);
    if (tested) tested_[provider] = {*tested, std::nullopt};
    problems_.clear();
    isOverridden_ = false;
    changed();
}

void DomainAssistantPresenter::setRehearsal(const std::string& name, const std::string& password) {
    const std::string plain{trimmed(name)};
    if (plain == rehearsal_.name && Secret{password} == rehearsal_.password) return;
    rehearsal_.name = plain;
    rehearsal_.password = Secret{password};
    tested_.clear();
    changed();
}

void DomainAssistantPresenter::setOverridden(bool isOverridden) {
    isOverridden_ = isOverridden;
    problems_.clear();
    changed();
}

std::vector<std::uint64_t> DomainAssistantPresenter::untested() const {
    std::vector<std::uint64_t> ids;
    for (const auto id : form_.providers) {
        if (!tested_.contains(id)) ids.push_back(id);
    }
    return ids;
}

bool DomainAssistantPresenter::isTested() const {
    return untested().empty();
}

void DomainAssistantPresenter::testChain() {
    if (isBusy_ || form_.providers.empty()) return;
    tested_.clear();
    problems_.clear();
    testNext(Moves::No);
}

void DomainAssistantPresenter::testNext(Moves moves) {
    const auto waiting = untested();
    isBusy_ = isTesting_ = !waiting.empty();
    if (waiting.empty()) {
        if (moves == Moves::Yes) {
            next();
            return;
        }
        changed();
        return;
    }
    if (!session_.hasService()) {
        isBusy_ = isTesting_ = false;
        problems_["providers"] = notConnected().text();
        changed();
        return;
    }
    api::ProviderTestRequest question;
    question.id = waiting.front();
    if (hasRehearsal()) question.login = rehearsal_;
    session_.ask(
        life(), [question](client::ApiClient& service) { return service.testProvider(question); },
        [this, id = waiting.front(), run = run_, moves](const Result<ProofStep>& answer) {
            if (run != run_) return;
            Tested tested;
            if (answer) {
                tested.proof = *answer;
            } else {
                tested.error = answer.error();
            }
            tested_[id] = std::move(tested);
            testNext(moves);
        });
    changed();
}

bool DomainAssistantPresenter::isChainFine() const {
    bool isIn = false;
    for (const auto id : form_.providers) {
        const auto at = tested_.find(id);
        if (at == tested_.end() || at->second.error || !answers(at->second.proof)) return false;
        isIn = isIn || letsIn(at->second.proof) || (hasRehearsal() && at->second.proof.state == ProofState::Fine);
    }
    return form_.providers.empty() || isIn;
}

LoginLine DomainAssistantPresenter::chainLine() const {
    if (form_.providers.empty()) {
        return {Mark::Unknown, tr("Only the built-in accounts are asked. You add them on the last page, or tick a "
                                  "provider above.")};
    }
    if (isTesting_) return {Mark::Unknown, tr("Testing ...")};
    if (!isTested()) {
        return {Mark::Unknown,
                tr("Not tested yet. Type the name and password of somebody who should be able to log in; the password "
                   "is not kept.")};
    }
    if (isChainFine()) return {Mark::Fine, tr("The directory answers, and this person can log in.")};
    for (const auto id : form_.providers) {
        const auto at = tested_.find(id);
        if (at != tested_.end() && (at->second.error || !answers(at->second.proof)))
            return {Mark::Broken,
                    fill(tr("%1 cannot be asked. The step to mend is chosen below."), {providers_.nameOf(id)})};
    }
    if (!hasRehearsal()) {
        return {Mark::Partly,
                tr("The directory answers, but no login was rehearsed. Type a name and a password, and test "
                   "again.")};
    }
    return {Mark::Broken, tr("The directory answers, but this person cannot log in. The step that says why is chosen "
                             "below.")};
}

ProofStep DomainAssistantPresenter::chainProof() const {
    ProofStep whole;
    for (const auto id : form_.providers) {
        const auto at = tested_.find(id);
        if (at == tested_.end()) continue;
        ProofStep branch = at->second.proof;
        branch.name = providers_.nameOf(id);
        if (at->second.error) {
            branch.state = ProofState::Broken;
            branch.why = at->second.error->text();
            branch.todo = at->second.error->todo;
        }
        whole.children.push_back(std::move(branch));
    }
    whole.state = worstOf(whole.children);
    return whole;
}

void DomainAssistantPresenter::setCertificate(CertificateSource source) {
    form_.certificate = source;
    problems_.clear();
    changed();
}

void DomainAssistantPresenter::setFiles(const std::string& certificateFile, const std::string& keyFile) {
    if (form_.certificateFile == certificateFile && form_.keyFile == keyFile) return;
    form_.certificateFile = certificateFile;
    form_.keyFile = keyFile;
    certificateFacts_.reset();
    problems_.clear();
    changed();
}

void DomainAssistantPresenter::askCertificate() {
    if (!session_.hasService()) {
        problems_[""] = notConnected().text();
        changed();
        return;
    }
    isBusy_ = true;
    api::CertificateRequest question;
    question.domain = asciiName_.empty() ? std::string(trimmed(form_.name)) : asciiName_;
    question.certificateFile = std::string(trimmed(form_.certificateFile));
    question.keyFile = std::string(trimmed(form_.keyFile));
    session_.ask(
        life(), [question](client::ApiClient& service) { return service.checkCertificate(question); },
        [this, run = run_, question](const Result<CertificateFacts>& answer) {
            if (run != run_) return;
            isBusy_ = false;
            const bool isSameQuestion = question.certificateFile == trimmed(form_.certificateFile) &&
                                        question.keyFile == trimmed(form_.keyFile);
            if (form_.certificate != CertificateSource::Files || !isSameQuestion) {
                changed();
                return;
            }
            if (!answer) {
                problems_[""] = errorLines(answer.error());
                changed();
                return;
            }
            const bool wasTold = certificateFacts_ && certificateFacts_->trouble == answer->trouble;
            certificateFacts_ = *answer;
            if (const auto field = fieldOf(*answer); !field.empty()) {
                problems_[field] = troubleText(*answer);
                changed();
                return;
            }
            if (answer->trouble != CertificateTrouble::None && !wasTold) {
                changed();
                return;
            }
            go(AssistantPage::Dns);
        });
    changed();
}

LoginLine DomainAssistantPresenter::certificateLine() const {
    if (form_.certificate != CertificateSource::Files) return {Mark::None, {}};
    if (isBusy_) return {Mark::Unknown, tr("The service reads the files ...")};
    if (!certificateFacts_ || !fieldOf(*certificateFacts_).empty()) return {Mark::None, {}};
    const auto view = viewOf(*certificateFacts_);
    if (certificateFacts_->trouble == CertificateTrouble::None) return {view.mark, view.sentence};
    return {view.mark, view.sentence + " " + tr("Choose Next again to go on with it nevertheless.")};
}

std::string DomainAssistantPresenter::certificateText() const {
    const auto name = asciiName_.empty() ? std::string(trimmed(form_.name)) : asciiName_;
    auto text =
        fill(tr("The certificate must carry the name %1, the part behind the @. The name of the computer is not "
                "asked for, although DNS leads to it."),
             {name});
    text += "\n";
    return text + (form_.certificate == CertificateSource::SelfSigned
                       ? tr("A self-signed one is made at once. Clients ask each person once whether to trust it, and "
                            "show its fingerprint; some phones refuse it. Change to files whenever you have them.")
                       : tr("Clients say nothing if the authority that signed it is one that they trust. The files are "
                            "read again when they change, and their end is watched."));
}

void DomainAssistantPresenter::setDnsWay(DnsWay way) {
    way_ = way;
    problems_.clear();
    changed();
}

void DomainAssistantPresenter::loadDns() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.dns(); },
        [this](const Result<api::DnsOverview>& answer) {
            dnsProblem_.reset();
            if (answer) {
                dns_ = answer->status;
            } else {
                dns_.reset();
                dnsProblem_ = answer.error();
            }
            changed();
            if (page_ == AssistantPage::Made) loadDnsText();
        });
}

LoginLine DomainAssistantPresenter::dnsLine() const {
    if (dnsProblem_) return {Mark::Broken, dnsProblem_->text()};
    if (!dns_) return {Mark::Unknown, tr("Asking chat DNS ...")};
    if (waitsForDomain(*dns_)) return {Mark::Unknown, tr("Chat DNS begins to listen as soon as there is a domain.")};
    if (!dns_->isOn) {
        return {Mark::Broken, dns_->problem.empty() ? tr("Chat DNS is switched off.") : dns_->problem};
    }
    std::string where;
    for (const auto& listener : dns_->listeners)
        where += (where.empty() ? "" : ", ") + listener;
    return {Mark::Fine, fill(tr("Chat DNS listens on %1."), {where})};
}

std::vector<RecordPreview> DomainAssistantPresenter::recordPreviews() const {
    const auto name = asciiName_.empty() ? std::string(trimmed(form_.name)) : asciiName_;
    return {
        {"_xmpp-client._tcp." + name, "SRV", tr("the supernodes, port 5222 (StartTLS)")},
        {"_xmpps-client._tcp." + name, "SRV", tr("the supernodes, port 5223 (TLS at once)")},
        {fill(tr("each supernode, below %1"), {name}), "A, AAAA",
         form_.reach == DomainReach::Lan ? tr("its LAN address")
                                         : tr("its LAN address inside, its Internet address outside")},
    };
}

std::string DomainAssistantPresenter::wayText() const {
    return way_ == DnsWay::ThisServer
               ? tr("The company's DNS server sends questions about this one domain here and changes nothing else. "
                    "Supernodes that come and go are followed by themselves. The lines for it are on the last page.")
               : tr("You enter the records at the server that answers for the zone now. They must be changed by hand "
                    "when a supernode comes or goes. The records are on the last page, and page Chat DNS checks them.");
}

std::vector<Fact> DomainAssistantPresenter::review() const {
    std::vector<Fact> facts;
    facts.push_back({tr("Domain"), std::string(trimmed(form_.name))});
    facts.push_back({tr("Where used"), textOf(form_.reach)});
    if (form_.reach == DomainReach::LanAndInternet) {
        facts.push_back({tr("Internet address"),
                         internetAddress_.empty() ? tr("not known yet: nobody outside can log in") : internetAddress_,
                         {},
                         internetAddress_.empty() ? Mark::Partly : Mark::None});
    }
    facts.push_back({tr("End-to-end"), textOf(form_.endToEnd), explanationOf(form_.endToEnd)});
    auto chain = tr("Built-in accounts");
    for (const auto id : form_.providers)
        chain += ", " + providers_.nameOf(id);
    facts.push_back({tr("Providers, in order"), chain});
    if (!form_.providers.empty()) {
        const bool isFine = isTested() && isChainFine();
        facts.push_back({tr("Directory test"),
                         isFine ? tr("fine") : tr("not fine: you chose to go on"),
                         {},
                         isFine ? Mark::Fine : Mark::Partly});
    }
    if (form_.certificate == CertificateSource::SelfSigned) {
        facts.push_back({tr("Certificate"), textOf(form_.certificate)});
    } else {
        const bool isDoubtful = certificateFacts_ && certificateFacts_->trouble != CertificateTrouble::None;
        facts.push_back({tr("Certificate"), form_.certificateFile,
                         isDoubtful ? troubleText(*certificateFacts_) : std::string{},
                         isDoubtful ? markOf(stateOf(certificateFacts_->trouble)) : Mark::None});
    }
    facts.push_back({"DNS", way_ == DnsWay::ThisServer ? tr("the company's DNS server asks this one")
                                                       : tr("records at another DNS server")});
    return facts;
}

void DomainAssistantPresenter::create() {
    if (!session_.hasService()) {
        problems_[""] = notConnected().text();
        changed();
        return;
    }
    isBusy_ = true;
    api::DomainRequest request;
    request.name = std::string(trimmed(form_.name));
    request.reach = form_.reach;
    request.endToEnd = form_.endToEnd;
    request.providers = form_.providers;
    request.certificate = form_.certificate;
    if (form_.certificate == CertificateSource::Files) {
        request.certificateFile = std::string(trimmed(form_.certificateFile));
        request.keyFile = std::string(trimmed(form_.keyFile));
    }
    struct Made {
        Result<api::DomainRow> row;
        api::ErrorDocument details;
    };
    const auto outside = form_.reach == DomainReach::LanAndInternet ? internetAddress_ : std::string{};
    session_.ask(
        life(),
        [request, outside](client::ApiClient& service) {
            api::ErrorDocument details;
            auto row = service.addDomain(request, &details);
            if (row && !outside.empty()) {
                for (const auto& each : row->supernodes) {
                    if (each.node.origin != SupernodeOrigin::Local) continue;
                    api::SupernodeRequest change;
                    change.internetAddress = outside;
                    if (const auto changedNode = service.changeSupernode(each.node.id, change); !changedNode)
                        details.error = changedNode.error();
                }
            }
            return Made{std::move(row), std::move(details)};
        },
        [this, run = run_](const Made& answer) {
            if (run != run_) return;
            isBusy_ = false;
            if (answer.row) {
                afterCreate(*answer.row);
                return;
            }
            // A problem of an earlier page is said here, with the page that it belongs to.
            std::string text = answer.row.error().what;
            for (const auto& field : fieldTexts(answer.details))
                text += "\n" + field.text;
            if (answer.details.errors.empty()) text = errorLines(answer.row.error());
            problems_[""] = text;
            changed();
        });
    changed();
}

void DomainAssistantPresenter::afterCreate(const api::DomainRow& row) {
    madeId_ = row.domain.id;
    asciiName_ = row.domain.name;
    domains_.domainsChanged({{row}, {}});
    domains_.watch(madeId_);
    domains_.checkNow(madeId_, {});
    go(AssistantPage::Made);
    loadDns();
    loadDnsText();
}

std::string DomainAssistantPresenter::doneText() const {
    const auto* row = domains_.find(madeId_);
    if (!row) return {};
    const bool areBothFine = row->directory.state == ProofState::Fine && row->supernode.state == ProofState::Fine;
    const auto name = row->domain.shown.empty() ? row->domain.name : row->domain.shown;
    if (areBothFine)
        return fill(tr("%1 is set up: both marks are green. Chat programs cannot log in yet with this version."),
                    {name});
    return fill(tr("%1 was made. The marks turn green as soon as each is proven; if one stays red, its proof says what "
                   "to do. You can close the assistant at any time."),
                {name});
}

void DomainAssistantPresenter::setForm(const std::string& form) {
    dnsForm_ = form;
    loadDnsText();
    changed();
}

void DomainAssistantPresenter::loadDnsText() {
    const auto* row = domains_.find(madeId_);
    if (!row) return;
    if (way_ == DnsWay::ThisServer) {
        std::string address;
        for (const auto& each : row->supernodes) {
            if (each.node.origin == SupernodeOrigin::Local) address = each.node.lanAddress;
        }
        const auto port = dns_ && !dns_->listeners.empty() ? portOf(dns_->listeners.front()) : kDnsPort;
        const auto text = address.empty()
                              ? tr("The LAN address of this service is not known yet. It appears here by itself.")
                              : forwarderText(dnsForm_, row->domain.name, address, port);
        if (text == dnsText_) return;
        dnsText_ = text;
        changed();
        return;
    }
    // Asked again only if something that DNS tells may be different.
    std::string state = dnsForm_ + "\n" + row->domain.name;
    for (const auto& each : row->supernodes)
        state += "\n" + each.node.name + each.node.lanAddress + each.node.internetAddress + (each.isLive ? "+" : "-");
    if (state == textFor_ || !session_.hasService()) return;
    textFor_ = state;
    const std::string view = row->domain.reach == DomainReach::Lan ? "lan" : "internet";
    session_.ask(
        life(),
        [name = row->domain.name, form = dnsForm_, view](client::ApiClient& service) {
            return service.dnsText(name, view, form, {});
        },
        [this, state](const Result<std::string>& answer) {
            if (state != textFor_) return;
            if (!answer) textFor_.clear();
            dnsText_ = answer ? *answer : errorLines(answer.error());
            changed();
        });
}

}  // namespace causeway::console
