#include "service/auth/sql_io.h"

#include <algorithm>
#include <utility>

#include "service/auth/proof_run.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr std::size_t kMostIdle = 4;
constexpr Duration kLongestIdle = 60s;

std::string sentence(const Error& error) {
    return error.what + (error.why.empty() ? "" : " " + error.why);
}

Verdict cannotAsk(const Error& error, std::string failedAt) {
    Verdict verdict;
    verdict.why = sentence(error);
    verdict.todo = error.todo;
    verdict.failedAt = std::move(failedAt);
    return verdict;
}

bool isYes(const std::string& value) {
    const auto word = lowerAscii(trimmed(value));
    return word == "1" || word == "t" || word == "true" || word == "y" || word == "yes" || word == "\x01";
}

Person personOf(const SqlRow& row) {
    Person person;
    person.displayName = cleanUtf8(row.named("display_name"));
    person.mail = cleanUtf8(row.named("mail"));
    person.department = cleanUtf8(row.named("department"));
    person.isDisabled = isYes(row.named("disabled"));
    return person;
}

}  // namespace

SqlAuthenticator::SqlAuthenticator(const Provider& provider, const ProviderSecrets& secrets) : provider_(provider) {
    plan_.engine = provider.value("engine");
    plan_.file = provider.value("file");
    if (const auto servers = parseServers(provider.value("server")); servers && !servers->empty()) {
        plan_.host = servers->front().host;
        plan_.port = servers->front().port;
    }
    plan_.database = provider.value("database");
    plan_.connection = provider.value("connection");
    plan_.login = provider.value("login");
    if (const auto secret = secrets.find("password"); secret != secrets.end()) plan_.password = secret->second;
    plan_.withTls = provider.value("security") == "verify";
    const auto ca = std::string(trimmed(provider.value("ca")));
    if (ca.empty()) {
        plan_.caPath = net::systemTrustFile();
    } else if (auto file = net::PemFile::write(ca + "\n")) {
        caFile_ = std::move(*file);
        plan_.caPath = caFile_->path();
    } else {
        trouble_ = sentence(file.error());
    }
    const auto scheme = provider.value("scheme");
    if (scheme == "crypt") scheme_ = HashScheme::Crypt;
    if (scheme == "argon2") scheme_ = HashScheme::Argon2;
    if (scheme == "pbkdf2") scheme_ = HashScheme::Pbkdf2;
    if (scheme == "salted-sha2") scheme_ = HashScheme::SaltedSha2;
    if (scheme == "plain") scheme_ = HashScheme::Plain;
}

Result<SqlAuthenticator::Link> SqlAuthenticator::open(TimePoint deadline) const {
    if (!trouble_.empty()) return Error{Code::Unavailable, trouble_, "", ""};
    if (plan_.engine == "sqlite") return openSqlite(plan_, deadline);
    if (plan_.engine == "odbc") return openOdbc(plan_, deadline);
    auto link = plan_.engine == "mariadb" ? openMariadb(plan_, deadline) : openPostgresql(plan_, deadline);
    // The libraries tell TLS troubles badly: look ourselves.
    if (!link && plan_.withTls && link.error().what.find("could not be encrypted") != std::string::npos) {
        if (auto told = whyNotEncrypted(deadline)) return std::move(*told);
    }
    return link;
}

std::optional<Error> SqlAuthenticator::whyNotEncrypted(TimePoint deadline) const {
    const bool isMariadb = plan_.engine == "mariadb";
    auto told = net::explainServer(
        {"", plan_.host, plan_.port}, isMariadb ? 3306 : 5432, true, std::string(trimmed(provider_.value("ca"))),
        isMariadb ? net::TlsStart::MariadbRequest : net::TlsStart::PostgresRequest, deadline);
    if (told) told->code = Code::Unavailable;
    return told;
}

Result<SqlAuthenticator::Link> SqlAuthenticator::take(TimePoint deadline) {
    {
        const std::lock_guard hold{lock_};
        const auto now = net::EventLoop::now();
        std::erase_if(idle_, [&](const Link& each) { return now - each->lastUse > kLongestIdle; });
        if (!idle_.empty()) {
            auto link = std::move(idle_.back());
            idle_.pop_back();
            link->wasUsedBefore = true;
            return link;
        }
    }
    return open(deadline);
}

void SqlAuthenticator::giveBack(Link link) {
    link->lastUse = net::EventLoop::now();
    const std::lock_guard hold{lock_};
    if (idle_.size() < kMostIdle) idle_.push_back(std::move(link));
}

