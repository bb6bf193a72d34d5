#include "console/presenters/iptux_scan.h"

#include <vector>

#include "console/presenters/words.h"
#include "shared/base/text.h"
#include "shared/model/remote_range.h"

namespace causeway::console {

namespace {

std::string jsonText(std::string_view text) {
    std::string out = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') out.push_back('\\');
        // Control characters cannot be typed into a line; they are left out rather than escaped.
        if (static_cast<unsigned char>(letter) >= 0x20) out.push_back(letter);
    }
    return out + "\"";
}

}  // namespace

Result<IptuxScan> iptuxScanOf(const std::string& ranges, bool allowLoopback) {
    std::vector<RangeLine> lines;
    std::size_t left = 0;
    for (const auto text : split(ranges, '\n')) {
        auto line = parseRangeLine(text, allowLoopback);
        if (!line) return line.error();
        if (line->kind == RangeKind::Name || line->kind == RangeKind::Broadcast) {
            ++left;
            continue;
        }
        lines.push_back(*std::move(line));
    }
    auto plan = planRanges(lines, {});
    if (!plan) return plan.error();

    IptuxScan scan;
    std::string items;
    for (const auto& span : plan->spans) {
        std::string comment;
        for (const auto& line : lines) {
            const bool isOfSpan = line.kind != RangeKind::Blank && !line.isExclusion && line.first <= span.last &&
                                  span.first <= line.last;
            if (isOfSpan && !line.comment.empty()) {
                comment = line.comment;
                break;
            }
        }
        if (!items.empty()) items += ",\n";
        items += "    {\"startip\": " + jsonText(span.first.text()) + ", \"endip\": " + jsonText(span.last.text()) +
                 ", \"description\": " + jsonText(comment) + "}";
        scan.fromTo += span.first.text() + " - " + span.last.text() + (comment.empty() ? "" : "  " + comment) + "\n";
    }
    scan.stretches = plan->spans.size();
    scan.json = items.empty() ? "\"scan_net_segment\": []" : "\"scan_net_segment\": [\n" + items + "\n]";
    if (left > 0) {
        scan.leftOut =
            trn("%1 line is left out, because iptux scans neither DNS names nor broadcast addresses.",
                "%1 lines are left out, because iptux scans neither DNS names nor broadcast addresses.", left);
    }
    return scan;
}

}  // namespace causeway::console
