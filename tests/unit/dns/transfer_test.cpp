#include "service/dns/transfer.h"

#include <doctest/doctest.h>

#include "service/dns/notify_plan.h"
#include "service/dns/tcp_session.h"
#include "tests/unit/dns/dns_support.h"

using namespace causeway;
using namespace causeway::dns;
using namespace causeway::dns::test;

namespace {

const TsigKey& key() {
    static const TsigKey made{name("transfer.example"), Secret{"shared by both servers"}};
    return made;
}

ZoneInput withSecondary(ZoneInput input, std::string keyName = {}) {
    input.secondaries = {{{ip("10.1.0.53"), 53}, std::move(keyName), View::Lan}};
    return input;
}

std::string query(Type type, std::optional<std::uint32_t> known = {}, const TsigKey* signedWith = nullptr,
                  TimePoint now = {}) {
    auto message = Answering::query("chat.example.com", type);
    if (known) {
        Soa soa;
        soa.serial = *known;
        message.authorities.push_back({name("chat.example.com"), Type::Soa, Class::In, 0, soaData(soa)});
    }
    auto bytes = *writeMessage(message);
    if (signedWith) {
        TsigSigner signer{*signedWith, {}};
        const auto size = bytes.size();
        bytes.resize(size + signer.roomFor());
        bytes.resize(signer.sign({reinterpret_cast<Byte*>(bytes.data()), bytes.size()}, size,
                                 static_cast<std::uint64_t>(epochMillis(now) / 1000)));
    }
    return bytes;
}

struct Taken {
    std::vector<Record> records;
    Rcode rcode = Rcode::NoError;
    std::size_t messages = 0;
    std::size_t signedMessages = 0;
};

Taken take(Answering& dns, const std::string& bytes) {
    ZoneTransfer transfer{bytes, dns.asker, dns.holder().get()};
    std::vector<Byte> room(kMaxMessage);
    Taken taken;
    while (const auto size = transfer.next(room, dns.asker.now)) {
        const auto message = parseMessage(textOf(ByteView{room}.first(size)));
        REQUIRE(message);
        CHECK(message->header.id == 4711);
        ++taken.messages;
        taken.rcode = message->rcode();
        taken.records.insert(taken.records.end(), message->answers.begin(), message->answers.end());
        if (!message->additionals.empty() && message->additionals.back().type == Type::Tsig) ++taken.signedMessages;
    }
    return taken;
}

}  // namespace

TEST_CASE("transfer: a listed secondary gets the whole zone between two SOA records") {
    Answering dns{{withSecondary(chatInput())}};
    dns.asker.address = ip("10.1.0.53");
    const auto taken = take(dns, query(Type::Axfr));
    const auto& zone = *dns.keeper().zones()[0].zone;
    auto wanted = zone.of(View::Lan);
    wanted.push_back(wanted.front());
    CHECK(texts(taken.records) == texts(wanted));
}

TEST_CASE("transfer: strangers, unsigned and wrongly signed requests are refused") {
    Answering dns{{withSecondary(chatInput(), "transfer.example")}};
    dns.keys = {key(), {name("other.example"), Secret{"other"}}};
    auto changed = withSecondary(chatInput(), "transfer.example");
    changed.ttl = 77;
    dns.serve({changed});
    CHECK(take(dns, query(Type::Axfr)).rcode == Rcode::Refused);
    dns.asker.address = ip("10.1.0.53");
    CHECK(take(dns, query(Type::Axfr)).rcode == Rcode::Refused);
    const TsigKey wrong{key().name, Secret{"guessed"}};
    CHECK(take(dns, query(Type::Axfr, {}, &wrong, dns.asker.now)).rcode == Rcode::NotAuth);
    CHECK(take(dns, query(Type::Axfr, {}, &dns.keys[1], dns.asker.now)).rcode == Rcode::NotAuth);
    CHECK(take(dns, query(Type::Axfr, {}, &key(), dns.asker.now - 1h)).rcode == Rcode::NotAuth);
    const auto good = take(dns, query(Type::Axfr, {}, &key(), dns.asker.now));
    CHECK(good.rcode == Rcode::NoError);
    CHECK(good.records.size() > 10);
    CHECK(good.signedMessages == good.messages);
    auto elsewhere = Answering::query("example.org", Type::Axfr);
    CHECK(take(dns, *writeMessage(elsewhere)).rcode == Rcode::NotAuth);
}

TEST_CASE("transfer: every message of a long signed transfer verifies with the one before") {
    auto input = withSecondary(chatInput(), "transfer.example");
    for (int i = 0; i < 900; ++i)
        input.extraRecords += "h" + std::to_string(i) + " TXT \"" + std::string(60, 'x') + "\"\n";
    Answering dns{{}};
    dns.keys = {key()};
    dns.serve({input});
    dns.asker.address = ip("10.1.0.53");
    const auto bytes = query(Type::Axfr, {}, &key(), dns.asker.now);
    const auto taken = take(dns, bytes);
    CHECK(taken.messages > 3);
    CHECK(taken.records.size() == dns.keeper().zones()[0].zone->of(View::Lan).size() + 1);
    CHECK(taken.signedMessages == taken.messages);
}

