#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

/// Links in memory: an invitation "good" leads to the service of Tokyo.
class MemoryLinks final : public links::LinksPort {
public:
    LinkHouse house{"ab12", "0.0.0.0:8426", "", {}};
    std::vector<std::string> told;

    LinkHouse links() override { return house; }
    Result<LinkInvitation> invite(std::uint64_t base, const std::string& name, Duration lifetime,
                                  const std::string& host) override {
        told.push_back("invite " + std::to_string(base) + " " + name + " " +
                       std::to_string(lifetime / std::chrono::minutes{1}) + " " + host);
        return LinkInvitation{name, "causeway-link://the-token", fromEpochMillis(1'790'000'000'000)};
    }
    Result<Meeting> meet(const std::string& invitation) override {
        if (invitation != "good")
            return Error{Code::Denied, "The invitation was used already.", "", "Ask for another."};
        Meeting meeting;
        meeting.service = "tokyo-1";
        meeting.base = "Tokyo";
        meeting.segments = {*Network4::parse("10.1.0.0/24"), *Network4::parse("10.2.0.0/24")};
        meeting.link.host = "10.1.0.2";
        meeting.link.port = 8426;
        meeting.link.fingerprint = "cd34";
        return meeting;
    }
    Result<BaseLink> keep(std::uint64_t base, const Meeting& meeting) override {
        BaseLink link;
        link.base = base;
        link.baseName = meeting.base;
        link.state = LinkState::Linked;
        link.fingerprint = meeting.link.fingerprint;
        link.address = "10.1.0.2:8426";
        house.links.push_back(link);
        return link;
    }
    Result<void> unlink(std::uint64_t base) override {
        const auto before = house.links.size();
        std::erase_if(house.links, [base](const BaseLink& each) { return each.base == base; });
        if (before == house.links.size()) return Error{Code::NotFound, "This base is not linked."};
        return {};
    }
};

struct House {
    test::AdminWorld world;
    MemoryLinks links;
    AdminCore core;

    House() : core(ports(), world.log, {1000}) { REQUIRE(core.start()); }
    AdminPorts ports() {
        auto ports = world.ports();
        ports.links = &links;
        return ports;
    }
    Response call(const std::string& method, const std::string& target, const std::string& body = {},
                  Role role = Role::Admin) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        http.headers.emplace_back("if-match", "*");
        return core.serve(http, Identity{"ann", role, api::IdentityKind::Session}, "127.0.0.1");
    }
    std::string lastAudit() {
        const auto all = world.store.auditCopy();
        REQUIRE_FALSE(all.empty());
        return all.back().action + ": " + all.back().before + " -> " + all.back().after;
    }
};

}  // namespace

TEST_CASE("links: an invitation is made for a base, which is added if there is none, and no token is audited") {
    House house;
    const auto response = house.call("POST", "/v1/bases/invitations", R"({"name":" Osaka ","minutes":90})");
    REQUIRE(response.status == 201);
    CHECK(api::fromJson<LinkInvitation>(response.body)->text == "causeway-link://the-token");
    const auto bases = house.world.store.bases().value();
    REQUIRE(bases.size() == 1);
    CHECK(bases[0].name == "Osaka");
    CHECK(house.links.told.back() == "invite " + std::to_string(bases[0].id) + " Osaka 90 ");
    CHECK(house.lastAudit().starts_with("bases.invite:  -> an invitation until "));
    for (const auto& entry : house.world.store.auditCopy())
        CHECK(entry.after.find("the-token") == std::string::npos);
    house.call("POST", "/v1/bases/invitations", R"({"name":"osaka"})");
    CHECK(house.world.store.bases().value().size() == 1);
}

TEST_CASE("links: nobody is invited where nobody can connect") {
    House house;
    house.links.house.listen.clear();
    const auto response = house.call("POST", "/v1/bases/invitations", R"({"name":"Osaka"})");
    CHECK(response.status == 503);
    CHECK(response.body.find("bases.link_listen") != std::string::npos);
    CHECK(house.world.store.bases().value().empty());
}

