#include "service/trace/remedies.h"

#include <algorithm>
#include <string>
#include <utility>

#include "shared/base/text.h"

namespace causeway::trace {

namespace {

using Remedy = std::vector<RemedyStep>;

/// All that the texts need, with real addresses.
struct Words {
    std::string port;
    std::string target;  ///< address of the user whom the verdict is about, or of Y
    std::string other;   ///< address of the other user
    std::string name;    ///< of that user
    std::string otherName;
    std::string targetNet;  ///< his network; his address alone if no network is known
    std::string otherNet;
    std::string hop;         ///< "10.0.0.1 (hop 2)", "hop 2", or "the router between"
    std::string hopAddress;  ///< may be empty
};

/// The network of the pair's bases that holds the address.
std::string networkOf(const TracePair& pair, Ip4 address) {
    std::optional<Network4> best;
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX, TraceLeg::AToX, TraceLeg::BToY}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence || !evidence->segment) continue;
        for (const auto* list : {&evidence->segment->own, &evidence->segment->far})
            for (const auto& each : *list)
                if (each.prefix > 0 && each.contains(address) && (!best || each.prefix > best->prefix)) best = each;
    }
    return best ? best->text() : address.text();
}

std::string shown(const std::string& name, const char* letter) {
    const auto clean = cleanUtf8(cutUtf8(name, 60));
    return trimmed(clean).empty() ? std::string{letter} : clean;
}

Words wordsFor(const TracePair& pair, const Side& side, const Verdict& verdict) {
    const bool isX = verdict.about == TraceSubject::X;
    const auto targetAddress = isX ? pair.xAddress : (pair.yAddress.isAny() ? pair.aToY.toAddress : pair.yAddress);
    // Without a user to trace from, the service that measures stands in his place.
    const auto xAddress = pair.xAddress.isAny() ? pair.aToY.fromAddress : pair.xAddress;
    const auto otherAddress = isX ? (pair.yAddress.isAny() ? pair.aToY.toAddress : pair.yAddress) : xAddress;
    const auto* leg = side.cross ? side.cross : side.local;
    Words words;
    words.port = std::to_string(leg ? leg->port : 2425);
    words.target = targetAddress.text();
    words.other = otherAddress.text();
    words.name = isX ? shown(pair.x, "X") : shown(pair.y, "Y");
    words.otherName = isX ? shown(pair.y, "Y") : shown(pair.x, "X");
    words.targetNet = networkOf(pair, targetAddress);
    words.otherNet = networkOf(pair, otherAddress);
    const auto& parameters = verdict.parameters;
    if (parameters.hopAddress) words.hopAddress = parameters.hopAddress->text();
    if (parameters.hopAddress && parameters.hopNumber)
        words.hop = words.hopAddress + " (hop " + std::to_string(*parameters.hopNumber) + ")";
    else if (parameters.hopAddress)
        words.hop = words.hopAddress;
    else if (parameters.hopNumber)
        words.hop = "hop " + std::to_string(*parameters.hopNumber);
    else
        words.hop = "the router between";
    return words;
}

RemedyStep retest(const Words& words) {
    return {"Trace " + words.name + " again, cold: wait two minutes without writing to " + words.name +
            ", then run all steps. The matter is closed when it passes."};
}

