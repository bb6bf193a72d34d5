#include "console/report/trace_words.h"

namespace causeway::report {

namespace {

std::string endText(const std::string& name, const std::string& typed, Ip4 address, const char* nobody) {
    const auto& shown = name.empty() ? typed : name;
    if (address.isAny()) return shown.empty() ? nobody : shown;
    const auto text = address.text();
    return shown.empty() || shown == text ? text : shown + " (" + text + ")";
}

std::string nameOf(const std::string& name, Ip4 address, const char* nobody) {
    if (!name.empty()) return name;
    return address.isAny() ? nobody : address.text();
}

std::string isoParts(TimePoint when) {
    auto text = isoText(when);  // 2026-11-22T12:00:15.000Z
    if (text.size() > 19) text.resize(19);
    if (text.size() > 10) text[10] = ' ';
    return text;
}

}  // namespace

std::string xText(const TraceReport& report) {
    return endText(report.x, report.request.from, report.xAddress, "this service");
}

std::string yText(const TraceReport& report) {
    return endText(report.y, report.request.to, report.yAddress, "unknown");
}

std::string pairText(const TraceReport& report) {
    return xText(report) + " -> " + yText(report);
}

std::string legText(TraceLeg leg, const TraceReport& report) {
    const auto x = nameOf(report.x, report.xAddress, "this service");
    const auto y = nameOf(report.y.empty() ? report.request.to : report.y, report.yAddress, "the target");
    switch (leg) {
        case TraceLeg::AToY:
            return "this service to " + y;
        case TraceLeg::BToX:
            return "the linked service to " + x;
        case TraceLeg::AToX:
            return "this service to " + x;
        case TraceLeg::BToY:
            return "the linked service to " + y;
        case TraceLeg::AToPeer:
            return "this service to the linked service";
        case TraceLeg::PeerToA:
            return "the linked service to this service";
    }
    return {};
}

std::string gradeText(TraceGrade grade) {
    return grade == TraceGrade::NotMeasured ? "not measured" : wordOf(grade);
}

std::string codeText(const Verdict& verdict) {
    const auto& known = verdict.parameters;
    std::string inside;
    const auto add = [&inside](const std::string& text) { inside += (inside.empty() ? "" : ", ") + text; };
    if (known.hopNumber) add("hop " + std::to_string(*known.hopNumber));
    if (known.hopAddress) add(known.hopAddress->text());
    if (known.size) add(std::to_string(*known.size) + " bytes");
    if (known.direction) add(*known.direction == TraceDirection::AToB ? "from A to B" : "from B to A");
    for (const auto port : known.ports)
        add("port " + std::to_string(port));
    if (known.lossPercent) add(std::to_string(*known.lossPercent) + " % lost");
    return wordOf(verdict.code) + (inside.empty() ? "" : " (" + inside + ")");
}

std::string missingText(const Verdict& verdict) {
    const auto& text = verdict.missingText;
    if (!text.empty() && verdict.sentence.find(text) != std::string::npos) return {};
    if (!verdict.missing) return text;
    return std::string(infoOf(*verdict.missing).title) + "." + (text.empty() ? "" : " " + text);
}

std::string tookText(Duration took) {
    const auto ms = took.count();
    if (ms < 1) return "less than 1 ms";
    if (ms < 1000) return std::to_string(ms) + " ms";
    if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
    return std::to_string(ms / 60'000) + " min";
}

std::string timeText(TimePoint when) {
    return when == TimePoint{} ? "-" : isoParts(when) + " UTC";
}

}  // namespace causeway::report
