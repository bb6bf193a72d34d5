#include "service/auth/pending_change.h"

#include <doctest/doctest.h>

using namespace causeway;
using namespace causeway::auth;

namespace {

using Does = ChainStanding::Does;

ChainStandings standings(std::vector<std::pair<std::uint64_t, Does>> all) {
    ChainStandings out;
    for (const auto& [id, does] : all)
        out[id] = {does, "P" + std::to_string(id), does == Does::Blocks ? "connect: refused." : ""};
    return out;
}

std::string lost(std::vector<std::uint64_t> chainBefore, ChainStandings before, std::vector<std::uint64_t> chainAfter,
                 ChainStandings after) {
    return lockOutOf("chat.example.com", chainBefore, before, chainAfter, after);
}

}  // namespace

TEST_CASE("lock-out: a change that leaves everybody where he was locks nobody out") {
    const auto fine = standings({{1, Does::Decides}, {2, Does::Decides}});
    CHECK(lost({1, 2}, fine, {1, 2}, fine).empty());
    CHECK(lost({1, 2}, fine, {2, 1}, fine).empty());
    CHECK(lost({1}, fine, {1, 2}, fine).empty());
    CHECK(lost({}, {}, {}, {}).empty());
}

TEST_CASE("lock-out: a provider that is taken out, turned off or fails now loses its people") {
    const auto fine = standings({{1, Does::Decides}, {2, Does::Decides}});
    CHECK(lost({1, 2}, fine, {1}, fine) ==
          "People of P2 could log in at chat.example.com before this change and cannot now: it is not in the chain any "
          "more.");
    CHECK(lost({1}, fine, {1}, standings({{1, Does::Nothing}})).find("it is turned off.") != std::string::npos);
    CHECK(lost({1}, fine, {1}, standings({{1, Does::Blocks}})).find("its test fails. connect: refused.") !=
          std::string::npos);
}

TEST_CASE("lock-out: what was broken or off before loses nobody") {
    CHECK(lost({1}, standings({{1, Does::Blocks}}), {}, {}).empty());
    CHECK(lost({1}, standings({{1, Does::Nothing}}), {1}, standings({{1, Does::Blocks}})).empty());
    CHECK(
        lost({1, 2}, standings({{1, Does::Blocks}, {2, Does::Decides}}), {1}, standings({{1, Does::Blocks}})).empty());
}

TEST_CASE("lock-out: a broken provider that is put before another stops the logins of that other one") {
    const auto all = standings({{1, Does::Decides}, {2, Does::Blocks}});
    CHECK(lost({1}, all, {1, 2}, all).empty());
    CHECK(lost({1}, all, {2, 1}, all).find("P2, which is asked before it, cannot be asked.") != std::string::npos);
}

TEST_CASE("pending: texts of any bytes come back; damaged ones are told") {
    const std::vector<std::string> texts{"", "a:b", std::string("\0x", 2), "12:"};
    CHECK(unpacked(packed(texts)).value() == texts);
    CHECK(unpacked("").value().empty());
    for (const char* bad : {"5:abc", "x:abc", "3abc", ":", "99999999999999999999:a"})
        CHECK_FALSE(unpacked(bad));
}

TEST_CASE("pending: a provider comes back with its settings and secrets, a chain in its order") {
    Provider provider;
    provider.id = 4;
    provider.name = "Staff: directory";
    provider.kind = ProviderKind::Sql;
    provider.isEnabled = false;
    provider.settings = {{"engine", "mariadb"}, {"server", "db1\ndb2"}};
    const ProviderSecrets secrets{{"password", Secret{"hunter2"}}, {"token", Secret{"t"}}};
    const auto back = unpackedProvider(packedProvider(provider, secrets)).value();
    CHECK(back.provider.id == 4);
    CHECK(back.provider.name == provider.name);
    CHECK(back.provider.kind == ProviderKind::Sql);
    CHECK_FALSE(back.provider.isEnabled);
    CHECK(back.provider.settings == provider.settings);
    CHECK(back.secrets == secrets);
    CHECK(back.provider.secretsSet == std::set<std::string>{"password", "token"});
    CHECK_FALSE(unpackedProvider(Secret{packed({"4", "n", "sql", "on"})}));
    CHECK_FALSE(unpackedProvider(Secret{packed({"4", "n", "sql", "on", "9"})}));
    CHECK_FALSE(unpackedProvider(Secret{packed({"4", "n", "morse", "on", "0"})}));
    CHECK(unpackedChain(packedChain({7, 3})).value() == std::vector<std::uint64_t>{7, 3});
    CHECK_FALSE(unpackedChain(Secret{packed({"x"})}));
}
