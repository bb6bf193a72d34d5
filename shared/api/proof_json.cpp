#include "shared/api/proof_json.h"

namespace causeway::api {

void writeJson(JsonWriter& out, const ProofStep& step) {
    out.beginObject();
    out.field("id", step.id);
    out.field("name", step.name);
    out.field("state", wordOf(step.state));
    out.field("proves", step.proves);
    out.fieldOrNever("at", step.at);
    out.field("tookMs", step.took);
    out.field("why", step.why);
    out.field("todo", step.todo);
    out.key("facts");
    out.beginArray();
    for (const auto& [name, value] : step.facts) {
        out.beginObject();
        out.field("name", name);
        out.field("value", value);
        out.endObject();
    }
    out.endArray();
    writeItems(out, step.children, "children");
    out.endObject();
}

void readJson(JsonFields& in, ProofStep& step) {
    in.read("id", step.id);
    in.read("name", step.name);
    in.readWord("state", step.state, proofStateOf);
    in.read("proves", step.proves);
    in.read("at", step.at);
    in.read("tookMs", step.took);
    in.read("why", step.why);
    in.read("todo", step.todo);
    in.each("facts", [&](JsonFields& fact) {
        auto& [name, value] = step.facts.emplace_back();
        fact.read("name", name);
        fact.read("value", value);
    });
    in.readList("children", step.children);
}

}  // namespace causeway::api
