// The supernode's door alone, with its certificates; for the integration test with openssl.
//
//   door_probe [--any] FOLDER DOMAIN=self|CHAIN:KEY[=open|disabled|directory|supernode]...
//
// Listens on 127.0.0.1 and ::1, with --any on 0.0.0.0 and ::, keeps self-signed certificates in FOLDER. Says "starttls
// PORT direct PORT starttls6 PORT direct6 PORT", then takes commands, one a line, and answers each with one line:
//   look            reads the files again: "DOMAIN SHA-256 KEY-SHA-256 TROUBLE problem; ..."
//   check DOMAIN CHAIN KEY
//   prove DOMAIN    the state of the proof and its first trouble; DNS is not asked
//   status          "open N accepted N silent N bad N tls N gate N listeners N problems N"
// Ends at the end of its input.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "service/domains/supernode_proof_io.h"
#include "service/xmpp/certificates_io.h"
#include "service/xmpp/door_io.h"
#include "shared/base/text.h"

using namespace causeway;
using namespace causeway::xmpp;

namespace {

class ErrorLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        const std::string line = std::string(id) + ": " + std::string(text) + "\n";
        std::cerr << line << std::flush;
    }
};

/// Plain files: this is a test tool, the service seals its secrets.
class FileKeeper final : public CertificateKeeper {
public:
    explicit FileKeeper(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<std::optional<Secret>> load(const std::string& name) override {
        std::ifstream in{folder_ / hexText(name), std::ios::binary};
        if (!in) return std::optional<Secret>{};
        return std::optional<Secret>{Secret{std::string{std::istreambuf_iterator<char>{in}, {}}}};
    }
    Result<void> save(const std::string& name, const Secret& pem) override {
        std::ofstream out{folder_ / hexText(name), std::ios::binary};
        out << pem.reveal();
        out.flush();
        if (!out) return Error{Code::Unavailable, "The file could not be written."};
        return {};
    }

private:
    std::filesystem::path folder_;
};

LoginGate gateOf(const std::string& word) {
    if (word == "disabled") return LoginGate::DomainDisabled;
    if (word == "directory") return LoginGate::DirectoryDown;
    if (word == "supernode") return LoginGate::SupernodeDown;
    return LoginGate::Open;
}

std::string factsText(const CertificateFacts& facts) {
    const auto hex = [](const std::string& text) { return text.empty() ? "-" : text; };
    return facts.domain + " " + hex(facts.sha256) + " " + hex(hexText(facts.publicKeySha256)) + " " +
           wordOf(facts.trouble) + " " + facts.problem;
}

struct World {
    Certificates& certificates;
    Door& door;

    std::uint16_t port(DoorKind kind, bool isIp6) const {
        for (const auto& each : door.status().listeners)
            if (each.kind == kind && (each.address.find(':') != std::string::npos) == isIp6) return each.port;
        return 0;
    }

    std::string run(const std::string& line) const {
        std::istringstream in{line};
        std::string word;
        std::string domain;
        in >> word >> domain;
        std::ostringstream out;
        if (word == "look") {
            certificates.lookNow();
            certificates.settle(10s);
            for (const auto& facts : certificates.certificates())
                out << factsText(facts) << "; ";
        } else if (word == "check") {
            std::string chain;
            std::string key;
            in >> chain >> key;
            out << factsText(certificates.checkFiles(domain, chain, key));
        } else if (word == "prove") {
            return prove(domain);
        } else if (word == "status") {
            const auto status = door.status();
            out << "open " << status.open << " accepted " << status.accepted << " silent " << status.silent << " bad "
                << status.badStreams << " tls " << status.tlsFailed << " gate " << status.reachedGate << " listeners "
                << status.listeners.size() << " problems " << status.problems.size();
        } else {
            return "error: unknown command";
        }
        return out.str();
    }

    std::string prove(const std::string& name) const {
        ChatDomain domain;
        domain.name = domain.shown = name;
        domains::SupernodeView view;
        view.node.name = "sn1";
        view.node.origin = SupernodeOrigin::Local;
        view.node.port = port(DoorKind::StartTls, false);
        view.node.tlsPort = port(DoorKind::DirectTls, false);
        view.isLive = true;
        domains::ProofOptions options;
        options.certificate = certificates.certificate(name);
        options.ownDns = [&view, &name](const std::string&, TimePoint) -> Result<std::vector<domains::SrvFinding>> {
            const auto host = "sn1." + name;
            return std::vector<domains::SrvFinding>{{"_xmpp-client", host, view.node.port, 10, 10, {"127.0.0.1"}},
                                                    {"_xmpps-client", host, view.node.tlsPort, 10, 10, {"127.0.0.1"}}};
        };
        const auto proof = domains::proveSupernode(domain, {view}, options, net::EventLoop::now() + 20s);
        return std::string(wordOf(proof.state)) + " " + proof.why;
    }
};

}  // namespace

int main(int count, char** arguments) {
    const bool isAny = count > 1 && std::string_view{arguments[1]} == "--any";
    if (isAny) {
        --count;
        ++arguments;
    }
    if (count < 3) {
        std::cerr << "door_probe: the arguments are wrong; see its source.\n";
        return 2;
    }
    ErrorLog log;
    FileKeeper keeper{arguments[1]};
    std::map<std::string, LoginGate> gates;
    std::vector<CertificateWish> wishes;
    for (int i = 2; i < count; ++i) {
        const auto parts = split(arguments[i], '=');
        if (parts.size() < 2) return 2;
        CertificateWish wish{std::string(parts[0]), std::string(parts[0])};
        if (parts[1] != "self") {
            const auto files = split(parts[1], ':');
            wish.source = CertificateSource::Files;
            wish.certificateFile = files[0];
            if (files.size() > 1) wish.keyFile = files[1];
        }
        gates[wish.domain] = gateOf(parts.size() > 2 ? std::string(parts[2]) : "open");
        wishes.push_back(std::move(wish));
    }
    Certificates::Parts certificateParts;
    certificateParts.keeper = &keeper;
    certificateParts.log = &log;
    Certificates certificates{std::move(certificateParts)};
    certificates.setDomains(wishes);
    certificates.start();
    certificates.settle(10s);

    net::EventLoop loop{"door", log};
    loop.start();
    Door::Parts parts;
    parts.loop = &loop;
    parts.log = &log;
    for (const char* address : {isAny ? "0.0.0.0" : "127.0.0.1", isAny ? "::" : "::1"}) {
        parts.listen.push_back({address, 0, DoorKind::StartTls});
        parts.listen.push_back({address, 0, DoorKind::DirectTls});
    }
    parts.gate = [&gates](const std::string& domain) {
        const auto at = gates.find(domain);
        return at == gates.end() ? LoginGate::UnknownDomain : at->second;
    };
    parts.contextOf = [&certificates](const std::string& domain) { return certificates.contextOf(domain); };
    parts.front = [&certificates] { return certificates.front(); };
    const auto door = Door::make(std::move(parts));
    if (auto started = door->start(); !started) {
        std::cerr << started.error().text() << "\n";
        return 1;
    }
    const World world{certificates, *door};
    std::cout << "starttls " << world.port(DoorKind::StartTls, false) << " direct "
              << world.port(DoorKind::DirectTls, false) << " starttls6 " << world.port(DoorKind::StartTls, true)
              << " direct6 " << world.port(DoorKind::DirectTls, true) << std::endl;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << world.run(line) << std::endl;
    door->stop();
    loop.stop();
    return 0;
}
