// The chat DNS server alone, with a zone from its input; for integration tests and the benchmark.
//
//   dns_answerer [--listen ADDRESS:PORT]... [--workers N] [--rate N] [--key NAME:BASE64]...
//
// Says "listening PORT" (of the first listener), then takes commands, one a line, and answers each with one line:
//   domain NAME lan|both            begins a domain; the following lines belong to it
//   ttl SECONDS | contact TEXT | caa ISSUER | digest LABEL HEX
//   nameserver LABEL LAN INTERNET   "-" = no address, several with commas
//   supernode LABEL LAN INTERNET [PORT...]   client, client TLS, server, server TLS, web
//   secondary ADDRESS:PORT KEY|- lan|internet
//   extra TEXT                      one line of extra records
//   live LABEL on|off
//   commit                          serves all of it: "serial N" of the last changed domain
//   records DOMAIN lan|internet bind|windows|dnsmasq|unbound   the text as one line of hex
//   check DOMAIN lan|internet RESOLVER...   rows as one line: resolver verdict name type; ...
//   secondaries | status
// Ends at the end of its input.

#include <atomic>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "service/dns/dns_server_io.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

using namespace causeway;
using namespace causeway::dns;

namespace {

class ErrorLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        std::string line{id};
        line += ": ";
        line += text;
        line += "\n";
        std::cerr << line << std::flush;
    }
};

class Serials final : public DnsObserver {
public:
    void zoneServed(const std::string&, std::uint32_t serial) override { last = serial; }
    void secondariesChanged() override {}
    std::atomic<std::uint32_t> last{0};
};

std::vector<IpAddress> addresses(const std::string& text) {
    std::vector<IpAddress> out;
    for (const auto part : split(text, ',')) {
        if (const auto ip = IpAddress::parse(part)) out.push_back(*ip);
    }
    return out;
}

View viewOf(const std::string& text) {
    return text == "lan" ? View::Lan : View::Internet;
}

class Commands {
public:
    Commands(DnsServer& server, Serials& serials) : server_(server), serials_(serials) {}

    std::string run(const std::string& line) {
        std::istringstream in{line};
        std::string word;
        in >> word;
        if (word == "domain") return domain(in);
        if (word == "commit") {
            server_.setZones(inputs_);
            for (const auto& warning : server_.warnings())
                std::cerr << "warning: " << warning.error.text() << std::endl;
            return "serial " + std::to_string(serials_.last.load());
        }
        if (word == "records") return records(in);
        if (word == "check") return check(in);
        if (word == "secondaries") return secondaries();
        if (word == "status") return status();
        if (inputs_.empty()) return "error: no domain yet";
        return fact(word, in);
    }

private:
    std::string domain(std::istringstream& in) {
        ZoneInput input;
        std::string reach;
        in >> input.domain >> reach;
        input.servesInternet = reach == "both";
        inputs_.push_back(std::move(input));
        return "ok";
    }

    static HostFacts host(std::istringstream& in) {
        HostFacts facts;
        std::string lan;
        std::string internet;
        in >> facts.name >> lan >> internet;
        facts.lanAddresses = addresses(lan);
        facts.internetAddresses = addresses(internet);
        return facts;
    }

    std::string fact(const std::string& word, std::istringstream& in) {
        auto& input = inputs_.back();
        std::string first;
        if (word == "ttl") {
            in >> input.ttl;
        } else if (word == "contact") {
            in >> input.contact;
        } else if (word == "caa") {
            in >> first;
            input.caaIssuers.push_back(first);
        } else if (word == "nameserver") {
            input.nameServers.push_back(host(in));
        } else if (word == "supernode") {
            SupernodeFacts node;
            node.host = host(in);
            node.isLive = true;
            for (auto* port :
                 {&node.clientPort, &node.clientTlsPort, &node.serverPort, &node.serverTlsPort, &node.webPort}) {
                std::uint16_t given = 0;
                if (in >> given) *port = given;
            }
            input.supernodes.push_back(node);
        } else if (word == "secondary") {
            SecondaryFacts secondary;
            std::string key;
            std::string view;
            in >> first >> key >> view;
            const auto endpoint = Endpoint::parse(first);
            if (!endpoint) return "error: no endpoint";
            secondary.endpoint = *endpoint;
            if (key != "-") secondary.keyName = key;
            secondary.view = viewOf(view);
            input.secondaries.push_back(secondary);
        } else if (word == "extra") {
            std::getline(in >> std::ws, first);
            input.extraRecords += first + "\n";
        } else if (word == "live" || word == "digest") {
            std::string value;
            in >> first >> value;
            for (auto& each : inputs_) {
                for (auto& node : each.supernodes) {
                    if (node.host.name != first) continue;
                    if (word == "live") {
                        node.isLive = value == "on";
                    } else {
                        node.keyDigest = parseHex(value).value_or("");
                    }
                }
            }
        } else {
            return "error: unknown command";
        }
        return "ok";
    }

