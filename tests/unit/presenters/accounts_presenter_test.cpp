#include "console/presenters/accounts_presenter.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

TEST_CASE("an account needs a name that can stand left of the @, and two equal passwords") {
    QuietConsole quiet;
    AccountsPresenter accounts{quiet.session, 1, "chat.example.com"};
    AccountForm form;
    std::vector<std::string> fields;
    const auto look = [&] {
        fields.clear();
        for (const auto& problem : accounts.check(form))
            fields.push_back(problem.field);
        return fields;
    };
    CHECK(look() == std::vector<std::string>{"localPart", "password"});
    form.localPart = "ali ce";
    form.password = "correct horse";
    form.passwordAgain = "correct mule";
    CHECK(look() == std::vector<std::string>{"localPart", "passwordAgain"});
    form.localPart = "alice";
    form.passwordAgain = form.password;
    CHECK(look().empty());
}

TEST_CASE("a file with wrong lines is told by line before anything is sent") {
    QuietConsole quiet;
    AccountsPresenter accounts{quiet.session, 1, "chat.example.com"};
    int told = 0;
    accounts.onImport = [&] { ++told; };
    accounts.tryImport("user,password\nann,secret password\nb ob,another one\n");
    CHECK(told == 1);
    REQUIRE(accounts.importView().problems.size() == 1);
    CHECK(accounts.importView().problems[0].line == 3);
    CHECK_FALSE(accounts.importView().mayImport);
    accounts.import();  // not possible: nothing happens
    CHECK(told == 1);
}

TEST_CASE("accounts are listed, added, disabled, given a password and deleted") {
    LiveConsole live;
    REQUIRE(live.started);
    REQUIRE(live.connect());
    AccountsPresenter accounts{live.session, 1, "chat.example.com"};
    accounts.load();
    REQUIRE(live.executor.runUntil([&] { return !accounts.isLoading(); }));
    CHECK_FALSE(accounts.problem().has_value());
    CHECK(accounts.table().rowCount() == 0);
    CHECK(accounts.emptyText().find("chat.example.com") != std::string::npos);

    std::optional<bool> done;
    const auto keep = [&](const Result<void>& result, const auto&) { done = result.has_value(); };
    AccountForm form;
    form.localPart = "alice";
    form.displayName = "Alice Baker";
    form.password = form.passwordAgain = "correct horse";
    accounts.save(form, keep);
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(*done);
    REQUIRE(accounts.table().rowCount() == 1);
    const auto id = accounts.table().idAt(0);
    CHECK(accounts.table().cell(0, static_cast<std::size_t>(AccountColumn::Name)) == "alice");
    CHECK(accounts.warnings().empty());

    done.reset();
    form.localPart = "double";
    accounts.save(form, keep);
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(accounts.warnings() == std::vector<std::string>{"Staff has somebody named double too."});
    done.reset();
    accounts.remove(accounts.table().idAt(1), [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));

    done.reset();
    auto changed = accounts.formOf(id);
    changed.password = changed.passwordAgain = "another password";
    accounts.setPassword(changed, keep);
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(live.world.accounts.lastPassword == "another password");

    done.reset();
    accounts.setDisabled(id, true, [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(accounts.table().cell(0, static_cast<std::size_t>(AccountColumn::State)) == "Disabled");

    accounts.tryImport("user,password\nann,secret password\nbob,another one\n");
    REQUIRE(live.executor.runUntil([&] { return !accounts.importView().isRunning; }));
    CHECK(accounts.importView().summary == "The file is fine: 2 accounts would be added.");
    REQUIRE(accounts.importView().mayImport);
    accounts.import();
    REQUIRE(live.executor.runUntil([&] { return !accounts.importView().isRunning; }));
    CHECK(accounts.importView().summary == "2 accounts were added.");
    REQUIRE(live.executor.runUntil([&] { return !accounts.isLoading(); }));

    done.reset();
    accounts.remove(id, [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(accounts.table().rowCount() == 0);
}
