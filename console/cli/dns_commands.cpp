#include <memory>

#include "console/cli/chat_lookup.h"
#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

Exit status(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto all = client->dns();
    if (!all) return session.fail(all.error());
    session.print(*all, [&] {
        const auto& now = all->status;
        std::string listeners;
        for (const auto& each : now.listeners)
            listeners += " " + each;
        session.out() << "Chat DNS " << (now.isOn ? "listens on" + listeners : std::string("does not listen"))
                      << (now.problem.empty() ? "" : ": " + now.problem)
                      << (!now.isOn && now.problem.empty() && now.domains == 0
                              ? ": there is no chat domain that is switched on"
                              : "")
                      << "\n"
                      << countText(now.queries) << " queries, " << countText(now.answered) << " answered, "
                      << countText(now.noName + now.noData) << " about what is not there, " << countText(now.refused)
                      << " refused, " << countText(now.limited) << " held back, " << countText(now.malformed)
                      << " malformed\n";
        Table table{{{"DOMAIN"},
                     {"SUPERNODE"},
                     {"ADDRESS"},
                     {"VIEW"},
                     {"LIVE"},
                     {"TTL", Table::Align::Right},
                     {"SERIAL", Table::Align::Right},
                     {"QUERIES", Table::Align::Right},
                     {"LAST QUERY"}}};
        for (const auto& row : all->rows) {
            const auto address = row.address.empty() ? "-" : row.address + " port " + std::to_string(row.port);
            table.add({row.domain, row.supernode, address, row.view, row.isLive ? "yes" : "withdrawn",
                       std::to_string(row.ttl), std::to_string(row.serial), countText(row.queries),
                       agoText(row.lastQuery, Session::now())});
        }
        if (!table.isEmpty()) session.out() << table.text();
        Table others{{{"SECONDARY"},
                      {"DOMAIN"},
                      {"NOTICE"},
                      {"TOLD", Table::Align::Right},
                      {"TAKEN", Table::Align::Right},
                      {"WHEN"},
                      {"DETAIL"}}};
        for (const auto& row : all->secondaries) {
            others.add({row.endpoint, row.domain, plainWords(row.notice), std::to_string(row.toldSerial),
                        std::to_string(row.takenSerial), agoText(row.takenAt, Session::now()), row.detail});
        }
        if (!others.isEmpty()) session.out() << others.text();
        for (const auto& warning : all->warnings)
            session.out() << warning.domain << ": " << warning.what << " " << warning.why << " " << warning.todo
                          << "\n";
        for (const auto& key : all->keys)
            session.out() << "Key: " << key << "\n";
    });
    return all->status.isOn ? Exit::Yes : Exit::Negative;
}

struct RecordWords {
    std::string domain;
    std::string view = "lan";
    std::string form;
    std::string zone;
};

Exit records(Session& session, const RecordWords& words) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (!words.form.empty()) {
        const auto text = client->dnsText(words.domain, words.view, words.form, words.zone);
        if (!text) return session.fail(text.error());
        return session.print(api::DnsText{*text}, [&] { session.out() << *text; });
    }
    const auto rows = client->dnsRecords(words.domain, words.view);
    if (!rows) return session.fail(rows.error());
    return session.print(api::DnsRecordList{*rows}, [&] {
        Table table{{{"NAME"}, {"TTL", Table::Align::Right}, {"TYPE"}, {"DATA"}}};
        for (const auto& row : *rows)
            table.add({row.name, std::to_string(row.ttl), row.type, row.data});
        session.out() << table.text();
    });
}

