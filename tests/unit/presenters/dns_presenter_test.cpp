#include "console/presenters/dns_presenter.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

struct QuietDns : QuietConsole {
    ProvidersPresenter providers{session};
    DomainsPresenter domains{session, providers};
    DnsPresenter dns{session, domains};

    QuietDns() {
        api::DomainRow row;
        row.domain.id = 1;
        row.domain.name = "xn--bcher-kva.example";
        row.domain.shown = "bücher.example";
        row.directory.state = ProofState::Fine;
        row.supernode.state = ProofState::Broken;
        domains.take({row});
    }
};

api::DnsOverview overview() {
    api::DnsOverview made;
    made.status.isOn = true;
    made.status.listeners = {"0.0.0.0:53"};
    made.status.domains = 1;
    made.status.queries = 1204;
    api::DnsRow lan;
    lan.domain = "xn--bcher-kva.example";
    lan.supernode = "sn1.xn--bcher-kva.example";
    lan.address = "10.1.0.5";
    lan.port = 5222;
    lan.view = "lan";
    lan.isLive = true;
    lan.ttl = 300;
    lan.queries = 1204;
    lan.lastQuery = kNoon - 40s;
    auto internet = lan;
    internet.view = "internet";
    internet.address.clear();
    made.rows = {lan, internet};
    return made;
}

std::size_t columnOf(DnsColumn column) {
    return static_cast<std::size_t>(column);
}

}  // namespace

TEST_CASE("chat DNS rows carry the marks of their domain") {
    QuietDns quiet;
    quiet.now = kNoon;
    quiet.dns.take(overview());
    const auto& table = quiet.dns.table();
    REQUIRE(table.rowCount() == 2);
    CHECK(table.cell(0, columnOf(DnsColumn::Domain)) == "bücher.example");
    CHECK(cellsOf(table, columnOf(DnsColumn::Supernode)) ==
          std::vector<std::string>{"sn1 (no address on this side)", "sn1 (10.1.0.5:5222)"});
    CHECK(table.cell(1, columnOf(DnsColumn::View)) == "LAN");
    CHECK(table.cell(1, columnOf(DnsColumn::Directory)) == "Registered");
    CHECK(table.mark(1, columnOf(DnsColumn::SupernodeMark)) == Mark::Broken);
    CHECK(table.cell(1, columnOf(DnsColumn::State)) == "Live");
    CHECK(table.cell(0, columnOf(DnsColumn::State)) == "No address");
    CHECK(table.cell(1, columnOf(DnsColumn::Ttl)) == "5 min");
    CHECK(table.cell(1, columnOf(DnsColumn::LastQuery)) == "40 s");
    CHECK(quiet.dns.statusText() == "listens on 0.0.0.0:53, 1 domain, 1,204 queries");
    CHECK(quiet.dns.troubleText().empty());

    auto silent = overview();
    silent.status.isOn = false;
    quiet.dns.take(silent);
    CHECK(table.cell(1, columnOf(DnsColumn::State)) == "Not served");
    CHECK(table.mark(1, columnOf(DnsColumn::State)) == Mark::Broken);
    CHECK(quiet.dns.domain() == "xn--bcher-kva.example");

    // The mark changes: the row follows without asking DNS again.
    auto row = *quiet.domains.find(1);
    row.supernode.state = ProofState::Fine;
    quiet.domains.domainsChanged({{row}, {}});
    CHECK(table.mark(1, columnOf(DnsColumn::SupernodeMark)) == Mark::Fine);
}

TEST_CASE("why chat DNS does not listen and what it cannot serve is told") {
    QuietDns quiet;
    auto made = overview();
    made.status.isOn = false;
    made.status.problem = "Port 53 is taken.";
    made.warnings.push_back({"a.example", "One record was left out.", "It is too long.", "Shorten it."});
    quiet.dns.take(made);
    CHECK(quiet.dns.statusText() == "does not listen");
    CHECK(quiet.dns.troubleText() ==
          "Port 53 is taken.\na.example: One record was left out. It is too long. Shorten it.");
}

TEST_CASE("resolvers by hand are addresses, at most eight") {
    QuietDns quiet;
    CHECK(quiet.dns.resolversProblem("").empty());
    CHECK(quiet.dns.resolversProblem("10.1.0.2, 192.0.2.53:5353\n[2001:db8::1]:53").empty());
    CHECK(quiet.dns.resolversProblem("dns.example.com").find("dns.example.com") != std::string::npos);
    CHECK_FALSE(
        quiet.dns.resolversProblem("1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 1.1.1.9").empty());
}

TEST_CASE("a live check tells the verdict of each record and who shows it") {
    QuietDns quiet;
    quiet.dns.take(overview());
    CHECK(quiet.dns.checkLine().mark == Mark::Unknown);
    api::DnsCheckRow right{
        "_xmpp-client._tcp.a", "SRV", "10 10 5222 sn1.a.", "10 10 5222 sn1.a.", "right", "", "", true};
    auto missing = right;
    missing.found.clear();
    missing.verdict = "missing";
    missing.reason = "There is no such record.";
    missing.todo = "Add it.";
    auto helpful = missing;
    helpful.isNeeded = false;
    api::DnsCheckReport here{"this server", "127.0.0.1:53", "lan", true, {right}};
    api::DnsCheckReport other{"10.1.0.2", "10.1.0.2", "lan", false, {right, missing, helpful}};
    quiet.dns.takeCheck({here});
    CHECK(quiet.dns.checkLine().mark == Mark::Fine);
    quiet.dns.takeCheck({here, other});
    CHECK(quiet.dns.checkLine().mark == Mark::Partly);
    CHECK(quiet.dns.checkLine().text.rfind("1 resolver does not show", 0) == 0);
    const auto lines = quiet.dns.checkLines();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].resolver == "This server (127.0.0.1:53)");
    CHECK(lines[1].resolver == "10.1.0.2");
    CHECK(lines[2].resolver.empty());
    CHECK(lines[2].mark == Mark::Broken);
    CHECK(lines[2].result == "Missing");
    CHECK(lines[2].todo == "Add it.");
    CHECK(lines[3].mark == Mark::Partly);
    CHECK(verdictText("target-is-alias") == "Target is an alias");
}
