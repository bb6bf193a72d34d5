#include "service/dns/responder.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/unit/dns/dns_support.h"

using namespace causeway;
using namespace causeway::dns;
using namespace causeway::dns::test;

namespace {

Message withEdns(Message message, std::uint16_t payload = 1232) {
    message.edns = Edns{.payload = payload};
    return message;
}

std::string answerTexts(const Message& message) {
    std::string out;
    for (const auto& record : message.answers)
        out += recordText(record) + "\n";
    return out;
}

}  // namespace

TEST_CASE("responder: SRV comes with the addresses of its hosts") {
    Answering dns{{chatInput()}};
    const auto message = dns.ask("_xmpp-client._tcp.chat.example.com", Type::Srv);
    CHECK(message.header.isAuthoritative);
    CHECK_FALSE(message.header.isTruncated);
    CHECK(message.rcode() == Rcode::NoError);
    CHECK(message.answers.size() == 2);
    CHECK(contains(texts(message.additionals), "sn1.chat.example.com. 300 IN A 10.1.0.5"));
    CHECK(contains(texts(message.additionals), "sn2.chat.example.com. 300 IN A 10.2.0.5"));
    CHECK_FALSE(message.edns);
}

TEST_CASE("responder: the spelling of the question comes back as it was, and decides nothing") {
    Answering dns{{chatInput()}};
    const auto message = dns.ask("SN1.Chat.eXample.COM", Type::A);
    CHECK(message.questions[0].name.text() == "SN1.Chat.eXample.COM.");
    CHECK(answerTexts(message) == "SN1.Chat.eXample.COM. 300 IN A 10.1.0.5\n");
}

TEST_CASE("responder: LAN and Internet clients get their own addresses") {
    Answering dns{{chatInput()}};
    dns.asker.address = ip("198.51.100.1");
    CHECK(answerTexts(dns.ask("sn1.chat.example.com", Type::A)) == "sn1.chat.example.com. 300 IN A 192.0.2.5\n");
    CHECK(dns.ask("sn2.chat.example.com", Type::A).rcode() == Rcode::NxDomain);
    dns.asker.address = ip("fd00::7");
    CHECK(answerTexts(dns.ask("sn1.chat.example.com", Type::A)) == "sn1.chat.example.com. 300 IN A 10.1.0.5\n");
    auto lanOnly = chatInput();
    lanOnly.servesInternet = false;
    dns.serve({lanOnly});
    CHECK(dns.ask("sn1.chat.example.com", Type::A).rcode() == Rcode::NoError);
    dns.asker.address = ip("198.51.100.1");
    const auto refused = dns.ask("sn1.chat.example.com", Type::A);
    CHECK(refused.rcode() == Rcode::Refused);
    CHECK_FALSE(refused.header.isAuthoritative);
}

TEST_CASE("responder: negative answers carry the SOA with the short TTL") {
    Answering dns{{chatInput()}};
    struct Row {
        const char* host;
        Type type;
        Rcode rcode;
    };
    for (const auto& row :
         {Row{"nobody.chat.example.com", Type::A, Rcode::NxDomain},
          Row{"a.b.c.d.chat.example.com", Type::A, Rcode::NxDomain},
          Row{"x.sn1.CHAT.example.com", Type::Txt, Rcode::NxDomain},
          Row{"sn1.chat.example.com", Type::Mx, Rcode::NoError}, Row{"chat.example.com", Type::Ptr, Rcode::NoError},
          // Empty names in between exist (RFC 8020).
          Row{"_tcp.chat.example.com", Type::A, Rcode::NoError},
          Row{"_tcp.chat.example.com", Type::Any, Rcode::NoError}}) {
        CAPTURE(row.host);
        const auto message = dns.ask(row.host, row.type);
        CHECK(message.rcode() == row.rcode);
        CHECK(message.header.isAuthoritative);
        CHECK(message.answers.empty());
        REQUIRE(message.authorities.size() == 1);
        const auto& soa = message.authorities[0];
        CHECK(soa.owner == name("chat.example.com"));
        CHECK(soa.ttl == 60);
        REQUIRE(readSoa(soa.data));
        CHECK(readSoa(soa.data)->primary == name("ns1.chat.example.com"));
        CHECK(readSoa(soa.data)->mailbox == name("hostmaster.chat.example.com"));
    }
}

