#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

/// /v1/dns and below. Words: view "lan" or "internet"; form "bind", "windows", "dnsmasq" or "unbound".
namespace causeway::api {

struct DnsStatus {
    bool isOn = false;                   ///< it listens
    std::string problem;                 ///< why it does not; empty where it listens or is not wanted
    std::vector<std::string> listeners;  ///< "0.0.0.0:53", UDP and TCP each
    std::uint64_t domains = 0;
    std::uint64_t queries = 0;
    std::uint64_t answered = 0;
    std::uint64_t noName = 0;
    std::uint64_t noData = 0;
    std::uint64_t refused = 0;
    std::uint64_t malformed = 0;
    std::uint64_t truncated = 0;
    std::uint64_t limited = 0;
    std::uint64_t tcpConnections = 0;
    std::uint64_t transfers = 0;
};

/// One supernode of a domain as seen from one side.
struct DnsRow {
    std::string domain;
    std::string supernode;
    std::string address;  ///< empty: none on this side
    std::uint16_t port = 0;
    std::string view;
    bool isLive = false;  ///< else no record leads to it
    std::uint32_t ttl = 0;
    std::uint32_t serial = 0;
    std::uint64_t queries = 0;           ///< of the domain, since the start
    std::optional<TimePoint> lastQuery;  ///< of the domain
};

/// A server that takes whole zones.
struct DnsSecondary {
    std::string domain;
    std::string endpoint;  ///< "192.0.2.53:53"
    std::string notice;    ///< "none", "waiting", "acknowledged", "refused", "no-answer"
    std::string detail;
    std::uint32_t toldSerial = 0;
    std::uint32_t takenSerial = 0;  ///< 0 = none since the start
    std::optional<TimePoint> takenAt;
};

/// What could not be served.
struct DnsWarning {
    std::string domain;
    std::string what;
    std::string why;
    std::string todo;
};

struct DnsOverview {
    DnsStatus status;
    std::vector<DnsRow> rows;
    std::vector<DnsSecondary> secondaries;
    std::vector<DnsWarning> warnings;
    std::vector<std::string> keys;  ///< names of the keys shared with secondaries
};

struct DnsRecord {
    std::string name;
    std::string type;
    std::uint32_t ttl = 0;
    std::string data;
};
struct DnsRecordList {
    std::vector<DnsRecord> items;
};
/// Records in the language of another server, ready to be pasted.
struct DnsText {
    std::string text;
};

struct DnsCheckRequest {
    std::string domain;
    std::string view = "lan";            ///< which records the resolvers should show
    std::vector<std::string> resolvers;  ///< addresses, with ":port" if it is not 53; at most 8
};
struct DnsCheckRow {
    std::string name;
    std::string type;
    std::string wanted;
    std::string found;
    std::string verdict;  ///< "right", "missing", "wrong-target", ...
    std::string reason;   ///< one sentence; empty when right
    std::string todo;
    bool isNeeded = true;  ///< clients cannot log in without it
};
struct DnsCheckReport {
    std::string resolver;  ///< "this server", "system", or as given
    std::string address;
    std::string view;
    bool isRight = false;
    std::vector<DnsCheckRow> rows;
};
struct DnsCheck {
    std::vector<DnsCheckReport> reports;
};

/// A key without a secret gets a new one.
struct DnsKeyRequest {
    std::string name;
    std::optional<std::string> secret;  ///< Base64, 16 to 64 bytes
};
/// The secret is shown once.
struct DnsKeyCreated {
    std::string name;
    std::string algorithm;
    Secret secret;  ///< Base64
};

void writeJson(JsonWriter& out, const DnsStatus& status);
void readJson(JsonFields& in, DnsStatus& status);
void writeJson(JsonWriter& out, const DnsRow& row);
void readJson(JsonFields& in, DnsRow& row);
void writeJson(JsonWriter& out, const DnsSecondary& row);
void readJson(JsonFields& in, DnsSecondary& row);
void writeJson(JsonWriter& out, const DnsWarning& row);
void readJson(JsonFields& in, DnsWarning& row);
void writeJson(JsonWriter& out, const DnsOverview& overview);
void readJson(JsonFields& in, DnsOverview& overview);
void writeJson(JsonWriter& out, const DnsRecord& record);
void readJson(JsonFields& in, DnsRecord& record);
void writeJson(JsonWriter& out, const DnsRecordList& list);
void readJson(JsonFields& in, DnsRecordList& list);
void writeJson(JsonWriter& out, const DnsText& text);
void readJson(JsonFields& in, DnsText& text);
void writeJson(JsonWriter& out, const DnsCheckRequest& request);
void readJson(JsonFields& in, DnsCheckRequest& request);
void writeJson(JsonWriter& out, const DnsCheckRow& row);
void readJson(JsonFields& in, DnsCheckRow& row);
void writeJson(JsonWriter& out, const DnsCheckReport& report);
void readJson(JsonFields& in, DnsCheckReport& report);
void writeJson(JsonWriter& out, const DnsCheck& check);
void readJson(JsonFields& in, DnsCheck& check);
void writeJson(JsonWriter& out, const DnsKeyRequest& request);
void readJson(JsonFields& in, DnsKeyRequest& request);
void writeJson(JsonWriter& out, const DnsKeyCreated& created);
void readJson(JsonFields& in, DnsKeyCreated& created);

}  // namespace causeway::api