Result<std::vector<SqlAuthenticator::Found>> SqlAuthenticator::find(SqlLink& link, const Credentials& credentials,
                                                                    TimePoint deadline) const {
    const auto question = makeQuestion(provider_.value("query"), link.marks(), [&](std::string_view name) {
        return name == "domain"    ? credentials.domain
               : name == "address" ? credentials.address()
                                   : credentials.localPart;
    });
    std::vector<Found> found;
    const auto count = link.ask(
        question,
        [&](const SqlRow& row) {
            Found each;
            if (!row.values.empty()) each.stored = row.values.front();
            each.person = personOf(row);
            each.person.localPart = credentials.localPart;
            each.person.reference = "row of the query";
            found.push_back(std::move(each));
            return found.size() < 2;
        },
        deadline);
    if (!count) return count.error();
    return found;
}

Verdict SqlAuthenticator::judge(const Found& found, const Secret& password) const {
    Verdict verdict;
    verdict.person = found.person;
    verdict.failedAt = "login";
    verdict.isPersonal = true;
    if (!found.stored || trimmed(*found.stored).empty()) {
        verdict.outcome = Outcome::WrongPassword;
        verdict.why = "The user has no password in the database.";
        return verdict;
    }
    auto stored = *found.stored;
    // CHAR columns come padded with blanks.
    if (!scheme_ || *scheme_ != HashScheme::Plain) stored = std::string(trimmed(stored));
    const auto scheme = scheme_ ? scheme_ : schemeOf(stored);
    if (!scheme) {
        verdict.why = "The stored password is of no scheme that is known here.";
        verdict.todo =
            "The first column of the query must be the hash. For passwords stored readable choose the scheme "
            "plain.";
        return verdict;
    }
    const auto fits = passwordFits(*scheme, password, stored);
    if (!fits) {
        verdict.why = sentence(fits.error());
        verdict.todo = fits.error().todo;
        return verdict;
    }
    if (!*fits) {
        verdict.outcome = Outcome::WrongPassword;
        verdict.why = "The password is wrong.";
    } else if (found.person.isDisabled) {
        verdict.outcome = Outcome::Disabled;
        verdict.why = "The column disabled of the user is set.";
        verdict.todo = "Clear it in the database, if the user should log in.";
    } else {
        verdict.outcome = Outcome::Right;
        verdict.failedAt.clear();
    }
    return verdict;
}

Verdict SqlAuthenticator::checkOnce(const Credentials& credentials, TimePoint deadline, bool& mayRetry) {
    auto link = take(deadline);
    if (!link) return cannotAsk(link.error(), link.error().code == Code::Denied ? "bind" : "connect");
    const auto found = find(**link, credentials, deadline);
    if (!found) {
        mayRetry = (*link)->wasUsedBefore && found.error().code == Code::Unavailable;
        auto verdict = cannotAsk(found.error(), "filter");
        verdict.isPersonal = found.error().code == Code::BadInput || found.error().code == Code::TooLong;
        return verdict;
    }
    giveBack(std::move(*link));
    if (found->empty()) return {Outcome::UnknownUser, "The query gives no row for this user.", "", "filter"};
    if (found->size() > 1) {
        Verdict twice;
        twice.why = "The query gives more than one row for this user.";
        twice.todo = "Make the query narrower, so that a name means one person.";
        twice.failedAt = "filter";
        twice.isPersonal = true;
        return twice;
    }
    return judge(found->front(), credentials.password);
}

Verdict SqlAuthenticator::check(const Credentials& credentials, TimePoint deadline) {
    if (credentials.password.empty()) return {Outcome::WrongPassword, "The password is empty.", "", "login"};
    bool mayRetry = false;
    auto verdict = checkOnce(credentials, deadline, mayRetry);
    // A kept connection may have been closed by the server meanwhile: once more with a fresh one.
    if (verdict.outcome == Outcome::CannotAsk && mayRetry && net::EventLoop::now() < deadline) {
        std::vector<Link> dropped;
        {
            const std::lock_guard hold{lock_};
            dropped = std::exchange(idle_, {});
        }
        dropped.clear();
        bool ignored = false;
        verdict = checkOnce(credentials, deadline, ignored);
    }
    return verdict;
}

Result<bool> SqlAuthenticator::knows(const std::string& localPart, const std::string& domain, TimePoint deadline) {
    const Credentials who{localPart, domain, {}, {}};
    while (true) {
        auto link = take(deadline);
        if (!link) return link.error();
        const auto found = find(**link, who, deadline);
        if (found) {
            giveBack(std::move(*link));
            return !found->empty();
        }
        // A kept connection may have been closed by the server meanwhile: each is tried until a fresh one is made.
        if (!(*link)->wasUsedBefore || found.error().code != Code::Unavailable) return found.error();
    }
}