Exit check(Session& session, const api::DnsCheckRequest& request) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto reports = client->checkDns(request);
    if (!reports) return session.fail(reports.error());
    bool isRight = true;
    session.print(api::DnsCheck{*reports}, [&] {
        for (const auto& report : *reports) {
            session.out() << report.resolver << " (" << report.address << ", view " << report.view
                          << "): " << (report.isRight ? "right" : "not right") << "\n";
            Table table{{{"NAME"}, {"TYPE"}, {"VERDICT"}, {"WANTED"}, {"FOUND"}, {"WHY"}}};
            for (const auto& row : report.rows) {
                if (row.verdict == "right") continue;
                table.add({row.name, row.type, plainWords(row.verdict) + (row.isNeeded ? "" : " (optional)"),
                           row.wanted, row.found, row.reason + (row.todo.empty() ? "" : " " + row.todo)});
            }
            if (!table.isEmpty()) session.out() << table.text();
        }
    });
    for (const auto& report : *reports)
        isRight = isRight && report.isRight;
    return isRight ? Exit::Yes : Exit::Negative;
}

Exit addKey(Session& session, const std::string& name, const std::string& file) {
    api::DnsKeyRequest request;
    request.name = name;
    if (!file.empty()) {
        const auto secret = session.readFile(file);
        if (!secret) return session.fail(secret.error());
        request.secret = std::string(trimmed(*secret));
    }
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto added = client->addDnsKey(request);
    if (!added) return session.fail(added.error());
    return session.print(*added, [&] {
        session.out() << "key \"" << added->name << "\" {\n    algorithm " << added->algorithm << ";\n    secret \""
                      << added->secret.reveal() << "\";\n};\n";
        session.err() << "The secret is shown only now. Give it to the other server, then set dns.secondaries to its "
                         "address with key="
                      << added->name << ".\n";
    });
}

Exit removeKey(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (auto removed = client->removeDnsKey(name); !removed) return session.fail(removed.error());
    return session.done("The key " + name + " is gone.");
}

}  // namespace

void addDnsCommands(CLI::App& app, Action& action) {
    auto* dns = app.add_subcommand("dns", "Chat DNS: what it serves, records for other servers, checks");
    dns->callback([&action] {
        if (!action) action = status;
    });
    dns->add_subcommand("status", "What is served to whom; 1 if it does not listen")->callback([&action] {
        action = status;
    });

    auto* showing = dns->add_subcommand("records", "The records of a chat domain");
    auto words = std::make_shared<RecordWords>();
    showing->add_option("domain", words->domain, "Name of the domain")->required();
    showing->add_option("--view", words->view, "Who asks")->check(CLI::IsMember({"lan", "internet"}));
    showing->add_option("--form", words->form, "In the language of another DNS server")
        ->check(CLI::IsMember({"bind", "windows", "dnsmasq", "unbound"}));
    showing->add_option("--zone", words->zone, "The zone there that takes them; default: the domain itself");
    showing->callback([&action, words] { action = [words](Session& session) { return records(session, *words); }; });

    auto* checking = dns->add_subcommand(
        "check", "Compares what resolvers answer with what they should; 1 if one of them is not right");
    auto request = std::make_shared<api::DnsCheckRequest>();
    checking->add_option("domain", request->domain, "Name of the domain")->required();
    checking->add_option("--view", request->view, "Whose records they should show")
        ->check(CLI::IsMember({"lan", "internet"}));
    checking->add_option("--resolver", request->resolvers,
                         "Further resolvers to ask, such as 192.0.2.53 or 192.0.2.53:5353");
    checking->callback(
        [&action, request] { action = [request](Session& session) { return check(session, *request); }; });

    auto* adding = dns->add_subcommand("key-add", "Makes a key for secondaries; its secret is shown once");
    auto name = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    adding->add_option("name", *name, "The same name as at the other server")->required();
    adding->add_option("--secret-file", *file,
                       "File with the secret in Base64, - = standard input; default: a new one");
    adding->callback(
        [&action, name, file] { action = [name, file](Session& session) { return addKey(session, *name, *file); }; });
    auto* removing = dns->add_subcommand("key-remove", "Removes a key for secondaries");
    auto gone = std::make_shared<std::string>();
    removing->add_option("name", *gone, "Its name")->required();
    removing->callback([&action, gone] { action = [gone](Session& session) { return removeKey(session, *gone); }; });
}

}  // namespace causeway::cli
