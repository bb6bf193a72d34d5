#include "service/auth/ldap_io.h"

#include <algorithm>
#include <set>
#include <utility>

#include "service/auth/ldap_connection_io.h"
#include "service/auth/ldap_words.h"
#include "service/auth/proof_run.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"
#include "shared/model/ldap_filter.h"
#include "shared/model/template_text.h"

namespace causeway::auth {

namespace {

constexpr std::size_t kMostIdle = 4;
constexpr Duration kLongestIdle = 60s;
constexpr std::size_t kMostLevels = 16;
constexpr std::size_t kMostGroups = 1000;
constexpr std::size_t kMostPhotoBytes = 100'000;
constexpr std::size_t kMostCounted = 20'000;
constexpr std::size_t kSamples = 3;
constexpr const char* kInChain = "1.2.840.113556.1.4.1941";

Verdict cannotAsk(const Error& error, std::string failedAt) {
    Verdict verdict;
    verdict.why = error.what + (error.why.empty() ? "" : " " + error.why);
    verdict.todo = error.todo;
    verdict.failedAt = std::move(failedAt);
    return verdict;
}

std::string sentence(const Error& error) {
    return error.what + (error.why.empty() ? "" : " " + error.why);
}

bool isConnectionLost(const Error& error) {
    return error.code == Code::Unavailable;
}

std::vector<std::string> wordsOf(const std::string& text) {
    std::vector<std::string> out;
    for (const auto word : split(text, ' '))
        if (!word.empty()) out.emplace_back(word);
    return out;
}

}  // namespace

struct LdapAuthenticator::Setup {
    Provider provider;
    std::vector<ServerAddress> servers;
    std::uint16_t standardPort = 389;
    std::string security;
    std::string caPem;
    std::unique_ptr<net::PemFile> caFile;
    std::string caPath;
    std::string trouble;  ///< of the setup itself
    bool isTemplate = false;
    std::string bindDn;
    Secret bindPassword;
    std::string userTemplate;
    std::vector<std::string> bases;
    LdapScope scope = LdapScope::Subtree;
    std::string userFilter;
    std::string loginAttribute;
    std::string nameAttributes;
    std::string mailAttributes;
    std::string departmentAttributes;
    std::string photoAttributes;
    std::vector<std::string> attributes;
    std::vector<std::string> groups;
    std::set<std::string> normalGroups;
    bool isNested = true;
    std::vector<std::string> groupBases;
    std::string groupFilter;
    int pageSize = 500;