TEST_CASE("responder: what is not ours is refused") {
    Answering dns{{chatInput()}};
    for (const auto* host : {"example.com", "com", ".", "otherchat.example.com", "chat.example.org"}) {
        CAPTURE(host);
        const auto message = dns.ask(host, Type::A);
        CHECK(message.rcode() == Rcode::Refused);
        CHECK(message.answers.empty());
        CHECK(message.authorities.empty());
    }
    auto chaos = Answering::query("version.bind", Type::Txt);
    chaos.questions[0].klass = Class::Chaos;
    CHECK(dns.ask(chaos).rcode() == Rcode::Refused);
    auto any = Answering::query("chat.example.com", Type::A);
    any.questions[0].klass = Class::Any;
    CHECK(dns.ask(any).rcode() == Rcode::Refused);
}

TEST_CASE("responder: the deepest domain answers for its names") {
    auto outer = chatInput();
    outer.domain = "example.com";
    outer.extraRecords = "x.chat A 192.0.2.99\n";
    Answering dns{{outer, chatInput()}};
    CHECK(dns.ask("sn1.chat.example.com", Type::A).rcode() == Rcode::NoError);
    CHECK(dns.ask("sn1.example.com", Type::A).rcode() == Rcode::NoError);
    const auto message = dns.ask("x.chat.example.com", Type::A);
    CHECK(message.rcode() == Rcode::NxDomain);
    CHECK(message.authorities[0].owner == name("chat.example.com"));
}

TEST_CASE("responder: ANY gets one set") {
    Answering dns{{chatInput()}};
    const auto message = dns.ask("chat.example.com", Type::Any);
    REQUIRE(message.answers.size() == 2);
    CHECK(message.answers[0].type == message.answers[1].type);
}

TEST_CASE("responder: an alias is followed inside the domain") {
    auto input = chatInput();
    input.extraRecords =
        "files CNAME web\nweb CNAME sn1\nlost CNAME nobody\nout CNAME www.example.org.\na CNAME b\nb CNAME a\n";
    Answering dns{{input}};
    auto message = dns.ask("files.chat.example.com", Type::A);
    CHECK(answerTexts(message) ==
          "files.chat.example.com. 300 IN CNAME web.chat.example.com.\n"
          "web.chat.example.com. 300 IN CNAME sn1.chat.example.com.\n"
          "sn1.chat.example.com. 300 IN A 10.1.0.5\n");
    CHECK(message.authorities.empty());
    message = dns.ask("files.chat.example.com", Type::Mx);
    CHECK(message.answers.size() == 2);
    CHECK(message.authorities.size() == 1);
    CHECK(message.rcode() == Rcode::NoError);
    CHECK(dns.ask("files.chat.example.com", Type::Cname).answers.size() == 1);
    CHECK(dns.ask("files.chat.example.com", Type::Any).answers.size() == 1);
    message = dns.ask("lost.chat.example.com", Type::A);
    CHECK(message.rcode() == Rcode::NxDomain);
    CHECK(message.answers.size() == 1);
    CHECK(message.authorities.size() == 1);
    message = dns.ask("out.chat.example.com", Type::A);
    CHECK(message.rcode() == Rcode::NoError);
    CHECK(message.answers.size() == 1);
    CHECK(message.authorities.empty());
    CHECK(dns.ask("a.chat.example.com", Type::A).answers.size() == 8);
}

