#include <doctest/doctest.h>

#include <algorithm>

#include "service/trace/domain_rules.h"

using namespace causeway;
using namespace causeway::trace;

namespace {

RecordFacts record(RecordTrouble trouble) {
    return {"_xmpp-client._tcp.chat.corp.test", "SRV", "wanted", "found", trouble, "It is so.", "Mend it."};
}

ServerFacts server(const char* name) {
    ServerFacts facts;
    facts.name = name;
    facts.startTls = facts.directTls = ServerTrouble::None;
    return facts;
}

ProofStep proof(ProofState state) {
    ProofStep step;
    step.id = "directory";
    step.name = "Directory";
    step.state = state;
    if (state == ProofState::Broken) {
        step.why = "dc1 refuses port 389.";
        step.todo = "Start the directory.";
    }
    return step;
}

LoginTrail trail(const char* outcome) {
    LoginTrail made;
    made.outcome = outcome;
    made.sentence = "Corp said so.";
    return made;
}

/// Everything is fine, alice was found.
DomainEvidence fine() {
    DomainEvidence evidence;
    evidence.domain = "chat.corp.test";
    evidence.user = "alice";
    evidence.known = DomainFacts{true, true, "chat.corp.test", "open", {}};
    evidence.resolvers =
        std::vector<ResolverFacts>{{"this server", "127.0.0.1:53", true, {record(RecordTrouble::None)}},
                                   {"system", "10.1.0.2:53", true, {record(RecordTrouble::None)}}};
    evidence.servers = std::vector<ServerFacts>{server("sn1")};
    evidence.directory = proof(ProofState::Fine);
    evidence.person = PersonFacts{true, false, "Corp", ""};
    return evidence;
}

Verdict verdictOf(const DomainEvidence& evidence) {
    const auto all = judgeDomain(evidence);
    REQUIRE_FALSE(all.empty());
    // What every verdict of a fault must have.
    for (const auto& each : all) {
        CHECK_FALSE(each.sentence.empty());
        if (each.code == VerdictCode::Ok || each.code == VerdictCode::NotEnoughEvidence) continue;
        CHECK_FALSE(each.proofs.empty());
        CHECK_FALSE(each.remedy.empty());
    }
    return all.front();
}

}  // namespace

TEST_CASE("domain rules: where nothing is wrong the verdict is OK, never certain, and says what is not measured") {
    const auto verdict = verdictOf(fine());
    CHECK(verdict.code == VerdictCode::Ok);
    CHECK(verdict.certainty == Certainty::Likely);
    CHECK(verdict.missing == TraceStep::DomainMechanisms);
    CHECK(verdict.sentence.find("does not take the logins of clients yet") != std::string::npos);
    CHECK(verdict.sentence.find("no password was tried") != std::string::npos);
    auto rehearsed = fine();
    rehearsed.login = trail("right");
    CHECK(verdictOf(rehearsed).sentence.find("accepts the password of alice@chat.corp.test") != std::string::npos);
}

TEST_CASE("domain rules: a domain that is unknown or off hides everything behind it") {
    auto evidence = fine();
    evidence.known = DomainFacts{false, false, "", "", {"chat.other.test"}};
    evidence.servers->front().tcp = ServerTrouble::Closed;
    const auto all = judgeDomain(evidence);
    REQUIRE(all.size() == 1);
    CHECK(all[0].code == VerdictCode::DomainUnknown);
    CHECK(all[0].certainty == Certainty::Certain);
    CHECK(all[0].sentence.find("chat.other.test") != std::string::npos);
    evidence.known = DomainFacts{true, false, "chat.corp.test", "domain-disabled", {}};
    CHECK(judgeDomain(evidence).size() == 1);
    CHECK(verdictOf(evidence).code == VerdictCode::DomainDisabled);
}

TEST_CASE("domain rules: every trouble of a record has its code; certain only if all name servers have it") {
    const std::pair<RecordTrouble, VerdictCode> rows[] = {{RecordTrouble::Missing, VerdictCode::SrvMissing},
                                                          {RecordTrouble::Wrong, VerdictCode::SrvWrong},
                                                          {RecordTrouble::TargetInvalid, VerdictCode::SrvTargetInvalid},
                                                          {RecordTrouble::NoAddress, VerdictCode::SrvNoAddress},
                                                          {RecordTrouble::Silent, VerdictCode::ResolverSilent}};
    for (const auto& [trouble, code] : rows) {
        auto evidence = fine();
        (*evidence.resolvers)[1].records = {record(trouble)};
        CAPTURE(wordOf(code));
        auto verdict = verdictOf(evidence);
        CHECK(verdict.code == code);
        CHECK(verdict.certainty == Certainty::Likely);
        CHECK(verdict.sentence.find("1 of 2 name servers say the right thing") != std::string::npos);
        (*evidence.resolvers)[0].records = {record(trouble)};
        verdict = verdictOf(evidence);
        CHECK(verdict.code == code);
        // Silence is never certain.
        CHECK(verdict.certainty == (trouble == RecordTrouble::Silent ? Certainty::Likely : Certainty::Certain));
        // Clients may use other name servers than one that does not count.
        (*evidence.resolvers)[0].records = {record(RecordTrouble::None)};
        (*evidence.resolvers)[1].isCounted = false;
        CHECK(verdictOf(evidence).code == VerdictCode::Ok);
    }
}