    std::string filterFor(const Credentials& credentials) const {
        return fillTemplate(userFilter, [&](std::string_view name) {
            if (name == "domain") return escapeFilterValue(credentials.domain);
            if (name == "address") return escapeFilterValue(credentials.address());
            return escapeFilterValue(credentials.localPart);
        });
    }
    std::string filterForAll() const {
        return fillTemplate(userFilter, [](std::string_view) { return std::string("*"); });
    }
    /// A distinguished name if the template is one; else a name such as alice@corp.example.com.
    bool isDnTemplate() const { return userTemplate.find('=') != std::string::npos; }
    std::string bindNameFor(const Credentials& credentials) const {
        return fillTemplate(userTemplate, [&](std::string_view name) {
            const auto value = name == "domain"    ? credentials.domain
                               : name == "address" ? credentials.address()
                                                   : credentials.localPart;
            return isDnTemplate() ? escapeDnValue(value) : value;
        });
    }
    net::ReachPlan reachPlan(TimePoint deadline) const {
        return {servers,
                standardPort,
                security != "none",
                security == "ldaps" ? net::TlsStart::Direct : net::TlsStart::LdapStartTls,
                caPem,
                deadline};
    }
};

struct LdapAuthenticator::Found {
    std::string dn;
    Person person;
};

LdapAuthenticator::LdapAuthenticator(const Provider& provider, const ProviderSecrets& secrets) {
    auto setup = std::make_unique<Setup>();
    setup->provider = provider;
    if (auto servers = parseServers(provider.value("servers"))) setup->servers = std::move(*servers);
    setup->security = provider.value("security");
    setup->standardPort = setup->security == "ldaps" ? 636 : 389;
    setup->caPem = provider.value("ca");
    if (trimmed(setup->caPem).empty()) {
        setup->caPem.clear();
        setup->caPath = net::systemTrustFile();
    } else if (auto file = net::PemFile::write(setup->caPem)) {
        setup->caFile = std::move(*file);
        setup->caPath = setup->caFile->path();
    } else {
        setup->trouble = sentence(file.error());
    }
    setup->isTemplate = provider.value("login_as") == "template";
    setup->bindDn = provider.value("bind_dn");
    if (const auto secret = secrets.find("bind_password"); secret != secrets.end())
        setup->bindPassword = secret->second;
    setup->userTemplate = provider.value("user_template");
    setup->bases = provider.lines("bases");
    setup->scope = provider.value("scope") == "one" ? LdapScope::One : LdapScope::Subtree;
    setup->userFilter = provider.value("user_filter");
    setup->loginAttribute = provider.value("login_attribute");
    setup->nameAttributes = provider.value("name_attribute");
    setup->mailAttributes = provider.value("mail_attribute");
    setup->departmentAttributes = provider.value("department_attribute");
    setup->photoAttributes = provider.value("photo_attribute");
    for (const auto* names : {&setup->loginAttribute, &setup->nameAttributes, &setup->mailAttributes,
                              &setup->departmentAttributes, &setup->photoAttributes})
        for (auto& name : wordsOf(*names))
            setup->attributes.push_back(std::move(name));
    setup->attributes.emplace_back("userAccountControl");
    setup->attributes.emplace_back("nsAccountLock");
    setup->groups = provider.lines("groups");
    for (const auto& group : setup->groups)
        setup->normalGroups.insert(normalDn(group));
    setup->isNested = provider.flag("nested_groups");
    setup->groupBases = provider.lines("group_bases");
    if (setup->groupBases.empty()) setup->groupBases = setup->bases;
    setup->groupFilter = provider.value("group_filter");
    setup->pageSize = static_cast<int>(provider.number("page_size"));
    setup_ = std::move(setup);
}

LdapAuthenticator::~LdapAuthenticator() = default;

Result<LdapAuthenticator::Connection> LdapAuthenticator::open(Purpose purpose, TimePoint deadline) {
    if (!setup_->trouble.empty()) return Error{Code::Unavailable, setup_->trouble, "", ""};
    if (purpose == Purpose::Search) {
        if (auto refusal = serviceAccount_.standing(net::EventLoop::now())) return *refusal;
    }
    std::optional<Error> first;
    std::size_t start = 0;
    {
        const std::lock_guard hold{lock_};
        start = firstServer_;
    }
    const auto count = setup_->servers.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto index = (start + i) % count;
        const auto& server = setup_->servers[index];
        // A server that hangs must leave time for the next one.
        const auto now = net::EventLoop::now();
        const auto until = now + (deadline - now) / static_cast<std::int64_t>(count - i);
        if (until <= now) break;
        auto connection =
            LdapConnection::open({server.host, server.port == 0 ? setup_->standardPort : server.port,
                                  setup_->security == "starttls", setup_->security == "ldaps", setup_->caPath},
                                 until);
        if (connection && purpose == Purpose::Search) {
            // The service account, or nobody: an anonymous bind tells at once whether the server takes that.
            const auto bound = (*connection)->bind(setup_->bindDn, setup_->bindPassword, until);
            if (!bound) {
                connection = bound.error();
            } else if (bound->code != kLdapSuccess) {
                connection = errorOfServiceBind(bound->code, bound->diagnostic);
                if (bound->code == kLdapInvalidCredentials)
                    serviceAccount_.refused(connection.error(), net::EventLoop::now());
            } else {
                serviceAccount_.accepted();
            }
        }
        if (connection) {
            const std::lock_guard hold{lock_};
            firstServer_ = index;
            return connection;
        }
        auto error = connection.error();
        // Another server would refuse the service account too, and count it as one more wrong password.
        if (error.code == Code::Denied && error.what.find("certificate") == std::string::npos) return error;
        // The library tells TLS troubles badly: look ourselves.
        if (setup_->security != "none" && error.what.find("could not be encrypted") != std::string::npos &&
            error.code == Code::Unavailable) {
            const auto plan = setup_->reachPlan(deadline);
            if (auto told = net::explainServer(server, setup_->standardPort, true, setup_->caPem, plan.start, until)) {
                error = std::move(*told);
                error.code = Code::Unavailable;
            }
        }
        if (!first) first = std::move(error);
    }
    if (first) return *first;
    return Error{Code::Timeout, "No directory server answered in time.", "", "Check the servers of the provider."};
}