    std::string records(std::istringstream& in) {
        std::string name;
        std::string view;
        std::string form;
        in >> name >> view >> form;
        const auto text =
            server_.recordsText(name, viewOf(view), parseTextForm(form).value_or(TextForm::Bind), std::string{});
        return text ? hexText(*text) : "error: " + text.error().text();
    }

    std::string check(std::istringstream& in) {
        std::string name;
        std::string view;
        in >> name >> view;
        std::vector<std::string> resolvers;
        for (std::string each; in >> each;)
            resolvers.push_back(each);
        const auto reports = server_.check(name, viewOf(view), resolvers);
        if (!reports) return "error: " + reports.error().text();
        std::string out;
        for (const auto& report : *reports) {
            for (const auto& row : report.rows) {
                out += report.resolver + " " + verdictText(row.verdict) + " " + row.name + " " + row.type + "; ";
            }
        }
        return out;
    }

    std::string secondaries() {
        std::string out;
        for (const auto& state : server_.secondaries()) {
            out += state.endpoint.text() + " " + noticeText(state.notice) + " told " +
                   std::to_string(state.toldSerial) + " taken " + std::to_string(state.takenSerial) + "; ";
        }
        return out;
    }

    std::string status() {
        const auto status = server_.status();
        std::ostringstream out;
        out << "queries " << status.queries << " answered " << status.answered << " refused " << status.refused
            << " malformed " << status.malformed << " limited " << status.limited << " tcp " << status.tcpConnections
            << " transfers " << status.transfers;
        return out.str();
    }

    DnsServer& server_;
    Serials& serials_;
    std::vector<ZoneInput> inputs_;
};

bool readArguments(int count, char** arguments, DnsSettings& settings) {
    settings.listen.clear();
    settings.rateLimits.responsesPerSecond = 0;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string flag = arguments[i];
        const std::string value = arguments[i + 1];
        if (flag == "--listen") {
            const auto endpoint = Endpoint::parse(value);
            if (!endpoint) return false;
            settings.listen.push_back({endpoint->address.text(), endpoint->port});
        } else if (flag == "--workers") {
            settings.workers = static_cast<std::size_t>(parseUnsigned(value).value_or(0));
        } else if (flag == "--rate") {
            settings.rateLimits.responsesPerSecond = static_cast<std::uint32_t>(parseUnsigned(value).value_or(0));
            settings.rateLimits.burst = settings.rateLimits.responsesPerSecond;
        } else if (flag == "--key") {
            const auto colon = value.find(':');
            const auto name = Name::parse(value.substr(0, colon));
            const auto secret = parseBase64(value.substr(colon + 1));
            if (!name || !secret) return false;
            settings.keys.push_back({*name, Secret{*secret}});
        } else {
            return false;
        }
    }
    if (settings.listen.empty()) settings.listen.push_back({"127.0.0.1", 0});
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    DnsSettings settings;
    if (!readArguments(count, arguments, settings)) {
        std::cerr << "dns_answerer: the arguments are wrong; see its source.\n";
        return 2;
    }
    ErrorLog log;
    Serials serials;
    auto server = DnsServer::open(settings, log, &serials);
    if (!server) {
        std::cerr << server.error().text() << "\n";
        return 1;
    }
    std::cout << "listening " << (*server)->status().listeners.front().port << std::endl;
    Commands commands{**server, serials};
    for (std::string line; std::getline(std::cin, line);)
        std::cout << commands.run(line) << std::endl;
    return 0;
}
