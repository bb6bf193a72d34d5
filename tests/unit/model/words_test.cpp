#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>

#include "shared/model/admin.h"
#include "shared/model/lan_user.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

using namespace causeway;

namespace {

/// All enumerators 0..last have their own word, which is read back as the same enumerator.
template <class E, class Read>
void checkWords(E last, Read read) {
    std::set<std::string> words;
    for (int value = 0; value <= static_cast<int>(last); ++value) {
        const std::string word = wordOf(static_cast<E>(value));
        CAPTURE(word);
        CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
        CHECK(words.insert(word).second);
        const std::optional<E> back = read(word);
        REQUIRE(back);
        CHECK(static_cast<int>(*back) == value);
    }
    CHECK_FALSE(read("no such word"));
    CHECK_FALSE(read(""));
}

}  // namespace

TEST_CASE("words of the model survive a round trip") {
    checkWords(ClientKind::Causeway, clientKindOf);
    checkWords(Presence::Gone, presenceOf);
    checkWords(UnstableReason::DuplicateIdentity, unstableReasonOf);
    checkWords(Delivery::NotNeeded, deliveryOf);
    checkWords(UserEventKind::Calm, userEventKindOf);
    checkWords(SearchState::Failed, searchStateOf);
    checkWords(SearchFinding::Lost, searchFindingOf);
    checkWords(SearchOrigin::Interval, searchOriginOf);
    checkWords(Role::Admin, roleOf);
    checkWords(Severity::Problem, severityOf);
}

TEST_CASE("every kind of range has its own word") {
    std::set<std::string> words;
    for (int value = 0; value <= static_cast<int>(RangeKind::Name); ++value)
        words.insert(wordOf(static_cast<RangeKind>(value)));
    CHECK(words.size() == 7);
    CHECK(words.count("from-to") == 1);
}

TEST_CASE("a user is shown by nickname, else by user name without its fingerprint") {
    LanUser user;
    user.user = "taro-<3ad520c2bb732945>";
    CHECK(user.displayName() == "taro");
    user.nick = "Taro";
    CHECK(user.displayName() == "Taro");
    user.nick.clear();
    user.user = "taro-<3ad5>";
    CHECK(user.displayName() == "taro-<3ad5>");
    user.user = "-<3ad520c2bb732945>";
    CHECK(user.displayName() == "-<3ad520c2bb732945>");
}
