#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "service/trace/visibility.h"

using namespace causeway;
using namespace causeway::trace;

namespace {

/// `segments` of `each` computers; number / each is the segment.
VisibilityMatrix matrixOf(std::size_t segments, std::size_t each,
                          const std::function<bool(std::size_t, std::size_t)>& sees, int looks = 4) {
    std::vector<MatrixPc> pcs;
    for (std::size_t pc = 0; pc < segments * each; ++pc)
        pcs.push_back(
            {"pc" + std::to_string(pc), "", {Ip4{0x0A010000U | static_cast<std::uint32_t>(pc / each) << 8}, 24}});
    VisibilityMatrix matrix{pcs};
    for (std::size_t observer = 0; observer < pcs.size(); ++observer)
        for (std::size_t subject = 0; subject < pcs.size(); ++subject)
            for (int look = 0; look < looks && observer != subject; ++look)
                matrix.saw(observer, subject, sees(observer, subject));
    return matrix;
}
bool all(std::size_t, std::size_t) {
    return true;
}
/// "site-link pc-inbound": kinds in order.
std::string kindsOf(const Localisation& result) {
    std::string out;
    for (const auto& fault : result.faults)
        out += std::string{out.empty() ? "" : " "} + wordOf(fault.kind);
    return out;
}

}  // namespace

TEST_CASE("visibility: looks add up in a cell; nobody looks at himself, and strangers are refused") {
    VisibilityMatrix matrix{{{"a", "", {}}, {"b", "", {}}}, {.cells = 1}};
    CHECK(matrix.saw(0, 1, true));
    CHECK(matrix.saw(0, 1, false));
    CHECK(matrix.cell(0, 1).looked == 2);
    CHECK(matrix.cell(0, 1).seen == 1);
    CHECK(matrix.cell(1, 0).looked == 0);
    CHECK(matrix.cell(7, 0).looked == 0);
    CHECK_FALSE(matrix.saw(0, 0, true));
    CHECK_FALSE(matrix.saw(0, 2, true));
    CHECK_FALSE(matrix.saw(2, 0, true));
    CHECK_FALSE(matrix.saw(1, 0, true));  // full
    CHECK(matrix.cells() == 1);
    for (int i = 0; i < 70000; ++i)
        matrix.saw(0, 1, true);
    CHECK(matrix.cell(0, 1).seen <= matrix.cell(0, 1).looked);
    CHECK(matrix.cell(0, 1).looked > 30000);
}

TEST_CASE("visibility: where all see all there is no fault, and every block is bright") {
    const auto result = localise(matrixOf(3, 4, all));
    CHECK(result.faults.empty());
    CHECK(result.tooFewObservers == 0);
    REQUIRE(result.blocks.size() == 9);
    for (const auto& block : result.blocks) {
        CHECK(block.isEnough);
        CHECK(block.seen > 0.9);
    }
    CHECK(localise(VisibilityMatrix{{}}).faults.empty());
}

TEST_CASE("visibility: both directions dark are a site link, one direction is one-way") {
    const auto link = localise(
        matrixOf(3, 4, [](std::size_t i, std::size_t j) { return !(i / 4 != 2 && j / 4 != 2 && i / 4 != j / 4); }));
    REQUIRE(kindsOf(link) == "site-link");
    CHECK(link.faults[0].from->text() == "10.1.0.0/24");
    CHECK(link.faults[0].to->text() == "10.1.1.0/24");
    CHECK(link.faults[0].cells == 32);
    CHECK(link.faults[0].certainty == Certainty::Certain);
    CHECK(link.faults[0].sentence.find("32 of 32 pairs") != std::string::npos);
    const auto oneWay =
        localise(matrixOf(3, 4, [](std::size_t i, std::size_t j) { return !(i / 4 == 0 && j / 4 == 1); }));
    REQUIRE(kindsOf(oneWay) == "one-way");
    CHECK(oneWay.faults[0].from->text() == "10.1.0.0/24");
    // Half of the road is seen: no link is down, single pairs are dark.
    const auto half = localise(
        matrixOf(3, 4, [](std::size_t i, std::size_t j) { return !(i / 4 == 0 && j / 4 == 1) || (i + j) % 2 == 0; }));
    CHECK(kindsOf(half).find("one-way") == std::string::npos);
    CHECK(kindsOf(half).find("site-link") == std::string::npos);
}

TEST_CASE("visibility: a dark column, a dark row, or both") {
    const auto column = localise(matrixOf(3, 4, [](std::size_t, std::size_t j) { return j != 5; }));
    REQUIRE(kindsOf(column) == "pc-inbound");
    CHECK(column.faults[0].subject == 5U);
    CHECK(column.faults[0].observers == 11);
    const auto row = localise(matrixOf(3, 4, [](std::size_t i, std::size_t) { return i != 5; }));
    REQUIRE(kindsOf(row) == "pc-receives");
    CHECK(row.faults[0].observer == 5U);
    const auto both = localise(matrixOf(3, 4, [](std::size_t i, std::size_t j) { return i != 5 && j != 5; }));
    REQUIRE(kindsOf(both) == "pc-isolated");
    CHECK(both.faults[0].subject == 5U);
}

