#include "shared/api/accounts_json.h"

#include <utility>

namespace causeway::api {

namespace {

template <class T>
void put(const std::optional<T>& from, T& into) {
    if (from) into = *from;
}

void writeProblems(JsonWriter& out, const char* key, const std::vector<ImportProblem>& problems) {
    out.key(key);
    out.beginArray();
    for (const auto& problem : problems) {
        out.beginObject();
        out.field("line", problem.line);
        out.field("text", problem.text);
        out.endObject();
    }
    out.endArray();
}

void readProblems(JsonFields& in, const char* key, std::vector<ImportProblem>& problems) {
    in.each(key, [&problems](JsonFields& item) {
        auto& problem = problems.emplace_back();
        item.read("line", problem.line);
        item.read("text", problem.text);
    });
}

void writeFields(JsonWriter& out, const Account& account) {
    out.field("id", account.id);
    out.field("domain", account.domain);
    out.field("localPart", account.localPart);
    out.field("address", account.localPart + "@" + account.domain);
    out.field("displayName", account.displayName);
    out.field("mail", account.mail);
    out.field("department", account.department);
    out.field("isDisabled", account.isDisabled);
    out.field("createdAt", account.createdAt);
    out.field("passwordChangedAt", account.passwordChangedAt);
    std::vector<std::string> hashes;
    for (const auto& keys : account.keys)
        hashes.emplace_back(wordOf(keys.hash));
    writeTexts(out, "hashes", hashes);
    out.field("revision", account.revision);
}

}  // namespace

void AccountRequest::applyTo(Account& account) const {
    if (account.id == 0) put(localPart, account.localPart);
    put(displayName, account.displayName);
    put(mail, account.mail);
    put(department, account.department);
    put(isDisabled, account.isDisabled);
}

void writeJson(JsonWriter& out, const Account& account) {
    out.beginObject();
    writeFields(out, account);
    out.endObject();
}

void writeJson(JsonWriter& out, const AccountAdded& added) {
    out.beginObject();
    writeFields(out, added.account);
    writeTexts(out, "warnings", added.warnings);
    out.endObject();
}

void readJson(JsonFields& in, AccountAdded& added) {
    readJson(in, added.account);
    in.read("warnings", added.warnings);
}

void readJson(JsonFields& in, Account& account) {
    in.read("id", account.id);
    in.read("domain", account.domain);
    in.read("localPart", account.localPart);
    in.read("displayName", account.displayName);
    in.read("mail", account.mail);
    in.read("department", account.department);
    in.read("isDisabled", account.isDisabled);
    in.read("createdAt", account.createdAt);
    in.read("passwordChangedAt", account.passwordChangedAt);
    std::vector<std::string> hashes;
    in.read("hashes", hashes);
    for (const auto& word : hashes)
        if (const auto hash = scramHashOf(word)) account.keys.emplace_back().hash = *hash;
    in.read("revision", account.revision);
}

void writeJson(JsonWriter& out, const AccountPage& page) {
    out.beginObject();
    writeItems(out, page.items);
    writeCursor(out, page.next);
    out.field("total", page.total);
    out.endObject();
}

void readJson(JsonFields& in, AccountPage& page) {
    in.readList("items", page.items);
    in.read("next", page.next);
    in.read("total", page.total);
}

void writeJson(JsonWriter& out, const AccountRequest& request) {
    out.beginObject();
    if (request.localPart) out.field("localPart", *request.localPart);
    if (request.password) out.field("password", request.password->reveal());
    if (request.displayName) out.field("displayName", *request.displayName);
    if (request.mail) out.field("mail", *request.mail);
    if (request.department) out.field("department", *request.department);
    if (request.isDisabled) out.field("isDisabled", *request.isDisabled);
    out.endObject();
}

void readJson(JsonFields& in, AccountRequest& request) {
    in.read("localPart", request.localPart);
    if (in.has("password")) {
        std::string password;
        in.read("password", password);
        request.password = Secret{std::move(password)};
    }
    in.read("displayName", request.displayName);
    in.read("mail", request.mail);
    in.read("department", request.department);
    in.read("isDisabled", request.isDisabled);
}

void writeJson(JsonWriter& out, const AccountImportRequest& request) {
    out.beginObject();
    out.field("csv", request.csv);
    out.field("isDry", request.isDry);
    out.endObject();
}

void readJson(JsonFields& in, AccountImportRequest& request) {
    in.require("csv");
    in.read("csv", request.csv);
    in.read("isDry", request.isDry);
}

void writeJson(JsonWriter& out, const AccountImportAnswer& answer) {
    out.beginObject();
    out.field("isDry", answer.isDry);
    out.field("added", answer.added);
    writeTexts(out, "names", answer.names);
    writeProblems(out, "problems", answer.problems);
    writeProblems(out, "warnings", answer.warnings);
    out.endObject();
}

void readJson(JsonFields& in, AccountImportAnswer& answer) {
    in.read("isDry", answer.isDry);
    in.read("added", answer.added);
    in.read("names", answer.names);
    readProblems(in, "problems", answer.problems);
    readProblems(in, "warnings", answer.warnings);
}

void writeJson(JsonWriter& out, const LoginTestRequest& request) {
    out.beginObject();
    out.field("name", request.name);
    out.field("password", request.password.reveal());
    if (!request.from.empty()) out.field("from", request.from);
    out.endObject();
}

void readJson(JsonFields& in, LoginTestRequest& request) {
    in.require("name");
    in.read("name", request.name);
    std::string password;
    in.read("password", password);
    request.password = Secret{std::move(password)};
    in.read("from", request.from);
}

void writeJson(JsonWriter& out, const LoginTrail& trail) {
    out.beginObject();
    out.field("address", trail.address);
    out.field("outcome", trail.outcome);
    out.field("sentence", trail.sentence);
    out.field("todo", trail.todo);
    out.field("failedAt", trail.failedAt);
    out.key("steps");
    out.beginArray();
    for (const auto& step : trail.steps) {
        out.beginObject();
        out.field("provider", step.provider);
        out.field("name", step.name);
        out.field("outcome", step.outcome);
        out.field("failedAt", step.failedAt);
        out.field("why", step.why);
        out.field("tookMs", step.took);
        out.field("wasRemembered", step.wasRemembered);
        out.endObject();
    }
    out.endArray();
    out.field("waitMs", trail.wait);
    out.field("wasRemembered", trail.wasRemembered);
    out.endObject();
}

void readJson(JsonFields& in, LoginTrail& trail) {
    in.read("address", trail.address);
    in.read("outcome", trail.outcome);
    in.read("sentence", trail.sentence);
    in.read("todo", trail.todo);
    in.read("failedAt", trail.failedAt);
    in.each("steps", [&trail](JsonFields& item) {
        auto& step = trail.steps.emplace_back();
        item.read("provider", step.provider);
        item.read("name", step.name);
        item.read("outcome", step.outcome);
        item.read("failedAt", step.failedAt);
        item.read("why", step.why);
        item.read("tookMs", step.took);
        item.read("wasRemembered", step.wasRemembered);
    });
    in.read("waitMs", trail.wait);
    in.read("wasRemembered", trail.wasRemembered);
}

}  // namespace causeway::api
