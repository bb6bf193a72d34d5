#include "service/domains/supernode_proof_io.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/base/text.h"
#include "shared/model/proof_run.h"

namespace causeway::domains {

namespace {

constexpr Duration kMostOfOne = 10s;
constexpr auto kEndsSoon = std::chrono::hours{24} * 7;

std::string hostOf(const ChatDomain& domain, const Supernode& node) {
    return node.name + "." + domain.name;
}

/// One word for the trace of a domain, which judges by it.
void troubleIs(ProofStep& step, const char* word) {
    step.facts.emplace_back("Trouble", word);
}

/// A connection that did not come about.
void failToConnect(ProofStep& step, const Error& error) {
    troubleIs(step, error.code == Code::Timeout ? "silent" : "closed");
    fail(step, error.what + (error.why.empty() ? "" : " " + error.why), error.todo);
}

void failBy(ProofStep& step, const Error& error) {
    fail(step, error.what + (error.why.empty() ? "" : " " + error.why), error.todo);
}

void warn(ProofStep& step, std::string why, std::string todo) {
    if (step.state != ProofState::Fine) return;
    step.state = ProofState::Partly;
    step.why = std::move(why);
    step.todo = std::move(todo);
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out.empty() ? "none" : out;
}

std::string dayText(TimePoint when) {
    return isoText(when).substr(0, 10);
}

/// Where a supernode is looked for from here.
struct Way {
    std::string address;
    std::string sentence;
};
std::optional<Way> wayTo(const Supernode& node, const ProofOptions& options) {
    if (!node.lanAddress.empty()) return Way{node.lanAddress, "by its LAN address " + node.lanAddress};
    if (node.origin == SupernodeOrigin::Local) {
        return Way{options.loopback,
                   "inside this computer only (" + options.loopback + "), because it has no LAN address"};
    }
    if (!node.internetAddress.empty())
        return Way{node.internetAddress, "by its Internet address " + node.internetAddress};
    return std::nullopt;
}

/// What one DNS server should say about a supernode, against what it says.
struct DnsComparison {
    std::vector<std::string> wrong;
    std::vector<std::pair<std::string, std::string>> facts;
};
DnsComparison compare(const ChatDomain& domain, const Supernode& node, const std::vector<SrvFinding>& found) {
    DnsComparison out;
    const auto host = hostOf(domain, node);
    const auto look = [&](const char* service, std::uint16_t port) {
        const auto name = std::string(service) + "._tcp." + domain.name;
        const auto at = std::find_if(found.begin(), found.end(), [&](const SrvFinding& each) {
            return each.service == service && lowerAscii(each.target) == host;
        });
        if (at == found.end()) {
            if (port != 0) out.wrong.push_back("The record " + name + " that leads to " + host + " is missing.");
            return;
        }
        out.facts.emplace_back("SRV " + name, std::to_string(at->priority) + " " + std::to_string(at->weight) + " " +
                                                  std::to_string(at->port) + " " + at->target);
        if (port == 0) {
            out.wrong.push_back("The record " + name + " leads to " + host + ", which offers no direct TLS.");
        } else if (at->port != port) {
            out.wrong.push_back("The record " + name + " names port " + std::to_string(at->port) + " instead of " +
                                std::to_string(port) + ".");
        }
        out.facts.emplace_back("Addresses of " + host, joined(at->addresses));
        if (at->addresses.empty()) {
            out.wrong.push_back("The name " + host + " has no address.");
        } else if (!node.lanAddress.empty() || !node.internetAddress.empty()) {
            const auto has = [&](const std::string& address) {
                return !address.empty() &&
                       std::find(at->addresses.begin(), at->addresses.end(), address) != at->addresses.end();
            };
            if (!has(node.lanAddress) && !has(node.internetAddress)) {
                out.wrong.push_back("The name " + host + " has the address " + joined(at->addresses) + " instead of " +
                                    (node.lanAddress.empty() ? node.internetAddress : node.lanAddress) + ".");
            }
        }
    };
    look("_xmpp-client", node.port);
    look("_xmpps-client", node.tlsPort);
    return out;
}

/// What both DNS servers said, asked once for all supernodes.
struct DnsAnswers {
    std::optional<Result<std::vector<SrvFinding>>> own;
    std::optional<Result<std::vector<SrvFinding>>> system;
    Duration took{};
};

ProofStep serverStep(const char* id, const char* name, TimePoint at) {
    ProofStep step;
    step.id = id;
    step.name = name;
    step.state = ProofState::Fine;
    step.at = at;
    return step;
}

ProofStep ownStep(const ChatDomain& domain, const Supernode& node, const DnsAnswers& answers, TimePoint at) {
    auto step = serverStep("dns-own", "Ask the chat DNS of this service", at);
    step.proves = "The chat DNS tells clients the right way.";
    if (!answers.own) {
        step.state = ProofState::Unknown;
        step.at = {};
        step.why = "The chat DNS of this service is off; another DNS server must have the records.";
        return step;
    }
    if (!*answers.own) {
        failBy(step, answers.own->error());
        return step;
    }
    auto compared = compare(domain, node, **answers.own);
    step.facts = std::move(compared.facts);
    if (!compared.wrong.empty()) {
        fail(step, compared.wrong.front(),
             "Wait some seconds and check again; if it stays, look at the page Chat DNS.");
    }
    return step;
}

ProofStep systemStep(const ChatDomain& domain, const Supernode& node, const DnsAnswers& answers, SystemResolver counts,
                     TimePoint at) {
    auto step = serverStep("dns-system", "Ask the resolver of this computer", at);
    step.proves = "Clients that use the same name servers find the supernode.";
    if (!answers.system) {
        step.state = ProofState::Unknown;
        step.at = {};
        step.why = "It was not asked.";
        return step;
    }
    const char* const todo =
        "Enter the records in your DNS, or forward this name to the chat DNS of this service: the page Chat DNS shows "
        "both ready for copying.";
    if (!*answers.system) {
        warn(step, answers.system->error().what, todo);
    } else {
        auto compared = compare(domain, node, **answers.system);
        step.facts = std::move(compared.facts);
        if (!compared.wrong.empty()) warn(step, compared.wrong.front(), todo);
    }
    if (step.state == ProofState::Partly && counts == SystemResolver::IsOnlyShown) {
        step.state = ProofState::Unknown;
        step.why += " This does not count here, because clients may use other name servers.";
        step.todo.clear();
    }
    return step;
}

void proveDns(ProofStep& step, const ChatDomain& domain, const Supernode& node, const DnsAnswers& answers,
              const ProofOptions& options) {
    step.proves = "Clients that look for " + domain.shown + " are led to " + node.name + ".";
    auto own = ownStep(domain, node, answers, step.at);
    auto system = systemStep(domain, node, answers, options.systemResolver, step.at);
    own.took = answers.took;
    system.took = answers.took;
    // Without a chat DNS of our own the other one alone decides.
    if (own.state == ProofState::Unknown && system.state == ProofState::Partly) system.state = ProofState::Broken;
    for (const auto* each : {&own, &system}) {
        const bool isWorse = (each->state == ProofState::Broken && step.state != ProofState::Broken) ||
                             (each->state == ProofState::Partly && step.state == ProofState::Fine);
        if (!isWorse) continue;
        step.state = each->state;
        step.why = each->why;
        step.todo = each->todo;
    }
    if (own.state == ProofState::Unknown && system.state == ProofState::Unknown) {
        step.state = ProofState::Unknown;
        step.why = "No DNS server was asked.";
    }
    step.children = {std::move(own), std::move(system)};
}

/// The certificate as a client sees it.
void judgeTls(ProofStep& step, const net::TlsReport& report, const ChatDomain& domain, const Supernode& node,
              const ProofOptions& options, TimePoint now) {
    if (!report.isComplete) {
        troubleIs(step, "handshake");
        fail(step, report.trouble,
             "Look at the certificate of the chat domain, and whether another program has that port.");
        return;
    }
    step.facts = {{"TLS", report.version},
                  {"Certificate", report.subject},
                  {"Names", joined(report.names)},
                  {"Signed by", report.isSelfSigned ? "itself" : report.issuer},
                  {"Valid from", dayText(report.from)},
                  {"Valid until", dayText(report.until)},
                  {"SHA-256", report.sha256}};
    if (now >= report.until) {
        troubleIs(step, "expired");
        return fail(step, "The certificate ended on " + dayText(report.until) + ".",
                    "Renew it and write it to its files.");
    }
    if (now < report.from) {
        troubleIs(step, "expired");
        return fail(step, "The certificate is valid only from " + dayText(report.from) + ".",
                    "Check the clocks of both computers.");
    }
    if (!report.nameFits) {
        troubleIs(step, "name");
        return fail(step, "The certificate is not for " + domain.name + ", but for " + joined(report.names) + ".",
                    "Get a certificate whose names hold " + domain.name + ": the chat domain, not the host name.");
    }
    const bool isOurs = options.certificate && options.certificate->sha256 == report.sha256;
    if (node.origin == SupernodeOrigin::Local && options.certificate && !isOurs) {
        troubleIs(step, "handshake");
        return fail(step, "Another certificate came than the one that this service shows for " + domain.name + ".",
                    "Another program has that port or address: check the LAN address of the supernode and its ports.");
    }
    if (isOurs) step.facts.emplace_back("Whose", "The certificate that this service has for the chat domain");
    if (!report.isTrusted) {
        if (isOurs && options.certificate->source == CertificateSource::SelfSigned) {
            step.facts.emplace_back("Clients", options.certificate->forClients);
            return;
        }
        troubleIs(step, "untrusted");
        return warn(step, "The certificate is not trusted by this computer: " + report.distrust,
                    "If your own authority signed it, install that authority on the computers of your users; else add "
                    "the certificates in between to the file.");
    }
    if (report.until - now < kEndsSoon && !(isOurs && options.certificate->source == CertificateSource::SelfSigned)) {
        warn(step, "The certificate ends on " + dayText(report.until) + ".", "Renew it and write it to its files.");
    }
}

void proveTls(ProofStep& step, const Way& way, std::uint16_t port, net::TlsStart start, const ChatDomain& domain,
              const Supernode& node, const ProofOptions& options, TimePoint deadline, TimePoint now) {
    auto socket = net::PlainSocket::connect(way.address, port, deadline);
    if (!socket) return failToConnect(step, socket.error());
    judgeTls(step, net::probeTls(*socket, domain.name, options.trustedPem, start, deadline), domain, node, options,
             now);
}

ProofStep proveOne(const ChatDomain& domain, const SupernodeView& view, const DnsAnswers& answers,
                   const ProofOptions& options, TimePoint deadline) {
    const auto& node = view.node;
    ProofRun run{node.name, options.now, "supernode"};
    const auto way = wayTo(node, options);
    if (!view.isLive) {
        run.step("heartbeat", "Hear of the supernode", [&](ProofStep& step) {
            fail(step, node.name + " sends no heartbeats, so DNS does not name it any more.",
                 "Look whether the service runs there and reaches this one.");
        });
        auto silent = run.finish();
        silent.why = silent.children.front().why;
        return silent;
    }
    run.step("dns", "Find it by DNS", [&](ProofStep& step) { proveDns(step, domain, node, answers, options); });
    // Whether the server itself works is worth knowing also where DNS is wrong.
    ProofRun server{node.name, options.now, "supernode"};
    server.step("connect", "Connect", [&](ProofStep& step) {
        step.proves = "The supernode takes connections.";
        if (!way) {
            troubleIs(step, "no address");
            return fail(step, "The supernode " + node.name + " has no address.",
                        "Give it its LAN address on the page of the domain.");
        }
        step.facts.emplace_back("Way", "It was looked for " + way->sentence + ".");
        auto socket = net::PlainSocket::connect(way->address, node.port, deadline);
        if (!socket) return failToConnect(step, socket.error());
        step.facts.emplace_back("Connected to", socket->peer());
    });
    server.step("starttls", "Encrypt the connection (StartTLS)", [&](ProofStep& step) {
        step.proves = "Clients get an encrypted connection to the right server.";
        step.facts.emplace_back("Port", std::to_string(node.port));
        proveTls(step, *way, node.port, net::TlsStart::XmppStartTls, domain, node, options, deadline, server.now());
    });
    if (node.tlsPort == 0) {
        server.skip("direct", "Encrypt the connection (direct TLS)", "The supernode offers no direct TLS.");
    } else {
        server.step("direct", "Encrypt the connection (direct TLS)", [&](ProofStep& step) {
            step.proves = "Clients that prefer direct TLS get an encrypted connection to the right server.";
            proveTls(step, *way, node.tlsPort, net::TlsStart::XmppDirect, domain, node, options, deadline,
                     server.now());
            if (step.state != ProofState::Broken) return;
            // The other port works: clients that try both get in, the others do not.
            step.state = ProofState::Partly;
            step.why += " Clients that only try direct TLS cannot log in.";
        });
    }
    auto steps = server.finish();
    auto whole = run.finish();
    for (auto& each : steps.children)
        whole.children.push_back(std::move(each));
    whole.took += steps.took;
    // Steps that had nothing to try do not make the whole unknown; DNS that nobody was asked for does.
    std::vector<ProofStep> counted;
    for (const auto& each : whole.children) {
        const bool isUnproven = each.id == "dns" && each.state == ProofState::Unknown;
        if (each.state != ProofState::Unknown || isUnproven) counted.push_back(each);
    }
    whole.state = worstOf(counted);
    whole.why.clear();
    whole.todo.clear();
    for (const auto& each : whole.children) {
        if (each.state != whole.state || each.state == ProofState::Fine) continue;
        whole.why = each.why;
        whole.todo = each.todo;
        break;
    }
    if (way) whole.proves = node.name + " was proven " + way->sentence + ".";
    return whole;
}

}  // namespace

ProofStep proveSupernode(const ChatDomain& domain, const std::vector<SupernodeView>& supernodes,
                         const ProofOptions& given, TimePoint deadline) {
    auto options = given;
    if (!options.now) options.now = [] { return net::EventLoop::now(); };
    ProofStep whole;
    whole.id = "supernodes";
    whole.name = "Supernodes of " + domain.shown;
    whole.proves = "Clients find a supernode and get an encrypted connection to it.";
    whole.at = options.now();
    whole.facts.emplace_back("How far",
                             "This proof goes as far as DNS, TCP and TLS: logins are not tried in this "
                             "version yet.");
    std::vector<const SupernodeView*> wanted;
    for (const auto& each : supernodes)
        if (each.node.isEnabled) wanted.push_back(&each);
    if (wanted.empty()) {
        fail(whole, "No supernode is registered for " + domain.shown + ".",
             "Add one on the page of the domain: this service itself with its LAN address, or another one.");
        return whole;
    }
    DnsAnswers answers;
    const auto dnsUntil = std::min(deadline, whole.at + Duration{(deadline - whole.at) / 3});
    if (options.ownDns) answers.own = options.ownDns(domain.name, dnsUntil);
    if (options.systemDns) answers.system = options.systemDns(domain.name, dnsUntil);
    answers.took = options.now() - whole.at;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto now = net::EventLoop::now();
        const auto left = std::max(Duration{0}, deadline - now);
        const auto share = std::min<Duration>(left / static_cast<std::int64_t>(wanted.size() - i), kMostOfOne);
        whole.children.push_back(proveOne(domain, *wanted[i], answers, options, now + share));
    }
    whole.took = options.now() - whole.at;
    whole.state = oneIsEnough(whole.children);
    if (whole.state == ProofState::Fine) return whole;
    for (const auto& child : whole.children) {
        if (child.state == ProofState::Fine) continue;
        whole.why = child.name + ": " + child.why;
        whole.todo = child.todo;
        break;
    }
    return whole;
}

}  // namespace causeway::domains
