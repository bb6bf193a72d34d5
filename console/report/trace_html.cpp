#include "console/report/trace_html.h"

#include <algorithm>
#include <array>
#include <utility>

#include "console/report/trace_words.h"
#include "shared/base/text.h"

namespace causeway::report {

namespace {

constexpr int kLeft = 190;
constexpr int kStep = 124;
constexpr int kTop = 46;
constexpr int kLane = 74;

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;
--fine:#1a7f37;--partly:#9a6700;--failed:#cf222e;--grey:#6e7781}
@media(prefers-color-scheme:dark){:root{--back:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#3d444d;--card:#151b23;
--fine:#3fb950;--partly:#d29922;--failed:#f85149;--grey:#9198a1}}
body{margin:0 auto;max-width:70rem;padding:1.5rem;background:var(--back);color:var(--text);
font:15px/1.5 system-ui,"Segoe UI",sans-serif}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2rem 0 .6rem}h3{font-size:1rem;margin:1rem 0 .3rem}
p.about{color:var(--soft);margin:0}
section.card{border:1px solid var(--line);border-left:6px solid var(--grey);border-radius:6px;background:var(--card);
padding:.8rem 1.1rem;margin:1rem 0}
section.fine{border-left-color:var(--fine)}section.failed{border-left-color:var(--failed)}
code,pre{font-family:ui-monospace,Consolas,monospace;font-size:.92em}
pre{background:var(--back);border:1px solid var(--line);border-radius:4px;padding:.5rem .7rem;margin:.3rem 0;
white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;
border-bottom:1px solid var(--line)}th{font-weight:600}td.number{text-align:right;white-space:nowrap}
.g-fine{color:var(--fine)}.g-partly{color:var(--partly)}.g-failed{color:var(--failed)}
.g-not-measured,.g-waiting,.g-running{color:var(--grey)}td.grade{white-space:nowrap;font-weight:600}
details{color:var(--soft)}details p{margin:.1rem 0}div.picture{overflow-x:auto}
svg text{fill:var(--text);font:12px system-ui,"Segoe UI",sans-serif}svg .soft{fill:var(--soft)}
svg .bad{fill:var(--failed)}svg .road{stroke:var(--fine);stroke-width:2}
svg .silent{stroke:var(--grey);stroke-width:2;stroke-dasharray:4 4}svg .cross{stroke:var(--failed);stroke-width:3}
svg .hop{fill:var(--back);stroke:var(--fine);stroke-width:2}svg .star{fill:var(--back);stroke:var(--grey);stroke-width:2}
svg .end{fill:var(--fine)}footer{margin-top:2rem;color:var(--soft);font-size:.9em}
@media print{body{max-width:none;padding:0}details>p{display:block}}
)";

const char* markOf(TraceGrade grade) {
    switch (grade) {
        case TraceGrade::Fine:
            return "\xE2\x9C\x93";  // check mark
        case TraceGrade::Partly:
            return "\xE2\x97\x90";  // half a circle
        case TraceGrade::Failed:
            return "\xE2\x9C\x97";  // ballot x
        case TraceGrade::NotMeasured:
        case TraceGrade::Waiting:
        case TraceGrade::Running:
            return "\xE2\x97\x8B";  // empty circle
    }
    return "";
}

std::string errorText(const TraceHop& hop) {
    if (hop.type != std::uint8_t{3} || !hop.code) return {};
    const IcmpError error{{}, *hop.type, *hop.code, 0};
    if (error.isPortClosed()) return "port closed";
    if (error.isProhibited()) return "forbidden";
    if (error.isNoRoute()) return "no route";
    if (error.isHostUnreachable()) return "host unreachable";
    if (error.isTooBig()) return "too large";
    return "unreachable, code " + std::to_string(*hop.code);
}

class Svg {
public:
    void line(int x1, int x2, int y, const char* kind) {
        text_ += "<line class=\"" + std::string(kind) + "\" x1=\"" + std::to_string(x1) + "\" y1=\"" +
                 std::to_string(y) + "\" x2=\"" + std::to_string(x2) + "\" y2=\"" + std::to_string(y) + "\"/>\n";
    }
    void circle(int x, int y, const char* kind) {
        text_ += "<circle class=\"" + std::string(kind) + "\" cx=\"" + std::to_string(x) + "\" cy=\"" +
                 std::to_string(y) + "\" r=\"7\"/>\n";
    }
    void square(int x, int y) {
        text_ += "<rect class=\"end\" x=\"" + std::to_string(x - 8) + "\" y=\"" + std::to_string(y - 8) +
                 "\" width=\"16\" height=\"16\"/>\n";
    }
    void cross(int x, int y) {
        text_ += "<path class=\"cross\" d=\"M" + std::to_string(x - 6) + " " + std::to_string(y - 6) +
                 "l12 12m0 -12l-12 12\"/>\n";
    }
    void text(int x, int y, std::string_view what, const char* kind, const char* anchor = "middle") {
        if (what.empty()) return;
        text_ += "<text class=\"" + std::string(kind) + "\" x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
                 "\" text-anchor=\"" + anchor + "\">" + escaped(what) + "</text>\n";
    }
    const std::string& all() const { return text_; }

private:
    std::string text_;
};

std::size_t drawn(const PathColumn& column) {
    return std::min(column.hops.size(), kMostDrawnHops);
}

void drawLane(Svg& svg, const char* name, const PathColumn& column, int y) {
    svg.text(12, y + 4, name, "lane", "start");
    svg.circle(kLeft - kStep / 2, y, "hop");
    const auto count = drawn(column);
    std::size_t lastAnswered = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (column.hops[i].isAnswered) lastAnswered = i + 1;
    }
    int before = kLeft - kStep / 2;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& hop = column.hops[i];
        const int x = kLeft + static_cast<int>(i) * kStep + kStep / 2;
        // Silent hops with an answer behind them are passed all the same.
        svg.line(before + 8, x - 8, y, i < lastAnswered ? "road" : "silent");
        const bool isTarget = column.isTargetReached && i + 1 == lastAnswered;
        const auto error = errorText(hop);
        if (isTarget) {
            svg.square(x, y);
        } else {
            svg.circle(x, y, hop.isAnswered ? "hop" : "star");
        }
        if (hop.isAnswered) {
            svg.text(x, y - 13, hop.roundTrip ? tookText(*hop.roundTrip) : std::string(), "soft");
            svg.text(x, y + 23, hop.address ? hop.address->text() : std::string("a router"), "hop-name");
            if (!isTarget) svg.text(x, y + 37, error, "bad");
        } else {
            svg.text(x, y + 23, "no answer", "soft");
        }
        before = x;
    }
    if (!column.isTargetReached) svg.cross(kLeft + static_cast<int>(lastAnswered) * kStep, y);
}