TEST_CASE("responder: EDNS is answered with EDNS, unknown versions with BADVERS") {
    Answering dns{{chatInput()}};
    auto query = withEdns(Answering::query("sn1.chat.example.com", Type::A), 4096);
    query.edns->isDnssecOk = true;
    auto message = dns.ask(query);
    REQUIRE(message.edns);
    CHECK(message.edns->payload == 1232);
    CHECK(message.edns->isDnssecOk);
    CHECK(message.edns->version == 0);
    query.edns->version = 1;
    message = dns.ask(query);
    CHECK(message.rcode() == Rcode::BadVers);
    CHECK(message.answers.empty());
    CHECK(message.edns->version == 0);
}

TEST_CASE("responder: an answer that does not fit is cut, with TC and nothing half") {
    auto input = chatInput();
    for (int i = 0; i < 40; ++i)
        input.extraRecords +=
            "big TXT \"" + std::string(50, static_cast<char>('a' + i % 26)) + std::to_string(i) + "\"\n";
    for (int i = 0; i < 12; ++i)
        input.supernodes.push_back(supernode("node" + std::to_string(i), "10.3.0." + std::to_string(i + 1)));
    Answering dns{{input}};
    auto message = dns.ask(withEdns(Answering::query("big.chat.example.com", Type::Txt)));
    CHECK(message.header.isTruncated);
    CHECK(message.answers.empty());
    // The additional section alone is dropped without TC.
    const auto query = Answering::query("_xmpp-client._tcp.chat.example.com", Type::Srv);
    message = dns.ask(withEdns(query, 800));
    CHECK_FALSE(message.header.isTruncated);
    CHECK(message.answers.size() == 14);
    CHECK(message.additionals.empty());
    message = dns.ask(withEdns(query, 1232));
    CHECK(message.additionals.size() == 14);
    CHECK(dns.ask(query).header.isTruncated);  // 512 bytes
    // An offer under 512 counts as 512 (RFC 6891 6.2.3).
    CHECK(dns.ask(withEdns(Answering::query("sn1.chat.example.com", Type::A), 10)).answers.size() == 1);
    dns.asker.transport = Transport::Tcp;
    message = dns.ask(Answering::query("big.chat.example.com", Type::Txt));
    CHECK(message.answers.size() == 40);
}

TEST_CASE("responder: cookies are given, and a good one proves the client") {
    Answering dns{{chatInput()}, {.responsesPerSecond = 1, .burst = 1, .slip = 1}};
    auto query = withEdns(Answering::query("sn1.chat.example.com", Type::A));
    query.edns->options = {{kCookieOption, "abcdefgh"}};
    auto message = dns.ask(query);
    REQUIRE(message.edns);
    REQUIRE(message.edns->options.size() == 1);
    const auto cookie = message.edns->options[0].data;
    REQUIRE(cookie.size() == 24);
    CHECK(cookie.starts_with("abcdefgh"));
    // The bucket is empty now: strangers are cut, the proven client is not.
    CHECK(dns.ask(query).header.isTruncated);
    query.edns->options = {{kCookieOption, cookie}};
    for (int i = 0; i < 5; ++i)
        CHECK(dns.ask(query).answers.size() == 1);
    dns.asker.address = ip("10.1.0.98");  // same network, but not the address of the cookie
    CHECK(dns.ask(query).header.isTruncated);
    for (const std::size_t size : {0U, 7U, 9U, 15U, 41U}) {
        query.edns->options = {{kCookieOption, std::string(size, 'x')}};
        dns.asker.now += 1h;
        CHECK(dns.ask(query).rcode() == Rcode::FormErr);
    }
}

TEST_CASE("responder: a client that only wants a cookie gets one") {
    Answering dns{{chatInput()}};
    Message query;
    query.header.id = 5;
    query.edns = Edns{.options = {{kCookieOption, "abcdefgh"}}};
    const auto message = dns.ask(query);
    CHECK(message.rcode() == Rcode::NoError);
    REQUIRE(message.edns);
    CHECK(message.edns->options[0].data.size() == 24);
}

