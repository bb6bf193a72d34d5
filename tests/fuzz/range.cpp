#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/remote_range.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;

namespace {

void checkText(const std::string& text) {
    INVARIANT(fuzz::isClean(text) && text.size() < 600 && text.ends_with('.'));
}

bool isAddresses(const RangeLine& line) {
    return line.kind == RangeKind::Single || line.kind == RangeKind::Wildcard || line.kind == RangeKind::Cidr ||
           line.kind == RangeKind::FromTo;
}

void checkLine(std::string_view text, std::vector<RangeLine>& lines) {
    const auto line = parseRangeLine(text);
    if (!line) {
        INVARIANT(line.error().place && *line.error().place <= text.size());
        checkText(line.error().text());
        return;
    }
    INVARIANT(isValidUtf8(line->comment));
    INVARIANT(line->addresses() <= kMaxRangeAddresses || line->isExclusion);
    if (isAddresses(*line)) {
        INVARIANT(line->first <= line->last && line->first.canBeHost() && line->last.canBeHost());
        const auto again =
            parseRangeLine((line->isExclusion ? "!" : "") + line->first.text() + "-" + line->last.text());
        INVARIANT(again && again->first == line->first && again->last == line->last);
    }
    if (line->kind == RangeKind::Name) {
        const auto again = parseRangeLine(line->name);
        INVARIANT(again && again->kind == RangeKind::Name && again->name == line->name);
    }
    lines.push_back(*line);
}

void checkPlan(const RangePlan& plan, const std::vector<RangeLine>& lines, const std::vector<Network4>& own) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < plan.spans.size(); ++i) {
        const auto& span = plan.spans[i];
        INVARIANT(span.first <= span.last);
        INVARIANT(i == 0 || plan.spans[i - 1].last < span.first);
        INVARIANT(plan.at(sum) == span.first);
        sum += span.size();
        INVARIANT(plan.at(sum - 1) == span.last);
        for (const auto ip : {span.first, span.last}) {
            INVARIANT(plan.contains(ip));
            INVARIANT(std::none_of(own.begin(), own.end(), [&](const Network4& net) { return net.contains(ip); }));
            bool isWanted = false;
            for (const auto& line : lines) {
                if (!isAddresses(line) || ip < line.first || line.last < ip) continue;
                INVARIANT(!line.isExclusion);
                isWanted = true;
            }
            INVARIANT(isWanted);
        }
    }
    INVARIANT(sum == plan.addresses);
}

}  // namespace

// Lines: errors are sentences with a column; good lines can be said again. Together: no target but the wanted ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const std::vector<Network4> own{Network4::of(Ip4{0xC0A80100}, 24), Network4::of(Ip4{0x0A010000}, 20)};
    std::vector<RangeLine> lines;
    std::size_t wrongLines = 0;
    const auto texts = split(input, '\n');
    if (texts.size() > 24) return 0;  // more lines find nothing new and only take time
    for (const auto line : texts) {
        const auto before = lines.size();
        checkLine(line, lines);
        if (lines.size() == before) ++wrongLines;
    }
    const auto preview = previewRanges(input, own, 200);
    const auto plan = planRanges(lines, own);
    INVARIANT(preview.problems.size() == wrongLines + (plan ? 0U : 1U));
    for (const auto& problem : preview.problems)
        checkText(problem.text);
    if (!plan) {
        checkText(plan.error().text());
        return 0;
    }
    INVARIANT(preview.addresses == plan->addresses && preview.excluded == plan->excluded);
    INVARIANT(preview.skippedOwn == plan->skippedOwn && plan->addresses <= kMaxRangeAddresses);
    checkPlan(*plan, lines, own);
    return 0;
}
