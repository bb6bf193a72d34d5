#include "shared/api/config_json.h"

#include "shared/api/bases_json.h"
#include "shared/api/problems_json.h"

namespace causeway::api {

namespace {

void writeBase(JsonWriter& out, const BaseSite& base) {
    out.beginObject();
    out.field("name", base.name);
    out.key("segments");
    out.beginArray();
    for (const auto& segment : base.segments)
        out.value(segment);
    out.endArray();
    out.field("note", base.note);
    out.endObject();
}

void writeJson(JsonWriter& out, const ConfigRange& range) {
    out.beginObject();
    out.field("text", range.text);
    out.field("isEnabled", range.isEnabled);
    out.endObject();
}

void readJson(JsonFields& in, ConfigRange& range) {
    in.require("text");
    in.read("text", range.text);
    in.read("isEnabled", range.isEnabled);
}

void writeJson(JsonWriter& out, const ConfigAdministrator& admin) {
    out.beginObject();
    out.field("name", admin.name);
    out.field("role", wordOf(admin.role));
    out.field("isDisabled", admin.isDisabled);
    out.endObject();
}

void readJson(JsonFields& in, ConfigAdministrator& admin) {
    in.require("name");
    in.require("role");
    in.read("name", admin.name);
    in.readKnownWord("role", admin.role, &roleOf, "viewer, operator and admin");
    in.read("isDisabled", admin.isDisabled);
}

void writeJson(JsonWriter& out, const ConfigProvider& provider) {
    out.beginObject();
    out.field("name", provider.name);
    out.field("kind", wordOf(provider.kind.value_or(ProviderKind::BuiltIn)));
    out.field("isEnabled", provider.isEnabled);
    out.key("settings");
    api::writeJson(out, provider.settings);
    out.endObject();
}

void readJson(JsonFields& in, ConfigProvider& provider) {
    in.require("name");
    in.require("kind");
    in.read("name", provider.name);
    ProviderKind kind{};
    bool isKnown = false;
    if (in.has("kind") && in.member("kind").kind() == JsonKind::Text)
        isKnown = providerKindOf(in.member("kind").text()).has_value();
    in.readKnownWord("kind", kind, &providerKindOf, "ldap, radius, http and sql");
    if (isKnown) provider.kind = kind;
    in.read("isEnabled", provider.isEnabled);
    in.readObject("settings", provider.settings);
}

void writeSupernode(JsonWriter& out, const Supernode& node) {
    out.beginObject();
    out.field("name", node.name);
    out.field("origin", wordOf(node.origin));
    out.field("isEnabled", node.isEnabled);
    if (node.origin != SupernodeOrigin::Local) {
        out.field("lanAddress", node.lanAddress);
        out.field("internetAddress", node.internetAddress);
    }
    out.field("port", node.port);
    out.field("tlsPort", node.tlsPort);
    out.field("priority", node.priority);
    out.field("weight", node.weight);
    out.endObject();
}

void readSupernode(JsonFields& in, Supernode& node) {
    in.require("name");
    in.require("origin");
    in.read("name", node.name);
    in.readKnownWord("origin", node.origin, &supernodeOriginOf, "local, hand and token");
    in.read("isEnabled", node.isEnabled);
    in.read("lanAddress", node.lanAddress);
    in.read("internetAddress", node.internetAddress);
    in.read("port", node.port);
    in.read("tlsPort", node.tlsPort);
    in.read("priority", node.priority);
    in.read("weight", node.weight);
}

void writeJson(JsonWriter& out, const ConfigDomain& entry) {
    const auto& domain = entry.domain;
    out.beginObject();
    out.field("name", domain.shown);
    out.field("isEnabled", domain.isEnabled);
    out.field("reach", wordOf(domain.reach));
    out.field("endToEnd", wordOf(domain.endToEnd));
    writeTexts(out, "providers", entry.chain);
    out.field("certificate", wordOf(domain.certificate));
    out.field("certificateFile", domain.certificateFile);
    out.field("keyFile", domain.keyFile);
    out.field("ttl", domain.ttl);
    out.field("extraRecords", domain.extraRecords);
    out.field("note", domain.note);
    out.key("supernodes");
    out.beginArray();
    for (const auto& each : entry.supernodes)
        writeSupernode(out, each);
    out.endArray();
    out.endObject();
}

void readJson(JsonFields& in, ConfigDomain& entry) {
    auto& domain = entry.domain;
    in.require("name");
    in.read("name", domain.shown);
    domain.name = domain.shown;
    in.read("isEnabled", domain.isEnabled);
    in.readKnownWord("reach", domain.reach, &domainReachOf, "lan and lan-and-internet");
    in.readKnownWord("endToEnd", domain.endToEnd, &endToEndOf, "required and preferred");
    in.read("providers", entry.chain);
    in.readKnownWord("certificate", domain.certificate, &certificateSourceOf, "self-signed and files");
    in.read("certificateFile", domain.certificateFile);
    in.read("keyFile", domain.keyFile);
    in.read("ttl", domain.ttl);
    in.read("extraRecords", domain.extraRecords);
    in.read("note", domain.note);
    in.each("supernodes", [&entry](JsonFields& item) { readSupernode(item, entry.supernodes.emplace_back()); });
}

}  // namespace

void writeJson(JsonWriter& out, const ConfigFile& file) {
    out.beginObject();
    out.field("product", file.product);
    out.field("format", file.format);
    out.field("version", file.version);
    out.field("serverName", file.serverName);
    out.field("exportedAt", file.exportedAt);
    out.field("about", file.about);
    if (file.settings) {
        out.key("settings");
        writeJson(out, *file.settings);
    }
    const auto list = [&out](const char* name, const auto& items, auto write) {
        if (!items) return;
        out.key(name);
        out.beginArray();
        for (const auto& item : *items)
            write(item);
        out.endArray();
    };
    list("ranges", file.ranges, [&out](const ConfigRange& range) { writeJson(out, range); });
    list("bases", file.bases, [&out](const BaseSite& base) { writeBase(out, base); });
    list("administrators", file.administrators, [&out](const ConfigAdministrator& admin) { writeJson(out, admin); });
    list("providers", file.providers, [&out](const ConfigProvider& provider) { writeJson(out, provider); });
    list("domains", file.domains, [&out](const ConfigDomain& domain) { writeJson(out, domain); });
    out.endObject();
}

void readJson(JsonFields& in, ConfigFile& file) {
    in.require("product");
    in.require("format");
    in.read("product", file.product);
    in.read("format", file.format);
    in.read("version", file.version);
    in.read("serverName", file.serverName);
    in.read("exportedAt", file.exportedAt);
    in.read("about", file.about);
    if (in.has("settings")) in.readObject("settings", file.settings.emplace());
    const auto list = [&in](const char* name, auto& items) {
        if (!in.has(name)) return;
        auto& into = items.emplace();
        in.each(name, [&into](JsonFields& item) { readJson(item, into.emplace_back()); });
    };
    list("ranges", file.ranges);
    list("bases", file.bases);
    list("administrators", file.administrators);
    list("providers", file.providers);
    list("domains", file.domains);
}

void writeJson(JsonWriter& out, const ConfigVerdict& verdict) {
    out.beginObject();
    out.field("isValid", verdict.isValid);
    writeItems(out, verdict.errors, "errors");
    writeTexts(out, "notes", verdict.notes);
    out.endObject();
}

void readJson(JsonFields& in, ConfigVerdict& verdict) {
    in.read("isValid", verdict.isValid);
    in.readList("errors", verdict.errors);
    in.read("notes", verdict.notes);
}

void writeJson(JsonWriter& out, const ConfigApplied& applied) {
    out.beginObject();
    out.field("settings", applied.settings);
    out.field("ranges", applied.ranges);
    out.field("bases", applied.bases);
    out.field("providers", applied.providers);
    out.field("domains", applied.domains);
    writeTexts(out, "needsRestart", applied.needsRestart);
    writeTexts(out, "notes", applied.notes);
    out.endObject();
}

void readJson(JsonFields& in, ConfigApplied& applied) {
    in.read("settings", applied.settings);
    in.read("ranges", applied.ranges);
    in.read("bases", applied.bases);
    in.read("providers", applied.providers);
    in.read("domains", applied.domains);
    in.read("needsRestart", applied.needsRestart);
    in.read("notes", applied.notes);
}

}  // namespace causeway::api