TEST_CASE("transfer: IXFR brings only what changed") {
    auto input = withSecondary(chatInput());
    Answering dns{{input}};
    const auto first = dns.keeper().zones()[0].zone->serial;
    input.supernodes[1].isLive = false;
    dns.asker.now += 10s;
    dns.serve({input});
    input.extraRecords = "new A 192.0.2.77\n";
    dns.asker.now += 10s;
    dns.serve({input});
    const auto last = dns.keeper().zones()[0].zone->serial;
    dns.asker.address = ip("10.1.0.53");

    const auto taken = take(dns, query(Type::Ixfr, first));
    std::vector<std::size_t> soas;
    for (std::size_t i = 0; i < taken.records.size(); ++i) {
        if (taken.records[i].type == Type::Soa) soas.push_back(i);
    }
    REQUIRE(soas.size() == 4);
    CHECK(readSoa(taken.records[soas[0]].data)->serial == last);
    CHECK(readSoa(taken.records[soas[1]].data)->serial == first);
    CHECK(readSoa(taken.records[soas[2]].data)->serial == last);
    const auto list = texts(taken.records);
    const std::vector<std::string> removed{list.begin() + 2, list.begin() + static_cast<std::ptrdiff_t>(soas[2])};
    const std::vector<std::string> added{list.begin() + static_cast<std::ptrdiff_t>(soas[2]) + 1, list.end() - 1};
    CHECK(contains(removed, "sn2.chat.example.com. 300 IN A 10.2.0.5"));
    CHECK(added == std::vector<std::string>{"new.chat.example.com. 300 IN A 192.0.2.77"});

    CHECK(take(dns, query(Type::Ixfr, last)).records.size() == 1);
    // An unknown version gets everything.
    CHECK(take(dns, query(Type::Ixfr, first - 5)).records.size() ==
          dns.keeper().zones()[0].zone->of(View::Lan).size() + 1);
    CHECK(take(dns, query(Type::Ixfr)).rcode == Rcode::FormErr);
}

TEST_CASE("tcp session: queries cut anywhere are answered in order, a transfer among them") {
    Answering dns{{withSecondary(chatInput())}};
    std::vector<std::string> transfers;
    TcpSession session{dns.responder(), ip("10.1.0.53"),
                       [&](const ZoneTransfer& transfer) { transfers.push_back(transfer.domain()); }};
    std::string input;
    const auto add = [&input](const std::string& bytes) {
        input += static_cast<char>(bytes.size() >> 8);
        input += static_cast<char>(bytes.size() & 0xFF);
        input += bytes;
    };
    add(*writeMessage(Answering::query("sn1.chat.example.com", Type::A)));
    add(query(Type::Axfr));
    add(*writeMessage(Answering::query("sn2.chat.example.com", Type::A)));
    std::vector<Byte> room(kMaxMessage + 2);
    std::vector<Message> answers;
    for (const char c : input) {
        session.feed({&c, 1});
        while (true) {
            const auto framed = session.next(room, dns.asker.now);
            if (framed.empty()) break;
            const auto parsed = parseMessage(framed.substr(2));
            REQUIRE(parsed);
            answers.push_back(*parsed);
        }
    }
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].questions[0].name == name("sn1.chat.example.com"));
    CHECK(answers[1].answers.size() > 10);
    CHECK(answers[2].questions[0].name == name("sn2.chat.example.com"));
    CHECK(transfers == std::vector<std::string>{"chat.example.com"});
    CHECK(session.waiting() == 0);
    session.feed(std::string("\0\5abcde", 7));
    CHECK(session.next(room, dns.asker.now).empty());
    CHECK(session.isBroken());
}

TEST_CASE("notify plan: a change is told until the secondary answers") {
    ZoneKeeper keeper{1};
    TimePoint now{1'700'000'000s};
    auto input = withSecondary(chatInput());
    const auto zone = *keeper.update({input}, now).changed[0];
    NotifyPlan plan{1};
    plan.changed(zone, {}, now);
    auto sent = plan.due(now);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to.text() == "10.1.0.53:53");
    const auto notice = parseMessage(sent[0].bytes);
    REQUIRE(notice);
    CHECK(notice->header.opcode == Opcode::Notify);
    CHECK(notice->answers[0].type == Type::Soa);
    CHECK(plan.due(now).empty());
    CHECK(plan.nextDeadline() == now + 1s);
    CHECK(plan.states()[0].notice == SecondaryState::Notice::Waiting);

    auto answer = *notice;
    answer.header.isResponse = true;
    SUBCASE("an answer ends it") {
        plan.received({ip("10.1.0.54"), 53}, *writeMessage(answer));
        CHECK(plan.nextDeadline());
        plan.received({ip("10.1.0.53"), 53}, *writeMessage(answer));
        CHECK_FALSE(plan.nextDeadline());
        CHECK(plan.states()[0].notice == SecondaryState::Notice::Acknowledged);
        plan.transferred("chat.example.com", {ip("10.1.0.53"), 53}, zone.serial, now);
        CHECK(plan.states()[0].takenSerial == zone.serial);
    }
    SUBCASE("an error is shown") {
        answer.header.rcode = static_cast<std::uint8_t>(Rcode::NotAuth);
        plan.received({ip("10.1.0.53"), 53}, *writeMessage(answer));
        CHECK(plan.states()[0].notice == SecondaryState::Notice::Refused);
        CHECK(plan.states()[0].detail == "NOTAUTH");
    }
    SUBCASE("silence ends after seven tries") {
        std::size_t tries = 1;
        while (const auto next = plan.nextDeadline())
            tries += plan.due(*next).size();
        CHECK(tries == 7);
        CHECK(plan.states()[0].notice == SecondaryState::Notice::NoAnswer);
    }
    SUBCASE("a newer change starts again, a removed domain is forgotten") {
        input.ttl = 5;
        const auto newer = *keeper.update({input}, now + 5s).changed[0];
        plan.changed(newer, {}, now + 5s);
        CHECK(plan.due(now + 5s).size() == 1);
        CHECK(plan.states()[0].toldSerial == newer.serial);
        plan.removed(name("chat.example.com"));
        CHECK(plan.states().empty());
    }
}