TEST_CASE("responder: where cookies are demanded, strangers get no data by UDP") {
    Answering dns{{chatInput()}, {.responsesPerSecond = 0}, CookiePolicy::Demand};
    CHECK(dns.ask("sn1.chat.example.com", Type::A).header.isTruncated);
    auto query = withEdns(Answering::query("sn1.chat.example.com", Type::A));
    query.edns->options = {{kCookieOption, "abcdefgh"}};
    auto message = dns.ask(query);
    CHECK(message.rcode() == Rcode::BadCookie);
    query.edns->options = message.edns->options;
    CHECK(dns.ask(query).answers.size() == 1);
    dns.asker.transport = Transport::Tcp;
    CHECK(dns.ask("sn1.chat.example.com", Type::A).answers.size() == 1);
}

TEST_CASE("responder: the rate limit cuts or drops, and never sends more than it got") {
    Answering dns{{chatInput()}, {.responsesPerSecond = 10, .burst = 20, .slip = 2}};
    const auto query = *writeMessage(Answering::query("_xmpp-client._tcp.chat.example.com", Type::Srv));
    int whole = 0;
    int cut = 0;
    int dropped = 0;
    for (int i = 0; i < 120; ++i) {
        const auto answer = dns.raw(query);
        if (answer.empty()) {
            ++dropped;
        } else if (parseMessage(answer)->header.isTruncated) {
            ++cut;
            CHECK(answer.size() == query.size());
        } else {
            ++whole;
        }
    }
    CHECK(whole == 20);
    CHECK(cut == 50);
    CHECK(dropped == 50);
    // Another network is not touched; time fills the bucket again.
    dns.asker.address = ip("10.1.1.99");
    CHECK(dns.raw(query).size() > query.size());
    dns.asker.address = ip("10.1.0.99");
    dns.asker.now += 500ms;
    int later = 0;
    for (int i = 0; i < 10; ++i)
        later += dns.raw(query).size() > query.size() ? 1 : 0;
    CHECK(later == 5);
    dns.asker.transport = Transport::Tcp;
    CHECK(dns.raw(query).size() > query.size());
}

TEST_CASE("responder: other operations, answers and malformed queries") {
    Answering dns{{chatInput()}};
    auto bytes = *writeMessage(Answering::query("sn1.chat.example.com", Type::A));
    CHECK(dns.raw(bytes.substr(0, 11)).empty());
    auto response = bytes;
    response[2] = static_cast<char>(0x80);
    CHECK(dns.raw(response).empty());
    const auto rcodeOf = [&](const std::string& query) {
        const auto message = parseMessage(dns.raw(query));
        REQUIRE(message);
        return message->rcode();
    };
    for (const int opcode : {1, 2, 4, 5, 15}) {
        auto other = bytes;
        other[2] = static_cast<char>(opcode << 3);
        CHECK(rcodeOf(other) == Rcode::NotImp);
    }
    CHECK(rcodeOf(bytes + "x") == Rcode::FormErr);
    CHECK(rcodeOf(bytes.substr(0, bytes.size() - 1)) == Rcode::FormErr);
    auto two = bytes;
    two[5] = 2;
    CHECK(rcodeOf(two) == Rcode::FormErr);
    auto none = bytes.substr(0, 12);
    none[5] = 0;
    CHECK(rcodeOf(none) == Rcode::FormErr);
    auto compressed = bytes.substr(0, 12) + std::string("\xC0\x0C\0\1\0\1", 6);
    CHECK(rcodeOf(compressed) == Rcode::FormErr);
    CHECK(rcodeOf(*writeMessage(Answering::query("chat.example.com", Type::Axfr))) == Rcode::FormErr);
    CHECK(rcodeOf(*writeMessage(Answering::query("chat.example.com", Type::MailB))) == Rcode::NotImp);
    const auto ixfr = dns.ask("chat.example.com", Type::Ixfr);
    CHECK(ixfr.header.isTruncated);
}