TEST_CASE("domain rules: every trouble of a supernode has its code; another one that works makes it likely") {
    struct Row {
        ServerTrouble trouble;
        VerdictCode code;
        Certainty certainty;
        bool isOfTcp;
    };
    const Row rows[] = {{ServerTrouble::NotLive, VerdictCode::SupernodeClosed, Certainty::Certain, true},
                        {ServerTrouble::NoAddress, VerdictCode::SupernodeClosed, Certainty::Certain, true},
                        {ServerTrouble::Closed, VerdictCode::SupernodeClosed, Certainty::Certain, true},
                        {ServerTrouble::Silent, VerdictCode::SupernodeSilent, Certainty::Likely, true},
                        {ServerTrouble::Handshake, VerdictCode::TlsFailed, Certainty::Certain, false},
                        {ServerTrouble::Expired, VerdictCode::TlsExpired, Certainty::Certain, false},
                        {ServerTrouble::WrongName, VerdictCode::TlsName, Certainty::Certain, false},
                        {ServerTrouble::Untrusted, VerdictCode::TlsUntrusted, Certainty::Likely, false}};
    for (const auto& row : rows) {
        auto evidence = fine();
        auto& first = evidence.servers->front();
        (row.isOfTcp ? first.tcp : *first.startTls) = row.trouble;
        first.why = "It says so.";
        CAPTURE(wordOf(row.code));
        auto verdict = verdictOf(evidence);
        CHECK(verdict.code == row.code);
        CHECK(verdict.certainty == row.certainty);
        CHECK(verdict.sentence.find("sn1: It says so.") != std::string::npos);
        evidence.servers->push_back(server("sn2"));
        verdict = verdictOf(evidence);
        CHECK(verdict.code == row.code);
        CHECK(verdict.certainty == Certainty::Likely);
        CHECK(verdict.sentence.find("1 of 2 supernodes work") != std::string::npos);
    }
    auto evidence = fine();
    evidence.servers->front().directTls = ServerTrouble::Handshake;
    CHECK(verdictOf(evidence).code == VerdictCode::TlsFailed);
    CHECK(verdictOf(evidence).certainty == Certainty::Likely);  // StartTLS works
    evidence.servers->clear();
    CHECK(verdictOf(evidence).code == VerdictCode::SupernodeClosed);
}

TEST_CASE(
    "domain rules: what the directory says of a person has its code, and a directory that is down is no wrong "
    "password") {
    const std::pair<const char*, VerdictCode> rows[] = {
        {"wrong-password", VerdictCode::PasswordWrong}, {"unknown-user", VerdictCode::UserUnknown},
        {"disabled", VerdictCode::UserDisabled},        {"expired", VerdictCode::UserDisabled},
        {"must-change", VerdictCode::UserDisabled},     {"locked-by-directory", VerdictCode::UserDisabled},
        {"not-allowed", VerdictCode::GroupRefuses},     {"cannot-ask", VerdictCode::DirectoryCannotAsk}};
    for (const auto& [outcome, code] : rows) {
        auto evidence = fine();
        evidence.hasPassword = true;
        evidence.person.reset();
        evidence.login = trail(outcome);
        CAPTURE(outcome);
        CHECK(verdictOf(evidence).code == code);
        CHECK(verdictOf(evidence).certainty == Certainty::Certain);
    }
    for (const char* outcome : {"busy", "throttled"}) {
        auto evidence = fine();
        evidence.login = trail(outcome);
        CHECK(verdictOf(evidence).code == VerdictCode::NotEnoughEvidence);
    }
    auto evidence = fine();
    evidence.directory = proof(ProofState::Broken);
    CHECK(verdictOf(evidence).code == VerdictCode::DirectoryCannotAsk);
    CHECK(verdictOf(evidence).sentence.find("dc1 refuses port 389.") != std::string::npos);
    // Somebody who got in all the same, by a remembered password or another provider, proves the opposite.
    evidence.login = trail("right");
    CHECK(verdictOf(evidence).code == VerdictCode::Ok);
}