TEST_CASE("links: linking adds the base with the segments that are nobody else's") {
    House house;
    house.call("POST", "/v1/bases", R"({"name":"Osaka","segments":["10.2.0.0/24"],"note":""})");
    const auto response = house.call("POST", "/v1/bases/links", R"({"invitation":"good"})");
    CAPTURE(response.body);
    REQUIRE(response.status == 201);
    CHECK(api::fromJson<BaseLink>(response.body)->state == LinkState::Linked);
    const auto bases = house.world.store.bases().value();
    REQUIRE(bases.size() == 2);
    CHECK(bases[1].name == "Tokyo");
    CHECK(bases[1].segments == std::vector{*Network4::parse("10.1.0.0/24")});
    CHECK(house.lastAudit() == "bases.link:  -> linked with tokyo-1 at 10.1.0.2:8426, certificate cd34");
    const auto all = api::fromJson<LinkHouse>(house.call("GET", "/v1/bases/links", {}, Role::Viewer).body);
    REQUIRE(all);
    CHECK(all->fingerprint == "ab12");
    REQUIRE(all->links.size() == 1);
    CHECK(all->links[0].baseName == "Tokyo");

    // A linked base stays until it is unlinked.
    const auto id = std::to_string(bases[1].id);
    CHECK(house.call("DELETE", "/v1/bases/" + id).status == 409);
    CHECK(house.call("DELETE", "/v1/bases/links/" + id).status == 204);
    CHECK(house.lastAudit() == "bases.unlink: certificate cd34 -> ");
    CHECK(house.call("DELETE", "/v1/bases/links/" + id).status == 404);
    CHECK(house.call("DELETE", "/v1/bases/" + id).status == 204);
}

TEST_CASE("links: what the other side refuses is told in its words, and changes nothing here") {
    House house;
    const auto response = house.call("POST", "/v1/bases/links", R"({"invitation":"old","name":"Tokyo"})");
    CHECK(response.status == 403);
    CHECK(response.body.find("The invitation was used already.") != std::string::npos);
    CHECK(house.world.store.bases().value().empty());
    CHECK(house.call("POST", "/v1/bases/links", R"({"invitation":"good","name":")" + std::string(61, 'x') + "\"}")
              .status == 400);
}

TEST_CASE("links: only administrators link; a service without links says so") {
    House house;
    CHECK(house.call("POST", "/v1/bases/links", R"({"invitation":"good"})", Role::Operator).status == 403);
    CHECK(house.call("POST", "/v1/bases/invitations", R"({"name":"Osaka"})", Role::Operator).status == 403);
    CHECK(house.call("DELETE", "/v1/bases/links/1", {}, Role::Viewer).status == 403);
    test::AdminWorld world;
    AdminCore bare{world.ports(), world.log, {1000}};
    REQUIRE(bare.start());
    HttpRequest http;
    http.method = "GET";
    REQUIRE(readTarget(http, "/v1/bases/links"));
    CHECK(bare.serve(http, Identity{"ann", Role::Admin, api::IdentityKind::Session}, "127.0.0.1").status == 503);
}

TEST_CASE("links: a link survives the way through JSON") {
    BaseLink link;
    link.base = 2;
    link.baseName = "Osaka";
    link.state = LinkState::OtherVersion;
    link.clock = ClockOffset{-3ms, 2ms};
    link.roundTrip = 4ms;
    link.segments = {*Network4::parse("10.2.0.0/24")};
    const auto back = api::fromJson<BaseLink>(api::toJson(link));
    REQUIRE(back);
    CHECK(back->state == LinkState::OtherVersion);
    CHECK(back->clock->offset == -3ms);
    CHECK(back->clock->bound == 2ms);
    CHECK(back->roundTrip == 4ms);
    CHECK(back->segments == link.segments);
    CHECK_FALSE(back->invitationEnds);
}