Result<LdapAuthenticator::Connection> LdapAuthenticator::take(Purpose purpose, TimePoint deadline) {
    {
        const std::lock_guard hold{lock_};
        auto& idle = idle_[static_cast<std::size_t>(purpose)];
        const auto now = net::EventLoop::now();
        std::erase_if(idle, [&](const Connection& each) { return now - each->lastUse > kLongestIdle; });
        if (!idle.empty()) {
            auto connection = std::move(idle.back());
            idle.pop_back();
            connection->wasUsedBefore = true;
            return connection;
        }
    }
    return open(purpose, deadline);
}

void LdapAuthenticator::giveBack(Purpose purpose, Connection connection) {
    if (!connection || connection->isBroken()) return;
    connection->lastUse = net::EventLoop::now();
    const std::lock_guard hold{lock_};
    auto& idle = idle_[static_cast<std::size_t>(purpose)];
    if (idle.size() < kMostIdle) idle.push_back(std::move(connection));
}

Verdict LdapAuthenticator::check(const Credentials& credentials, TimePoint deadline) {
    // A name with an empty password is a bind without a login (RFC 4513 5.1.2): some servers answer success to it.
    if (credentials.password.empty()) {
        Verdict verdict;
        verdict.outcome = Outcome::WrongPassword;
        verdict.why = "The password is empty.";
        verdict.failedAt = "login";
        return verdict;
    }
    bool mayRetry = false;
    auto verdict = checkOnce(credentials, deadline, mayRetry);
    // A kept connection may have been closed by the server meanwhile: once more with fresh ones.
    if (verdict.outcome == Outcome::CannotAsk && mayRetry && net::EventLoop::now() < deadline) {
        std::vector<Connection> dropped;
        {
            const std::lock_guard hold{lock_};
            for (auto& idle : idle_)
                for (auto& connection : std::exchange(idle, {}))
                    dropped.push_back(std::move(connection));
        }
        dropped.clear();
        bool ignored = false;
        verdict = checkOnce(credentials, deadline, ignored);
    }
    return verdict;
}

Verdict LdapAuthenticator::checkOnce(const Credentials& credentials, TimePoint deadline, bool& mayRetry) {
    return setup_->isTemplate ? checkByTemplate(credentials, deadline, mayRetry)
                              : checkBySearch(credentials, deadline, mayRetry);
}

Result<std::vector<LdapAuthenticator::Found>> LdapAuthenticator::findUser(LdapConnection& connection,
                                                                          const Credentials& credentials,
                                                                          TimePoint deadline) {
    return findIn(connection, setup_->bases, setup_->scope, setup_->filterFor(credentials), deadline);
}

Result<std::vector<LdapAuthenticator::Found>> LdapAuthenticator::findIn(LdapConnection& connection,
                                                                        const std::vector<std::string>& bases,
                                                                        LdapScope scope, const std::string& filter,
                                                                        TimePoint deadline) {
    std::vector<Found> found;
    std::set<std::string> seen;
    for (const auto& base : bases) {
        const LdapSearch search{base, scope, filter, setup_->attributes, 2, 0};
        const auto count = connection.search(
            search,
            [&](const LdapEntry& entry) {
                // Bases may lie inside each other.
                if (!seen.insert(normalDn(entry.dn)).second) return true;
                Found each;
                each.dn = entry.dn;
                each.person.reference = entry.dn;
                each.person.localPart = entry.first(setup_->loginAttribute);
                each.person.displayName = cleanUtf8(entry.first(setup_->nameAttributes));
                each.person.mail = cleanUtf8(entry.first(setup_->mailAttributes));
                each.person.department = cleanUtf8(entry.first(setup_->departmentAttributes));
                auto photo = entry.first(setup_->photoAttributes);
                if (photo.size() <= kMostPhotoBytes) each.person.photo = std::move(photo);
                found.push_back(std::move(each));
                return found.size() < 2;
            },
            deadline);
        if (!count) return count.error();
        if (found.size() >= 2) break;
    }
    return found;
}

