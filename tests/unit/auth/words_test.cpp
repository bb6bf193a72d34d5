#include <doctest/doctest.h>

#include "service/auth/http_answer.h"
#include "service/auth/ldap_words.h"
#include "service/auth/proof_run.h"
#include "service/auth/sql_link.h"

using namespace causeway;
using namespace causeway::auth;

namespace {
std::string activeDirectory(const char* code) {
    return std::string("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data ") + code +
           ", v4563";
}
}  // namespace

TEST_CASE("ldap words: every sub-code of Active Directory has its own outcome and sentence") {
    struct Row {
        const char* code;
        Outcome outcome;
    };
    for (const auto& row :
         {Row{"525", Outcome::UnknownUser}, Row{"52e", Outcome::WrongPassword}, Row{"530", Outcome::NotAllowed},
          Row{"531", Outcome::NotAllowed}, Row{"532", Outcome::Expired}, Row{"533", Outcome::Disabled},
          Row{"568", Outcome::NotAllowed}, Row{"701", Outcome::Expired}, Row{"773", Outcome::MustChange},
          Row{"775", Outcome::LockedByDirectory}}) {
        CAPTURE(row.code);
        const auto verdict = verdictOfBind(49, activeDirectory(row.code), PasswordPolicyError::None);
        CHECK(verdict.outcome == row.outcome);
        CHECK(verdict.why.find(row.code) != std::string::npos);
    }
    CHECK(verdictOfBind(49, activeDirectory("999"), PasswordPolicyError::None).outcome == Outcome::WrongPassword);
    CHECK(!activeDirectorySubCode("no data here"));
}

TEST_CASE("ldap words: other servers' answers") {
    CHECK(verdictOfBind(0, "", PasswordPolicyError::None).outcome == Outcome::Right);
    CHECK(verdictOfBind(49, "", PasswordPolicyError::None).outcome == Outcome::WrongPassword);
    CHECK(verdictOfBind(0, "", PasswordPolicyError::MustChange).outcome == Outcome::MustChange);
    CHECK(verdictOfBind(49, "", PasswordPolicyError::Locked).outcome == Outcome::LockedByDirectory);
    CHECK(verdictOfBind(49, "", PasswordPolicyError::Expired).outcome == Outcome::Expired);
    CHECK(verdictOfBind(53, "Account inactivated. Contact system administrator.", PasswordPolicyError::None).outcome ==
          Outcome::Disabled);
    CHECK(verdictOfBind(19, "Exceed password retry limit.", PasswordPolicyError::None).outcome ==
          Outcome::LockedByDirectory);
    CHECK(verdictOfBind(51, "", PasswordPolicyError::None).outcome == Outcome::CannotAsk);
    CHECK(verdictOfBind(13, "TLS needed", PasswordPolicyError::None).outcome == Outcome::CannotAsk);
}

TEST_CASE("ldap words: each refusal of the service account says what to do") {
    for (const int code : {1, 8, 13, 32, 34, 48, 49, 50, 51, 52, 53, 80}) {
        const auto error = errorOfServiceBind(code, "said so");
        CAPTURE(code);
        CHECK(!error.what.empty());
        CHECK(!error.todo.empty());
    }
    CHECK(errorOfServiceBind(8, "").todo.find("LDAPS") != std::string::npos);
}

TEST_CASE("http answer: counted, chunked and open-ended bodies") {
    const auto counted = parseHttpAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a: b\r\n\r\nhiX", false);
    REQUIRE(counted);
    CHECK(counted->status == 200);
    CHECK(counted->body == "hi");
    CHECK(counted->headers.at("x") == "a: b");
    const auto chunked = parseHttpAnswer(
        "HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", false);
    REQUIRE(chunked);
    CHECK(chunked->body == "abcde");
    const std::string open = "HTTP/1.0 200 OK\r\n\r\nall of it";
    CHECK(parseHttpAnswer(open, false).error().code == Code::Truncated);
    CHECK(parseHttpAnswer(open, true)->body == "all of it");
    CHECK(parseHttpAnswer("HTTP/1.1 204 No Content\r\n\r\n", false)->body.empty());
    CHECK(parseHttpAnswer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false)->status ==
          200);
}

TEST_CASE("http answer: what is cut is asked for, what is no HTTP is refused") {
    const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(parseHttpAnswer(whole.substr(0, size), false).error().code == Code::Truncated);
    }
    for (const std::string& bad : {std::string("SSH-2.0-OpenSSH"), std::string("HTTP/1.1 abc\r\n\r\n"),
                                   std::string("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
                                   std::string("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
                                   std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                                   "HTTP/1.1 200 " + std::string(20000, 'x')}) {
        CAPTURE(bad.substr(0, 40));
        const auto answer = parseHttpAnswer(bad, false);
        REQUIRE(!answer);
        CHECK(answer.error().code != Code::Truncated);
    }
}

TEST_CASE("http: no password can leave its place in JSON or a form") {
    CHECK(escapeJson("a\"b\\c\n") == "a\\\"b\\\\c\\u000A");
    CHECK(escapeForm("a&b=c d+\xc3\xbc") == "a%26b%3Dc%20d%2B%C3%BC");
}

TEST_CASE("sql: placeholders become marks, and values never become text of the query") {
    const auto value = [](std::string_view name) { return "'; DROP TABLE users; -- " + std::string(name); };
    const auto dollar =
        makeQuestion("SELECT p FROM u WHERE n = {user} AND d = {domain} OR n = {user}", SqlMarks::Dollar, value);
    CHECK(dollar.text == "SELECT p FROM u WHERE n = $1 AND d = $2 OR n = $3");
    REQUIRE(dollar.values.size() == 3);
    CHECK(dollar.values[1] == "'; DROP TABLE users; -- domain");
    CHECK(makeQuestion("n = {user}", SqlMarks::Question, value).text == "n = ?");
}

TEST_CASE("graded test: an answer that comes later than logins wait is broken, lists of people may take longer") {
    ProofStep proof{"provider", "Staff", ProofState::Fine};
    proof.children = {{"connect", "Connect", ProofState::Fine, "", {}, 20ms},
                      {"bind", "Ask", ProofState::Fine, "", {}, 5004ms},
                      {"filter", "List users", ProofState::Fine, "", {}, 9000ms}};
    judgeTimes(proof, 2000ms);
    CHECK(proof.state == ProofState::Broken);
    CHECK(proof.why == "It took 5.0 s, but a login is given up after 2.0 s.");
    CHECK_FALSE(proof.todo.empty());
    CHECK(proof.children[0].state == ProofState::Fine);
    CHECK(proof.children[1].state == ProofState::Broken);
    CHECK(proof.children[2].state == ProofState::Fine);
    judgeTimes(proof.children[0], 1ms);
    CHECK(proof.children[0].state == ProofState::Fine);
}
