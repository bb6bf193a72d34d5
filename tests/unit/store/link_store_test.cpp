#include "service/store/link_store_port.h"

#include <doctest/doctest.h>

#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::at;
using causeway::store::test::openStore;
using causeway::store::test::TemporaryFolder;

namespace {

struct Fixture {
    NoLog log;
    TemporaryFolder folder;
    std::unique_ptr<StorePort> store = openStore(folder, log);
    LinkStorePort& links() { return *store->linkStore(); }
    std::uint64_t base(const char* name) {
        BaseSite site;
        site.name = name;
        return store->saveBase(site).value().id;
    }
    static LinkRecord link(std::uint64_t base, char letter) {
        return {base, "10.1.0.2", 8426, std::string(64, letter), "tokyo-1", at(7)};
    }
};

}  // namespace

TEST_CASE("links: what was saved is there after a restart, and goes with its base") {
    Fixture f;
    const auto tokyo = f.base("Tokyo");
    const auto osaka = f.base("Osaka");
    REQUIRE(f.links().saveLink(Fixture::link(tokyo, 'a')));
    auto called = Fixture::link(osaka, 'b');
    called.host.clear();
    REQUIRE(f.links().saveLink(called));
    f.store.reset();
    f.store = openStore(f.folder, f.log);
    const auto links = f.links().links().value();
    REQUIRE(links.size() == 2);
    CHECK(links[0].base == tokyo);
    CHECK(links[0].host == "10.1.0.2");
    CHECK(links[0].port == 8426);
    CHECK(links[0].fingerprint == std::string(64, 'a'));
    CHECK(links[0].service == "tokyo-1");
    CHECK(links[0].linkedAt == at(7));
    CHECK(links[0].isDialling());
    CHECK_FALSE(links[1].isDialling());
    REQUIRE(f.store->removeBase(tokyo));
    CHECK(f.links().links().value().size() == 1);
    REQUIRE(f.links().removeLink(osaka));
    CHECK(f.links().links().value().empty());
}

TEST_CASE("links: one certificate belongs to one base, and a link needs its base") {
    Fixture f;
    const auto tokyo = f.base("Tokyo");
    const auto osaka = f.base("Osaka");
    REQUIRE(f.links().saveLink(Fixture::link(tokyo, 'a')));
    CHECK(f.links().saveLink(Fixture::link(osaka, 'a')).error().code == Code::Conflict);
    CHECK(f.links().saveLink(Fixture::link(99, 'c')).error().code == Code::NotFound);
    REQUIRE(f.links().saveLink(Fixture::link(tokyo, 'd')));  // linked anew
    CHECK(f.links().links().value().at(0).fingerprint == std::string(64, 'd'));
}

TEST_CASE("links: an invitation is good once, and its use and its link are saved together") {
    Fixture f;
    const auto osaka = f.base("Osaka");
    REQUIRE(f.links().addInvitation({"hash", osaka, at(1), at(100), {}}, at(0)));
    CHECK(f.links().redeem("hash", at(5), Fixture::link(99, 'a')).error().code == Code::NotFound);
    CHECK_FALSE(f.links().invitations().value().at(0).usedAt);
    REQUIRE(f.links().redeem("hash", at(5), Fixture::link(osaka, 'a')));
    CHECK(f.links().invitations().value().at(0).usedAt == at(5));
    CHECK(f.links().links().value().size() == 1);
    CHECK(f.links().redeem("hash", at(6), Fixture::link(osaka, 'b')).error().code == Code::Conflict);
    CHECK(f.links().redeem("other", at(6), Fixture::link(osaka, 'b')).error().code == Code::Conflict);
    // Old ones are forgotten when a new one is made.
    REQUIRE(f.links().addInvitation({"next", osaka, at(200), at(300), {}}, at(101)));
    REQUIRE(f.links().invitations().value().size() == 1);
    CHECK(f.links().invitations().value().at(0).tokenHash == "next");
    REQUIRE(f.links().removeLink(osaka));
    CHECK(f.links().invitations().value().empty());
}