Verdict LdapAuthenticator::checkBySearch(const Credentials& credentials, TimePoint deadline, bool& mayRetry) {
    auto searcher = take(Purpose::Search, deadline);
    if (!searcher) return cannotAsk(searcher.error(), "bind");
    const auto found = findUser(**searcher, credentials, deadline);
    if (!found) {
        mayRetry = (*searcher)->wasUsedBefore && isConnectionLost(found.error());
        auto verdict = cannotAsk(found.error(), found.error().code == Code::NotFound ? "base" : "filter");
        verdict.isPersonal = found.error().code == Code::BadInput || found.error().code == Code::TooMany;
        return verdict;
    }
    if (found->empty()) {
        giveBack(Purpose::Search, std::move(*searcher));
        Verdict unknown;
        unknown.outcome = Outcome::UnknownUser;
        unknown.why = "The user filter finds nobody of that name.";
        unknown.todo = "If the user should be found, check the filter and the search bases.";
        unknown.failedAt = "filter";
        return unknown;
    }
    if (found->size() > 1) {
        giveBack(Purpose::Search, std::move(*searcher));
        Verdict twice;
        twice.why = "The user filter finds more than one entry of that name: " + cleanUtf8((*found)[0].dn) + " and " +
                    cleanUtf8((*found)[1].dn) + ".";
        twice.todo = "Make the filter or the search bases narrower, so that a name means one person.";
        twice.failedAt = "filter";
        twice.isPersonal = true;
        return twice;
    }
    const auto& user = found->front();
    auto login = take(Purpose::Login, deadline);
    if (!login) return cannotAsk(login.error(), "connect");
    const auto bound = (*login)->bind(user.dn, credentials.password, deadline);
    if (!bound) {
        mayRetry = (*login)->wasUsedBefore && isConnectionLost(bound.error());
        return cannotAsk(bound.error(), "login");
    }
    giveBack(Purpose::Login, std::move(*login));
    auto verdict = verdictOfBind(bound->code, bound->diagnostic, bound->policy);
    verdict.person = user.person;
    if (verdict.outcome == Outcome::CannotAsk) verdict.isPersonal = true;
    // The entry was found a moment ago: another answer is about the password, or hides the entry.
    if (verdict.outcome == Outcome::UnknownUser) verdict.outcome = Outcome::WrongPassword;
    if (verdict.outcome != Outcome::Right || setup_->groups.empty()) {
        giveBack(Purpose::Search, std::move(*searcher));
        return verdict;
    }
    const auto isMember = isInGroup(**searcher, user, deadline);
    if (!isMember) return cannotAsk(isMember.error(), "group");
    giveBack(Purpose::Search, std::move(*searcher));
    if (*isMember) return verdict;
    verdict.outcome = Outcome::NotAllowed;
    verdict.why = "The password is right, but the user is in none of the allowed groups.";
    verdict.todo = "Add the user to one of the groups, or change the allowed groups of the provider.";
    verdict.failedAt = "group";
    return verdict;
}

Verdict LdapAuthenticator::checkByTemplate(const Credentials& credentials, TimePoint deadline, bool& mayRetry) {
    auto login = take(Purpose::Login, deadline);
    if (!login) return cannotAsk(login.error(), "connect");
    const auto bound = (*login)->bind(setup_->bindNameFor(credentials), credentials.password, deadline);
    if (!bound) {
        mayRetry = (*login)->wasUsedBefore && isConnectionLost(bound.error());
        return cannotAsk(bound.error(), "login");
    }
    auto verdict = verdictOfBind(bound->code, bound->diagnostic, bound->policy);
    if (verdict.outcome == Outcome::CannotAsk) verdict.isPersonal = true;
    if (verdict.outcome != Outcome::Right) {
        giveBack(Purpose::Login, std::move(*login));
        return verdict;
    }
    // With the rights of the user himself: who he is, and his groups.
    // A bind name that is a distinguished name is the entry itself.
    const auto bindName = setup_->bindNameFor(credentials);
    auto found = setup_->isDnTemplate() ? findIn(**login, {bindName}, LdapScope::Base, "(objectClass=*)", deadline)
                                        : findUser(**login, credentials, deadline);
    if (found && found->size() == 1) {
        verdict.person = found->front().person;
    } else {
        verdict.person.localPart = credentials.localPart;
    }
    if (!setup_->groups.empty()) {
        if (!found || found->size() != 1) {
            Verdict unclear;
            unclear.why =
                "The password is right, but the user's own entry cannot be found, so his groups are not known.";
            unclear.todo = "Check the search bases and the user filter, and whether users may read their own entry.";
            unclear.failedAt = "filter";
            unclear.isPersonal = true;
            return unclear;
        }
        const auto isMember = isInGroup(**login, found->front(), deadline);
        if (!isMember) return cannotAsk(isMember.error(), "group");
        if (!*isMember) {
            verdict.outcome = Outcome::NotAllowed;
            verdict.why = "The password is right, but the user is in none of the allowed groups.";
            verdict.todo = "Add the user to one of the groups, or change the allowed groups of the provider.";
            verdict.failedAt = "group";
        }
    }
    giveBack(Purpose::Login, std::move(*login));
    return verdict;
}

