#include "console/presenters/provider_form.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

ProviderStart startOf(const std::string& word) {
    for (const auto& start : providerStarts()) {
        if (start.word == word) return start;
    }
    return {};
}

struct QuietForm : QuietConsole {
    ProvidersPresenter providers{session};
    ProviderFormPresenter form{session, providers};
};

struct LiveForm : LiveConsole {
    ProvidersPresenter providers{session};
    ProviderFormPresenter form{session, providers};
    bool ready() {
        return started && connect() && executor.runUntil([this] { return providers.isLoaded(); });
    }
};

}  // namespace

TEST_CASE("a new provider begins with a preset and a name that is free") {
    QuietForm quiet;
    ProviderView taken;
    taken.provider.id = 3;
    taken.provider.name = "microsoft active directory";
    quiet.providers.take({taken});
    quiet.form.begin(startOf("active-directory"));
    CHECK(quiet.form.name() == "Microsoft Active Directory 2");
    CHECK(quiet.form.kind() == ProviderKind::Ldap);
    REQUIRE(quiet.form.field("user_filter") != nullptr);
    CHECK(quiet.form.field("user_filter")->value.find("sAMAccountName") != std::string::npos);
    const auto request = quiet.form.request();
    CHECK(request.kind == ProviderKind::Ldap);
    CHECK(request.settings.contains("login_attribute"));
    CHECK_FALSE(request.settings.contains("scope"));  // the standard value is not sent
}

TEST_CASE("fields that have no meaning now are told as not used") {
    QuietForm quiet;
    quiet.form.begin(startOf("ldap"));
    CHECK(quiet.form.field("bind_dn")->isUsed);
    CHECK_FALSE(quiet.form.field("user_template")->isUsed);
    quiet.form.set("login_as", "template");
    CHECK_FALSE(quiet.form.field("bind_dn")->isUsed);
    CHECK(quiet.form.field("user_template")->isUsed);
    CHECK(quiet.form.field("security")->choices.front().second == "StartTLS");
    CHECK(quiet.form.field("timeout")->bounds == "1 to 60 seconds.");
}

TEST_CASE("an untouched form does not complain; a touched field does, and saving shows everything") {
    QuietForm quiet;
    quiet.form.begin(startOf("ldap"));
    CHECK(quiet.form.field("servers")->problem.empty());
    quiet.form.set("user_filter", "(uid={user}");
    CHECK_FALSE(quiet.form.field("user_filter")->problem.empty());
    CHECK(quiet.form.field("servers")->problem.empty());
    std::optional<Error> refusal;
    quiet.form.save([&](const Result<ProviderView>& result) { refusal = result.error(); });
    REQUIRE(refusal.has_value());
    CHECK_FALSE(quiet.form.field("servers")->problem.empty());
}

TEST_CASE("secrets are kept, changed or cleared, and never shown") {
    QuietForm quiet;
    ProviderView view;
    view.provider.id = 3;
    view.provider.name = "AD";
    view.provider.kind = ProviderKind::Ldap;
    view.provider.settings = {{"servers", "dc1"}, {"bases", "dc=example"}};
    view.provider.secretsSet = {"bind_password"};
    quiet.form.edit(view);
    REQUIRE(quiet.form.field("bind_password") != nullptr);
    CHECK(quiet.form.field("bind_password")->isSecretSet);
    CHECK(quiet.form.field("bind_password")->value.empty());
    CHECK(quiet.form.request().secrets.empty());
    quiet.form.setSecret("bind_password", "new one");
    CHECK(quiet.form.field("bind_password")->plan == SecretPlan::Change);
    REQUIRE(quiet.form.request().secrets.at("bind_password").has_value());
    CHECK(quiet.form.request().secrets.at("bind_password")->reveal() == "new one");
    quiet.form.clearSecret("bind_password");
    CHECK_FALSE(quiet.form.request().secrets.at("bind_password").has_value());
    quiet.form.keepSecret("bind_password");
    CHECK(quiet.form.request().secrets.empty());
    // Back to the standard value takes the setting away at the service.
    view.provider.settings["scope"] = "one";
    quiet.form.edit(view);
    quiet.form.set("scope", "subtree");
    REQUIRE(quiet.form.request().settings.contains("scope"));
    CHECK_FALSE(quiet.form.request().settings.at("scope").has_value());
}

TEST_CASE("the graded test runs on the draft, and is old once the form changes") {
    LiveForm live;
    REQUIRE(live.ready());
    const auto* stored = live.providers.find(1);
    REQUIRE(stored != nullptr);
    auto view = *stored;
    live.form.edit(view);
    live.form.set("bases", "dc=example");
    CHECK(live.form.testLine().mark == Mark::Unknown);
    live.form.setRehearsal(" ann ", "her password", "");
    live.form.runTest();
    CHECK(live.form.isTesting());
    REQUIRE(live.executor.runUntil([&] { return !live.form.isTesting(); }));
    REQUIRE(live.form.proof() != nullptr);
    CHECK(live.form.testLine().mark == Mark::Broken);
    CHECK_FALSE(live.form.isTestFine());
    REQUIRE(live.world.providers.lastRehearsal.has_value());
    CHECK(live.world.providers.lastRehearsal->name == "ann");
    live.form.set("timeout", "6");
    CHECK(live.form.testLine().text.find("changed since") != std::string::npos);
}

TEST_CASE("saving answers with the stored provider, and a change that waits is in the list") {
    LiveForm live;
    REQUIRE(live.ready());
    live.form.begin(startOf("ldap"));
    live.form.setName("Branch");
    live.form.set("servers", "ldap.branch.example.com");
    live.form.set("bases", "ou=people,dc=example,dc=com");
    live.world.providers.nextSaveWaits = PendingRevert{live.world.now() + 2min, "Nobody could log in."};
    std::optional<bool> saved;
    live.form.save([&](const Result<ProviderView>& result) { saved = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return saved.has_value(); }));
    CHECK(*saved);
    REQUIRE(live.providers.waiting().has_value());
    CHECK(live.providers.waiting()->name == "Branch");
    std::optional<bool> kept;
    live.providers.keep(live.providers.waiting()->id, [&](const Result<void>& result) { kept = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return kept.has_value() && !live.providers.waiting(); }));
    CHECK(*kept);
}

TEST_CASE("what is typed is checked by the service after a pause") {
    LiveForm live;
    REQUIRE(live.ready());
    live.form.begin(startOf("ldap"));
    live.form.set("servers", "ldap://dc1:636");
    int told = 0;
    live.form.onFields = [&] { ++told; };
    live.form.tick();
    live.executor.run();
    CHECK(told == 0);  // the pause is not over
    live.world.pass(500ms);
    live.form.tick();
    REQUIRE(live.executor.runUntil([&] { return told > 0; }));
    const auto* servers = live.form.field("servers");
    CHECK_FALSE((servers->problem + servers->warning).empty());
}
