#include "console/presenters/bases_presenter.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

struct Bases : QuietConsole {
    BasesPresenter presenter{session};

    void take(LinkState state) {
        BaseLink link;
        link.base = 2;
        link.baseName = "Osaka";
        link.state = state;
        link.sentence = "What it means.";
        link.todo = "What to do.";
        link.version = "0.1.0";
        link.clock = ClockOffset{-5ms, 2ms};
        presenter.takeLinks({"ab12", "0.0.0.0:8426", "", {link}});
    }
};

}  // namespace

TEST_CASE("bases: a link shows its state as mark and word, with a sentence and what to do next") {
    Bases bases;
    CHECK(bases.presenter.linkOf(2).word.empty());
    CHECK_FALSE(bases.presenter.isLinked(2));
    bases.take(LinkState::Linked);
    const auto words = bases.presenter.linkOf(2);
    CHECK(words.mark == Mark::Fine);
    CHECK(words.word == "Linked");
    CHECK(words.sentence == "What it means.\nWhat to do.");
    CHECK(words.clock == "5 ms behind (to 2 ms)");
    CHECK(words.version == "0.1.0");
    CHECK(bases.presenter.isLinked(2));
    CHECK_FALSE(bases.presenter.isLinked(1));
    bases.take(LinkState::Refused);
    CHECK(bases.presenter.linkOf(2).mark == Mark::Broken);
    bases.take(LinkState::OtherVersion);
    CHECK(bases.presenter.linkOf(2).mark == Mark::Partly);
    bases.take(LinkState::Invited);
    CHECK(bases.presenter.linkOf(2).mark == Mark::Unknown);
}

TEST_CASE("bases: without a listener nobody is invited, and the sentence says what to set") {
    Bases bases;
    CHECK(bases.presenter.listenTrouble().find("bases.link_listen") != std::string::npos);
    bases.take(LinkState::Linked);
    CHECK(bases.presenter.listenTrouble().empty());
    bases.presenter.takeLinks({"ab12", "0.0.0.0:8426", "The port is in use.", {}});
    CHECK(bases.presenter.listenTrouble() == "The port is in use.");
}