TEST_CASE("domain rules: without a password the lists decide, as far as they can") {
    auto evidence = fine();
    evidence.person = PersonFacts{false, false, "", ""};
    CHECK(verdictOf(evidence).code == VerdictCode::UserUnknown);
    CHECK(verdictOf(evidence).certainty == Certainty::Likely);
    evidence.person = PersonFacts{true, true, "Corp", ""};
    CHECK(verdictOf(evidence).code == VerdictCode::UserDisabled);
    evidence.person = PersonFacts{std::nullopt, false, "", "RADIUS cannot tell."};
    CHECK(verdictOf(evidence).code == VerdictCode::Ok);
    evidence.user.clear();
    evidence.person.reset();
    CHECK(verdictOf(evidence).code == VerdictCode::Ok);
}

TEST_CASE("domain rules: the first fault on the way is the verdict, later ones follow, certain ones go first") {
    auto evidence = fine();
    for (auto& resolver : *evidence.resolvers)
        resolver.records = {record(RecordTrouble::Missing)};
    evidence.servers->front().startTls = ServerTrouble::Expired;
    evidence.login = trail("wrong-password");
    auto all = judgeDomain(evidence);
    REQUIRE(all.size() == 3);
    CHECK(all[0].code == VerdictCode::SrvMissing);
    CHECK(all[1].code == VerdictCode::TlsExpired);
    CHECK(all[2].code == VerdictCode::PasswordWrong);
    (*evidence.resolvers)[0].records = {record(RecordTrouble::None)};
    all = judgeDomain(evidence);
    REQUIRE(all.size() == 3);
    CHECK(all[0].code == VerdictCode::TlsExpired);
    CHECK(all[2].code == VerdictCode::SrvMissing);
}

TEST_CASE("domain rules: what was not measured is no fault, and the verdict names it") {
    auto evidence = fine();
    evidence.servers.reset();
    const auto verdict = verdictOf(evidence);
    CHECK(verdict.code == VerdictCode::NotEnoughEvidence);
    CHECK(verdict.missing == TraceStep::DomainTcp);
}

TEST_CASE("domain rules: hostile names stay out of commands") {
    auto evidence = fine();
    evidence.domain = "x; rm -rf /";
    evidence.known = DomainFacts{false, false, "", "", {}};
    const auto verdict = verdictOf(evidence);
    for (const auto& step : verdict.remedy)
        CHECK(step.command.find("rm -rf") == std::string::npos);
}

TEST_CASE("domain rules: the proof of the supernode mark is read as it is written") {
    const auto step = [](const char* id, ProofState state, const char* trouble) {
        ProofStep made;
        made.id = id;
        made.state = state;
        made.at = fromEpochMillis(1000);
        made.why = std::string(id) + " failed";
        if (trouble != nullptr) made.facts.emplace_back("Trouble", trouble);
        return made;
    };
    ProofStep proof;
    ProofStep one;
    one.name = "sn1";
    one.children = {step("dns", ProofState::Broken, nullptr), step("connect", ProofState::Fine, nullptr),
                    step("starttls", ProofState::Broken, "expired"), step("direct", ProofState::Partly, "closed")};
    ProofStep two;
    two.name = "sn2";
    two.children = {step("connect", ProofState::Broken, "silent"), step("starttls", ProofState::Unknown, nullptr)};
    two.children[1].at = {};
    ProofStep three;
    three.name = "sn3";
    three.children = {step("heartbeat", ProofState::Broken, nullptr)};
    ProofStep soon;
    soon.name = "sn4";
    soon.children = {step("connect", ProofState::Fine, nullptr), step("starttls", ProofState::Partly, nullptr)};
    proof.children = {one, two, three, soon};
    const auto all = serversOf(proof);
    REQUIRE(all.size() == 4);
    CHECK(all[0].tcp == ServerTrouble::None);
    CHECK(all[0].startTls == ServerTrouble::Expired);
    CHECK(all[0].directTls == ServerTrouble::Handshake);  // the supernode itself is there
    CHECK(all[0].why == "starttls failed");
    CHECK(all[1].tcp == ServerTrouble::Silent);
    CHECK_FALSE(all[1].startTls);
    CHECK(all[2].tcp == ServerTrouble::NotLive);
    CHECK(all[3].startTls == ServerTrouble::None);  // a certificate that ends soon is no fault today
}