std::string summaryOf(const char* name, const PathColumn& column) {
    std::string text = std::string(name) + ": ";
    const auto last = column.lastAnswered();
    if (column.isTargetReached) return text + "reaches the target at hop " + std::to_string(last) + ".";
    if (last == 0) return text + "no hop answers.";
    const auto* hop = column.hop(last);
    return text + "ends after hop " + std::to_string(last) +
           (hop != nullptr && hop->address ? " (" + hop->address->text() + ")." : ".");
}

std::string paragraphs(const std::vector<std::string>& lines) {
    std::string html;
    for (const auto& line : lines)
        html += "<p>" + escaped(line) + "</p>";
    return html;
}

std::string verdictCard(const Verdict& verdict, const TraceReport& report) {
    const bool isOk = verdict.code == VerdictCode::Ok;
    const bool isOpen = verdict.code == VerdictCode::NotEnoughEvidence;
    std::string html = "<section class=\"card" + std::string(isOk ? " fine" : isOpen ? "" : " failed") + "\">\n";
    html += "<h3><code>" + escaped(codeText(verdict)) + "</code>, " + wordOf(verdict.certainty) + "</h3>\n";
    html += "<p>" + escaped(verdict.sentence) + "</p>\n";
    if (!verdict.remedy.empty()) {
        html += "<h3>What to do</h3>\n<ol>\n";
        for (const auto& step : verdict.remedy) {
            html += "<li>" + escaped(step.text);
            if (!step.command.empty()) {
                std::string command;
                for (const auto line : split(step.command, '\n'))
                    command += (command.empty() ? "" : "\n") + escaped(line);
                html += "<pre>" + command + "</pre>";
            }
            html += "</li>\n";
        }
        html += "</ol>\n";
    }
    if (!verdict.proofs.empty()) {
        html += "<h3>Proved by</h3>\n<ul>\n";
        for (const auto& proof : verdict.proofs) {
            html += "<li>" + escaped(infoOf(proof.step).title) + ", " + escaped(legText(proof.leg, report));
            const auto row = std::find_if(report.rows.begin(), report.rows.end(), [&proof](const TraceRow& each) {
                return each.step == proof.step && each.leg == proof.leg;
            });
            if (row != report.rows.end() && !row->result.empty()) html += ": " + escaped(row->result);
            html += "</li>\n";
        }
        html += "</ul>\n";
    }
    if (const auto missing = missingText(verdict); !missing.empty())
        html += "<p><b>To be surer:</b> " + escaped(missing) + "</p>\n";
    return html + "</section>\n";
}

