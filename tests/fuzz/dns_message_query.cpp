#include <memory>
#include <vector>

#include "service/dns/responder.h"
#include "service/dns/tcp_session.h"
#include "service/dns/zone_keeper.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::dns;

namespace {

constexpr std::uint64_t kNow = 1'700'000'000;

ZoneInput zoneInput() {
    ZoneInput input;
    input.domain = "chat.example.com";
    input.servesInternet = true;
    SupernodeFacts node;
    node.host = {"sn1", {*IpAddress::parse("10.1.0.5")}, {*IpAddress::parse("192.0.2.5")}};
    node.isLive = true;
    input.supernodes = {node};
    input.nameServers = {node.host};
    input.extraRecords = "files CNAME sn1\nlost CNAME nobody\n";
    input.secondaries = {{{*IpAddress::parse("10.1.0.9"), 53}, "", View::Lan}};
    return input;
}

/// Everything that answers, made once.
struct Server {
    Server() : limiter({.responsesPerSecond = 0}, 1), shared{holder, limiter, CookieMaker{{}}} {
        keeper.update({zoneInput()}, TimePoint{std::chrono::seconds{kNow}});
        std::vector<TsigKey> keys{{*Name::parse("key.example"), Secret{"key"}}};
        holder.set(std::make_shared<const Snapshot>(keeper.zones(), std::move(keys)));
    }
    ZoneKeeper keeper{1};
    SnapshotHolder holder;
    RateLimiter limiter;
    Responder::Shared shared;
    Responder responder{shared, 0};
    std::vector<Byte> room = std::vector<Byte>(kMaxMessage + 2);
};

void checkAnswer(std::string_view query, std::string_view answer) {
    INVARIANT(query.size() >= kHeaderSize && answer.size() >= kHeaderSize);
    const auto message = parseMessage(answer);
    INVARIANT(message && message->header.isResponse && answer.substr(0, 2) == query.substr(0, 2));
    const auto rcode = message->rcode();
    const bool hasData = rcode == Rcode::NoError || rcode == Rcode::NxDomain;
    // Errors are never longer than the query, apart from the OPT record with the cookie of the server.
    INVARIANT(hasData || answer.size() <= query.size() + kServerCookie + 16);
}

}  // namespace

// Whatever comes by UDP or TCP: no crash, a well-formed answer or none, and never a long one for an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Server server;
    const auto input = fuzz::inputOf(data, size);
    Asker asker{*IpAddress::parse("10.1.0.9"), Transport::Udp, TimePoint{std::chrono::seconds{kNow}}};
    const auto answered = server.responder.answer(input, asker, std::span{server.room}.first(kUdpPayload));
    INVARIANT(answered <= kUdpPayload);
    if (answered != 0) checkAnswer(input, textOf(ByteView{server.room}.first(answered)));

    TcpSession session{server.responder, asker.address, [](const ZoneTransfer&) {}};
    std::string framed{static_cast<char>(size >> 8), static_cast<char>(size & 0xFF)};
    framed += input;
    session.feed(framed);
    while (true) {
        const auto answer = session.next(server.room, asker.now);
        if (answer.empty()) break;
        INVARIANT(parseMessage(answer.substr(2)));
    }
    return 0;
}
