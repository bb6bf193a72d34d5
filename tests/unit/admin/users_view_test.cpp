#include "service/admin/users_view.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;
using api::UserScope;
using api::UserSort;

namespace {

struct House {
    test::AdminWorld world;
    UsersView view{world.lan, world.store, [this] { return world.now(); }};

    std::vector<UserId> ids(const api::UsersQuery& query) {
        auto page = view.page(query);
        REQUIRE(page);
        std::vector<UserId> all;
        for (const auto& user : page->users)
            all.push_back(user.id);
        return all;
    }
    std::vector<UserId> everyPage(api::UsersQuery query) {
        std::vector<UserId> all;
        while (true) {
            auto page = view.page(query);
            REQUIRE(page);
            CHECK(page->users.size() <= query.limit);
            for (const auto& user : page->users)
                all.push_back(user.id);
            if (page->next.empty()) return all;
            query.cursor = page->next;
        }
    }
};

using Ids = std::vector<UserId>;

}  // namespace

TEST_CASE("users are local or external as seen from the viewpoint") {
    House house;
    house.world.lan.add(test::lanUser(1, "Alice", "10.1.0.21"));
    house.world.lan.add(test::lanUser(2, "Bob", "10.7.2.14"));
    api::UsersQuery query;
    query.scope = UserScope::Local;
    CHECK(house.ids(query) == Ids{1});
    query.scope = UserScope::External;
    CHECK(house.ids(query) == Ids{2});
    for (const char* as : {"2", "10.7.2.99", "10.7.2.0/24"}) {
        query.as = as;
        CHECK(house.ids(query) == Ids{1});
    }
    query.as = "999";
    CHECK(house.view.page(query).error().code == Code::NotFound);
    query.as = "nonsense";
    CHECK(house.view.page(query).error().code == Code::BadInput);
    query.as = "10.7.2.1/24";
    CHECK(house.view.page(query).error().code == Code::BadInput);
}

TEST_CASE("an address finds the narrowest known segment, else its /24") {
    House house;
    house.world.store.sites = {{1, "osaka", {*Network4::parse("10.7.0.0/16"), *Network4::parse("10.7.2.0/23")}, ""}};
    CHECK(*house.view.viewpointOf("10.7.3.9").value() == *Network4::parse("10.7.2.0/23"));
    CHECK(*house.view.viewpointOf("10.7.9.9").value() == *Network4::parse("10.7.0.0/16"));
    CHECK(*house.view.viewpointOf("10.8.9.9").value() == *Network4::parse("10.8.9.0/24"));
    CHECK(*house.view.viewpointOf("").value() == *Network4::parse("10.1.0.0/24"));
    house.world.lan.interfaces.clear();
    CHECK_FALSE(house.view.viewpointOf("").value().has_value());
}

TEST_CASE("unstable users are those who are not ignored now") {
    House house;
    auto user = test::lanUser(1, "Alice", "10.1.0.21");
    user.instability = Instability{};
    house.world.lan.add(user);
    user.id = 2;
    user.instability->ignoredUntil = house.world.now() + 1h;
    house.world.lan.add(user);
    house.world.lan.add(test::lanUser(3, "Bob", "10.1.0.22"));
    api::UsersQuery query;
    query.scope = UserScope::Unstable;
    CHECK(house.ids(query) == Ids{1});
    house.world.pass(1h);
    CHECK(house.ids(query) == Ids{1, 2});
}

TEST_CASE("the filter finds parts of every column without regard to case, in any script") {
    House house;
    auto user = test::lanUser(1, "J\xC3\x96RG", "10.1.0.21");
    user.group = "Vertrieb";
    user.host = "PC-021";
    user.client = "iptux 0.8.3";
    house.world.lan.add(user);
    auto other = test::lanUser(2, "Bob", "10.7.2.14");
    other.client = "IP Messenger";
    house.world.lan.add(other);
    api::UsersQuery query;
    for (const char* filter : {"j\xC3\xB6rg", "vert", "pc-02", "1.0.21", "IPTUX", "user1"}) {
        CAPTURE(filter);
        query.filter = filter;
        CHECK(house.ids(query) == Ids{1});
    }
    query.filter = "user";
    CHECK(house.ids(query) == Ids{1, 2});
    query.filter = "nothing like this";
    CHECK(house.ids(query).empty());
}

