#include "shared/api/dns_json.h"

namespace causeway::api {

void writeJson(JsonWriter& out, const DnsStatus& status) {
    out.beginObject();
    out.field("isOn", status.isOn);
    out.field("problem", status.problem);
    writeTexts(out, "listeners", status.listeners);
    out.field("domains", status.domains);
    out.field("queries", status.queries);
    out.field("answered", status.answered);
    out.field("noName", status.noName);
    out.field("noData", status.noData);
    out.field("refused", status.refused);
    out.field("malformed", status.malformed);
    out.field("truncated", status.truncated);
    out.field("limited", status.limited);
    out.field("tcpConnections", status.tcpConnections);
    out.field("transfers", status.transfers);
    out.endObject();
}

void readJson(JsonFields& in, DnsStatus& status) {
    in.read("isOn", status.isOn);
    in.read("problem", status.problem);
    in.read("listeners", status.listeners);
    in.read("domains", status.domains);
    in.read("queries", status.queries);
    in.read("answered", status.answered);
    in.read("noName", status.noName);
    in.read("noData", status.noData);
    in.read("refused", status.refused);
    in.read("malformed", status.malformed);
    in.read("truncated", status.truncated);
    in.read("limited", status.limited);
    in.read("tcpConnections", status.tcpConnections);
    in.read("transfers", status.transfers);
}

void writeJson(JsonWriter& out, const DnsRow& row) {
    out.beginObject();
    out.field("domain", row.domain);
    out.field("supernode", row.supernode);
    out.field("address", row.address);
    out.field("port", row.port);
    out.field("view", row.view);
    out.field("isLive", row.isLive);
    out.field("ttl", row.ttl);
    out.field("serial", row.serial);
    out.field("queries", row.queries);
    out.field("lastQuery", row.lastQuery);
    out.endObject();
}

void readJson(JsonFields& in, DnsRow& row) {
    in.read("domain", row.domain);
    in.read("supernode", row.supernode);
    in.read("address", row.address);
    in.read("port", row.port);
    in.read("view", row.view);
    in.read("isLive", row.isLive);
    in.read("ttl", row.ttl);
    in.read("serial", row.serial);
    in.read("queries", row.queries);
    in.read("lastQuery", row.lastQuery);
}

void writeJson(JsonWriter& out, const DnsSecondary& row) {
    out.beginObject();
    out.field("domain", row.domain);
    out.field("endpoint", row.endpoint);
    out.field("notice", row.notice);
    out.field("detail", row.detail);
    out.field("toldSerial", row.toldSerial);
    out.field("takenSerial", row.takenSerial);
    out.field("takenAt", row.takenAt);
    out.endObject();
}

void readJson(JsonFields& in, DnsSecondary& row) {
    in.read("domain", row.domain);
    in.read("endpoint", row.endpoint);
    in.read("notice", row.notice);
    in.read("detail", row.detail);
    in.read("toldSerial", row.toldSerial);
    in.read("takenSerial", row.takenSerial);
    in.read("takenAt", row.takenAt);
}

void writeJson(JsonWriter& out, const DnsWarning& row) {
    out.beginObject();
    out.field("domain", row.domain);
    out.field("what", row.what);
    out.field("why", row.why);
    out.field("todo", row.todo);
    out.endObject();
}

void readJson(JsonFields& in, DnsWarning& row) {
    in.read("domain", row.domain);
    in.read("what", row.what);
    in.read("why", row.why);
    in.read("todo", row.todo);
}

void writeJson(JsonWriter& out, const DnsOverview& overview) {
    out.beginObject();
    out.key("status");
    writeJson(out, overview.status);
    writeItems(out, overview.rows, "rows");
    writeItems(out, overview.secondaries, "secondaries");
    writeItems(out, overview.warnings, "warnings");
    writeTexts(out, "keys", overview.keys);
    out.endObject();
}

void readJson(JsonFields& in, DnsOverview& overview) {
    in.readObject("status", overview.status);
    in.readList("rows", overview.rows);
    in.readList("secondaries", overview.secondaries);
    in.readList("warnings", overview.warnings);
    in.read("keys", overview.keys);
}

void writeJson(JsonWriter& out, const DnsRecord& record) {
    out.beginObject();
    out.field("name", record.name);
    out.field("type", record.type);
    out.field("ttl", record.ttl);
    out.field("data", record.data);
    out.endObject();
}

void readJson(JsonFields& in, DnsRecord& record) {
    in.read("name", record.name);
    in.read("type", record.type);
    in.read("ttl", record.ttl);
    in.read("data", record.data);
}

void writeJson(JsonWriter& out, const DnsRecordList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, DnsRecordList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const DnsText& text) {
    out.beginObject();
    out.field("text", text.text);
    out.endObject();
}

void readJson(JsonFields& in, DnsText& text) {
    in.read("text", text.text);
}

void writeJson(JsonWriter& out, const DnsCheckRequest& request) {
    out.beginObject();
    out.field("domain", request.domain);
    out.field("view", request.view);
    writeTexts(out, "resolvers", request.resolvers);
    out.endObject();
}

void readJson(JsonFields& in, DnsCheckRequest& request) {
    in.require("domain");
    in.read("domain", request.domain);
    in.read("view", request.view);
    in.read("resolvers", request.resolvers);
}

void writeJson(JsonWriter& out, const DnsCheckRow& row) {
    out.beginObject();
    out.field("name", row.name);
    out.field("type", row.type);
    out.field("wanted", row.wanted);
    out.field("found", row.found);
    out.field("verdict", row.verdict);
    out.field("reason", row.reason);
    out.field("todo", row.todo);
    out.field("isNeeded", row.isNeeded);
    out.endObject();
}

void readJson(JsonFields& in, DnsCheckRow& row) {
    in.read("name", row.name);
    in.read("type", row.type);
    in.read("wanted", row.wanted);
    in.read("found", row.found);
    in.read("verdict", row.verdict);
    in.read("reason", row.reason);
    in.read("todo", row.todo);
    in.read("isNeeded", row.isNeeded);
}

void writeJson(JsonWriter& out, const DnsCheckReport& report) {
    out.beginObject();
    out.field("resolver", report.resolver);
    out.field("address", report.address);
    out.field("view", report.view);
    out.field("isRight", report.isRight);
    writeItems(out, report.rows, "rows");
    out.endObject();
}

void readJson(JsonFields& in, DnsCheckReport& report) {
    in.read("resolver", report.resolver);
    in.read("address", report.address);
    in.read("view", report.view);
    in.read("isRight", report.isRight);
    in.readList("rows", report.rows);
}

void writeJson(JsonWriter& out, const DnsCheck& check) {
    out.beginObject();
    writeItems(out, check.reports, "reports");
    out.endObject();
}

void readJson(JsonFields& in, DnsCheck& check) {
    in.readList("reports", check.reports);
}

void writeJson(JsonWriter& out, const DnsKeyRequest& request) {
    out.beginObject();
    out.field("name", request.name);
    if (request.secret) out.field("secret", *request.secret);
    out.endObject();
}

void readJson(JsonFields& in, DnsKeyRequest& request) {
    in.require("name");
    in.read("name", request.name);
    in.read("secret", request.secret);
}

void writeJson(JsonWriter& out, const DnsKeyCreated& created) {
    out.beginObject();
    out.field("name", created.name);
    out.field("algorithm", created.algorithm);
    out.field("secret", created.secret.reveal());
    out.endObject();
}

void readJson(JsonFields& in, DnsKeyCreated& created) {
    in.read("name", created.name);
    in.read("algorithm", created.algorithm);
    std::string text;
    in.read("secret", text);
    created.secret = Secret{std::move(text)};
}

}  // namespace causeway::api
