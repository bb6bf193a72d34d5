#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "shared/model/trace.h"

using namespace causeway;

namespace {

/// Every value from 0 to `count` - 1 has a word of its own that reads back.
template <class E, class Read>
void checkWords(std::size_t count, Read read) {
    std::set<std::string> words;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string word = wordOf(static_cast<E>(i));
        CHECK(word != "unknown");
        CHECK(words.insert(word).second);
        CHECK(read(word) == static_cast<E>(i));
    }
    CHECK(std::string{wordOf(static_cast<E>(count))} == "unknown");
    CHECK_FALSE(read("unknown"));
}

}  // namespace

TEST_CASE("trace: the steps are in the order of the page, each with its own word, title and help") {
    std::set<std::string> words;
    for (std::size_t i = 0; i < kTraceSteps; ++i) {
        const auto& info = traceSteps()[i];
        CHECK(static_cast<std::size_t>(info.step) == i);
        CHECK(&infoOf(info.step) == &info);
        CHECK(words.insert(info.word).second);
        CHECK(traceStepOf(info.word) == info.step);
        CHECK_FALSE(std::string{info.title}.empty());
        CHECK(std::string{info.help}.ends_with('.'));
        // A step that cannot run without something says what that would add, unless it is a question of consent.
        if (info.need == TraceNeed::RawSocketHelper || info.need == TraceNeed::PeerService)
            CHECK_FALSE(std::string{info.gains}.empty());
    }
    CHECK_FALSE(traceStepOf("ping"));
}

TEST_CASE("trace: the steps of a domain trace have words, titles and help of their own") {
    std::set<std::string> words;
    for (std::size_t i = 0; i < kDomainSteps; ++i) {
        const auto& info = domainTraceSteps()[i];
        CHECK(static_cast<std::size_t>(info.step) == kTraceSteps + i);
        CHECK(&infoOf(info.step) == &info);
        CHECK(words.insert(info.word).second);
        CHECK(traceStepOf(info.word) == info.step);
        CHECK_FALSE(std::string{info.title}.empty());
        CHECK(std::string{info.help}.ends_with('.'));
    }
}

TEST_CASE("trace: every verdict has a page for administrators, which the list of pages names") {
    const std::filesystem::path folder = std::filesystem::path{CAUSEWAY_SOURCE_DIR} / "docs/admin/verdicts";
    std::ifstream in{folder / "README.md"};
    const std::string list{std::istreambuf_iterator<char>{in}, {}};
    for (std::size_t i = 0; i < kVerdictCodes; ++i) {
        const auto code = static_cast<VerdictCode>(i);
        CAPTURE(wordOf(code));
        std::ifstream page{folder / (pageOf(code) + ".md")};
        std::string head;
        std::getline(page, head);
        CHECK(head == "# " + std::string(wordOf(code)));
        CHECK(list.find("| " + std::string(wordOf(code)) + " |") != std::string::npos);
        CHECK(list.find("(" + pageOf(code) + ".md)") != std::string::npos);
    }
}

TEST_CASE("trace: the quick trace is steps 0, 1, 2, 5, 6, 7, 14 and the verdict, and takes about 15 s") {
    std::set<int> quick;
    Duration budget{};
    for (const auto& info : traceSteps()) {
        if (!info.isQuick) continue;
        quick.insert(static_cast<int>(info.step));
        budget += info.budget;
    }
    CHECK(quick == std::set<int>{0, 1, 2, 5, 6, 7, 14, 16});
    CHECK(budget <= 20s);
}

TEST_CASE("trace: every enumerator has a stable word that reads back") {
    checkWords<TraceNeed>(4, traceNeedOf);
    checkWords<TraceGrade>(6, traceGradeOf);
    checkWords<TraceLeg>(6, traceLegOf);
    checkWords<TraceProtocol>(3, traceProtocolOf);
    checkWords<TcpOutcome>(4, tcpOutcomeOf);
    checkWords<VoiceOutcome>(3, voiceOutcomeOf);
    checkWords<VerdictCode>(kVerdictCodes, verdictCodeOf);
    checkWords<Certainty>(3, certaintyOf);
    checkWords<TraceSubject>(4, traceSubjectOf);
    checkWords<TraceDirection>(2, traceDirectionOf);
    CHECK(std::string{wordOf(VerdictCode::PathFilterUdp)} == "PATH_FILTER_UDP");
    CHECK(pageOf(VerdictCode::PathFilterUdp) == "path-filter-udp");
    CHECK(pageOf(VerdictCode::Ok) == "ok");
}

TEST_CASE("trace: a pair makes its legs when a runner fills them") {
    TracePair pair;
    CHECK(pair.leg(TraceLeg::AToY) == &pair.aToY);
    for (const auto leg : {TraceLeg::BToX, TraceLeg::AToX, TraceLeg::BToY, TraceLeg::AToPeer, TraceLeg::PeerToA}) {
        CHECK(pair.leg(leg) == nullptr);
        auto& made = pair.legOf(leg);
        made.to = wordOf(leg);
        CHECK(pair.leg(leg) == &made);
        CHECK(pair.legOf(leg).to == wordOf(leg));
    }
    CHECK(&pair.legOf(TraceLeg::AToY) == &pair.aToY);
}

TEST_CASE("trace: the last hop that answered counts, not the last that was asked") {
    PathColumn column;
    CHECK(column.lastAnswered() == 0);
    for (unsigned ttl = 1; ttl <= 5; ++ttl) {
        TraceHop hop;
        hop.ttl = ttl;
        hop.isAnswered = ttl == 1 || ttl == 3;
        column.hops.push_back(hop);
    }
    CHECK(column.lastAnswered() == 3);
    REQUIRE(column.hop(2));
    CHECK_FALSE(column.hop(2)->isAnswered);
    CHECK(column.hop(6) == nullptr);
}

TEST_CASE("trace: an ICMP error is of one kind") {
    const auto kinds = [](std::uint8_t type, std::uint8_t code) {
        const IcmpError error{{}, type, code, 0};
        return int{error.isPortClosed()} + int{error.isProhibited()} + int{error.isNoRoute()} +
               int{error.isHostUnreachable()} + int{error.isTooBig()} + int{error.isTimeExceeded()};
    };
    for (int code = 0; code < 16; ++code) {
        // 2, 5, 8, 14, 15: protocol unreachable, source route, obsolete and precedence codes tell nothing about a road.
        const bool isTelling = code != 2 && code != 5 && code != 8 && code != 14 && code != 15;
        CHECK(kinds(3, static_cast<std::uint8_t>(code)) == int{isTelling});
        CHECK(kinds(11, static_cast<std::uint8_t>(code)) == int{code == 0});
        CHECK(kinds(0, static_cast<std::uint8_t>(code)) == 0);
    }
}