Result<bool> LdapAuthenticator::isInGroup(LdapConnection& connection, const Found& user, TimePoint deadline) {
    const auto isActive = connection.isActiveDirectory(deadline);
    if (!isActive) return isActive.error();
    if (!*isActive) return climbGroups(connection, user, deadline);
    std::string filter = setup_->groups.size() > 1 ? "(|" : "";
    for (const auto& group : setup_->groups) {
        filter += std::string("(memberOf") + (setup_->isNested ? std::string(":") + kInChain + ":" : "") + "=" +
                  escapeFilterValue(group) + ")";
    }
    if (setup_->groups.size() > 1) filter += ")";
    const LdapSearch search{user.dn, LdapScope::Base, filter, {}, 1, 0};
    const auto count = connection.search(
        search, [](const LdapEntry&) { return true; }, deadline);
    if (!count) return count.error();
    return *count > 0;
}

Result<bool> LdapAuthenticator::climbGroups(LdapConnection& connection, const Found& user, TimePoint deadline) {
    std::set<std::string> seen{normalDn(user.dn)};
    std::vector<std::string> level{user.dn};
    for (std::size_t depth = 0; depth < kMostLevels && !level.empty(); ++depth) {
        std::vector<std::string> above;
        bool isFound = false;
        for (const auto& member : level) {
            const auto filter = fillTemplate(setup_->groupFilter, [&](std::string_view name) {
                // The login name is only the user's own, not that of a group on the way.
                if (name == "user") return depth == 0 ? escapeFilterValue(user.person.localPart) : std::string("\\00");
                return escapeFilterValue(member);
            });
            for (const auto& base : setup_->groupBases) {
                const LdapSearch search{base, LdapScope::Subtree, filter, {}, 0, 0};
                const auto count = connection.search(
                    search,
                    [&](const LdapEntry& entry) {
                        const auto name = normalDn(entry.dn);
                        isFound = isFound || setup_->normalGroups.contains(name);
                        if (seen.insert(name).second) above.push_back(entry.dn);
                        return !isFound && seen.size() < kMostGroups;
                    },
                    deadline);
                if (isFound) return true;
                if (!count) return count.error();
            }
        }
        if (!setup_->isNested || seen.size() >= kMostGroups) return false;
        level = std::move(above);
    }
    return false;
}

Result<std::size_t> LdapAuthenticator::listUsers(LdapConnection& connection,
                                                 const std::function<bool(const Found&)>& take, TimePoint deadline) {
    std::set<std::string> seen;
    std::size_t all = 0;
    bool goesOn = true;
    for (const auto& base : setup_->bases) {
        const LdapSearch search{base, setup_->scope, setup_->filterForAll(), setup_->attributes, 0, setup_->pageSize};
        const auto count = connection.search(
            search,
            [&](const LdapEntry& entry) {
                if (setup_->bases.size() > 1 && !seen.insert(normalDn(entry.dn)).second) return true;
                Found each;
                each.dn = entry.dn;
                each.person.reference = cleanUtf8(entry.dn);
                each.person.localPart = cleanUtf8(entry.first(setup_->loginAttribute));
                each.person.displayName = cleanUtf8(entry.first(setup_->nameAttributes));
                each.person.mail = cleanUtf8(entry.first(setup_->mailAttributes));
                each.person.department = cleanUtf8(entry.first(setup_->departmentAttributes));
                auto photo = entry.first(setup_->photoAttributes);
                if (photo.size() <= kMostPhotoBytes) each.person.photo = std::move(photo);
                const auto control = entry.first("userAccountControl");
                // ACCOUNTDISABLE is 2; the value is decimal.
                each.person.isDisabled = (!control.empty() && (std::strtoul(control.c_str(), nullptr, 10) & 2U) != 0) ||
                                         lowerAscii(entry.first("nsAccountLock")) == "true";
                ++all;
                goesOn = take(each);
                return goesOn;
            },
            deadline);
        if (!count) return count.error();
        if (!goesOn) break;
    }
    return all;
}

