#include "service/app/srv_lookup.h"

#include <algorithm>

#include "service/dns/resolver_io.h"
#include "service/net/event_loop.h"

namespace causeway::app {

namespace {

using dns::Type;

/// What a reply means for the proof: records, none, or no answer that counts.
Result<const dns::Message*> messageOf(const dns::CheckReply& reply, const std::string& server) {
    if (reply.failure) return *reply.failure;
    if (!reply.message) return Error{Code::Unavailable, "The DNS server " + server + " gave no answer."};
    const auto rcode = reply.message->rcode();
    if (rcode == dns::Rcode::NoError || rcode == dns::Rcode::NxDomain) return &*reply.message;
    return Error{Code::Unavailable, "The DNS server " + server + " answered with an error.",
                 rcode == dns::Rcode::Refused ? "It does not answer questions of this computer (REFUSED)."
                                              : "It could not find out itself (such as SERVFAIL).",
                 "Look at its forwarding of the domain."};
}

std::vector<dns::CheckQuestion> questionsOf(const dns::Name& domain) {
    std::vector<dns::CheckQuestion> all;
    for (const auto* service : {"_xmpp-client._tcp.", "_xmpps-client._tcp."}) {
        if (const auto name = dns::Name::parse(service + domain.host())) all.push_back({*name, Type::Srv});
    }
    return all;
}

/// Adds the addresses that any section of any reply has for the hosts.
void addAddresses(std::vector<domains::SrvFinding>& found, const std::vector<dns::CheckReply>& replies) {
    for (const auto& reply : replies) {
        if (!reply.message) continue;
        for (const auto& record : reply.message->answers) {
            const auto address = dns::readAddress(record.type, record.data);
            if (!address) continue;
            for (auto& each : found) {
                const bool isNew =
                    std::find(each.addresses.begin(), each.addresses.end(), address->text()) == each.addresses.end();
                if (isNew && record.owner.host() == each.target) each.addresses.push_back(address->text());
            }
        }
    }
}

Result<std::vector<domains::SrvFinding>> lookUp(const std::string& server, const std::string& domain,
                                                TimePoint deadline) {
    const auto endpoint = dns::Endpoint::parse(server);
    const auto apex = dns::Name::parse(domain);
    if (!endpoint || !apex) return Error{Code::Unavailable, "There is no DNS server to ask."};
    const auto left = [deadline] { return std::max(deadline - net::EventLoop::now(), Duration{200}); };
    const auto replies = dns::askResolver(*endpoint, questionsOf(*apex), left() / 2);
    std::vector<domains::SrvFinding> found;
    for (const auto& reply : replies) {
        const auto message = messageOf(reply, server);
        if (!message) return message.error();
        for (const auto& record : (*message)->answers) {
            const auto srv = record.type == Type::Srv ? dns::readSrv(record.data) : std::nullopt;
            if (!srv) continue;
            const auto service = reply.question.name.host().starts_with("_xmpps-") ? "_xmpps-client" : "_xmpp-client";
            found.push_back({service, srv->target.host(), srv->port, srv->priority, srv->weight, {}});
        }
    }
    addAddresses(found, dns::askResolver(*endpoint, dns::followUpQuestions(replies), left()));
    return found;
}

}  // namespace

domains::SrvLookup srvLookup(std::function<std::string()> resolver) {
    return [resolver = std::move(resolver)](const std::string& domain,
                                            TimePoint deadline) -> Result<std::vector<domains::SrvFinding>> {
        const auto server = resolver();
        if (server.empty()) return Error{Code::Unavailable, "There is no DNS server to ask."};
        return lookUp(server, domain, deadline);
    };
}

std::string systemResolver() {
    const auto all = dns::systemResolvers();
    return all && !all->empty() ? all->front().text() : std::string();
}

}  // namespace causeway::app