TEST_CASE("every sort order works in both directions and numbers sort as numbers") {
    House house;
    auto add = [&house](UserId id, const char* nick, const char* address, Duration seen, Presence presence) {
        auto user = test::lanUser(id, nick, address);
        user.lastSeen = test::kNoon + seen;
        user.presence = presence;
        house.world.lan.add(user);
    };
    add(1, "bob", "10.1.0.9", 2s, Presence::Gone);
    add(2, "Alice", "10.1.0.21", 1s, Presence::Present);
    add(3, "carl", "9.1.0.21", 3s, Presence::Silent);
    const auto sorted = [&house](UserSort sort, bool isDescending) {
        api::UsersQuery query;
        query.sort = sort;
        query.isDescending = isDescending;
        return house.ids(query);
    };
    CHECK(sorted(UserSort::Name, false) == Ids{2, 1, 3});
    CHECK(sorted(UserSort::Name, true) == Ids{3, 1, 2});
    CHECK(sorted(UserSort::Address, false) == Ids{3, 1, 2});
    CHECK(sorted(UserSort::Seen, true) == Ids{3, 1, 2});
    CHECK(sorted(UserSort::Presence, false) == Ids{2, 3, 1});
    CHECK(sorted(UserSort::Id, true) == Ids{3, 2, 1});
    CHECK(sorted(UserSort::Group, false) == Ids{1, 2, 3});
}

TEST_CASE("pages hold everybody exactly once, whatever the order") {
    House house;
    for (UserId id = 1; id <= 1000; ++id) {
        auto user = test::lanUser(id, "User " + std::to_string(id % 37), "10.1.0.21");
        user.lastSeen = test::kNoon + Duration{(id * 7919) % 100};
        house.world.lan.add(user);
    }
    for (const auto sort : {UserSort::Id, UserSort::Name, UserSort::Seen, UserSort::Group}) {
        for (const bool isDescending : {false, true}) {
            api::UsersQuery query;
            query.sort = sort;
            query.isDescending = isDescending;
            query.limit = 64;
            const auto all = house.everyPage(query);
            CHECK(all.size() == 1000);
            CHECK(std::set<UserId>(all.begin(), all.end()).size() == 1000);
        }
    }
}

TEST_CASE("paging goes on where it was when users come and go or the kept order has expired") {
    House house;
    for (UserId id = 1; id <= 10; ++id)
        house.world.lan.add(test::lanUser(id, "User " + std::to_string(100 + id), "10.1.0.21"));
    api::UsersQuery query;
    query.sort = UserSort::Name;
    query.limit = 4;
    auto page = house.view.page(query);
    REQUIRE(page);
    CHECK(page->total == 10);
    house.world.pass(6s);
    house.world.lan.users.erase(2);
    house.world.lan.add(test::lanUser(11, "Aaron", "10.1.0.21"));
    query.cursor = page->next;
    CHECK(house.ids(query) == Ids{5, 6, 7, 8});
}

TEST_CASE("pages of one query use one scan, a new first page scans again") {
    House house;
    for (UserId id = 1; id <= 10; ++id)
        house.world.lan.add(test::lanUser(id, "U", "10.1.0.21"));
    api::UsersQuery query;
    query.sort = UserSort::Name;
    query.limit = 2;
    house.everyPage(query);
    CHECK(house.world.lan.scans == 1);
    house.ids(query);
    CHECK(house.world.lan.scans == 2);
}

TEST_CASE("bad cursors are refused") {
    House house;
    for (const char* cursor : {"x", "1", "1.zz", ".", "99999999999999999999.00"}) {
        api::UsersQuery query;
        query.cursor = cursor;
        CHECK(house.view.page(query).error().code == Code::BadInput);
    }
}

TEST_CASE("segments list own ones first, with base and counts") {
    House house;
    house.world.store.sites = {{1, "osaka", {*Network4::parse("10.7.2.0/24")}, ""}};
    house.world.lan.add(test::lanUser(1, "A", "10.7.2.14"));
    auto gone = test::lanUser(2, "B", "10.7.2.15");
    gone.presence = Presence::Gone;
    house.world.lan.add(gone);
    const auto rows = house.view.segments();
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    CHECK((*rows)[0].isOwn);
    CHECK((*rows)[0].interface == "eth0");
    CHECK((*rows)[0].users == 0);
    CHECK((*rows)[1].base == "osaka");
    CHECK((*rows)[1].users == 2);
    CHECK((*rows)[1].present == 1);
}

TEST_CASE("flags are told in words") {
    CHECK(flagWordsOf(0).empty());
    CHECK(flagWordsOf(0x00C00000) == std::vector<std::string_view>{"can encrypt", "sends UTF-8"});
}
