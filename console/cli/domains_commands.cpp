#include <functional>
#include <memory>
#include <thread>

#include "console/cli/chat_lookup.h"
#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

const char* colourOf(ProofState state) {
    switch (state) {
        case ProofState::Fine:
            return "green";
        case ProofState::Partly:
            return "amber";
        case ProofState::Broken:
            return "red";
        case ProofState::Unknown:
            return "grey";
    }
    return "grey";
}

/// With the proofs of its dots.
Result<api::DomainRow> wholeDomain(client::ApiClient& client, const std::string& word) {
    const auto domain = findDomain(client, word);
    if (!domain) return domain.error();
    return client.domain(domain->id);
}

/// What waits to be confirmed, on lines of its own.
std::string waitOf(const api::DomainRow& row) {
    if (!row.revert) return {};
    return "\n" + waitText(*row.revert, Session::now(), "causewayctl domains confirm " + row.domain.name);
}

/// The chain in the order of asking.
std::string providersText(const ChatDomain& domain, const std::vector<ProviderView>& providers) {
    std::string text = "built-in";
    for (const auto id : domain.providers) {
        std::string name = std::to_string(id);
        for (const auto& each : providers)
            if (each.provider.id == id) name = each.provider.name;
        text += ", " + name;
    }
    return text;
}

Exit list(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto rows = client->domains();
    if (!rows) return session.fail(rows.error());
    const auto providers = client->providers().value_or({});
    return session.print(api::DomainList{*rows}, [&] {
        Table table{{{"ID", Table::Align::Right},
                     {"DOMAIN"},
                     {"WHERE"},
                     {"DIRECTORY"},
                     {"SUPERNODE"},
                     {"LOGINS"},
                     {"PROVIDERS"},
                     {"ACCOUNTS", Table::Align::Right}}};
        for (const auto& row : *rows) {
            table.add({std::to_string(row.domain.id), row.domain.shown, wordOf(row.domain.reach),
                       colourOf(row.directory.state), colourOf(row.supernode.state), plainWords(row.login),
                       providersText(row.domain, providers), countText(row.accounts)});
        }
        session.out() << table.text();
    });
}

void showDot(Session& session, const char* name, const Dot& dot) {
    session.out() << name << ": " << colourOf(dot.state) << " - " << dot.sentence << "\n";
    if (!dot.proof.id.empty()) session.out() << proofText(dot.proof);
}

Exit show(Session& session, const std::string& word) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    const auto providers = client->providers().value_or({});
    session.print(*row, [&] {
        const auto& domain = row->domain;
        session.out() << domain.shown << (domain.name == domain.shown ? "" : " (" + domain.name + ")")
                      << (domain.isEnabled ? "" : ", switched off") << "\n"
                      << "Where used: " << wordOf(domain.reach)
                      << "\nEnd-to-end encryption: " << wordOf(domain.endToEnd)
                      << "\nProviders: " << providersText(domain, providers)
                      << "\nBuilt-in accounts: " << countText(row->accounts)
                      << "\nCertificate: " << wordOf(domain.certificate)
                      << (domain.certificate == CertificateSource::Files ? " " + domain.certificateFile : "")
                      << "\nTTL: " << domain.ttl << " s\nLogins: " << loginSentence(row->login) << waitOf(*row) << "\n";
        Table table{{{"ID", Table::Align::Right},
                     {"SUPERNODE"},
                     {"ORIGIN"},
                     {"LIVE"},
                     {"LAN"},
                     {"INTERNET"},
                     {"PORTS"},
                     {"PRIORITY", Table::Align::Right},
                     {"WEIGHT", Table::Align::Right}}};
        for (const auto& each : row->supernodes) {
            const auto& node = each.node;
            table.add({std::to_string(node.id), node.name, wordOf(node.origin), each.isLive ? "yes" : "no",
                       node.lanAddress, node.internetAddress,
                       std::to_string(node.port) + " " + std::to_string(node.tlsPort), std::to_string(node.priority),
                       std::to_string(node.weight)});
        }
        session.out() << table.text();
        if (row->certificate) {
            const auto& facts = *row->certificate;
            session.out() << "Certificate: "
                          << (facts.isThere ? facts.subject + ", ends " + isoText(facts.notAfter) : "none")
                          << "\nSHA-256: " << fingerprintText(facts.sha256) << "\n"
                          << facts.forClients << "\n";
            if (!facts.problem.empty()) session.out() << facts.problem << " " << facts.todo << "\n";
        }
        showDot(session, "Directory dot", row->directory);
        showDot(session, "Supernode dot", row->supernode);
    });
    const bool isFine = row->directory.state == ProofState::Fine && row->supernode.state == ProofState::Fine;
    return isFine ? Exit::Yes : Exit::Negative;
}