Result<bool> LdapAuthenticator::knows(const std::string& localPart, const std::string& domain, TimePoint deadline) {
    if (setup_->isTemplate) return Authenticator::knows(localPart, domain, deadline);
    const Credentials who{localPart, domain, {}, {}};
    while (true) {
        auto searcher = take(Purpose::Search, deadline);
        if (!searcher) return searcher.error();
        const auto found = findUser(**searcher, who, deadline);
        if (found) {
            giveBack(Purpose::Search, std::move(*searcher));
            return !found->empty();
        }
        // A kept connection may have been closed by the server meanwhile: each is tried until a fresh one is made.
        if (!(*searcher)->wasUsedBefore || !isConnectionLost(found.error())) return found.error();
    }
}

Result<std::size_t> LdapAuthenticator::list(const Take& take, TimePoint deadline) {
    if (setup_->isTemplate) {
        return Error{Code::Unsupported, "This provider cannot list its users.",
                     "It checks users with a bind name template and has no service account to search with.",
                     "Choose search with a service account, if a list is wanted."};
    }
    auto connection = this->take(Purpose::Search, deadline);
    if (!connection) return connection.error();
    auto count = listUsers(
        **connection, [&](const Found& found) { return take(found.person); }, deadline);
    if (!count && (*connection)->wasUsedBefore && isConnectionLost(count.error())) {
        connection = open(Purpose::Search, deadline);
        if (!connection) return connection.error();
        count = listUsers(
            **connection, [&](const Found& found) { return take(found.person); }, deadline);
    }
    // A listing that stopped half-way leaves answers on the way: that handle is not used again.
    return count;
}

void LdapAuthenticator::testBase(ProofStep& step, LdapConnection& connection, TimePoint deadline) {
    step.proves = "The search bases are there and can be read.";
    for (const auto& base : setup_->bases) {
        const LdapSearch itself{base, LdapScope::Base, "(objectClass=*)", {}, 1, 0};
        const auto isThere = connection.search(
            itself, [](const LdapEntry&) { return true; }, deadline);
        if (!isThere || *isThere == 0) {
            const auto error = isThere ? Error{Code::NotFound, "The search base \"" + base + "\" is not there.",
                                               "The service account sees no such entry.",
                                               "Check its spelling and the rights of the service account."}
                                       : isThere.error();
            return fail(step, sentence(error), error.todo);
        }
        const LdapSearch below{base, setup_->scope, "(objectClass=*)", {}, 0, setup_->pageSize};
        std::size_t seen = 0;
        const auto count = connection.search(
            below, [&](const LdapEntry&) { return ++seen < kMostCounted; }, deadline);
        step.facts.emplace_back(base, (seen >= kMostCounted ? "more than " : "") + std::to_string(seen) + " entries");
        if (!count) {
            step.state = ProofState::Partly;
            step.why = sentence(count.error());
            step.todo = count.error().todo;
            if (connection.isBroken()) step.state = ProofState::Broken;
            return;
        }
    }
}

void LdapAuthenticator::testFilter(ProofStep& step, LdapConnection& connection, std::vector<Found>& samples,
                                   TimePoint deadline) {
    step.proves = "The user filter finds people, and the attributes have the values shown.";
    std::size_t seen = 0;
    const auto count = listUsers(
        connection,
        [&](const Found& found) {
            if (samples.size() < kSamples) samples.push_back(found);
            return ++seen < kMostCounted;
        },
        deadline);
    step.facts.emplace_back("People found", (seen >= kMostCounted ? "more than " : "") + std::to_string(seen));
    for (const auto& sample : samples)
        step.facts.emplace_back("For example", personText(sample.person));
    if (!count && seen == 0) return fail(step, sentence(count.error()), count.error().todo);
    if (seen == 0) {
        return fail(step, "The user filter finds nobody. It was searched as " + setup_->filterForAll() + ".",
                    "Check the filter and the search bases with one user whose entry you know.");
    }
    const auto unnamed =
        std::find_if(samples.begin(), samples.end(), [](const Found& found) { return found.person.localPart.empty(); });
    if (unnamed != samples.end()) {
        step.state = ProofState::Partly;
        step.why = "The attribute " + setup_->loginAttribute + " of " + cleanUtf8(unnamed->dn) + " has no value.";
        step.todo = "Set the login name to the attribute that the user filter compares.";
    } else if (!count) {
        step.state = ProofState::Partly;
        step.why = sentence(count.error());
        step.todo = count.error().todo;
    }
}