Result<std::size_t> SqlAuthenticator::listOver(SqlLink& link, const Take& take, TimePoint deadline) const {
    std::size_t people = 0;
    const auto count = link.ask(
        {provider_.value("list_query"), {}},
        [&](const SqlRow& row) {
            auto person = personOf(row);
            if (!row.values.empty()) person.localPart = cleanUtf8(row.values.front().value_or(""));
            if (person.localPart.empty()) return true;
            ++people;
            return take(person);
        },
        deadline);
    if (!count) return count.error();
    return people;
}

Result<std::size_t> SqlAuthenticator::list(const Take& take, TimePoint deadline) {
    if (trimmed(provider_.value("list_query")).empty()) {
        return Error{Code::Unsupported, "This provider cannot list its users.", "No query for a list is set.", ""};
    }
    auto link = open(deadline);
    if (!link) return link.error();
    return listOver(**link, take, deadline);
}

void SqlAuthenticator::testQuery(ProofStep& step, SqlLink& link, TimePoint deadline) const {
    step.proves = "The database takes the query with bound values.";
    Credentials nobody;
    nobody.localPart = "causeway-test'\"\\--";
    nobody.domain = "test.invalid";
    const auto found = find(link, nobody, deadline);
    if (!found) return fail(step, sentence(found.error()), found.error().todo);
    if (!found->empty()) {
        return fail(step, "The query gives a row for a user who does not exist.",
                    "Check its WHERE: it must compare the column of the name with {user}.");
    }
}

ProofStep SqlAuthenticator::test(const Credentials* rehearsal, TimePoint deadline) {
    ProofRun run{"SQL database", net::EventLoop::now};
    const bool hasServer = plan_.engine == "postgresql" || plan_.engine == "mariadb";
    if (hasServer) {
        net::ReachPlan plan;
        plan.servers = {ServerAddress{"", plan_.host, plan_.port}};
        plan.standardPort = plan_.engine == "postgresql" ? 5432 : 3306;
        plan.withTls = plan_.engine == "postgresql" && plan_.withTls;
        plan.start = net::TlsStart::PostgresRequest;
        if (plan_.engine == "mariadb" && plan_.withTls)
            plan.whyNoTls = "MariaDB encrypts inside its own protocol; the next step proves it with the login.";
        plan.caPem = std::string(trimmed(provider_.value("ca")));
        plan.deadline = deadline;
        net::addReachSteps(run, plan);
    }
    Link link;
    run.step("bind", "Log in with the database account", [&](ProofStep& step) {
        step.proves = plan_.engine == "sqlite" ? "The file can be opened." : "The database account is right.";
        auto opened = open(deadline);
        if (!opened) return fail(step, sentence(opened.error()), opened.error().todo);
        link = std::move(*opened);
    });
    run.step("rights", "Look at the rights of the account", [&](ProofStep& step) {
        step.proves = "The account may only read.";
        const auto rights = link->rights(deadline);
        if (!rights || !rights->isKnown) {
            step.state = ProofState::Unknown;
            step.why = rights ? rights->text : sentence(rights.error());
            return;
        }
        step.facts.emplace_back("Rights", rights->text);
        if (!rights->mayWrite) return;
        step.state = ProofState::Partly;
        step.why = "The account may do more than read. " + rights->text;
        step.todo = "Make an account that has only SELECT on the table of users.";
    });
    run.step("base", "Ask the query", [&](ProofStep& step) { testQuery(step, *link, deadline); });
    if (trimmed(provider_.value("list_query")).empty()) {
        run.skip("filter", "List users", "No query for a list is set.");
    } else {
        run.step("filter", "List users", [&](ProofStep& step) {
            step.proves = "The database lists its users.";
            std::size_t samples = 0;
            const auto count = listOver(
                *link,
                [&](const Person& person) {
                    if (++samples <= 3) step.facts.emplace_back("For example", personText(person));
                    return samples < 20'000;
                },
                deadline);
            if (!count) {
                step.state = ProofState::Partly;
                step.why = sentence(count.error());
                step.todo = count.error().todo;
                return;
            }
            step.facts.emplace_back("People found", std::to_string(*count));
        });
    }
    link.reset();
    addRehearsal(run, rehearsal, [&] { return check(*rehearsal, deadline); });
    return run.finish();
}

}  // namespace causeway::auth