/// Options of add and change.
struct DomainWords {
    std::string name;
    std::string reach;
    std::string endToEnd;
    std::vector<std::string> providers;
    bool hasProviders = false;
    std::string certificateFile;
    std::string keyFile;
    bool isSelfSigned = false;
    std::optional<std::uint32_t> ttl;  ///< 0 is told to the service as it was written, which refuses it
    std::string recordsFile;
    std::string note;
    bool hasNote = false;
};

Result<api::DomainRequest> requestOf(Session& session, const DomainWords& words) {
    api::DomainRequest request;
    if (!words.reach.empty()) request.reach = domainReachOf(words.reach);
    if (!words.endToEnd.empty()) request.endToEnd = endToEndOf(words.endToEnd);
    if (!words.certificateFile.empty() || !words.keyFile.empty()) {
        request.certificate = CertificateSource::Files;
        if (!words.certificateFile.empty()) request.certificateFile = words.certificateFile;
        if (!words.keyFile.empty()) request.keyFile = words.keyFile;
    }
    if (words.isSelfSigned) request.certificate = CertificateSource::SelfSigned;
    request.ttl = words.ttl;
    if (words.hasNote) request.note = words.note;
    if (!words.recordsFile.empty()) {
        auto text = session.readFile(words.recordsFile);
        if (!text) return text.error();
        request.extraRecords = std::move(*text);
    }
    return request;
}

/// The chain, by names or ids.
Result<void> addChain(client::ApiClient& client, const DomainWords& words, api::DomainRequest& request) {
    if (!words.hasProviders) return {};
    request.providers.emplace();
    for (const auto& word : words.providers) {
        if (word == "0") continue;
        const auto provider = findProvider(client, word);
        if (!provider) return provider.error();
        request.providers->push_back(provider->provider.id);
    }
    return {};
}

void addWords(CLI::App& sub, DomainWords& words) {
    sub.add_option("--reach", words.reach, "Where it is used")->check(CLI::IsMember({"lan", "lan-and-internet"}));
    sub.add_option("--end-to-end", words.endToEnd, "What becomes of readable messages")
        ->check(CLI::IsMember({"required", "preferred"}));
    sub.add_option("--provider", words.providers,
                   "Names or ids of providers that are asked behind the built-in accounts, in this order; 0 = none");
    sub.add_option("--certificate", words.certificateFile, "PEM file with the certificate and its chain");
    sub.add_option("--key", words.keyFile, "PEM file with its private key");
    sub.add_flag("--self-signed", words.isSelfSigned, "Uses a certificate of this service's own");
    sub.add_option("--ttl", words.ttl, "Seconds that resolvers keep its records, 5 to 604800");
    sub.add_option("--records", words.recordsFile, "File with further DNS records in zone file syntax");
    sub.add_option("--note", words.note, "For administrators");
}

Exit add(Session& session, const DomainWords& words) {
    auto request = requestOf(session, words);
    if (!request) return session.fail(request.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    request->name = words.name;
    if (auto chain = addChain(*client, words, *request); !chain) return session.fail(chain.error());
    api::ErrorDocument details;
    const auto added = client->addDomain(*request, &details);
    if (!added) return failWithFields(session, added.error(), details);
    return session.done(
        *added, "The chat domain " + added->domain.shown + " has the id " + std::to_string(added->domain.id) + ".");
}

Exit change(Session& session, const std::string& word, const api::DomainRequest& request, const std::string& sentence) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    api::ErrorDocument details;
    const auto changed = client->changeDomain(row->domain.id, request, row->domain.revision, &details);
    if (!changed) return failWithFields(session, changed.error(), details);
    return session.done(*changed, row->domain.shown + " " + sentence + waitOf(*changed));
}

Exit remove(Session& session, const std::string& word, const std::string& typed) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    if (auto removed = client->removeDomain(row->domain.id, typed); !removed) {
        const auto exit = session.fail(removed.error());
        session.err() << "With causewayctl: --confirm " << row->domain.name << "\n";
        return exit;
    }
    return session.done("The chat domain " + row->domain.shown + " is gone.");
}