TEST_CASE("responder: a signed query gets a signed answer, and a wrong signature NOTAUTH") {
    Answering dns{{chatInput()}};
    dns.keys = {{name("k.example"), Secret{"secret of both"}}};
    auto changed = chatInput();
    changed.ttl = 301;
    dns.serve({changed});
    const auto signedQuery = [&](const TsigKey& key, TimePoint when) {
        auto bytes = *writeMessage(withEdns(Answering::query("chat.example.com", Type::Soa)));
        TsigSigner signer{key, {}};
        const auto size = bytes.size();
        bytes.resize(size + signer.roomFor());
        const auto end = signer.sign({reinterpret_cast<Byte*>(bytes.data()), bytes.size()}, size,
                                     static_cast<std::uint64_t>(epochMillis(when) / 1000));
        bytes.resize(end);
        return std::pair{bytes, signer.lastMac()};
    };
    const auto [query, mac] = signedQuery(dns.keys[0], dns.asker.now);
    auto answer = dns.raw(query);
    auto tsig = findTsig(answer);
    REQUIRE(tsig);
    REQUIRE(*tsig);
    const auto now = static_cast<std::uint64_t>(epochMillis(dns.asker.now) / 1000);
    CHECK(verifyTsig(answer, **tsig, dns.keys[0], now, mac) == 0);
    CHECK(parseMessage(answer)->answers.size() == 1);

    struct Row {
        TsigKey key;
        Duration clock;
        std::uint16_t error;
    };
    for (const auto& row : {Row{{name("k.example"), Secret{"another"}}, 0s, kBadSig},
                            Row{{name("x.example"), Secret{"secret of both"}}, 0s, kBadKey},
                            Row{{name("k.example"), Secret{"secret of both"}}, 10min, kBadTime}}) {
        answer = dns.raw(signedQuery(row.key, dns.asker.now - row.clock).first);
        tsig = findTsig(answer);
        REQUIRE(tsig);
        REQUIRE(*tsig);
        CHECK((*tsig)->error == row.error);
        const auto message = parseMessage(answer);
        CHECK(message->rcode() == Rcode::NotAuth);
        CHECK(message->answers.empty());
    }
}

TEST_CASE("responder: queries of a domain are counted with their time") {
    Answering dns{{chatInput()}};
    const auto& counters = *dns.keeper().zones()[0].counters;
    CHECK_FALSE(counters.lastQuery());
    dns.ask("sn1.chat.example.com", Type::A);
    dns.ask("nobody.chat.example.com", Type::A);
    dns.ask("elsewhere.example", Type::A);
    CHECK(counters.queries() == 2);
    CHECK(counters.lastQuery() == dns.asker.now);
    auto changed = chatInput();
    changed.ttl = 17;
    dns.serve({changed});
    dns.ask("sn1.chat.example.com", Type::A);
    CHECK(counters.queries() == 3);
    CHECK(dns.responder().counters().queries.get() == 4);
    CHECK(dns.responder().counters().noName.get() == 1);
}

TEST_CASE("responder: no garbage crashes it, and none is answered with more than a header and question") {
    auto input = chatInput();
    Answering dns{{input}};
    std::mt19937 dice{17};  // NOLINT: the same numbers every time
    const auto good = *writeMessage(withEdns(Answering::query("sn1.chat.example.com", Type::A)));
    for (int i = 0; i < 20000; ++i) {
        auto query = good;
        for (int change = 0; change < 1 + i % 4; ++change)
            query[dice() % query.size()] = static_cast<char>(dice());
        if (i % 3 == 0) query.resize(dice() % (query.size() + 1));
        const auto answer = dns.raw(query);
        if (answer.empty()) continue;
        const auto message = parseMessage(answer);
        REQUIRE(message);
        // The only data here are small; a negative answer brings the SOA.
        CHECK(answer.size() <= query.size() + 90);
        if (message->rcode() == Rcode::FormErr || message->rcode() == Rcode::NotImp) {
            CHECK(answer.size() <= query.size());
        }
    }
}