/// What the symptoms look like, and what to set, on Windows and Linux.
Remedy firewallSheet(const Words& words) {
    Remedy remedy;
    remedy.push_back(
        {"Compare with what users tell. Typical for a firewall: appears briefly after start or refresh and then turns "
         "grey; receives only after sending; sees others, but nobody sees him; is seen, but files fail; stopped "
         "after an update, after moving to another network or after a restart of the router."});
    remedy.push_back(
        {"On the PC of " + words.name +
             ", see which profile the network has. A network that became Public closes what was open before.",
         "powershell -Command \"Get-NetConnectionProfile; Get-NetFirewallProfile | Select Name,Enabled\""});
    remedy.push_back(
        {"Allow UDP " + words.port + " for all profiles (as administrator on that PC).",
         "powershell -Command \"New-NetFirewallRule -DisplayName 'IP Messenger UDP' -Direction Inbound -Action Allow "
         "-Protocol UDP -LocalPort " +
             words.port + " -Profile Any -RemoteAddress LocalSubnet," + words.otherNet + "\""});
    remedy.push_back(
        {"Allow TCP " + words.port + " too: files and images use it.",
         "powershell -Command \"New-NetFirewallRule -DisplayName 'IP Messenger TCP' -Direction Inbound -Action Allow "
         "-Protocol TCP -LocalPort " +
             words.port + " -Profile Any -RemoteAddress LocalSubnet," + words.otherNet + "\""});
    remedy.push_back(
        {"Look for a rule that blocks the program, or that names an old path of it; a block wins over every "
         "permission.",
         "powershell -Command \"Get-NetFirewallApplicationFilter | Where-Object Program -like '*ipmsg*' | "
         "Get-NetFirewallRule | Select DisplayName,Enabled,Action,Profile\""});
    remedy.push_back({"On Linux:", "sudo ufw allow from " + words.otherNet + " to any port " + words.port});
    remedy.push_back(
        {"If a security suite runs there, allow the program in it as well, broadcasts included. Pause the suite for a "
         "few seconds as a test: if the user appears, the suite is the cause."});
    remedy.push_back(
        {"Look at the PC of " + words.otherName + " in the same way: these rules are often missing on both."});
    remedy.push_back(retest(words));
    return remedy;
}

Remedy pathFilterRemedy(const Words& words, bool isTcpOnly) {
    Remedy remedy;
    remedy.push_back({std::string{"On the device at "} + words.hop +
                      (words.hopAddress.empty() ? " or the next one" : "") + ", open " +
                      (isTcpOnly ? "TCP " : "UDP and TCP ") + words.port + " between " + words.otherNet + " and " +
                      words.targetNet + ", in both directions."});
    for (const auto* protocol : {"udp", "tcp"}) {
        if (isTcpOnly && std::string{protocol} == "udp") continue;
        remedy.push_back({std::string{"If it is a Linux router ("} + protocol + "):",
                          "sudo nft insert rule inet filter forward ip saddr { " + words.otherNet + ", " +
                              words.targetNet + " } ip daddr { " + words.otherNet + ", " + words.targetNet + " } " +
                              protocol + " dport " + words.port + " accept"});
    }
    remedy.push_back(
        {"If the device belongs to a provider or to another team, send them this report: it names the hop, the port "
         "and "
         "both networks."});
    remedy.push_back(retest(words));
    return remedy;
}

struct Text {
    std::string what;
    Remedy remedy;
};