Exit check(Session& session, const std::string& word) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    if (auto asked = client->checkDots(row->domain.id); !asked) return session.fail(asked.error());
    // Measuring takes at most 15 s; what is there then is told.
    constexpr int kLooks = 80;
    const auto isNew = [&row](const Dot& before, const Dot& now) {
        return now.checkedAt && (!before.checkedAt || *now.checkedAt > *before.checkedAt);
    };
    auto now = *row;
    for (int look = 0; look < kLooks; ++look) {
        auto read = client->domain(row->domain.id);
        if (!read) return session.fail(read.error());
        now = std::move(*read);
        if (isNew(row->directory, now.directory) && isNew(row->supernode, now.supernode)) break;
        std::this_thread::sleep_for(200ms);
    }
    session.print(now, [&] {
        session.out() << "Directory: " << colourOf(now.directory.state) << " - " << now.directory.sentence
                      << "\nSupernode: " << colourOf(now.supernode.state) << " - " << now.supernode.sentence << "\n";
    });
    const bool isFine = now.directory.state == ProofState::Fine && now.supernode.state == ProofState::Fine;
    return isFine ? Exit::Yes : Exit::Negative;
}

Exit history(Session& session, const std::string& word) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    const auto changes = client->dotHistory(row->domain.id);
    if (!changes) return session.fail(changes.error());
    return session.print(api::DotHistory{*changes}, [&] {
        Table table{{{"WHEN"}, {"DOT"}, {"COLOUR"}, {"WHY"}}};
        for (const auto& each : *changes)
            table.add({isoText(each.at), wordOf(each.kind), colourOf(each.state), each.sentence});
        session.out() << table.text();
    });
}

struct NodeWords {
    std::string lan;
    std::string internet;
    std::uint16_t port = 5222;
    std::uint16_t tlsPort = 5223;
    std::uint16_t priority = 10;
    std::uint16_t weight = 10;
};

void addNodeOptions(CLI::App& sub, NodeWords& words) {
    sub.add_option("--lan", words.lan, "Its address in the LAN");
    sub.add_option("--internet", words.internet, "Its address on the Internet");
    sub.add_option("--port", words.port, "Port for StartTLS");
    sub.add_option("--tls-port", words.tlsPort, "Port for direct TLS; 0 = none");
    sub.add_option("--priority", words.priority, "Lower is taken first");
    sub.add_option("--weight", words.weight, "Share among those of one priority");
}

/// Only what was written on the command line.
api::SupernodeRequest nodeRequest(const CLI::App& sub, const NodeWords& words) {
    api::SupernodeRequest request;
    if (sub.count("--lan") > 0) request.lanAddress = words.lan;
    if (sub.count("--internet") > 0) request.internetAddress = words.internet;
    if (sub.count("--port") > 0) request.port = words.port;
    if (sub.count("--tls-port") > 0) request.tlsPort = words.tlsPort;
    if (sub.count("--priority") > 0) request.priority = words.priority;
    if (sub.count("--weight") > 0) request.weight = words.weight;
    return request;
}

Exit addNode(Session& session, const std::string& word, const api::SupernodeRequest& request) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = wholeDomain(*client, word);
    if (!row) return session.fail(row.error());
    api::ErrorDocument details;
    const auto added = client->addSupernode(row->domain.id, request, &details);
    if (!added) return failWithFields(session, added.error(), details);
    return session.print(*added, [&] {
        session.out() << "The supernode " << added->supernode.node.name << " has the id " << added->supernode.node.id
                      << ".\n";
        if (!added->token.reveal().empty())
            session.out() << "Its registration token, shown only now: " << added->token.reveal() << "\n";
    });
}

Exit changeNode(Session& session, std::uint64_t id, const api::SupernodeRequest& request) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::ErrorDocument details;
    const auto changed = client->changeSupernode(id, request, &details);
    if (!changed) return failWithFields(session, changed.error(), details);
    return session.done(*changed, "The supernode " + changed->node.name + " was changed.");
}

Exit removeNode(Session& session, std::uint64_t id) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (auto removed = client->removeSupernode(id); !removed) return session.fail(removed.error());
    return session.done("The supernode " + std::to_string(id) + " is gone.");
}

