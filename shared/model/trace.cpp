#include "shared/model/trace.h"

#include <algorithm>
#include <utility>

#include "shared/base/text.h"

namespace causeway {

namespace {

constexpr const char* kHelperEcho =
    "The echo needs ICMP sockets that the system opens to the group of this service: "
    "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\".";
constexpr const char* kHelperPath =
    "The ICMP column needs ICMP sockets: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\".";

const std::array<TraceStepInfo, kTraceSteps> kSteps{{
    {TraceStep::SelfCheck, "self-check", "Self-check",
     "Makes sure that this server is not the problem. Red here means: mend the server first. Another chat program may "
     "hold port 2425, or the wrong network card is chosen.",
     TraceNeed::None, "", 1s, true},
    {TraceStep::WhoIsWho, "who-is-who", "Who is who",
     "Compares the name service with the address that the user's packets really came from. If they differ, the PC got "
     "a new address or has two network cards; trust the newest packet.",
     TraceNeed::None, "", 2s, true},
    {TraceStep::Segment, "segment", "Segment check",
     "Tells whether both PCs share a network. If they do, no router is involved and the path is one hop. If two bases "
     "use the same address range, no route between them can ever work.",
     TraceNeed::None, "", 0s, true},
    {TraceStep::Neighbour, "neighbour", "Neighbour",
     "Asks the local network for the hardware address. No answer in the same segment means: PC off, cable, wrong VLAN, "
     "or wireless isolation. An answer here and silence later mean that the PC filters. For a PC of another segment "
     "the gateway is asked instead.",
     TraceNeed::None, "", 1s, false},
    {TraceStep::Echo, "echo", "Echo",
     "The classic ping. An answer proves that the machine and the route live. No answer proves little, because many "
     "PCs refuse ping; go on.",
     TraceNeed::RawSocketHelper, kHelperEcho, 5s, false},
    {TraceStep::ChatProbe, "chat-probe", "Chat probe",
     "Asks the chat program for its version. It changes nothing on the user's screen. An answer proves that UDP 2425 "
     "works in both directions at this moment. \"Port closed\" means that the PC is on, but no chat program listens. "
     "Some programs, such as iptux, never answer this question; the join probe decides for them.",
     TraceNeed::None, "", 3s, true},
    {TraceStep::JoinProbe, "join-probe", "Join probe",
     "Says hello as a client does. One packet out and one answer back is healthy. The answer may take up to four "
     "seconds in big networks. The user sees this service in his list afterwards.",
     TraceNeed::None, "", 6s, true},
    {TraceStep::FilePort, "file-port", "File port",
     "Opens a TCP connection and closes it. If only this fails, text works, but files and images do not.",
     TraceNeed::None, "", 3s, true},
    {TraceStep::Path, "path", "Path",
     "Shows each router. Compare the three columns: if ICMP passes and UDP 2425 stops at one router, that router, or "
     "the one after it, filters the port. Stars in the middle are harmless when later hops answer.",
     TraceNeed::None, kHelperPath, 20s, false},
    {TraceStep::PathBack, "path-back", "Path back",
     "Many faults are one-way. Different hop counts mean that answers take another road; a stateful firewall on one of "
     "them drops what it has not seen start.",
     TraceNeed::PeerService,
     "A linked service in the other base measures the way back. Without it only the number of hops is estimated.", 20s,
     false},
    {TraceStep::SizeSweep, "size-sweep", "Size sweep",
     "Finds the largest packet that survives. If small ones pass and large ones fail, the tunnel's packet size is "
     "lower than announced, or fragments are dropped; long messages will hang.",
     TraceNeed::None, "", 10s, false},
    {TraceStep::Nat, "nat", "NAT check",
     "Finds address translation between the bases. Behind translation users can be reached only while they talk first; "
     "file transfer towards them fails.",
     TraceNeed::PeerService, "A linked service in the other base sees from which address our packets arrive.", 1s,
     false},
    {TraceStep::Broadcast, "broadcast", "Broadcast reach",
     "Counts who answers a shout. Few answers in one room: wireless isolation, a switch filter or firewalls on the "
     "PCs. Broadcasts never cross routers; that is normal.",
     TraceNeed::None, "", 6s, false},
    {TraceStep::VoicePorts, "voice-ports", "Voice ports",
     "Checks the ports of calls. Between two servers the result is certain; to a single PC only a clear refusal proves "
     "that the way is open.",
     TraceNeed::PeerService, "A linked service in the other base answers on the voice ports.", 3s, false},
    {TraceStep::Lists, "lists", "Whom do they see",
     "Reads the user lists of both PCs (administrators only, and logged). The quickest way to learn whether the "
     "complaint is one-sided.",
     TraceNeed::Consent, "", 4s, true},
    {TraceStep::Repeat, "repeat", "Repeat",
     "For faults that come and go. Leave it running; the report names the minutes.", TraceNeed::None, "", 0s, false},
    {TraceStep::Verdict, "verdict", "Verdict",
     "Compares all results and says what is wrong, how sure that is, which results prove it, and what to do.",
     TraceNeed::None, "", 0s, true},
}};

const std::array<TraceStepInfo, kDomainSteps> kDomain{{
    {TraceStep::DomainKnown, "domain-known", "Domain known here",
     "Looks whether this service has a chat domain of that name, and whether it is switched on. The name is the part "
     "right of the @, not the name of a computer.",
     TraceNeed::None, "", 1s, true},
    {TraceStep::DomainRecords, "domain-records", "DNS records",
     "Asks this server, the resolver of this computer and those that were named where clients have to go. A client "
     "that gets no record, or a wrong one, looks in the wrong place.",
     TraceNeed::None, "", 6s, true},
    {TraceStep::DomainAddresses, "domain-addresses", "Addresses",
     "The record must name a host, and the host must have an address. An IP address or an alias in its place is "
     "refused by clients.",
     TraceNeed::None, "", 0s, true},
    {TraceStep::DomainTcp, "domain-tcp", "Connection",
     "Opens a TCP connection to each supernode. Refused: nothing listens. Silent: it is off, or a filter is on the "
     "way.",
     TraceNeed::None, "", 10s, true},
    {TraceStep::DomainTls, "domain-tls", "Encryption",
     "Encrypts the connection as clients do: StartTLS on the first port, direct TLS on the second.", TraceNeed::None,
     "", 0s, true},
    {TraceStep::DomainCertificate, "domain-certificate", "Certificate",
     "Compares the certificate with the chat domain: its names, its dates, and who signed it.", TraceNeed::None, "", 0s,
     true},
    {TraceStep::DomainStream, "domain-stream", "Stream",
     "Opens an XMPP stream for the domain, as far as encryption. A server of another domain refuses that.",
     TraceNeed::None, "", 0s, true},
    {TraceStep::DomainMechanisms, "domain-mechanisms", "Login methods",
     "Compares the ways to log in that the server offers with those of clients.", TraceNeed::None,
     "It comes with the logins of clients, which this service does not take yet.", 0s, true},
    {TraceStep::DomainDirectory, "domain-directory", "Directory",
     "Tests every provider of the domain step by step: find it, connect, encrypt, bind, search.", TraceNeed::None, "",
     30s, true},
    {TraceStep::DomainPerson, "domain-person", "Person",
     "Looks for the person in the directories. With a password the login is rehearsed, with its group rules; a wrong "
     "one counts as a failure of that person. The password is used once and never kept.",
     TraceNeed::None, "", 10s, true},
    {TraceStep::DomainSession, "domain-session", "Session",
     "Binds a session, reads the contact list and uploads small and large files.", TraceNeed::None,
     "It comes with the logins of clients, which this service does not take yet.", 0s, true},
}};

template <class E, std::size_t N>
using Words = std::array<std::pair<E, const char*>, N>;

constexpr Words<TraceNeed, 4> kNeeds{{{TraceNeed::None, "none"},
                                      {TraceNeed::RawSocketHelper, "raw-socket-helper"},
                                      {TraceNeed::PeerService, "peer-service"},
                                      {TraceNeed::Consent, "consent"}}};
constexpr Words<TraceGrade, 6> kGrades{{{TraceGrade::Waiting, "waiting"},
                                        {TraceGrade::Running, "running"},
                                        {TraceGrade::Fine, "fine"},
                                        {TraceGrade::Partly, "partly"},
                                        {TraceGrade::Failed, "failed"},
                                        {TraceGrade::NotMeasured, "not-measured"}}};
constexpr Words<TraceLeg, 6> kLegs{{{TraceLeg::AToY, "a-to-y"},
                                    {TraceLeg::BToX, "b-to-x"},
                                    {TraceLeg::AToX, "a-to-x"},
                                    {TraceLeg::BToY, "b-to-y"},
                                    {TraceLeg::AToPeer, "a-to-peer"},
                                    {TraceLeg::PeerToA, "peer-to-a"}}};
constexpr Words<TraceProtocol, 3> kProtocols{
    {{TraceProtocol::Icmp, "icmp"}, {TraceProtocol::Udp, "udp"}, {TraceProtocol::Tcp, "tcp"}}};
constexpr Words<TcpOutcome, 4> kOutcomes{{{TcpOutcome::Connected, "connected"},
                                          {TcpOutcome::Refused, "refused"},
                                          {TcpOutcome::Timeout, "timeout"},
                                          {TcpOutcome::Unreachable, "unreachable"}}};
constexpr Words<VoiceOutcome, 3> kVoice{
    {{VoiceOutcome::Echoed, "echoed"}, {VoiceOutcome::Refused, "refused"}, {VoiceOutcome::Silent, "silent"}}};
constexpr Words<VerdictCode, kVerdictCodes> kCodes{{{VerdictCode::Ok, "OK"},
                                                    {VerdictCode::SelfFault, "SELF_FAULT"},
                                                    {VerdictCode::NameUnresolved, "NAME_UNRESOLVED"},
                                                    {VerdictCode::NameStale, "NAME_STALE"},
                                                    {VerdictCode::SubnetOverlap, "SUBNET_OVERLAP"},
                                                    {VerdictCode::HostOff, "HOST_OFF"},
                                                    {VerdictCode::NeighbourMissing, "NEIGHBOUR_MISSING"},
                                                    {VerdictCode::ClientNotRunning, "CLIENT_NOT_RUNNING"},
                                                    {VerdictCode::IcmpOnlyFiltered, "ICMP_ONLY_FILTERED"},
                                                    {VerdictCode::HostFirewallUdp, "HOST_FIREWALL_UDP"},
                                                    {VerdictCode::HostFirewallStateful, "HOST_FIREWALL_STATEFUL"},
                                                    {VerdictCode::PathFilterUdp, "PATH_FILTER_UDP"},
                                                    {VerdictCode::PathFilterTcp, "PATH_FILTER_TCP"},
                                                    {VerdictCode::RouteMissing, "ROUTE_MISSING"},
                                                    {VerdictCode::RouteLoop, "ROUTE_LOOP"},
                                                    {VerdictCode::OneWay, "ONE_WAY"},
                                                    {VerdictCode::Asymmetric, "ASYMMETRIC"},
                                                    {VerdictCode::MtuBlackhole, "MTU_BLACKHOLE"},
                                                    {VerdictCode::FragmentsDropped, "FRAGMENTS_DROPPED"},
                                                    {VerdictCode::Nat, "NAT"},
                                                    {VerdictCode::BroadcastBlocked, "BROADCAST_BLOCKED"},
                                                    {VerdictCode::ClientIsolation, "CLIENT_ISOLATION"},
                                                    {VerdictCode::TcpOnlyBlocked, "TCP_ONLY_BLOCKED"},
                                                    {VerdictCode::RtpBlocked, "RTP_BLOCKED"},
                                                    {VerdictCode::WrongNic, "WRONG_NIC"},
                                                    {VerdictCode::DuplicateIdentity, "DUPLICATE_IDENTITY"},
                                                    {VerdictCode::DuplicateMaster, "DUPLICATE_MASTER"},
                                                    {VerdictCode::ListNotDelivered, "LIST_NOT_DELIVERED"},
                                                    {VerdictCode::Intermittent, "INTERMITTENT"},
                                                    {VerdictCode::NotEnoughEvidence, "NOT_ENOUGH_EVIDENCE"},
                                                    {VerdictCode::DomainUnknown, "DOMAIN_UNKNOWN"},
                                                    {VerdictCode::DomainDisabled, "DOMAIN_DISABLED"},
                                                    {VerdictCode::SrvMissing, "SRV_MISSING"},
                                                    {VerdictCode::SrvWrong, "SRV_WRONG"},
                                                    {VerdictCode::SrvTargetInvalid, "SRV_TARGET_INVALID"},
                                                    {VerdictCode::SrvNoAddress, "SRV_NO_ADDRESS"},
                                                    {VerdictCode::ResolverSilent, "RESOLVER_SILENT"},
                                                    {VerdictCode::SupernodeClosed, "SUPERNODE_CLOSED"},
                                                    {VerdictCode::SupernodeSilent, "SUPERNODE_SILENT"},
                                                    {VerdictCode::TlsFailed, "TLS_FAILED"},
                                                    {VerdictCode::TlsExpired, "TLS_EXPIRED"},
                                                    {VerdictCode::TlsName, "TLS_NAME"},
                                                    {VerdictCode::TlsUntrusted, "TLS_UNTRUSTED"},
                                                    {VerdictCode::DirectoryCannotAsk, "DIRECTORY_CANNOT_ASK"},
                                                    {VerdictCode::UserUnknown, "USER_UNKNOWN"},
                                                    {VerdictCode::PasswordWrong, "PASSWORD_WRONG"},
                                                    {VerdictCode::UserDisabled, "USER_DISABLED"},
                                                    {VerdictCode::GroupRefuses, "GROUP_REFUSES"}}};
constexpr Words<Certainty, 3> kCertainties{
    {{Certainty::Certain, "certain"}, {Certainty::Likely, "likely"}, {Certainty::Possible, "possible"}}};
constexpr Words<TraceSubject, 4> kSubjects{{{TraceSubject::X, "x"},
                                            {TraceSubject::Y, "y"},
                                            {TraceSubject::Between, "between"},
                                            {TraceSubject::Service, "service"}}};
constexpr Words<TraceDirection, 2> kDirections{{{TraceDirection::AToB, "a-to-b"}, {TraceDirection::BToA, "b-to-a"}}};

template <class E, std::size_t N>
const char* find(const Words<E, N>& words, E value) {
    for (const auto& [each, word] : words)
        if (each == value) return word;
    return "unknown";
}

template <class E, std::size_t N>
std::optional<E> findValue(const Words<E, N>& words, std::string_view wanted) {
    for (const auto& [each, word] : words)
        if (wanted == word) return each;
    return std::nullopt;
}

}  // namespace

const std::array<TraceStepInfo, kTraceSteps>& traceSteps() {
    return kSteps;
}

const std::array<TraceStepInfo, kDomainSteps>& domainTraceSteps() {
    return kDomain;
}

const TraceStepInfo& infoOf(TraceStep step) {
    const auto at = static_cast<std::size_t>(step);
    return at < kTraceSteps ? kSteps[at] : kDomain[(at - kTraceSteps) % kDomainSteps];
}

unsigned PathColumn::lastAnswered() const {
    unsigned last = 0;
    for (const auto& each : hops)
        if (each.isAnswered) last = std::max(last, each.ttl);
    return last;
}

const TraceHop* PathColumn::hop(unsigned ttl) const {
    for (const auto& each : hops)
        if (each.ttl == ttl) return &each;
    return nullptr;
}

const TraceEvidence* TracePair::leg(TraceLeg which) const {
    const auto given = [](const std::optional<TraceEvidence>& each) { return each ? &*each : nullptr; };
    switch (which) {
        case TraceLeg::AToY:
            return &aToY;
        case TraceLeg::BToX:
            return given(bToX);
        case TraceLeg::AToX:
            return given(aToX);
        case TraceLeg::BToY:
            return given(bToY);
        case TraceLeg::AToPeer:
            return given(aToPeer);
        case TraceLeg::PeerToA:
            return given(peerToA);
    }
    return nullptr;
}

TraceEvidence& TracePair::legOf(TraceLeg which) {
    const auto made = [](std::optional<TraceEvidence>& each) -> TraceEvidence& {
        return each ? *each : each.emplace();
    };
    switch (which) {
        case TraceLeg::BToX:
            return made(bToX);
        case TraceLeg::AToX:
            return made(aToX);
        case TraceLeg::BToY:
            return made(bToY);
        case TraceLeg::AToPeer:
            return made(aToPeer);
        case TraceLeg::PeerToA:
            return made(peerToA);
        case TraceLeg::AToY:
            break;
    }
    return aToY;
}

const char* wordOf(TraceStep step) {
    return infoOf(step).word;
}
const char* wordOf(TraceNeed need) {
    return find(kNeeds, need);
}
const char* wordOf(TraceGrade grade) {
    return find(kGrades, grade);
}
const char* wordOf(TraceLeg leg) {
    return find(kLegs, leg);
}
const char* wordOf(TraceProtocol protocol) {
    return find(kProtocols, protocol);
}
const char* wordOf(TcpOutcome outcome) {
    return find(kOutcomes, outcome);
}
const char* wordOf(VoiceOutcome outcome) {
    return find(kVoice, outcome);
}
const char* wordOf(VerdictCode code) {
    return find(kCodes, code);
}
const char* wordOf(Certainty certainty) {
    return find(kCertainties, certainty);
}
const char* wordOf(TraceSubject subject) {
    return find(kSubjects, subject);
}
const char* wordOf(TraceDirection direction) {
    return find(kDirections, direction);
}

std::optional<TraceStep> traceStepOf(std::string_view word) {
    for (const auto& info : kSteps)
        if (word == info.word) return info.step;
    for (const auto& info : kDomain)
        if (word == info.word) return info.step;
    return std::nullopt;
}
std::optional<TraceNeed> traceNeedOf(std::string_view word) {
    return findValue(kNeeds, word);
}
std::optional<TraceGrade> traceGradeOf(std::string_view word) {
    return findValue(kGrades, word);
}
std::optional<TraceLeg> traceLegOf(std::string_view word) {
    return findValue(kLegs, word);
}
std::optional<TraceProtocol> traceProtocolOf(std::string_view word) {
    return findValue(kProtocols, word);
}
std::optional<TcpOutcome> tcpOutcomeOf(std::string_view word) {
    return findValue(kOutcomes, word);
}
std::optional<VoiceOutcome> voiceOutcomeOf(std::string_view word) {
    return findValue(kVoice, word);
}
std::optional<VerdictCode> verdictCodeOf(std::string_view word) {
    return findValue(kCodes, word);
}
std::optional<Certainty> certaintyOf(std::string_view word) {
    return findValue(kCertainties, word);
}
std::optional<TraceSubject> traceSubjectOf(std::string_view word) {
    return findValue(kSubjects, word);
}
std::optional<TraceDirection> traceDirectionOf(std::string_view word) {
    return findValue(kDirections, word);
}

std::string pageOf(VerdictCode code) {
    auto page = lowerAscii(wordOf(code));
    std::replace(page.begin(), page.end(), '_', '-');
    return page;
}

}  // namespace causeway