Text textOf(const TracePair& pair, const Words& w, const Verdict& verdict) {
    const auto& parameters = verdict.parameters;
    const auto size = std::to_string(parameters.size.value_or(0));
    const bool isBToA = parameters.direction == TraceDirection::BToA;
    // The direction that does not work, by networks: A is X's side.
    const auto xNet = networkOf(pair, pair.xAddress.isAny() ? pair.aToY.fromAddress : pair.xAddress);
    const auto yNet = networkOf(pair, pair.yAddress.isAny() ? pair.aToY.toAddress : pair.yAddress);
    const auto fromNet = isBToA ? yNet : xNet;
    const auto toNet = isBToA ? xNet : yNet;
    switch (verdict.code) {
        case VerdictCode::Ok:
            return {pair.hasPeer || pair.xAddress.isAny()
                        ? "Chat between " + w.otherName + " and " + w.name + " works."
                        : "This service reaches both " + w.otherName + " and " + w.name +
                              ", and both answer. The way between the two themselves was not measured.",
                    {{"Nothing to mend. If the complaint comes back, run Repeat while it lasts."}}};
        case VerdictCode::SelfFault:
            return {"The service that measures has a fault itself, so nothing else can be judged.",
                    {{"See which program has the port.", "sudo ss -lunpt 'sport = :" + w.port + "'"},
                     {"Stop the other program, or set lan.listen to the right network card and restart the service.",
                      "sudo systemctl restart causewayd"},
                     {"Let the port in if this server has a firewall.", "sudo ufw allow " + w.port},
                     {"Run the self-check again until it is green, then the trace."}}};
        case VerdictCode::NameUnresolved:
            return {
                "No address is known for " + w.name + ".",
                {{"Check the spelling, or pick the user from the list."},
                 {"Start the chat program there once, so that its packets tell the address, or trace by address."}}};
        case VerdictCode::NameStale:
            return {"The name of " + w.name + " points to an old address.",
                    {{"See what the name service answers.", "nslookup " + w.target},
                     {"On that PC, register the name anew; if that does not help, mend the update of DNS by DHCP.",
                      "ipconfig /registerdns"},
                     {"Until then use the address of the directory, which is that of his newest packet."},
                     retest(w)}};
        case VerdictCode::SubnetOverlap:
            return {"Two bases use the same addresses, so no route between them can work.",
                    {{"Give one base another network. That is the only lasting way."},
                     {"Until then: translate one network 1:1 on the tunnel, and let linked services in both bases pass "
                      "the lists on."},
                     retest(w)}};
        case VerdictCode::HostOff:
            return {"The computer of " + w.name + " (" + w.target + ") is off or not connected.",
                    {{"Switch it on; check cable, wireless and, after a move, the VLAN of the socket."},
                     {"If it is on, see on it whether it still has this address.", "ipconfig"},
                     retest(w)}};
        case VerdictCode::NeighbourMissing:
            return {verdict.about == TraceSubject::Service
                        ? "The gateway of this service does not answer."
                        : "Nobody answers for the address of " + w.name + " (" + w.target + ") in its own segment.",
                    {{"Check power, cable and VLAN, and whether wireless keeps its clients apart."},
                     {"Look at the neighbour table of this server.", "ip neighbour show"},
                     retest(w)}};
        case VerdictCode::ClientNotRunning:
            return {"The computer of " + w.name + " (" + w.target + ") runs, but no chat program listens there.",
                    {{"Start the chat program there, and see that it starts with Windows."},
                     {"See whether it uses another port than " + w.port + " (settings of the program).",
                      "netstat -ano | findstr :" + w.port},
                     retest(w)}};
        case VerdictCode::IcmpOnlyFiltered:
            return {"Chat works; only ping is filtered.",
                    {{"Nothing has to be mended for chat. If other tools need ping, allow ICMP echo; always allow ICMP "
                      "type 3 code 4, "
                      "or large packets will hang on tunnels."}}};
        case VerdictCode::HostFirewallUdp:
            return {"The computer of " + w.name + " (" + w.target +
                        ") drops chat packets: its firewall or security suite, or, if " +
                        "only other networks are affected, the scope of a rule.",
                    firewallSheet(w)};
        case VerdictCode::HostFirewallStateful:
            return {
                "The firewall of " + w.name + "'s computer (" + w.target +
                    ") lets answers in but no first packet. That is why it works for a short while after a refresh.",
                firewallSheet(w)};
        case VerdictCode::PathFilterUdp:
            return {"A filter between the bases stops UDP " + w.port + " at " + w.hop +
                        (verdict.certainty == Certainty::Certain ? "." : " or at the next device."),
                    pathFilterRemedy(w, false)};
        case VerdictCode::PathFilterTcp:
            return {"A filter between the bases stops TCP " + w.port + " at " + w.hop +
                        (verdict.certainty == Certainty::Certain ? "." : " or at the next device.") +
                        " Text works, files and images do not.",
                    pathFilterRemedy(w, true)};
        case VerdictCode::RouteMissing: {
            const auto certain = verdict.certainty == Certainty::Certain;
            return {
                certain ? "A route is missing at " + w.hop + "."
                        : "Behind " + w.hop +
                              " the road ends: a missing route there or on the way back, or a filter for everything.",
                {{"On the device at " + w.hop + ", look up the route.",
                  "ip route get " + (isBToA ? w.other : w.target)},
                 {"Add the missing one (or the network to the selectors of the VPN); put the address of the next "
                  "router in place of GATEWAY.",
                  "sudo ip route add " + (isBToA ? xNet : yNet) + " via GATEWAY"},
                 {"Check the way back on the other side as well: it needs a route to " + (isBToA ? yNet : xNet) + "."},
                 retest(w)}};
        }
        case VerdictCode::RouteLoop:
            return {"Packets travel in a circle at " + w.hop + ".",
                    {{"Look at the route on that router and on its neighbour: each hands " + yNet + " to the other.",
                      "ip route get " + w.target},
                     {"Correct the static route, or remove the default route that catches a network which is gone."},
                     retest(w)}};
        case VerdictCode::OneWay:
            return {
                "Chat packets pass in one direction only: from " + fromNet + " to " + toNet + " they do not arrive.",
                {{"Look for a filter or a missing route in that direction only, on every device between: UDP and TCP " +
                  w.port + " from " + fromNet + " to " + toNet + "."},
                 {"If it is a Linux router:", "sudo nft insert rule inet filter forward ip saddr " + fromNet +
                                                  " ip daddr " + toNet + " udp dport " + w.port + " accept"},
                 {"See the route of that direction on each router.", "ip route get " + (isBToA ? w.other : w.target)},
                 retest(w)}};
        case VerdictCode::Asymmetric:
            return {
                "Packets and answers take different roads, and a firewall on one of them drops what it did not see "
                "begin.",
                {{"Make routing between " + w.otherNet + " and " + w.targetNet +
                  " the same in both directions (metrics, the second tunnel, policy routes)."},
                 {"Or relax the state check for UDP and TCP " + w.port +
                  " on the firewall that sees only one direction."},
                 retest(w)}};
        case VerdictCode::MtuBlackhole:
            return {"Large packets vanish between the bases: only " + size + " bytes pass in one packet.",
                    {{"Confirm it from a Windows PC.",
                      "ping -f -l " + std::to_string(parameters.size.value_or(0) + 100) + " " + w.target},
                     {"Let routers and firewalls send and pass ICMP type 3 code 4 (fragmentation needed).",
                      "sudo nft insert rule inet filter forward icmp type destination-unreachable accept"},
                     {"On the tunnel's router, set the MTU that really fits and clamp TCP to it.",
                      "sudo nft add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu"},
                     retest(w)}};
        case VerdictCode::FragmentsDropped:
            return {
                "Fragments are dropped: messages whose packet is larger than " + size +
                    " bytes do not arrive (encryption makes packets of a few hundred letters that large).",
                {{"Allow IP fragments between " + w.otherNet + " and " + w.targetNet + " on the firewalls between."},
                 {"Until then long texts hang; send them as a file."},
                 retest(w)}};
        case VerdictCode::Nat:
            return {
                "Addresses are translated between the bases: a user is seen under an address that is not his.",
                {{"Route between the bases instead of translating; on a Linux router, leave these networks out of it.",
                  "sudo nft insert rule ip nat postrouting ip saddr " + xNet + " ip daddr " + yNet + " accept"},
                 {"Where translation must stay, link a service in each base: they pass the lists on. Files towards the "
                  "translated "
                  "side still fail."},
                 retest(w)}};
        case VerdictCode::BroadcastBlocked:
            return {
                "Broadcasts do not reach the computers of this segment, although each of them can be reached alone.",
                {{"Look at the switch or access point: broadcast filter, storm control, \"block broadcast to "
                  "wireless\"."},
                 {"A security suite that drops broadcasts on every PC looks the same: test one PC without it."},
                 {"Until then this service keeps the lists up to date."},
                 retest(w)}};
        case VerdictCode::ClientIsolation:
            return {"The segment keeps its computers apart (client isolation of wireless, or a private VLAN).",
                    {{"Switch client isolation (also called AP or station isolation, private VLAN, protected port) off "
                      "for this network, "
                      "or put these users into a network without it."},
                     retest(w)}};
        case VerdictCode::TcpOnlyBlocked:
            return {"Text works, files and images do not: TCP " + w.port + " to " + w.name + " (" + w.target +
                        ") is blocked.",
                    {{"On that PC, allow TCP " + w.port + ".",
                      "powershell -Command \"New-NetFirewallRule -DisplayName 'IP Messenger TCP' -Direction Inbound "
                      "-Action Allow "
                      "-Protocol TCP -LocalPort " +
                          w.port + " -Profile Any -RemoteAddress LocalSubnet," + w.otherNet + "\""},
                     {"On Linux:", "sudo ufw allow from " + w.otherNet + " to any port " + w.port + " proto tcp"},
                     {"If it is refused, the program may be set to work without TCP: look at its settings."},
                     retest(w)}};
        case VerdictCode::RtpBlocked: {
            std::string ports;
            for (const auto port : parameters.ports) {
                if (!ports.empty()) ports += ", ";
                ports += std::to_string(port);
            }
            return {"Chat works between the bases, calls do not: UDP " + ports + " is blocked.",
                    {{"Open these UDP ports in both directions between " + w.otherNet + " and " + w.targetNet + ".",
                      "sudo nft insert rule inet filter forward ip saddr { " + w.otherNet + ", " + w.targetNet +
                          " } ip daddr { " + w.otherNet + ", " + w.targetNet + " } udp dport { " + ports + " } accept"},
                     retest(w)}};
        }
        case VerdictCode::WrongNic:
            return {"The computer of " + w.name +
                        " speaks from a different network card than the one that others use to reach it.",
                    {{"See its cards and addresses.", "ipconfig /all"},
                     {"Prefer the card of the office network (a lower metric), or start the program with the option "
                      "/NIC and that address.",
                      "powershell -Command \"Get-NetIPInterface -AddressFamily IPv4 | Sort InterfaceMetric\""},
                     {"Switch off the card that is not needed: VPN, virtual machines, wireless beside cable."},
                     retest(w)}};
        case VerdictCode::DuplicateIdentity:
            return {
                "Two computers use the same identity as " + w.name + ", so lists show now the one and now the other.",
                {{"Give one of them another computer name or user name (often a copied disk image or a virtual "
                  "machine)."},
                 {"If they share one address, give one of them another address.", "arp -a " + w.target},
                 retest(w)}};
        case VerdictCode::DuplicateMaster:
            return {"Two member masters serve the same users, and their lists disagree.",
                    {{"Keep one. Set the other program to \"not used\" or to \"use a master\"."}, retest(w)}};
        case VerdictCode::ListNotDelivered:
            return {"The road is fine, only the list of the program is incomplete.",
                    {{"Press Refresh in the program of the user whose list is incomplete."},
                     {"Let this service offer its list again: the user's page shows how and when it was delivered."},
                     {"If it stays so, look at the kind of program: not all of them take lists at any time; switch "
                      "introductions on for those."},
                     retest(w)}};
        case VerdictCode::Intermittent:
            return {
                "Packets get lost: " + std::to_string(parameters.lossPercent.value_or(0)) + " % of the questions.",
                {{"Run Repeat for an hour and compare the times with backups, calls and shifts."},
                 {"Find the hop where loss begins.", "mtr -u -P " + w.port + " -c 100 -r " + w.target},
                 {"Usual causes: wireless, a bad cable or duplex setting, a full line, a security suite that scans."},
                 retest(w)}};
        case VerdictCode::NotEnoughEvidence:
        // Never said of a pair of users; domain_rules writes these.
        case VerdictCode::DomainUnknown:
        case VerdictCode::DomainDisabled:
        case VerdictCode::SrvMissing:
        case VerdictCode::SrvWrong:
        case VerdictCode::SrvTargetInvalid:
        case VerdictCode::SrvNoAddress:
        case VerdictCode::ResolverSilent:
        case VerdictCode::SupernodeClosed:
        case VerdictCode::SupernodeSilent:
        case VerdictCode::TlsFailed:
        case VerdictCode::TlsExpired:
        case VerdictCode::TlsName:
        case VerdictCode::TlsUntrusted:
        case VerdictCode::DirectoryCannotAsk:
        case VerdictCode::UserUnknown:
        case VerdictCode::PasswordWrong:
        case VerdictCode::UserDisabled:
        case VerdictCode::GroupRefuses:
            break;
    }
    return {"The evidence does not say where it breaks.", {{verdict.missingText}}};
}

std::string missingSentence(const Verdict& verdict) {
    if (!verdict.missing || verdict.missingText.empty()) return {};
    return std::string{" To be surer: "} + infoOf(*verdict.missing).title + ". " + verdict.missingText;
}

}  // namespace

void writeVerdict(const TracePair& pair, const Side& side, const std::string& why, Verdict& verdict) {
    const auto words = wordsFor(pair, side, verdict);
    auto text = textOf(pair, words, verdict);
    verdict.sentence = std::move(text.what);
    if (!why.empty()) verdict.sentence += " " + why;
    verdict.sentence += missingSentence(verdict);
    if (pair.isSameSegment != true) {
        verdict.sentence +=
            pair.hasPeer ? " Measured from both bases."
                         : " Measured from one side only; a linked service in the other base would see the way back.";
    }
    verdict.remedy = std::move(text.remedy);
}

}  // namespace causeway::trace