void addSupernodeCommands(CLI::App& domains, Action& action) {
    auto* adding = domains.add_subcommand("supernode-add", "Adds a supernode of another machine");
    auto domain = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    auto words = std::make_shared<NodeWords>();
    auto hasToken = std::make_shared<bool>(false);
    adding->add_option("domain", *domain, "Id or name of the domain")->required();
    adding->add_option("name", *name, "One label, such as sn2")->required();
    adding->add_flag("--token", *hasToken, "It registers itself with a token, which is shown once");
    addNodeOptions(*adding, *words);
    adding->callback([&action, adding, domain, name, words, hasToken] {
        auto request = nodeRequest(*adding, *words);
        request.name = *name;
        request.origin = *hasToken ? SupernodeOrigin::Token : SupernodeOrigin::Hand;
        action = [domain, request](Session& session) { return addNode(session, *domain, request); };
    });

    auto* changing = domains.add_subcommand("supernode-change", "Changes addresses, ports or weights of a supernode");
    auto changed = std::make_shared<std::uint64_t>();
    auto fresh = std::make_shared<NodeWords>();
    auto isOff = std::make_shared<bool>(false);
    auto isOn = std::make_shared<bool>(false);
    changing->add_option("id", *changed, "Id of the supernode")->required();
    changing->add_flag("--off", *isOff, "No client is led to it");
    changing->add_flag("--on", *isOn, "Clients are led to it again");
    addNodeOptions(*changing, *fresh);
    changing->callback([&action, changing, changed, fresh, isOff, isOn] {
        auto request = nodeRequest(*changing, *fresh);
        if (*isOff) request.isEnabled = false;
        if (*isOn) request.isEnabled = true;
        action = [changed, request](Session& session) { return changeNode(session, *changed, request); };
    });

    auto* removing = domains.add_subcommand("supernode-remove", "Removes a supernode");
    auto removed = std::make_shared<std::uint64_t>();
    removing->add_option("id", *removed, "Id of the supernode")->required();
    removing->callback(
        [&action, removed] { action = [removed](Session& session) { return removeNode(session, *removed); }; });
}

}  // namespace

void addDomainsCommands(CLI::App& app, Action& action) {
    auto* domains = app.add_subcommand("domains", "Chat domains, their two dots and their supernodes");
    domains->callback([&action] {
        if (!action) action = list;
    });
    domains->add_subcommand("list", "All chat domains with their dots")->callback([&action] { action = list; });

    const auto withName = [&](const char* word, const char* help,
                              const std::function<Exit(Session&, const std::string&)>& command) {
        auto* sub = domains->add_subcommand(word, help);
        auto name = std::make_shared<std::string>();
        sub->add_option("domain", *name, "Id or name of the domain")->required();
        sub->callback([&action, name, command] {
            action = [name, command](Session& session) { return command(session, *name); };
        });
        return sub;
    };
    withName("show", "One domain with the proofs of its dots; 1 unless both are green", show);
    withName("check", "Measures both dots now; 1 unless both are green", check);
    withName("history", "When the dots changed", history);
    withName("enable", "Switches a domain on", [](Session& session, const std::string& word) {
        api::DomainRequest request;
        request.isEnabled = true;
        return change(session, word, request, "is on.");
    });
    withName("disable", "Switches a domain off: nobody logs in, nothing is lost",
             [](Session& session, const std::string& word) {
                 api::DomainRequest request;
                 request.isEnabled = false;
                 return change(session, word, request, "is off.");
             });
    auto typed = std::make_shared<std::string>();
    auto* removing =
        withName("remove", "Removes a domain with its accounts",
                 [typed](Session& session, const std::string& word) { return remove(session, word, *typed); });
    removing->add_option("--confirm", *typed, "The name of the domain, typed again");

    auto* adding = domains->add_subcommand("add", "Adds a chat domain: the part right of the @ in people's addresses");
    auto words = std::make_shared<DomainWords>();
    adding->add_option("name", words->name, "Such as chat.example.com")->required();
    addWords(*adding, *words);
    adding->callback([&action, adding, words] {
        words->hasProviders = adding->count("--provider") > 0;
        words->hasNote = adding->count("--note") > 0;
        action = [words](Session& session) { return add(session, *words); };
    });

    auto* changing = domains->add_subcommand("change", "Changes a chat domain; its name stays");
    auto fresh = std::make_shared<DomainWords>();
    changing->add_option("domain", fresh->name, "Id or name of the domain")->required();
    addWords(*changing, *fresh);
    changing->callback([&action, changing, fresh] {
        fresh->hasProviders = changing->count("--provider") > 0;
        fresh->hasNote = changing->count("--note") > 0;
        action = [fresh](Session& session) {
            auto request = requestOf(session, *fresh);
            if (!request) return session.fail(request.error());
            auto* client = session.client();
            if (client == nullptr) return session.failed();
            if (auto chain = addChain(*client, *fresh, *request); !chain) return session.fail(chain.error());
            return change(session, fresh->name, *request, "was changed.");
        };
    });
    addSupernodeCommands(*domains, action);
}

}  // namespace causeway::cli