TEST_CASE("visibility: a dead computer does not make its segment dark, nor a broken link its computers") {
    // Segment 1 has one computer only, and it is off.
    auto matrix = matrixOf(1, 4, all);
    std::vector<MatrixPc> pcs = matrix.pcs();
    pcs.push_back({"lonely", "", *Network4::parse("10.9.9.0/24")});
    VisibilityMatrix small{pcs};
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 5; ++j)
            for (int look = 0; look < 4; ++look)
                small.saw(i, j, j != 4);
    CHECK(kindsOf(localise(small)) == "pc-inbound");
    // Two segments of two that see only themselves.
    CHECK(kindsOf(localise(matrixOf(2, 4, [](std::size_t i, std::size_t j) { return i / 4 == j / 4; }))) ==
          "site-link");
}

TEST_CASE(
    "visibility: a segment that does not see even itself is its switch; one that sees only itself is its uplink") {
    const auto dark = localise(matrixOf(4, 4, [](std::size_t i, std::size_t j) { return i / 4 != 1 && j / 4 != 1; }));
    REQUIRE(kindsOf(dark) == "segment-dark");
    CHECK(dark.faults[0].from->text() == "10.1.1.0/24");
    CHECK(dark.faults[0].sentence.find("access point") != std::string::npos);
    const auto cut =
        localise(matrixOf(4, 4, [](std::size_t i, std::size_t j) { return (i / 4 == 1) == (j / 4 == 1); }));
    REQUIRE(kindsOf(cut) == "segment-dark");
    CHECK(cut.faults[0].sentence.find("uplink") != std::string::npos);
}

TEST_CASE("visibility: a single dark pair counts only if it is darker than chance") {
    const auto sees = [](std::size_t i, std::size_t j) { return !(i == 0 && j == 9); };
    const auto pair = localise(matrixOf(3, 4, sees));
    REQUIRE(kindsOf(pair) == "pair");
    CHECK(pair.faults[0].observer == 0U);
    CHECK(pair.faults[0].subject == 9U);
    const auto twoLooks = localise(matrixOf(3, 4, sees, 2));
    CHECK(twoLooks.faults.empty());
    CHECK(twoLooks.tooFewObservers == 1);
    // In a network that loses every third look, four dark looks are nothing special.
    auto noisy = matrixOf(3, 4, [](std::size_t, std::size_t) { return true; });
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t j = 0; j < 12; ++j)
            for (int look = 0; look < 2; ++look)
                noisy.saw(i, j, false);
    VisibilityMatrix lossy{noisy.pcs()};
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t j = 0; j < 12; ++j)
            for (int look = 0; look < 6; ++look)
                lossy.saw(i, j, !(i == 0 && j == 9) && look % 3 != 0);
    CHECK(localise(lossy).faults.empty());
}

TEST_CASE("visibility: below three observers there is not enough evidence") {
    std::vector<MatrixPc> pcs = matrixOf(2, 4, all).pcs();
    VisibilityMatrix matrix{pcs};
    for (const std::size_t observer : {0U, 1U})
        for (std::size_t subject = 4; subject < 8; ++subject)
            for (int look = 0; look < 10; ++look)
                matrix.saw(observer, subject, false);
    const auto two = localise(matrix);
    CHECK(two.faults.size() <= 2);  // each of the two sees nobody; about the road nothing is said
    CHECK(std::none_of(two.faults.begin(), two.faults.end(), [](const auto& each) {
        return each.kind == FaultKind::SiteLink || each.kind == FaultKind::OneWay || each.kind == FaultKind::PcInbound;
    }));
    CHECK(two.tooFewObservers > 0);
    REQUIRE(two.blocks.size() == 1);
    CHECK_FALSE(two.blocks[0].isEnough);
    for (int look = 0; look < 10; ++look)
        for (std::size_t subject = 4; subject < 8; ++subject)
            matrix.saw(2, subject, false);
    const auto three = localise(matrix);
    REQUIRE(kindsOf(three) == "one-way");
    CHECK(three.faults[0].certainty == Certainty::Possible);  // nobody looked the other way
}

TEST_CASE("visibility: the report is bounded") {
    LocaliserSettings settings;
    settings.mostFaults = 3;
    const auto result = localise(matrixOf(6, 4, [](std::size_t i, std::size_t j) { return i / 4 == j / 4; }), settings);
    CHECK(result.faults.size() <= 3);
    CHECK_FALSE(result.faults.empty());
}
