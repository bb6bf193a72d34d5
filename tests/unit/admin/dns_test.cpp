#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "shared/api/dns_json.h"
#include "shared/api/domains_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    House() { REQUIRE(core.start()); }

    Response call(const char* method, const std::string& target, const std::string& body = {},
                  Role role = Role::Admin) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        return core.serve(http, Identity{"someone", role, api::IdentityKind::Local}, "::1");
    }
    template <class T>
    T answer(const char* method, const std::string& target, const std::string& body = {}) {
        const auto response = call(method, target, body);
        CAPTURE(response.body);
        REQUIRE(response.status < 300);
        return api::fromJson<T>(response.body).value();
    }
};

}  // namespace

TEST_CASE("dns: the overview tells why nobody is answered, and what would be served") {
    House house;
    const auto all = house.answer<api::DnsOverview>("GET", "/v1/dns");
    CHECK_FALSE(all.status.isOn);
    CHECK(all.status.problem == "UDP port 53 is held by another program.");
    REQUIRE(all.rows.size() == 1);
    CHECK(all.rows[0].domain == "chat.example.com");
    CHECK(all.rows[0].supernode == "sn1.chat.example.com");
    CHECK(all.rows[0].address == "10.1.0.5");
    CHECK(all.rows[0].view == "lan");
    CHECK(all.rows[0].isLive);
    CHECK(all.keys == std::vector<std::string>{"transfer"});
}

TEST_CASE("dns: records as rows and in the language of other servers") {
    House house;
    const auto rows = house.answer<api::DnsRecordList>("GET", "/v1/dns/records?domain=chat.example.com&view=lan");
    const auto isSrv = [](const api::DnsRecord& row) {
        return row.type == "SRV" && row.data == "10 10 5222 sn1.chat.example.com.";
    };
    CHECK(std::count_if(rows.items.begin(), rows.items.end(), isSrv) == 1);
    const auto text =
        house.answer<api::DnsText>("GET", "/v1/dns/text?domain=chat.example.com&form=dnsmasq&zone=example.com");
    CHECK(text.text.find("srv-host=") != std::string::npos);
}

TEST_CASE("dns: what is not known is refused by its name") {
    House house;
    const auto refusal = [&house](const std::string& target) {
        const auto response = house.call("GET", target);
        return std::pair{response.status, api::fromJson<api::ErrorDocument>(response.body).value().error.what};
    };
    CHECK(refusal("/v1/dns/records?domain=other.example").first == 404);
    CHECK(refusal("/v1/dns/records?domain=chat.example.com&view=moon") ==
          std::pair{400, std::string("\"moon\" is not a view of chat DNS.")});
    CHECK(refusal("/v1/dns/text?domain=chat.example.com&form=djbdns") ==
          std::pair{400, std::string("\"djbdns\" is not a form of records.")});
    CHECK(refusal("/v1/dns/text?domain=chat.example.com&form=bind&zone=other.example").first == 400);
}

TEST_CASE("dns: a check asks the system's resolver and tells row by row what it found") {
    House house;
    const auto check = house.answer<api::DnsCheck>("POST", "/v1/dns/check", R"({"domain":"chat.example.com"})");
    REQUIRE(check.reports.size() == 1);
    CHECK(check.reports[0].resolver == "system");
    CHECK_FALSE(check.reports[0].isRight);
    REQUIRE_FALSE(check.reports[0].rows.empty());
    for (const auto& row : check.reports[0].rows) {
        CHECK(row.verdict == "no-answer");
        CHECK_FALSE(row.todo.empty());
    }
    CHECK(house.call("POST", "/v1/dns/check", R"({"domain":"chat.example.com","resolvers":["x"]})").status == 400);
    CHECK(house.call("POST", "/v1/dns/check", "{}").status == 400);
    CHECK(house.call("POST", "/v1/dns/check", R"({"domain":"chat.example.com"})", Role::Viewer).status == 403);
}

TEST_CASE("dns: a key shows its secret once and is audited without it") {
    House house;
    const auto key = house.answer<api::DnsKeyCreated>("POST", "/v1/dns/keys", R"({"name":"second"})");
    CHECK(key.name == "second");
    CHECK(key.algorithm == "hmac-sha256");
    CHECK_FALSE(key.secret.reveal().empty());
    CHECK(house.call("GET", "/v1/dns").body.find(key.secret.reveal()) == std::string::npos);
    CHECK(house.call("DELETE", "/v1/dns/keys/second").status == 204);
    CHECK(house.call("DELETE", "/v1/dns/keys/second").status == 404);
    const auto audit = house.world.store.audit(0, 10).value();
    REQUIRE(audit.size() == 2);
    CHECK(audit[1].action == "dns.keys.add");
    CHECK(audit[1].after.empty());
    CHECK(audit[0].action == "dns.keys.remove");
}

TEST_CASE("domains: certificate files that clients would refuse are not saved") {
    House house;
    const auto refused = house.call("PATCH", "/v1/domains/1",
                                    R"({"certificate":"files","certificateFile":"/nope.pem","keyFile":"/nope.key"})");
    CHECK(refused.status == 400);
    const auto document = api::fromJson<api::ErrorDocument>(refused.body).value();
    REQUIRE(document.errors.size() == 1);
    CHECK(document.errors[0].field == "certificateFile");
    CHECK(document.errors[0].detail == "There is no file /nope.pem.");
    CHECK(house.answer<api::DomainRow>("GET", "/v1/domains/1").domain.certificate == CertificateSource::SelfSigned);
}

TEST_CASE("domains: extra records that cannot be served are not saved, and a check says so before") {
    House house;
    const auto refused = house.call("PATCH", "/v1/domains/1", R"({"extraRecords":"foo A 999.1.1.1"})");
    CHECK(refused.status == 400);
    const auto document = api::fromJson<api::ErrorDocument>(refused.body).value();
    REQUIRE(document.errors.size() == 1);
    CHECK(document.errors[0].field == "extraRecords");
    CHECK(house.answer<api::DomainRow>("GET", "/v1/domains/1").domain.extraRecords.empty());
    const auto verdict = house.answer<api::DomainVerdict>(
        "POST", "/v1/domains/check", R"({"name":"books.example","extraRecords":"@ SOA a b 1 1 1 1 1"})");
    REQUIRE(verdict.problems.size() == 1);
    CHECK(verdict.problems[0].field == "extraRecords");
    CHECK(house.answer<api::DomainRow>("PATCH", "/v1/domains/1", R"({"extraRecords":"t TXT \"x\""})")
              .domain.extraRecords == "t TXT \"x\"");
}

TEST_CASE("domains: a row carries its certificate; files are looked at without being used") {
    House house;
    const auto row = house.answer<api::DomainRow>("GET", "/v1/domains/1");
    REQUIRE(row.certificate);
    CHECK(row.certificate->names == house.world.certificates.facts.names);
    CHECK(row.certificate->trouble == CertificateTrouble::EndsSoon);
    CHECK(row.certificate->publicKeySha256 == std::string(32, 'k'));
    const auto facts = house.answer<CertificateFacts>(
        "POST", "/v1/domains/certificate",
        R"({"domain":"B\u00fccher.example","certificateFile":"/etc/chat.pem","keyFile":"/etc/chat.key"})");
    CHECK(facts.domain == "xn--bcher-kva.example");
    CHECK(facts.trouble == CertificateTrouble::FileMissing);
    CHECK(facts.problem == "There is no file /etc/chat.pem.");
    CHECK(
        house.call("POST", "/v1/domains/certificate", R"({"domain":"a.example","certificateFile":"x"})", Role::Operator)
            .status == 403);
}
