#include "shared/api/traces_json.h"

#include <algorithm>
#include <utility>

namespace causeway::api {

namespace {

constexpr std::size_t kMostTargetBytes = 255;

void writeHops(JsonWriter& out, std::string_view name, const std::optional<PathColumn>& column) {
    out.key(name);
    if (!column) {
        out.null();
        return;
    }
    out.beginObject();
    out.field("isTargetReached", column->isTargetReached);
    writeItems(out, column->hops, "hops");
    out.endObject();
}

void readHops(JsonFields& in, std::string_view name, std::optional<PathColumn>& column) {
    column.reset();
    in.inside(name, [&column](JsonFields& inner) {
        auto& into = column.emplace();
        inner.read("isTargetReached", into.isTargetReached);
        inner.readList("hops", into.hops);
    });
}

void writeSteps(JsonWriter& out, const std::vector<TraceStep>& steps) {
    out.key("steps");
    out.beginArray();
    for (const auto step : steps)
        out.value(wordOf(step));
    out.endArray();
}

bool isQuickWord(const std::string& word) {
    return word != "full";
}

/// What a trace says about its request; words of a newer service are left out.
void readAnswered(JsonFields& in, TraceRequest& request) {
    in.read("from", request.from);
    in.read("to", request.to);
    in.read("fromUser", request.fromUser);
    in.read("toUser", request.toUser);
    std::string kind = request.isQuick ? "quick" : "full";
    in.read("kind", kind);
    request.isQuick = isQuickWord(kind);
    in.read("readLists", request.readLists);
    std::vector<std::string> words;
    in.read("steps", words);
    request.only.clear();
    for (const auto& word : words) {
        if (const auto step = traceStepOf(word)) request.only.push_back(*step);
    }
    in.read("repeatMinutes", request.repeatMinutes);
    in.read("user", request.user);
    in.read("domain", request.domain);
    in.read("resolvers", request.resolvers);
}

/// True if step and leg are words that this version knows.
bool readPlace(JsonFields& in, TraceStep& step, TraceLeg& leg) {
    std::string stepWord;
    std::string legWord;
    in.read("step", stepWord);
    in.read("leg", legWord);
    const auto knownStep = traceStepOf(stepWord);
    const auto knownLeg = traceLegOf(legWord);
    if (!knownStep || !knownLeg) return false;
    step = *knownStep;
    leg = *knownLeg;
    return true;
}

std::optional<UserId> named(UserId id) {
    if (id == 0) return std::nullopt;
    return id;
}

std::optional<Ip4> known(Ip4 address) {
    if (address.isAny()) return std::nullopt;
    return address;
}

void writeTimes(JsonWriter& out, const std::vector<TimePoint>& times) {
    out.key("times");
    out.beginArray();
    for (const auto when : times)
        out.value(when);
    out.endArray();
}

void writeParameters(JsonWriter& out, const VerdictParameters& parameters) {
    out.beginObject();
    if (parameters.hopAddress) out.field("hopAddress", *parameters.hopAddress);
    if (parameters.hopNumber) out.field("hopNumber", *parameters.hopNumber);
    if (parameters.size) out.field("size", *parameters.size);
    if (parameters.direction) out.field("direction", wordOf(*parameters.direction));
    if (!parameters.ports.empty()) {
        out.key("ports");
        out.beginArray();
        for (const auto port : parameters.ports)
            out.value(port);
        out.endArray();
    }
    if (parameters.lossPercent) out.field("lossPercent", *parameters.lossPercent);
    if (!parameters.times.empty()) writeTimes(out, parameters.times);
    out.endObject();
}

void readParameters(JsonFields& in, VerdictParameters& parameters) {
    in.read("hopAddress", parameters.hopAddress);
    in.read("hopNumber", parameters.hopNumber);
    in.read("size", parameters.size);
    std::string direction;
    in.read("direction", direction);
    parameters.direction = traceDirectionOf(direction);
    in.read("ports", parameters.ports);
    in.read("lossPercent", parameters.lossPercent);
    std::vector<std::string> times;
    in.read("times", times);
    for (const auto& text : times) {
        if (const auto when = parseIso(text)) parameters.times.push_back(*when);
    }
}

void checkTarget(JsonFields& in, const char* name, const std::string& text) {
    if (text.size() > kMostTargetBytes) {
        in.problem(name, "A target has at most 255 bytes. Give a user, an address or a name.");
    } else if (std::any_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
        in.problem(name, "Control characters cannot be part of a user, an address or a name.");
    }
}

/// "user" or "domain" instead of "to".
void readDomainTarget(JsonFields& in, TraceRequest& request) {
    constexpr std::size_t kMostAddressBytes = 1300;
    constexpr std::size_t kMostResolvers = 8;
    in.read("user", request.user);
    in.read("domain", request.domain);
    in.read("resolvers", request.resolvers);
    std::string password;
    in.read("password", password);
    request.password = Secret{std::move(password)};
    if (!request.user.empty()) {
        const auto at = request.user.rfind('@');
        if (at == std::string::npos || at == 0 || at + 1 == request.user.size() ||
            request.user.size() > kMostAddressBytes)
            in.problem("user", "Write the address that the person logs in with, such as alice@chat.example.com.");
    }
    if (request.isOfDomain() && (!request.to.empty() || !request.from.empty()))
        in.problem("to", "A trace goes to a user of the LAN, or to an address of a chat domain, not to both.");
    if (!request.password.empty() && request.user.empty()) in.problem("password", "A password belongs to a \"user\".");
    if (request.resolvers.size() > kMostResolvers) in.problem("resolvers", "At most 8 resolvers can be asked.");
    checkTarget(in, "domain", request.domain);
}

}  // namespace

TraceStepList traceStepList() {
    TraceStepList list;
    for (const auto& info : traceSteps()) {
        list.items.push_back({static_cast<unsigned>(info.step), info.word, info.title, info.help, info.need, info.gains,
                              info.budget, info.isQuick});
    }
    for (const auto& info : domainTraceSteps()) {
        list.items.push_back({static_cast<unsigned>(info.step), info.word, info.title, info.help, info.need, info.gains,
                              info.budget, info.isQuick});
    }
    return list;
}

void writeJson(JsonWriter& out, const TraceRequest& request) {
    out.beginObject();
    out.field("from", request.from);
    out.field("to", request.to);
    out.field("fromUser", named(request.fromUser));
    out.field("toUser", named(request.toUser));
    out.field("kind", request.isQuick ? "quick" : "full");
    out.field("readLists", request.readLists);
    writeSteps(out, request.only);
    out.field("repeatMinutes", request.repeatMinutes);
    // The password goes one way only, beside this: TraceRequest::password.
    if (request.isOfDomain()) {
        out.field("user", request.user);
        out.field("domain", request.domain);
        writeTexts(out, "resolvers", request.resolvers);
    }
    out.endObject();
}

std::string traceRequestJson(const TraceRequest& request) {
    auto text = toJson(request);
    if (request.password.empty()) return text;
    JsonWriter out;
    out.value(request.password.reveal());
    text.insert(text.size() - 1, ",\"password\":" + out.take());
    return text;
}

void readJson(JsonFields& in, TraceRequest& request) {
    in.read("from", request.from);
    in.read("to", request.to);
    in.read("fromUser", request.fromUser);
    in.read("toUser", request.toUser);
    checkTarget(in, "from", request.from);
    checkTarget(in, "to", request.to);
    readDomainTarget(in, request);
    if (!request.isOfDomain() && request.to.empty() && request.toUser == 0) {
        in.problem(in.has("toUser") ? "toUser" : "to",
                   "Say who is not seen: the id of a user in \"toUser\", or an address or a name in \"to\".");
    }
    if (in.has("fromUser") && request.fromUser == 0) in.problem("fromUser", "No user has the id 0.");
    if (in.has("kind")) {
        std::string kind;
        in.read("kind", kind);
        if (kind == "quick" || kind == "full") {
            request.isQuick = isQuickWord(kind);
        } else {
            in.problem("kind", "A trace is \"quick\" or \"full\".");
        }
    }
    in.read("readLists", request.readLists);
    std::vector<std::string> words;
    in.read("steps", words);
    request.only.clear();
    for (const auto& word : words) {
        const auto step = traceStepOf(word);
        if (!step) {
            in.problem("steps", "There is no step of that name. GET /v1/traces/steps lists them all.");
            break;
        }
        if (std::find(request.only.begin(), request.only.end(), *step) == request.only.end())
            request.only.push_back(*step);
    }
    if (!request.readLists &&
        std::find(request.only.begin(), request.only.end(), TraceStep::Lists) != request.only.end()) {
        in.problem("steps", "The step \"lists\" reads the users' own lists. Allow it with \"readLists\": true.");
    }
    in.read("repeatMinutes", request.repeatMinutes);
    if (request.repeatMinutes > TraceRequest::kMostRepeatMinutes)
        in.problem("repeatMinutes", "Repeat for 0 to 1440 minutes, that is one day at most.");
}

void writeJson(JsonWriter& out, const TraceHop& hop) {
    out.beginObject();
    out.field("ttl", hop.ttl);
    out.field("isAnswered", hop.isAnswered);
    out.field("address", hop.address);
    out.field("roundTripMs", hop.roundTrip);
    out.field("type", hop.type);
    out.field("code", hop.code);
    out.field("sent", hop.sent);
    out.field("lost", hop.lost);
    out.endObject();
}

void readJson(JsonFields& in, TraceHop& hop) {
    in.read("ttl", hop.ttl);
    in.read("isAnswered", hop.isAnswered);
    in.read("address", hop.address);
    in.read("roundTripMs", hop.roundTrip);
    in.read("type", hop.type);
    in.read("code", hop.code);
    in.read("sent", hop.sent);
    in.read("lost", hop.lost);
}

void writeJson(JsonWriter& out, const TraceRow& row) {
    out.beginObject();
    out.field("step", wordOf(row.step));
    out.field("leg", wordOf(row.leg));
    out.field("grade", wordOf(row.grade));
    out.field("result", row.result);
    writeTexts(out, "details", row.details);
    out.fieldOrNever("startedAt", row.started);
    out.field("tookMs", row.took);
    out.field("method", row.method);
    if (!row.by.empty()) out.field("by", row.by);
    out.field("gains", row.gains);
    out.key("path");
    if (row.path) {
        out.beginObject();
        writeHops(out, "icmp", row.path->icmp);
        writeHops(out, "udp", row.path->udp);
        writeHops(out, "tcp", row.path->tcp);
        out.endObject();
    } else {
        out.null();
    }
    out.endObject();
}

void readJson(JsonFields& in, TraceRow& row) {
    readPlace(in, row.step, row.leg);
    row.grade = TraceGrade::NotMeasured;
    in.readWord("grade", row.grade, &traceGradeOf);
    in.read("result", row.result);
    in.read("details", row.details);
    in.read("startedAt", row.started);
    in.read("tookMs", row.took);
    in.read("method", row.method);
    in.read("by", row.by);
    in.read("gains", row.gains);
    row.path.reset();
    in.inside("path", [&row](JsonFields& inner) {
        auto& path = row.path.emplace();
        readHops(inner, "icmp", path.icmp);
        readHops(inner, "udp", path.udp);
        readHops(inner, "tcp", path.tcp);
    });
}

void writeJson(JsonWriter& out, const RemedyStep& step) {
    out.beginObject();
    out.field("text", step.text);
    out.field("command", step.command);
    out.endObject();
}

void readJson(JsonFields& in, RemedyStep& step) {
    in.read("text", step.text);
    in.read("command", step.command);
}

void writeJson(JsonWriter& out, const Verdict& verdict) {
    out.beginObject();
    out.field("code", wordOf(verdict.code));
    out.field("certainty", wordOf(verdict.certainty));
    out.field("about", wordOf(verdict.about));
    out.key("parameters");
    writeParameters(out, verdict.parameters);
    out.field("sentence", verdict.sentence);
    writeItems(out, verdict.remedy, "remedy");
    out.key("proofs");
    out.beginArray();
    for (const auto& proof : verdict.proofs) {
        out.beginObject();
        out.field("step", wordOf(proof.step));
        out.field("leg", wordOf(proof.leg));
        out.endObject();
    }
    out.endArray();
    out.key("missing");
    if (verdict.missing) {
        out.value(wordOf(*verdict.missing));
    } else {
        out.null();
    }
    out.field("missingText", verdict.missingText);
    out.field("page", pageOf(verdict.code));
    out.endObject();
}

void readJson(JsonFields& in, Verdict& verdict) {
    verdict.code = VerdictCode::NotEnoughEvidence;
    verdict.certainty = Certainty::Possible;
    in.readWord("code", verdict.code, &verdictCodeOf);
    in.readWord("certainty", verdict.certainty, &certaintyOf);
    in.readWord("about", verdict.about, &traceSubjectOf);
    in.inside("parameters", [&verdict](JsonFields& inner) { readParameters(inner, verdict.parameters); });
    in.read("sentence", verdict.sentence);
    in.readList("remedy", verdict.remedy);
    verdict.proofs.clear();
    in.each("proofs", [&verdict](JsonFields& item) {
        VerdictProof proof;
        if (readPlace(item, proof.step, proof.leg)) verdict.proofs.push_back(proof);
    });
    std::string missing;
    in.read("missing", missing);
    verdict.missing = traceStepOf(missing);
    in.read("missingText", verdict.missingText);
}

void writeJson(JsonWriter& out, const TraceReport& report) {
    out.beginObject();
    out.field("id", report.id);
    out.key("request");
    writeJson(out, report.request);
    out.field("by", report.by);
    out.field("state", wordOf(report.state));
    out.field("trouble", report.trouble);
    out.field("startedAt", report.startedAt);
    out.fieldOrNever("finishedAt", report.finishedAt);
    out.field("x", report.x);
    out.field("y", report.y);
    out.field("xAddress", known(report.xAddress));
    out.field("yAddress", known(report.yAddress));
    writeItems(out, report.rows, "rows");
    writeItems(out, report.verdicts, "verdicts");
    out.field("packetsSent", report.packetsSent);
    out.field("packetsReceived", report.packetsReceived);
    out.field("revision", report.revision);
    out.endObject();
}

void readJson(JsonFields& in, TraceReport& report) {
    in.read("id", report.id);
    in.inside("request", [&report](JsonFields& inner) { readAnswered(inner, report.request); });
    in.read("by", report.by);
    in.readWord("state", report.state, &traceStateOf);
    in.read("trouble", report.trouble);
    in.read("startedAt", report.startedAt);
    in.read("finishedAt", report.finishedAt);
    in.read("x", report.x);
    in.read("y", report.y);
    in.read("xAddress", report.xAddress);
    in.read("yAddress", report.yAddress);
    report.rows.clear();
    in.each("rows", [&report](JsonFields& item) {
        TraceRow row;
        if (!readPlace(item, row.step, row.leg)) return;
        readJson(item, row);
        report.rows.push_back(std::move(row));
    });
    in.readList("verdicts", report.verdicts);
    in.read("packetsSent", report.packetsSent);
    in.read("packetsReceived", report.packetsReceived);
    in.read("revision", report.revision);
}

void writeJson(JsonWriter& out, const TraceList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, TraceList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const TraceStepRow& row) {
    out.beginObject();
    out.field("step", row.number);
    out.field("word", row.word);
    out.field("title", row.title);
    out.field("help", row.help);
    out.field("need", wordOf(row.need));
    out.field("gains", row.gains);
    out.field("budgetMs", row.budget);
    out.field("isQuick", row.isQuick);
    out.endObject();
}

void readJson(JsonFields& in, TraceStepRow& row) {
    in.read("step", row.number);
    in.read("word", row.word);
    in.read("title", row.title);
    in.read("help", row.help);
    in.readWord("need", row.need, &traceNeedOf);
    in.read("gains", row.gains);
    in.read("budgetMs", row.budget);
    in.read("isQuick", row.isQuick);
}

void writeJson(JsonWriter& out, const TraceStepList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, TraceStepList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const TraceEvent& event) {
    out.beginObject();
    if (event.trace) {
        out.key("trace");
        writeJson(out, *event.trace);
    }
    if (event.removed) out.field("removed", *event.removed);
    out.endObject();
}

void readJson(JsonFields& in, TraceEvent& event) {
    in.inside("trace", [&event](JsonFields& inner) { readJson(inner, event.trace.emplace()); });
    in.read("removed", event.removed);
}

}  // namespace causeway::api
