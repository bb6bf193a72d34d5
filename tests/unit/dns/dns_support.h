#pragma once

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/dns/responder.h"
#include "service/dns/zone_keeper.h"
#include "shared/proto/dns/message.h"

namespace causeway::dns::test {

inline Name name(std::string_view text) {
    const auto parsed = Name::parse(text);
    REQUIRE(parsed);
    return *parsed;
}
inline IpAddress ip(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    REQUIRE(parsed);
    return *parsed;
}

inline SupernodeFacts supernode(std::string label, std::string_view lan, std::string_view internet = {}) {
    SupernodeFacts node;
    node.host.name = std::move(label);
    if (!lan.empty()) node.host.lanAddresses.push_back(ip(lan));
    if (!internet.empty()) node.host.internetAddresses.push_back(ip(internet));
    node.isLive = true;
    return node;
}

/// chat.example.com with two live supernodes; sn2 has no Internet address.
inline ZoneInput chatInput() {
    ZoneInput input;
    input.domain = "chat.example.com";
    input.servesInternet = true;
    input.supernodes = {supernode("sn1", "10.1.0.5", "192.0.2.5"), supernode("sn2", "10.2.0.5")};
    input.nameServers = {{"ns1", {ip("10.1.0.5")}, {ip("192.0.2.5")}}};
    return input;
}

inline std::vector<std::string> texts(const std::vector<Record>& records) {
    std::vector<std::string> out;
    for (const auto& record : records)
        out.push_back(recordText(record));
    return out;
}

inline bool contains(const std::vector<std::string>& list, std::string_view wanted) {
    for (const auto& each : list) {
        if (each == wanted) return true;
    }
    return false;
}

/// A responder on fake time with the zones of some inputs.
class Answering {
public:
    explicit Answering(std::vector<ZoneInput> inputs, const RateLimits& limits = {.responsesPerSecond = 0},
                       CookiePolicy policy = CookiePolicy::Offer)
        : limiter_(limits, 1), shared_{holder_, limiter_, CookieMaker{secret()}, policy}, responder_(shared_, 0) {
        serve(std::move(inputs));
    }

    void serve(std::vector<ZoneInput> inputs) {
        keeper_.update(inputs, asker.now);
        holder_.set(std::make_shared<const Snapshot>(keeper_.zones(), keys));
    }

    std::string raw(std::string_view query) {
        const auto size = responder_.answer(query, asker, room_);
        return std::string(textOf(ByteView{room_}.first(size)));
    }

    static Message query(std::string_view host, Type type) {
        Message message;
        message.header.id = 4711;
        message.questions.push_back({name(host), type, Class::In});
        return message;
    }

    Message ask(const Message& message) {
        const auto bytes = writeMessage(message);
        REQUIRE(bytes);
        const auto answer = raw(*bytes);
        const auto parsed = parseMessage(answer);
        REQUIRE(parsed);
        CHECK(parsed->header.id == message.header.id);
        CHECK(parsed->header.isResponse);
        return *parsed;
    }
    Message ask(std::string_view host, Type type) { return ask(query(host, type)); }

    static std::array<Byte, 16> secret() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}; }

    Asker asker{ip("10.1.0.99"), Transport::Udp, TimePoint{1'700'000'000s}};
    std::vector<TsigKey> keys;
    SnapshotHolder& holder() { return holder_; }
    ZoneKeeper& keeper() { return keeper_; }
    Responder& responder() { return responder_; }

private:
    SnapshotHolder holder_;
    RateLimiter limiter_;
    Responder::Shared shared_;
    Responder responder_;
    ZoneKeeper keeper_{1};
    std::vector<Byte> room_ = std::vector<Byte>(kMaxMessage);
};

}  // namespace causeway::dns::test
