#include "service/xmpp/certificates_io.h"

#include <algorithm>
#include <set>
#include <utility>

#include "service/net/event_loop.h"
#include "service/xmpp/certificate_rules.h"
#include "shared/base/text.h"

namespace causeway::xmpp {

namespace {

std::string secretName(const std::string& domain) {
    return "certificate/" + domain;
}

bool isUsable(const CertificateFacts& facts) {
    return facts.isThere && facts.keyMatches;
}

bool differs(const CertificateFacts& a, const CertificateFacts& b) {
    return a.sha256 != b.sha256 || a.trouble != b.trouble || a.problem != b.problem || a.isThere != b.isThere ||
           a.isServedDespite != b.isServedDespite || a.source != b.source || a.keyMatches != b.keyMatches ||
           a.chainLength != b.chainLength;
}

const std::vector<std::string>& protocols() {
    static const std::vector<std::string> names{"xmpp-client"};
    return names;
}

}  // namespace

CertificateWish wishOf(const ChatDomain& domain) {
    return {domain.name, domain.shown, domain.certificate, domain.certificateFile, domain.keyFile};
}

Certificates::Certificates(Parts parts) : parts_(std::move(parts)), shelf_(std::make_shared<const Shelf>()) {
    if (!parts_.now) parts_.now = [] { return net::EventLoop::now(); };
}

Certificates::~Certificates() {
    stop();
}

void Certificates::start() {
    const std::lock_guard hold{lock_};
    if (thread_.joinable()) return;
    isEnding_ = false;
    thread_ = std::thread([this] { run(); });
}

void Certificates::stop() {
    {
        const std::lock_guard hold{lock_};
        isEnding_ = true;
    }
    wake_.notify_all();
    settled_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Certificates::setDomains(std::vector<CertificateWish> wishes) {
    {
        const std::lock_guard hold{lock_};
        wishes_ = std::move(wishes);
        ++asked_;
    }
    wake_.notify_all();
}

void Certificates::lookNow() {
    {
        const std::lock_guard hold{lock_};
        ++asked_;
    }
    wake_.notify_all();
}

bool Certificates::settle(Duration patience) {
    std::unique_lock hold{lock_};
    const auto wanted = asked_;
    return settled_.wait_for(hold, patience, [&] { return done_ >= wanted || isEnding_; }) && done_ >= wanted;
}

void Certificates::run() {
    std::unique_lock hold{lock_};
    while (!isEnding_) {
        const auto asked = asked_;
        auto wishes = wishes_;
        hold.unlock();
        look(std::move(wishes));
        hold.lock();
        done_ = asked;
        settled_.notify_all();
        wake_.wait_for(hold, parts_.lookEvery, [&] { return isEnding_ || asked_ != asked; });
    }
}

void Certificates::look(std::vector<CertificateWish> wishes) {
    const auto now = parts_.now();
    std::set<std::string> wanted;
    std::set<std::string> changed;
    std::vector<std::string> order;
    for (auto& wish : wishes) {
        if (!wanted.insert(wish.domain).second) continue;
        order.push_back(wish.domain);
        auto& entry = entries_[wish.domain];
        const auto before = entry.facts;
        if (entry.wish != wish) {
            entry.wish = std::move(wish);
            entry.isRead = false;
        }
        if (entry.wish.source == CertificateSource::Files) {
            readFiles(entry);
        } else {
            readSelfSigned(entry, now);
        }
        judgeCertificate(entry.facts, now);
        if (entry.isTold && !differs(before, entry.facts)) continue;
        entry.isTold = true;
        changed.insert(entry.wish.domain);
        tell(entry, before);
    }
    for (auto each = entries_.begin(); each != entries_.end();) {
        if (wanted.count(each->first) == 0) {
            changed.insert(each->first);
            each = entries_.erase(each);
        } else {
            ++each;
        }
    }
    if (changed.empty() && order == order_) return;
    order_ = std::move(order);
    publish();
    if (!parts_.changed) return;
    for (const auto& domain : changed)
        parts_.changed(domain);
}

void Certificates::readFiles(Entry& entry) {
    const auto chainStamp = stampOf(entry.wish.certificateFile);
    const auto keyStamp = stampOf(entry.wish.keyFile);
    if (entry.isRead && chainStamp == entry.chainStamp && keyStamp == entry.keyStamp) return;
    entry.isRead = true;
    entry.chainStamp = chainStamp;
    entry.keyStamp = keyStamp;
    CertificateTexts texts;
    auto facts = readCertificateFiles(entry.wish.domain, entry.wish.certificateFile, entry.wish.keyFile, texts);
    facts.readAt = parts_.now();
    judgeCertificate(facts, facts.readAt);
    const bool isServing = entry.context && facts.readAt < entry.facts.notAfter && entry.facts.coversDomain;
    if (stateOf(facts.trouble) == ProofState::Broken && isServing) return keep(entry, std::move(facts));
    install(entry, std::move(facts), std::move(texts));
}

/// The certificate from before stays; what is wrong with the new files is told.
void Certificates::keep(Entry& entry, CertificateFacts trouble) {
    entry.facts.isServedDespite = true;
    entry.facts.source = CertificateSource::Files;
    entry.facts.trouble = trouble.trouble;
    entry.facts.problem = trouble.problem + " The certificate from before is still used, until " +
                          isoText(entry.facts.notAfter).substr(0, 10) + ".";
    entry.facts.todo = trouble.todo;
}

void Certificates::readSelfSigned(Entry& entry, TimePoint now) {
    const auto isGood = [now](const CertificateFacts& facts) {
        return isUsable(facts) && facts.notAfter - now > kRenewBefore && now >= facts.notBefore;
    };
    if (entry.isRead && isGood(entry.facts)) {
        if (!entry.isSaved) saveSelfSigned(entry);
        return;
    }
    const bool wasOurs = entry.isRead && isUsable(entry.facts);
    Secret oldKey = wasOurs ? entry.texts.keyPem : Secret{};
    if (!wasOurs) {
        auto stored = parts_.keeper->load(secretName(entry.wish.domain));
        if (!stored) {
            // Another key now would make every client ask; the one that is kept comes back when the store does.
            CertificateFacts facts;
            facts.domain = entry.wish.domain;
            facts.trouble = CertificateTrouble::CannotMake;
            facts.problem = "The certificate of " + entry.wish.domain + " cannot be read: " + stored.error().text();
            facts.todo = "Mend the data folder of the service; it is tried again every few seconds.";
            entry.isRead = false;
            if (!entry.context) {
                entry.facts = std::move(facts);
            } else {
                keep(entry, std::move(facts));
            }
            return;
        }
        if (*stored) {
            CertificateTexts texts{(*stored)->reveal(), **stored};
            auto facts = readCertificate(entry.wish.domain, CertificateSource::SelfSigned, texts);
            // The text holds the key too: cut it off what is public.
            facts.pem = facts.pem.substr(0, facts.pem.find("-----BEGIN PRIVATE KEY"));
            texts.chainPem = facts.pem;
            if (facts.keyMatches) oldKey = texts.keyPem;
            const auto cover = coverOf(facts.names, entry.wish.domain);
            if (isGood(facts) && cover == NameCover::Dns) {
                facts.readAt = now;
                judgeCertificate(facts, now);
                entry.isSaved = true;
                entry.isRead = install(entry, std::move(facts), std::move(texts));
                return;
            }
        }
    }
    auto made = makeSelfSigned(entry.wish.domain, entry.wish.shown, oldKey, now);
    if (!made) {
        CertificateFacts facts;
        facts.domain = entry.wish.domain;
        facts.trouble = CertificateTrouble::CannotMake;
        facts.problem = made.error().what + " " + made.error().why;
        facts.todo = made.error().todo;
        entry.isRead = false;
        if (!entry.context) entry.facts = std::move(facts);
        return;
    }
    auto facts = readCertificate(entry.wish.domain, CertificateSource::SelfSigned, *made);
    facts.readAt = now;
    judgeCertificate(facts, now);
    parts_.log->write(LogLevel::Info, "XMPP_CERTIFICATE_MADE",
                      "A self-signed certificate was made for " + entry.wish.domain + ", valid until " +
                          isoText(facts.notAfter).substr(0, 10) + ", SHA-256 " + facts.sha256 + ".");
    entry.isRead = install(entry, std::move(facts), std::move(*made));
    saveSelfSigned(entry);
}

void Certificates::saveSelfSigned(Entry& entry) {
    const auto saved =
        parts_.keeper->save(secretName(entry.wish.domain), Secret{entry.texts.chainPem + entry.texts.keyPem.reveal()});
    entry.isSaved = saved.has_value();
    // judgeCertificate() leaves this trouble in place as long as the mark stands.
    entry.facts.isServedDespite = !entry.isSaved;
    if (entry.isSaved) return;
    entry.facts.trouble = CertificateTrouble::CannotMake;
    entry.facts.problem = "The certificate of " + entry.wish.domain +
                          " could not be kept: after a restart it will be another one, and every client asks again. " +
                          saved.error().text();
    entry.facts.todo = "Mend the data folder of the service; it is tried again every few seconds.";
}

bool Certificates::install(Entry& entry, CertificateFacts facts, CertificateTexts texts) {
    entry.facts = std::move(facts);
    entry.texts = std::move(texts);
    entry.context.reset();
    if (!isUsable(entry.facts)) return false;
    net::TlsServerSettings settings;
    settings.certificateChainPem = entry.texts.chainPem;
    settings.keyPem = entry.texts.keyPem;
    settings.protocols = protocols();
    auto context = net::TlsContext::server(std::move(settings));
    if (context) {
        entry.context = std::move(*context);
        return true;
    }
    // Such as a key that is too short for TLS.
    entry.facts.trouble = CertificateTrouble::NotACertificate;
    entry.facts.problem = context.error().what + " " + context.error().why;
    entry.facts.todo = context.error().todo;
    entry.facts.keyMatches = false;
    return false;
}

void Certificates::tell(const Entry& entry, const CertificateFacts& before) const {
    const auto& facts = entry.facts;
    if (facts.trouble != CertificateTrouble::None) {
        if (facts.trouble != before.trouble || facts.problem != before.problem)
            parts_.log->write(LogLevel::Warning, "XMPP_CERTIFICATE_TROUBLE", facts.problem + " " + facts.todo);
    } else if (facts.source == CertificateSource::Files) {
        parts_.log->write(LogLevel::Info, "XMPP_CERTIFICATE_READ",
                          "The certificate of " + facts.domain + " was read, valid until " +
                              isoText(facts.notAfter).substr(0, 10) + ", SHA-256 " + facts.sha256 + ".");
    }
}

void Certificates::publish() {
    auto shelf = std::make_shared<Shelf>();
    const Entry* first = nullptr;
    for (const auto& domain : order_) {
        const auto& entry = entries_.at(domain);
        shelf->facts.push_back(entry.facts);
        if (!entry.context) continue;
        shelf->contexts.emplace(domain, entry.context);
        if (first == nullptr) first = &entry;
    }
    if (first != nullptr) {
        net::TlsServerSettings settings;
        settings.certificateChainPem = first->texts.chainPem;
        settings.keyPem = first->texts.keyPem;
        settings.protocols = protocols();
        settings.choose = [contexts = shelf->contexts, own = first->context](const std::string& name) {
            if (name.empty()) return own;
            auto wanted = lowerAscii(name);
            if (wanted.ends_with('.')) wanted.pop_back();
            const auto at = contexts.find(wanted);
            return at == contexts.end() ? nullptr : at->second;
        };
        settings.unknownName = net::UnknownName::Refuse;
        if (auto front = net::TlsContext::server(std::move(settings))) shelf->front = std::move(*front);
    }
    shelf_.with([&](auto& now) { now = std::move(shelf); });
}

std::vector<CertificateFacts> Certificates::certificates() const {
    return shelf_.with([](const auto& shelf) { return shelf; })->facts;
}

std::optional<CertificateFacts> Certificates::certificate(const std::string& domain) const {
    for (const auto& each : certificates())
        if (each.domain == domain) return each;
    return std::nullopt;
}

CertificateFacts Certificates::checkFiles(const std::string& domain, const std::string& certificateFile,
                                          const std::string& keyFile) const {
    CertificateTexts texts;
    auto facts = readCertificateFiles(domain, certificateFile, keyFile, texts);
    facts.readAt = parts_.now();
    judgeCertificate(facts, facts.readAt);
    return facts;
}

std::shared_ptr<const net::TlsContext> Certificates::contextOf(const std::string& domain) const {
    const auto shelf = shelf_.with([](const auto& now) { return now; });
    const auto at = shelf->contexts.find(domain);
    return at == shelf->contexts.end() ? nullptr : at->second;
}

std::shared_ptr<const net::TlsContext> Certificates::front() const {
    return shelf_.with([](const auto& shelf) { return shelf; })->front;
}

}  // namespace causeway::xmpp
