#include <doctest/doctest.h>

#include <algorithm>

#include "service/trace/domain_runner.h"

using namespace causeway;
using namespace causeway::trace;

namespace {

class FakeWorld final : public DomainWorld {
public:
    DomainFacts known{true, true, "chat.corp.test", "open", {}};
    std::vector<ResolverFacts> told{{"this server", "127.0.0.1:53", true, {}}};
    ProofStep servers;
    ProofStep book;
    PersonFacts who{true, false, "Corp", ""};
    std::string outcome = "right";
    std::vector<std::string> asked;
    std::string password;

    FakeWorld() {
        ProofStep step;
        step.state = ProofState::Fine;
        step.at = fromEpochMillis(1);
        ProofStep node = step;
        node.name = "sn1";
        for (const char* id : {"connect", "starttls", "direct"}) {
            step.id = step.name = id;
            node.children.push_back(step);
        }
        servers.children = {node};
        book.state = ProofState::Fine;
    }
    Result<DomainFacts> domain(const std::string& name) override {
        asked.push_back("domain " + name);
        return known;
    }
    Result<std::vector<ResolverFacts>> resolvers(const std::string&, const std::vector<std::string>& others) override {
        asked.push_back("resolvers " + std::to_string(others.size()));
        return told;
    }
    Result<ProofStep> supernodes(const std::string&) override {
        asked.emplace_back("supernodes");
        return servers;
    }
    Result<ProofStep> directory(const std::string&) override {
        asked.emplace_back("directory");
        return book;
    }
    Result<PersonFacts> person(const std::string&, const std::string& user) override {
        asked.push_back("person " + user);
        return who;
    }
    Result<LoginTrail> login(const std::string&, const std::string& user, const Secret& typed) override {
        asked.push_back("login " + user);
        password = typed.reveal();
        LoginTrail trail;
        trail.outcome = outcome;
        trail.sentence = "Corp said " + outcome + ".";
        return trail;
    }
};

struct Trace {
    FakeWorld world;
    TraceRequest request;
    std::string password;
    bool stopsAtOnce = false;
    std::vector<TraceReport> told;

    TraceReport run() {
        TraceReport report;
        report.request = request;
        TimePoint now{};
        DomainRunner runner{world,
                            {[&now] { return now += 10ms; }, [this] { return stopsAtOnce; }},
                            report,
                            Secret{password},
                            [this](const TraceReport& each) { told.push_back(each); }};
        return runner.run();
    }
};

const TraceRow& rowOf(const TraceReport& report, TraceStep step) {
    const auto at =
        std::find_if(report.rows.begin(), report.rows.end(), [step](const TraceRow& row) { return row.step == step; });
    REQUIRE(at != report.rows.end());
    return *at;
}

}  // namespace

TEST_CASE("domain trace: all rows stand there from the start, each check is asked once, logins are grey") {
    Trace trace;
    trace.request.user = "alice@chat.corp.test";
    trace.request.resolvers = {"192.0.2.53"};
    const auto report = trace.run();
    CHECK(report.state == TraceState::Finished);
    REQUIRE(report.rows.size() == kDomainSteps);
    REQUIRE_FALSE(trace.told.empty());
    CHECK(trace.told.front().rows.size() == kDomainSteps);
    CHECK(trace.world.asked ==
          std::vector<std::string>{"domain chat.corp.test", "resolvers 1", "supernodes", "directory", "person alice"});
    for (const auto step : {TraceStep::DomainMechanisms, TraceStep::DomainSession}) {
        CHECK(rowOf(report, step).grade == TraceGrade::NotMeasured);
        CHECK(rowOf(report, step).result == "this service does not take logins yet");
    }
    for (const auto step :
         {TraceStep::DomainKnown, TraceStep::DomainRecords, TraceStep::DomainTcp, TraceStep::DomainTls,
          TraceStep::DomainCertificate, TraceStep::DomainStream, TraceStep::DomainDirectory, TraceStep::DomainPerson}) {
        CAPTURE(wordOf(step));
        CHECK(rowOf(report, step).grade == TraceGrade::Fine);
    }
    REQUIRE(report.verdict());
    CHECK(report.verdict()->code == VerdictCode::Ok);
    CHECK(report.revision >= 2 * kDomainSteps);
}

TEST_CASE("domain trace: nothing behind a domain that is not known is asked") {
    Trace trace;
    trace.request.domain = "chat.other.test";
    trace.world.known = DomainFacts{};
    const auto report = trace.run();
    CHECK(trace.world.asked.size() == 1);
    CHECK(rowOf(report, TraceStep::DomainKnown).grade == TraceGrade::Failed);
    CHECK(rowOf(report, TraceStep::DomainTcp).grade == TraceGrade::NotMeasured);
    CHECK(report.verdict()->code == VerdictCode::DomainUnknown);
}

TEST_CASE("domain trace: a password is used for one login and stands in no report") {
    Trace trace;
    trace.request.user = "alice@chat.corp.test";
    trace.password = "LEAK-typed";
    trace.world.outcome = "wrong-password";
    const auto report = trace.run();
    CHECK(trace.world.password == "LEAK-typed");
    CHECK(std::count(trace.world.asked.begin(), trace.world.asked.end(), "login alice") == 1);
    CHECK(std::count(trace.world.asked.begin(), trace.world.asked.end(), "person alice") == 0);
    CHECK(rowOf(report, TraceStep::DomainPerson).grade == TraceGrade::Failed);
    CHECK(report.verdict()->code == VerdictCode::PasswordWrong);
    for (const auto& each : trace.told)
        CHECK(each.request.password.empty());
    CHECK(report.request.password.empty());
}

TEST_CASE("domain trace: one supernode's certificate is red in its own row, the rows before stay green") {
    Trace trace;
    trace.request.domain = "chat.corp.test";
    auto& starttls = trace.world.servers.children[0].children[1];
    starttls.state = ProofState::Broken;
    starttls.why = "The certificate ended.";
    starttls.facts.emplace_back("Trouble", "expired");
    const auto report = trace.run();
    CHECK(rowOf(report, TraceStep::DomainTcp).grade == TraceGrade::Fine);
    CHECK(rowOf(report, TraceStep::DomainTls).grade == TraceGrade::Fine);
    CHECK(rowOf(report, TraceStep::DomainCertificate).grade == TraceGrade::Failed);
    CHECK(rowOf(report, TraceStep::DomainPerson).result == "no user was named");
    CHECK(report.verdict()->code == VerdictCode::TlsExpired);
}

TEST_CASE("domain trace: stopped, it judges what it has") {
    Trace trace;
    trace.request.domain = "chat.corp.test";
    trace.stopsAtOnce = true;
    const auto report = trace.run();
    CHECK(report.state == TraceState::Stopped);
    CHECK(trace.world.asked.empty());
    CHECK(report.verdict()->code == VerdictCode::NotEnoughEvidence);
    CHECK(rowOf(report, TraceStep::DomainTcp).grade == TraceGrade::NotMeasured);
}

TEST_CASE("domain trace: the target is the part right of the last @") {
    TraceRequest request;
    request.user = " a@b@chat.corp.test ";
    CHECK(domainTargetOf(request).user == "a@b");
    CHECK(domainTargetOf(request).domain == "chat.corp.test");
    request.user.clear();
    request.domain = "chat.corp.test";
    CHECK(domainTargetOf(request).user.empty());
    CHECK(domainTargetOf(request).domain == "chat.corp.test");
}
