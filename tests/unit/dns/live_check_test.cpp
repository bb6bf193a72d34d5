#include "service/dns/live_check.h"

#include <doctest/doctest.h>

#include <functional>

#include "service/dns/records_text.h"
#include "shared/proto/dns/zone_text.h"
#include "tests/unit/dns/dns_support.h"

using namespace causeway;
using namespace causeway::dns;
using namespace causeway::dns::test;

namespace {

Zone chatZone() {
    auto input = chatInput();
    input.supernodes.pop_back();
    const auto built = buildZone(input, 7);
    REQUIRE(built);
    return built->zone;
}

/// What a resolver says that has these records.
std::vector<CheckReply> repliesFrom(const Zone& zone, std::vector<Record> records, bool isAuthoritative = false) {
    const auto answer = [&](const CheckQuestion& question) {
        Message message;
        message.header.isResponse = true;
        message.header.isAuthoritative = isAuthoritative;
        bool isThere = false;
        for (const auto& record : records) {
            if (record.owner != question.name) continue;
            isThere = true;
            if (record.type == question.type || record.type == Type::Cname) message.answers.push_back(record);
        }
        if (!isThere) message.header.rcode = static_cast<std::uint8_t>(Rcode::NxDomain);
        return CheckReply{question, message, std::nullopt};
    };
    std::vector<CheckReply> replies;
    for (const auto& question : checkQuestions(zone, View::Lan))
        replies.push_back(answer(question));
    for (const auto& question : followUpQuestions(replies))
        replies.push_back(answer(question));
    return replies;
}

const CheckRow& rowOf(const std::vector<CheckRow>& rows, const std::string& owner, const std::string& type) {
    for (const auto& row : rows) {
        if (row.name == owner && row.type == type) return row;
    }
    FAIL("no such row");
    return rows.front();
}

std::vector<Record> replaced(const Zone& zone, const std::string& owner, Type type, const std::string& instead) {
    std::vector<Record> records;
    for (const auto& record : zone.of(View::Lan)) {
        if (record.owner != name(owner) || record.type != type) records.push_back(record);
    }
    const auto more = parseZoneText(instead, zone.apex, 300);
    REQUIRE(more);
    records.insert(records.end(), more->begin(), more->end());
    return records;
}

}  // namespace

TEST_CASE("live check: a resolver that shows our records is right in every row") {
    const auto zone = chatZone();
    const auto rows = compareRecords(zone, View::Lan, repliesFrom(zone, zone.of(View::Lan)));
    CHECK(rows.size() == zone.of(View::Lan).size() - 2);  // SOA and NS belong to that server
    for (const auto& row : rows) {
        CAPTURE(row.name);
        CHECK(row.verdict == CheckVerdict::Right);
        CHECK(row.reason.empty());
        CHECK(row.found == row.wanted);
    }
}

TEST_CASE("live check: each mistake is told by its own name") {
    const auto zone = chatZone();
    const std::string service = "_xmpp-client._tcp.chat.example.com";
    struct Row {
        const char* what;
        Type type;
        const char* owner;
        const char* instead;
        CheckVerdict verdict;
    };
    for (const auto& row : {
             Row{"missing", Type::Srv, service.c_str(), "", CheckVerdict::Missing},
             Row{"other host", Type::Srv, service.c_str(), "_xmpp-client._tcp SRV 10 10 5222 old",
                 CheckVerdict::WrongTarget},
             Row{"an address", Type::Srv, service.c_str(), "_xmpp-client._tcp SRV 10 10 5222 10.1.0.5.",
                 CheckVerdict::TargetIsAddress},
             Row{"other port", Type::Srv, service.c_str(), "_xmpp-client._tcp SRV 10 10 5269 sn1",
                 CheckVerdict::OtherPort},
             Row{"other weight", Type::Srv, service.c_str(), "_xmpp-client._tcp SRV 10 99 5222 sn1",
                 CheckVerdict::OtherPriority},
             Row{"alias", Type::A, "sn1.chat.example.com", "sn1 CNAME real\nreal A 10.1.0.5",
                 CheckVerdict::TargetIsAlias},
             Row{"no address", Type::A, "sn1.chat.example.com", "sn1 TXT \"x\"", CheckVerdict::TargetHasNoAddress},
             Row{"kept too long", Type::Srv, service.c_str(), "_xmpp-client._tcp 3600 SRV 10 10 5222 sn1",
                 CheckVerdict::StaleTtl},
         }) {
        CAPTURE(row.what);
        const auto replies = repliesFrom(zone, replaced(zone, row.owner, row.type, row.instead));
        const auto rows = compareRecords(zone, View::Lan, replies);
        const auto& found = rowOf(rows, service, "SRV");
        CHECK(std::string(verdictText(found.verdict)) == verdictText(row.verdict));
        CHECK_FALSE(found.reason.empty());
        CHECK_FALSE(found.todo.empty());
        CHECK(found.isNeeded);
    }
}

TEST_CASE("live check: a supernode that is gone but still published is unwanted") {
    const auto zone = chatZone();
    auto records = zone.of(View::Lan);
    const auto more = parseZoneText("_xmpp-client._tcp SRV 10 10 5222 old\nold A 10.7.0.1\n", zone.apex, 300);
    records.insert(records.end(), more->begin(), more->end());
    const auto rows = compareRecords(zone, View::Lan, repliesFrom(zone, records));
    CHECK(rows.back().verdict == CheckVerdict::Unwanted);
    CHECK(rows.back().found == "10 10 5222 old.chat.example.com.");
}