std::string rowHtml(const TraceRow& row, const TraceReport& report) {
    const auto& info = infoOf(row.step);
    std::string html = "<tr><td>" + std::to_string(static_cast<unsigned>(row.step)) + ". " + escaped(info.title) +
                       "</td><td>" + escaped(legText(row.leg, report)) + "</td><td class=\"grade g-" +
                       wordOf(row.grade) + "\">" + markOf(row.grade) + " " + escaped(gradeText(row.grade)) +
                       "</td><td>" + escaped(row.result);
    if (!row.method.empty() || !row.gains.empty() || !row.details.empty() || !row.by.empty()) {
        html += "<details><summary>How it was measured</summary>";
        if (!row.by.empty()) html += "<p>Measured by " + escaped(row.by) + "</p>";
        if (!row.method.empty()) html += "<p>Method: " + escaped(row.method) + "</p>";
        if (!row.gains.empty()) html += "<p>More is possible: " + escaped(row.gains) + "</p>";
        html += paragraphs(row.details) + "</details>";
    }
    return html + "</td><td class=\"number\">" + (row.started == TimePoint{} ? "-" : escaped(tookText(row.took))) +
           "</td></tr>\n";
}

std::string aboutText(const TraceReport& report) {
    std::string text = "Trace " + std::to_string(report.id) + ", " +
                       (!report.request.only.empty() ? "chosen steps"
                        : report.request.isQuick     ? "quick"
                                                     : "full") +
                       ", " + wordOf(report.state) + ". Started " + timeText(report.startedAt);
    if (!report.by.empty()) text += " by " + report.by;
    if (report.finishedAt != TimePoint{}) text += ", ended " + timeText(report.finishedAt);
    return text + ". " + std::to_string(report.packetsSent) + " packets sent, " +
           std::to_string(report.packetsReceived) + " received.";
}

}  // namespace

std::string escaped(std::string_view text) {
    const auto clean = cleanUtf8(text);
    std::string out;
    out.reserve(clean.size() + 16);
    for (const char c : clean) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
        }
    }
    return out;
}

std::string hopPicture(const TraceRow& row, const TraceReport& report) {
    if (!row.path) return {};
    struct Lane {
        const char* name;
        const PathColumn* column;
    };
    std::vector<Lane> lanes;
    if (row.path->icmp) lanes.push_back({"ICMP", &*row.path->icmp});
    if (row.path->udp) lanes.push_back({"UDP 2425", &*row.path->udp});
    if (row.path->tcp) lanes.push_back({"TCP 2425", &*row.path->tcp});
    std::size_t most = 0;
    for (const auto& lane : lanes)
        most = std::max(most, drawn(*lane.column));
    if (most == 0) return {};
    Svg svg;
    std::string summary = "Hops from " + legText(row.leg, report) + ".";
    svg.text(kLeft - kStep / 2, 18, "start", "soft");
    for (std::size_t i = 0; i < most; ++i)
        svg.text(kLeft + static_cast<int>(i) * kStep + kStep / 2, 18, "hop " + std::to_string(i + 1), "soft");
    int y = kTop + 10;
    for (const auto& lane : lanes) {
        drawLane(svg, lane.name, *lane.column, y);
        summary += " " + summaryOf(lane.name, *lane.column);
        y += kLane;
    }
    const auto width = std::to_string(kLeft + static_cast<int>(most) * kStep + 20);
    const auto height = std::to_string(y - kLane + 50);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"" + escaped(summary) + "\" width=\"" +
           width + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height + "\">\n" + svg.all() +
           "</svg>\n";
}

std::string traceHtml(const TraceReport& report) {
    const auto title = "Packet trace: " + pairText(report);
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
        escaped(title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" + escaped(title) +
        "</h1>\n<p class=\"about\">" + escaped(aboutText(report)) + "</p>\n";
    if (!report.trouble.empty()) html += "<p class=\"g-failed\">" + escaped(report.trouble) + "</p>\n";

    html += "<h2>Verdict</h2>\n";
    if (report.verdicts.empty()) html += "<p>There is none: the trace did not come to its end.</p>\n";
    for (const auto& verdict : report.verdicts)
        html += verdictCard(verdict, report);

    html += "<h2>Path</h2>\n";
    bool hasPicture = false;
    for (const auto& row : report.rows) {
        const auto picture = hopPicture(row, report);
        if (picture.empty()) continue;
        hasPicture = true;
        html +=
            "<h3>From " + escaped(legText(row.leg, report)) + "</h3>\n<div class=\"picture\">" + picture + "</div>\n";
    }
    if (!hasPicture) html += "<p>No path was measured in this trace. A full trace measures it.</p>\n";

    html +=
        "<h2>Evidence</h2>\n<table>\n<tr><th>Step</th><th>Road</th><th>Grade</th><th>Result</th><th>Took</th></tr>\n";
    for (const auto& row : report.rows)
        html += rowHtml(row, report);
    html +=
        "</table>\n<footer>Made by Causeway. Grey rows were not measured; they are no fault.</footer>\n"
        "</body>\n</html>\n";
    return html;
}

}  // namespace causeway::report