void LdapAuthenticator::testGroups(ProofStep& step, LdapConnection& connection, const std::vector<Found>& samples,
                                   TimePoint deadline) {
    step.proves = "The allowed groups are there and have members among the users.";
    for (const auto& group : setup_->groups) {
        std::size_t members = 0;
        const LdapSearch itself{group, LdapScope::Base, "(objectClass=*)", {"member", "uniqueMember", "memberUid"}, 1,
                                0};
        const auto isThere = connection.search(
            itself,
            [&](const LdapEntry& entry) {
                for (const auto& [name, values] : entry.attributes)
                    members += values.size();
                return true;
            },
            deadline);
        if (!isThere || *isThere == 0) {
            return fail(step,
                        "The group \"" + cleanUtf8(group) + "\" is not there, or the service account may not see it." +
                            (isThere ? "" : " " + isThere.error().why),
                        "Check the spelling of its distinguished name.");
        }
        step.facts.emplace_back(group, std::to_string(members) + " direct members");
    }
    const auto isActive = connection.isActiveDirectory(deadline);
    step.facts.emplace_back("Groups inside groups", !setup_->isNested       ? "do not count"
                                                    : isActive && *isActive ? "asked with Active Directory's rule"
                                                                            : "followed one by one");
    std::size_t inside = 0;
    for (const auto& sample : samples) {
        const auto isMember = isInGroup(connection, sample, deadline);
        if (!isMember) return fail(step, sentence(isMember.error()), isMember.error().todo);
        step.facts.emplace_back(sample.person.localPart, *isMember ? "may log in" : "is in none of the groups");
        if (*isMember) ++inside;
    }
    if (inside == 0 && !samples.empty()) {
        step.state = ProofState::Partly;
        step.why = "None of the sample users is in an allowed group.";
        step.todo = "Rehearse a login with a user who should be allowed, before you save this.";
    }
}

ProofStep LdapAuthenticator::test(const Credentials* rehearsal, TimePoint deadline) {
    ProofRun run{"LDAP or Active Directory", net::EventLoop::now};
    net::addReachSteps(run, setup_->reachPlan(deadline));
    Connection connection;
    std::vector<Found> samples;
    if (setup_->isTemplate) {
        for (const auto& [id, name] :
             {std::pair{"bind", "Log in with the service account"}, std::pair{"base", "Look for the search bases"},
              std::pair{"filter", "Find users"}, std::pair{"group", "Check the group rule"}})
            run.skip(id, name, "Users are checked with a bind name template: nothing is searched without a user.");
    } else {
        run.step("bind", "Log in with the service account", [&](ProofStep& step) {
            step.proves =
                setup_->bindDn.empty() ? "The server lets everybody search." : "The service account is right.";
            auto opened = open(Purpose::Search, deadline);
            if (!opened) return fail(step, sentence(opened.error()), opened.error().todo);
            connection = std::move(*opened);
            step.facts.emplace_back("Name", setup_->bindDn.empty() ? "none" : setup_->bindDn);
            step.facts.emplace_back("Server", connection->serverText());
        });
        run.step("base", "Look for the search bases", [&](ProofStep& step) { testBase(step, *connection, deadline); });
        run.step("filter", "Find users", [&](ProofStep& step) { testFilter(step, *connection, samples, deadline); });
        if (setup_->groups.empty()) {
            run.skip("group", "Check the group rule", "No group is set: everybody whom the filter finds may log in.");
        } else {
            run.step("group", "Check the group rule",
                     [&](ProofStep& step) { testGroups(step, *connection, samples, deadline); });
        }
    }
    connection.reset();
    addRehearsal(run, rehearsal, [&] { return check(*rehearsal, deadline); });
    return run.finish();
}

}  // namespace causeway::auth