TEST_CASE("live check: old data in a cache is told with the time that it stays") {
    const auto zone = chatZone();
    const auto records = replaced(zone, "sn1.chat.example.com", Type::A, "sn1 42 A 10.66.0.1");
    auto rows = compareRecords(zone, View::Lan, repliesFrom(zone, records));
    const auto& row = rowOf(rows, "sn1.chat.example.com", "A");
    CHECK(row.verdict == CheckVerdict::WrongAddress);
    CHECK(row.todo.find("42 seconds") != std::string::npos);
    rows = compareRecords(zone, View::Lan, repliesFrom(zone, records, true));
    CHECK(rowOf(rows, "sn1.chat.example.com", "A").todo.find("memory") == std::string::npos);
}

TEST_CASE("live check: silence, refusal and failure are three different rows") {
    const auto zone = chatZone();
    const auto all = [&](const std::function<void(CheckReply&)>& change) {
        auto replies = repliesFrom(zone, {});
        for (auto& reply : replies)
            change(reply);
        return compareRecords(zone, View::Lan, replies).front();
    };
    CHECK(all([](CheckReply& r) {
              r.message.reset();
              r.failure = Error{Code::Timeout, "No answer."};
          }).verdict == CheckVerdict::NoAnswer);
    CHECK(all([](CheckReply& r) { r.message->header.rcode = 5; }).verdict == CheckVerdict::Refused);
    CHECK(all([](CheckReply& r) { r.message->header.rcode = 2; }).verdict == CheckVerdict::ServerFailure);
    CHECK(all([](CheckReply&) {}).verdict == CheckVerdict::Missing);
}

TEST_CASE("live check: resolv.conf gives at most three resolvers, or the loopback") {
    const auto list = parseResolvConf(
        "# nameserver 1.1.1.1\nsearch x\nnameserver 192.0.2.53 ; c\n nameserver\tfe80::1%eth0\nnameserver bad\n"
        "nameserver 192.0.2.54\nnameserver 192.0.2.55\n");
    REQUIRE(list.size() == 3);
    CHECK(list[0].text() == "192.0.2.53:53");
    CHECK(list[1].text() == "[fe80::1]:53");
    CHECK(parseResolvConf("")[0].text() == "127.0.0.1:53");
}

TEST_CASE("records for others: each form can be pasted") {
    auto input = chatInput();
    input.supernodes.pop_back();
    input.extraRecords = "quote TXT \"it's \\\"fine\\\"\"\n";
    const auto zone = buildZone(input, 7)->zone;
    const auto text = [&](TextForm form, const char* host) {
        const auto made = recordsFor(form, zone, View::Internet, host);
        REQUIRE(made);
        return *made;
    };
    const auto bind = text(TextForm::Bind, "example.com");
    CHECK(bind.find("$ORIGIN example.com.\n") != std::string::npos);
    CHECK(bind.find("_xmpp-client._tcp.chat              300 IN SRV 10 10 5222 sn1.chat.example.com.\n") !=
          std::string::npos);
    CHECK(bind.find(" SOA ") == std::string::npos);
    // What we write we read again.
    const auto again = parseZoneText(bind, name("example.com"), 300);
    REQUIRE(again);
    CHECK(again->size() == zone.of(View::Internet).size() - 2);

    const auto windows = text(TextForm::Windows, "example.com");
    CHECK(
        windows.find("Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_xmpp-client._tcp.chat' -Srv "
                     "-DomainName 'sn1.chat.example.com.' -Priority 10 -Weight 10 -Port 5222 -TimeToLive 00:05:00\n") !=
        std::string::npos);
    CHECK(windows.find("-Name 'sn1.chat' -A -IPv4Address 192.0.2.5 ") != std::string::npos);
    CHECK(windows.find("-DescriptiveText 'it''s \"fine\"'") != std::string::npos);
    CHECK(windows.find("-Type 65 -RecordData 000b") != std::string::npos);
    CHECK(text(TextForm::Windows, "").find("-Name '@' -A ") != std::string::npos);

    const auto dnsmasq = text(TextForm::Dnsmasq, "");
    CHECK(dnsmasq.find("srv-host=_xmpp-client._tcp.chat.example.com,sn1.chat.example.com,5222,10,10\n") !=
          std::string::npos);
    CHECK(dnsmasq.find("host-record=sn1.chat.example.com,192.0.2.5,300\n") != std::string::npos);

    auto longInput = input;
    longInput.extraRecords = "long TXT \"" + std::string(250, 'a') + "\" \"" + std::string(250, 'b') + "\"\n";
    const auto longText = recordsFor(TextForm::Dnsmasq, buildZone(longInput, 7)->zone, View::Lan, "");
    REQUIRE(longText);
    CHECK(longText->find("# Left out, as dnsmasq takes no line of over 1,000 characters: TXT of long.") !=
          std::string::npos);

    const auto unbound = text(TextForm::Unbound, "");
    CHECK(unbound.find("local-data: \"sn1.chat.example.com. 300 IN A 192.0.2.5\"\n") != std::string::npos);
    CHECK(unbound.find("local-data: '_xmppconnect.chat.example.com. 300 IN TXT "
                       "\"_xmpp-client-websocket=wss://chat.example.com:5443/ws\"'\n") != std::string::npos);
    CHECK_FALSE(recordsFor(TextForm::Bind, zone, View::Lan, "example.org"));
    CHECK(parseTextForm("windows") == TextForm::Windows);
    CHECK_FALSE(parseTextForm("mac"));
}
