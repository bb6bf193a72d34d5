#include "service/discovery/directory.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/ipmsg/charset.h"
#include "shared/proto/ipmsg/host_list.h"

namespace causeway::discovery {

namespace {

using ipmsg::Mode;
namespace flag = ipmsg::flag;

constexpr TimePoint kNever{};
constexpr std::size_t kReplySlots = 8192;
constexpr std::uint16_t kRepliesPerHost = 20;
constexpr Duration kSecondBroadcast = 5s;
constexpr Duration kReadingPatience = 4s;
constexpr std::uint8_t kMaxMissedLooks = 3;
constexpr Duration kSpacedLook = 1800s;  // at least between two whole looks into a complete list
constexpr Duration kMaxLookInterval = 24h;
constexpr std::size_t kMaxReadings = 64;
constexpr std::size_t kMaxReadItems = 20000;
constexpr std::size_t kMaxWaiting = 256;
constexpr Duration kProblemLife = 3600s;
constexpr std::size_t kMaxProblems = 1000;
constexpr std::ptrdiff_t kMaxOfKind = 100;
constexpr std::ptrdiff_t kShownOfKind = 5;
constexpr Duration kNamesWindow = 3600s;
constexpr std::uint32_t kNamesOfAddress = 4;  // new users within the window
constexpr std::size_t kMaxNamedAddresses = 10000;
constexpr std::size_t kFloodSeconds = 10;  // of work for the probes
constexpr Duration kPublishSeen = 300s;
constexpr Duration kMacLoopGuard = 10s;
constexpr std::string_view kNotAbsent = "Not Absence mode";

constexpr std::uint32_t kOwnState = flag::kDialUp | flag::kEncrypt | flag::kUtf8 | flag::kCapUtf8 | flag::kServer;

std::uint32_t commandOf(Mode mode, std::uint32_t flags = 0) {
    return static_cast<std::uint32_t>(mode) | flags;
}

/// "lan.list-giver" of "lan.list-giver:10.1.0.7".
std::string_view kindOfProblem(std::string_view id) {
    return id.substr(0, id.find(':'));
}

std::string secondsText(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

}  // namespace

Directory::Directory(ServerIdentity identity, LanConfig config, std::uint32_t firstPacketNumber, TimePoint now)
    : identity_(std::move(identity)),
      config_(std::move(config)),
      outbox_(identity_, firstPacketNumber),
      courier_(book_, config_, outbox_, now),
      rumours_(config_.maxRumours),
      probes_(config_.packetsPerSecond, std::max(1U, config_.packetsPerSecond / 4), now),
      replySlots_(kReplySlots),
      replies_(2000, 2000, now) {}

void Directory::setConfig(const LanConfig& config, TimePoint now) {
    const bool isRenamed = config.name != config_.name || config.group != config_.group;
    const bool isDeliveryChanged = config.introductions != config_.introductions || config.lists != config_.lists ||
                                   config.listBytes != config_.listBytes || isRenamed;
    config_ = config;
    probes_.setRate(config_.packetsPerSecond, std::max(1U, config_.packetsPerSecond / 4));
    rumours_.setLimit(config_.maxRumours);
    if (isStarted_ && isRenamed) broadcastEntry(commandOf(Mode::BrAbsence), now);
    if (isDeliveryChanged) {
        courier_.configChanged(now);
        book_.forEach([this](Record& record) { publish(record); });
    }
    if (nextBroadcastAt_ != kNever) nextBroadcastAt_ = std::min(nextBroadcastAt_, now + config_.segmentInterval);
    if (nextPushAt_ != kNever) nextPushAt_ = std::min(nextPushAt_, now + config_.pushInterval);
}

void Directory::setSegments(std::vector<LanInterface> own, std::vector<Ip4> ownAddresses, std::vector<BaseSite> bases,
                            std::vector<RangeLine> ranges, TimePoint now) {
    const bool isMoved = own != own_;
    own_ = std::move(own);
    ownAddresses_ = std::move(ownAddresses);
    bases_ = std::move(bases);
    ranges_ = std::move(ranges);
    book_.setSegments(own_, bases_, ranges_);
    courier_.segmentsChanged();
    book_.forEach([this](Record& record) { publish(record); });
    // A new interface: say hello there, and ask who is there.
    if (isStarted_ && isMoved) nextBroadcastAt_ = now;
}

void Directory::setCanIntroduce(bool can, TimePoint now) {
    courier_.setCanIntroduce(can);
    courier_.configChanged(now);
}

void Directory::restore(const std::vector<LanUser>& users, UserId highestId, TimePoint now) {
    std::vector<const LanUser*> order;
    order.reserve(users.size());
    for (const auto& user : users)
        order.push_back(&user);
    std::sort(order.begin(), order.end(),
              [](const LanUser* left, const LanUser* right) { return left->id < right->id; });
    Duration wait = 0ms;
    for (const LanUser* user : order) {
        book_.setNextId(user->id);
        Record& record = book_.add(user->user, user->host, user->address, now);
        record.nick = user->nick;
        auto& texts = book_.texts();
        record.group = texts.put(user->group);
        record.client = texts.put(user->client);
        record.versionField = texts.put(user->versionField);
        record.versionLine = texts.put(user->versionLine);
        record.icon = texts.put(user->icon);
        record.isIptuxLayout = user->kind == ClientKind::Iptux;
        record.flags = user->flags;
        record.port = user->port;
        record.kind = user->kind;
        record.isAway = user->isAway;
        record.firstSeen = user->firstSeen;
        record.lastSeen = user->lastSeen;
        record.lastAnswer = user->lastAnswer;
        if (user->configuredMaster) record.configuredMaster = *user->configuredMaster;
        for (const auto& address : user->addresses) {
            if (address.address != user->address) record.others.push_back(address);
        }
        if (user->instability) {
            record.stability = std::make_unique<Stability>();
            record.stability->restore(*user->instability);
        }
        record.presence = user->presence == Presence::Gone ? Presence::Gone : Presence::Unconfirmed;
        if (record.presence == Presence::Unconfirmed) {
            schedule(record, now + wait);
            wait += 1ms;
        } else if (needsRefreshCheck(record) && now - record.lastAnswer < 24h) {
            schedule(record, now + 2s + wait);
            wait += 1ms;
        }
    }
    book_.setNextId(std::max(book_.nextId(), highestId + 1));
}

void Directory::start(TimePoint now) {
    isStarted_ = true;
    nextBroadcastAt_ = now;
    nextPushAt_ = now + config_.pushInterval;
    nextPruneAt_ = now + 3600s;
}

void Directory::sayGoodbye() {
    isStarted_ = false;
    broadcastEntry(commandOf(Mode::BrExit), kNever);
    for (Record* record = book_.newest(); record != nullptr; record = record->older) {
        if (!record->isPresent() || record->address.isAny()) continue;
        sendEntry(ownAddressFor(*record), record->address, record->port, Mode::BrExit);
    }
}

// What arrives ------------------------------------------------------------------------------------------------------

void Directory::receive(const Incoming& in, TimePoint now) {
    const bool isOwn = std::find(ownAddresses_.begin(), ownAddresses_.end(), in.from) != ownAddresses_.end();
    if (isOwn || !in.from.canBeHost() || in.bytes.size() > ipmsg::kMaxDatagram) {
        ++ignored_;
        return;
    }
    if (ipmsg::isIpDict(in.bytes)) {
        receiveDict(in, now);
        return;
    }
    const auto packet = ipmsg::parsePacket(in.bytes);
    if (!packet) {
        ++ignored_;
        return;
    }
    if (packet->user == identity_.user) {
        ++ignored_;
        report("lan.same-identity:" + in.from.text(), Severity::Problem,
               "Packets with the LAN name of this service come from " + in.from.text() + ".",
               "Another service runs there with a copy of this data folder, or somebody sends our packets again.",
               "If a service runs there, stop one of the two or start it with an empty data folder.", now);
        return;
    }
    receiveClassic(*packet, in, now);
}

void Directory::receiveClassic(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    Record* known = book_.findByAddress(in.from);
    if (known != nullptr) known->lastSeen = now;
    const bool isProven = known != nullptr && known->isPresent();
    switch (packet.mode()) {
        case Mode::BrEntry:
            onEntry(packet, in, now);
            break;
        case Mode::AnsEntry:
            onAnswerEntry(packet, in, now);
            break;
        case Mode::BrAbsence:
            onAbsence(packet, in, now);
            break;
        case Mode::BrExit:
            onExit(in, now);
            break;
        case Mode::SendInfo:
            onSendInfo(packet, in, now);
            break;
        case Mode::AnsList:
            onList(packet, in, now);
            break;
        case Mode::GetList:
            onGetList(packet, in, now);
            break;
        case Mode::BrIsGetList:
        case Mode::BrIsGetList2:
            if (known == nullptr) hearRumour(in, now);
            if (config_.lists && mayReply(in.from, now)) {
                outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::OkGetList), "");
                // The list itself goes only to a proven address; GETINFO is answered at once, before GETLIST comes.
                if (!isProven) {
                    questions_[in.from] = now;
                    questionOrder_.emplace_back(now, in.from);
                    outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::GetInfo), "");
                }
            }
            break;
        case Mode::OkGetList:
            report("lan.list-giver:" + in.from.text(), Severity::Notice,
                   "The computer at " + in.from.text() + " offers user lists on the LAN.",
                   "It answered a search for list givers, as old servers and some clients do.",
                   "Clients may take their list from there instead; switch that off at that computer if lists differ.",
                   now);
            break;
        case Mode::SendMsg:
            // A user wrote to the service. The text is neither read nor kept; the answer only stops his client's
            // repeats.
            if (packet.has(flag::kSendCheck) && !packet.has(flag::kAutoReturn) && !packet.has(flag::kBroadcast) &&
                mayReply(in.from, now)) {
                outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::RecvMsg),
                                    std::to_string(packet.number));
            }
            if (known == nullptr) hearRumour(in, now);
            break;
        case Mode::GetInfo:
            if (!packet.has(flag::kAutoReturn) && !packet.has(flag::kBroadcast) && mayReply(in.from, now)) {
                outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::SendInfo),
                                    "Causeway " CAUSEWAY_VERSION);
            }
            break;
        case Mode::GetAbsenceInfo:
            if (!packet.has(flag::kAutoReturn) && !packet.has(flag::kBroadcast) && mayReply(in.from, now)) {
                outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::SendAbsenceInfo),
                                    std::string(kNotAbsent));
            }
            break;
        case Mode::GetPubKey:
            // The answer is ten times the question, so only a proven address gets it.
            if (isProven && mayReply(in.from, now)) {
                outbox_.sendClassic(in.localAddress, in.from, in.fromPort, commandOf(Mode::AnsPubKey),
                                    ipmsg::publicKeyBody(identity_.key));
            }
            break;
        default:
            break;  // everything else, known or not, gets no answer
    }
}

void Directory::receiveDict(const Incoming& in, TimePoint now) {
    const auto dict = ipmsg::parseDictPacket(in.bytes);
    if (!dict) {
        ++ignored_;
        return;
    }
    Record* known = book_.findByAddress(in.from);
    if (known != nullptr) known->lastSeen = now;
    const auto command = dict->number("CMD");
    if (!command) {
        ++ignored_;
        return;
    }
    const auto mode = static_cast<Mode>(*command & 0xFF);
    if (dict->text("UID").value_or("") == identity_.user) {
        ++ignored_;
        return;
    }
    if (mode == Mode::AnsListDict || mode == Mode::DirPacket || mode == Mode::DirAgentPacket) {
        report("lan.other-master:" + in.from.text(), Severity::Warning,
               "The computer at " + in.from.text() + " hands out user lists as a member master.",
               "It sent a signed list to this service's segment.",
               "Two list givers can show and remove each other's users; switch the member master off there, or "
               "lan.lists here.",
               now);
    } else if (mode == Mode::DirPoll && known != nullptr) {
        known->configuredMaster = in.localAddress;
        publish(*known);
    }
    if (known == nullptr) hearRumour(in, now);
}

void Directory::hearRumour(const Incoming& in, TimePoint now) {
    // Asked himself a moment ago: the answer will come. A broadcast does not count, he may have come after it.
    const auto asked = questions_.find(in.from);
    if (asked != questions_.end() && now - asked->second < Rumours::kAskAgain) return;
    rumours_.add(in.from, in.localAddress, book_.isExpected(in.from), now);
    if (rumours_.size() > kFloodSeconds * config_.packetsPerSecond) {
        report("lan.flood", Severity::Warning, "More unknown addresses speak up than can be asked.",
               "Over " + std::to_string(rumours_.size()) + " of them wait, one is " + in.from.text() +
                   ". Somebody sends forged packets, or very many computers came at once.",
               "New users may appear late meanwhile; users who are known are not affected. If it lasts, look with a "
               "packet capture which computer sends to UDP 2425, or raise lan.packets_per_second.",
               now);
    }
}

bool Directory::mayBringName(Ip4 address, TimePoint now) {
    auto& names = newNames_[address];
    if (names.since == kNever || now - names.since >= kNamesWindow) names = {now, 0};
    if (newNames_.size() > kMaxNamedAddresses) {
        std::erase_if(newNames_, [now](const auto& each) { return now - each.second.since >= kNamesWindow; });
    }
    return ++newNames_[address].count <= kNamesOfAddress;
}

std::optional<TimePoint> Directory::questionTo(Ip4 address, TimePoint now) {
    const auto at = questions_.find(address);
    if (at != questions_.end() && now - at->second <= kAnswerWindow) return at->second;
    if (lastBroadcastAt_ != kNever && now - lastBroadcastAt_ <= kAnswerWindow) {
        for (const auto& interface : own_) {
            if (interface.network.contains(address)) return lastBroadcastAt_;
        }
    }
    return std::nullopt;
}

void Directory::onEntry(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto entry = ipmsg::readEntry(packet, config_.charset);
    if (!entry) {
        ++ignored_;
        return;
    }
    if (packet.has(flag::kDirMaster)) {
        report("lan.other-master:" + in.from.text(), Severity::Warning,
               "The computer at " + in.from.text() + " announces itself as member master.",
               "Its entry packet carries the member master mark.",
               "Two list givers can show and remove each other's users; switch the member master off there, or "
               "lan.lists here.",
               now);
    }
    Record* known = book_.findByAddress(in.from);
    if (mayReply(in.from, now)) sendEntry(in.localAddress, in.from, in.fromPort, Mode::AnsEntry);
    if (known == nullptr) {
        hearRumour(in, now);
        return;
    }
    if (entry->configuredMaster) known->configuredMaster = *entry->configuredMaster;
    if (known->kind == ClientKind::Iptux && known->isPresent() && !known->exitSeen &&
        packet.number < known->lastNumber && packet.number <= 64) {
        signal(*known, UnstableReason::RestartWithoutExit,
               "The client started again without having said goodbye; it may crash.", now);
        known->lastNumber = 0;
    }
    // COMPAT: Windows clients repeat each entry after 5 s; the copy is no second refresh.
    const bool isCopy = known->kind == ClientKind::Windows && known->isPresent() && now - known->entryAt > 4500ms &&
                        now - known->entryAt < 5500ms;
    if (!isCopy) {
        known->sawEntry = true;
        known->entryAt = now;
    }
    known->exitSeen = false;
    const bool isSameText = known->nick == entry->nick && book_.texts().get(known->group) == entry->group &&
                            known->isAway == entry->isAbsent && known->user == entry->user &&
                            known->host == entry->host;
    askUrgently(*known, isSameText && known->isPresent() ? Ask::Gently : Ask::Entry, now);
}

void Directory::onAbsence(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto entry = ipmsg::readEntry(packet, config_.charset);
    if (!entry) {
        ++ignored_;
        return;
    }
    Record* known = book_.findByAddress(in.from);
    if (known == nullptr) {
        hearRumour(in, now);
        return;
    }
    const bool isSameText = known->nick == entry->nick && book_.texts().get(known->group) == entry->group &&
                            known->isAway == entry->isAbsent && known->user == entry->user &&
                            known->host == entry->host;
    if (!isSameText || !known->isPresent()) askUrgently(*known, Ask::Entry, now);
}

void Directory::onExit(const Incoming& in, TimePoint now) {
    Record* known = book_.findByAddress(in.from);
    rumours_.remove(in.from);
    if (known == nullptr || !known->isPresent() || known->address != in.from) return;
    if (!known->exitSeen) {
        known->exitSeen = true;
        known->missed = 0;
        ++departures_;
        // A forged goodbye must not remove anybody: he is asked twice within 2.5 s, and any answer keeps him.
        known->nextProbeAt = now + 300ms;
        due_.emplace(known->nextProbeAt, known->id);
    }
}

void Directory::onAnswerEntry(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto asked = questionTo(in.from, now);
    if (!asked) {
        if (book_.findByAddress(in.from) == nullptr) hearRumour(in, now);
        return;
    }
    const auto entry = ipmsg::readEntry(packet, config_.charset);
    if (!entry) {
        ++ignored_;
        return;
    }
    rumours_.remove(in.from);
    bool isNew = false;
    Record* record = resolve(*entry, packet, in.from, isNew, now);
    if (record == nullptr) return;
    if (record->address != in.from) {
        // Proven at a further address of a user who is alive at his first one.
        sightings_.push_back({in.from, record->id, false, now - *asked});
        return;
    }
    record->port = in.fromPort;
    bool isChanged = false;
    applyEntry(*record, *entry, now, isChanged);
    const bool isForgetful = noteNumber(*record, packet.number, now);
    if (isForgetful && record->isPresent()) record->sawEntry = true;
    confirmed(*record, isNew, isChanged, now - *asked, now);
}

void Directory::onSendInfo(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto asked = questionTo(in.from, now);
    if (!asked) return;
    Record* known = book_.findByAddress(in.from);
    // Spelled and cut as in entries, or a long name would never be his.
    const std::string user = std::string(
        cutUtf8(ipmsg::decodeField(packet.user, packet.has(flag::kUtf8), config_.charset), ipmsg::kMaxName));
    if (known == nullptr || known->address != in.from ||
        (lowerAscii(known->user) != lowerAscii(packet.user) && known->user != user)) {
        // Somebody is there, but his names are not known yet: only an entry answer tells them.
        const auto waiting = waitingGetLists_.find(in.from);
        if (waiting == waitingGetLists_.end() || known == nullptr) {
            questions_.erase(in.from);
            // Whoever answers entries by this as well would keep us asking as fast as the wire carries it.
            if (!mayAskWhoItIs(in.from, now)) return;
            // Not gently: the answer would be this one again, and so on for ever.
            if (known != nullptr && known->address == in.from) {
                ask(*known, Ask::Entry, now);
            } else {
                probeAddress(in.from, now);
            }
        }
        return;
    }
    const std::string info =
        cleanUtf8(cutUtf8(ipmsg::decodeField(packet.body, packet.has(flag::kUtf8), config_.charset), 79));
    const auto client =
        ipmsg::classifyClient(book_.texts().get(known->versionField), book_.texts().get(known->versionLine), info);
    bool isChanged = false;
    if (book_.texts().get(known->client) != client.text) {
        known->client = book_.texts().put(client.text);
        known->kind = client.kind;
        isChanged = true;
    }
    confirmed(*known, false, isChanged, now - *asked, now);
}

bool Directory::mayAskWhoItIs(Ip4 address, TimePoint now) {
    constexpr std::size_t kMostAsked = 10000;
    if (askedWho_.size() >= kMostAsked)
        std::erase_if(askedWho_, [&](const auto& each) { return now - each.second >= kAnswerWindow; });
    if (const auto at = askedWho_.find(address); at != askedWho_.end() && now - at->second < kAnswerWindow)
        return false;
    if (askedWho_.size() >= kMostAsked) return false;
    askedWho_[address] = now;
    return true;
}

// Who is it ---------------------------------------------------------------------------------------------------------

bool Directory::isSameProgram(const Record& record, const ipmsg::Entry& entry, const ipmsg::Packet& packet,
                              TimePoint now) const {
    const auto client = ipmsg::classifyClient(entry.versionField, entry.versionLine, "");
    if (client.kind != record.kind) return false;
    if (record.kind == ClientKind::Iptux) {
        // iptux counts its packets from its start: two addresses of one program give neighbouring numbers.
        return now - record.lastAnswer < 60s && packet.number >= record.lastNumber &&
               packet.number - record.lastNumber < 64;
    }
    return record.nick == entry.nick && book_.texts().get(record.group) == entry.group;
}

Record* Directory::resolve(const ipmsg::Entry& entry, const ipmsg::Packet& packet, Ip4 from, bool& isNew,
                           TimePoint now) {
    Record* here = book_.findByAddress(from);
    const std::string wantedUser = lowerAscii(entry.user);
    const std::string wantedHost = lowerAscii(entry.host);
    const auto isSameIdentity = [&](const Record& record) {
        return lowerAscii(record.user) == wantedUser && lowerAscii(record.host) == wantedHost;
    };
    if (here != nullptr && isSameIdentity(*here)) {
        if (here->address != from) {
            const bool isFirstAlive = here->presence == Presence::Present && here->missed == 0;
            if (isFirstAlive) {
                book_.noteFurtherAddress(*here, from, now);
                return here;
            }
            if (here->isPresent() || now - here->lastAnswer < 3600s) {
                signal(*here, UnstableReason::AddressChanges,
                       "The user's address changes, last from " + here->address.text() + " to " + from.text() + ".",
                       now);
            }
            event(*here, UserEventKind::Moved, "Moved from " + here->address.text() + " to " + from.text() + ".", now);
            book_.moveTo(*here, from, now);
            book_.touch(*here);
        }
        return here;
    }
    Record* chosen = nullptr;
    Record* twin = nullptr;
    for (Record* candidate : book_.findByIdentity(entry.user, entry.host)) {
        const bool isAlive = candidate->isPresent() && candidate->missed == 0 && !candidate->address.isAny();
        if (!isAlive) {
            chosen = candidate;
        } else if (isSameProgram(*candidate, entry, packet, now)) {
            chosen = candidate;
            break;
        } else {
            twin = candidate;
        }
    }
    // A computer that answers with ever new names must not fill the directory with people who never were.
    if (chosen == nullptr && here != nullptr && here->address == from && !mayBringName(from, now)) {
        report("lan.new-names:" + from.text(), Severity::Warning,
               "The computer at " + from.text() + " answers with ever new user names.",
               "More than " + std::to_string(kNamesOfAddress) + " within an hour; further ones are not taken in.",
               "Look which program runs there.", now);
        return nullptr;
    }
    if (here != nullptr && here->address == from) {
        // Another user answers at an address that belonged to somebody.
        const std::string text = "Different users answer at the address " + from.text() + ".";
        if (here->isPresent()) {
            signal(*here, UnstableReason::SharedAddress, text, now);
            declareGone(*here, UserEventKind::DeclaredGone,
                        "Another user, " + cleanUtf8(entry.user) + " on " + cleanUtf8(entry.host) + ", answers at " +
                            from.text() + ".",
                        now);
        }
    }
    if (chosen != nullptr) {
        const bool isAlive = chosen->isPresent() && chosen->missed == 0 && !chosen->address.isAny();
        if (isAlive) {
            book_.noteFurtherAddress(*chosen, from, now);
            publish(*chosen);
            return chosen;
        }
        if (!chosen->address.isAny() && chosen->address != from) {
            if (now - chosen->lastAnswer < 3600s) {
                signal(*chosen, UnstableReason::AddressChanges,
                       "The user's address changes, last from " + chosen->address.text() + " to " + from.text() + ".",
                       now);
            }
            event(*chosen, UserEventKind::Moved, "Moved from " + chosen->address.text() + " to " + from.text() + ".",
                  now);
        }
        book_.moveTo(*chosen, from, now);
        book_.touch(*chosen);
        return chosen;
    }
    if (book_.size() >= config_.maxUsers) {
        makeRoom(now);
        if (book_.size() >= config_.maxUsers) return nullptr;
    }
    Record& added = book_.add(entry.user, entry.host, from, now);
    isNew = true;
    if (twin != nullptr) {
        const std::string text = "Two computers use the user and host name " +
                                 cleanUtf8(std::string(ipmsg::withoutFingerprint(entry.user))) + " on " +
                                 cleanUtf8(entry.host) + ": " + twin->address.text() + " and " + from.text() + ".";
        signal(*twin, UnstableReason::DuplicateIdentity, text, now);
        signal(added, UnstableReason::DuplicateIdentity, text, now);
    }
    return &added;
}

void Directory::applyEntry(Record& record, const ipmsg::Entry& entry, TimePoint now, bool& isChanged) {
    auto& texts = book_.texts();
    const auto client = ipmsg::classifyClient(entry.versionField, entry.versionLine, "");
    // A text from SENDINFO is more exact than what the entry tells; keep it while the program stays the same.
    const bool isSameProgram = texts.get(record.versionField) == entry.versionField &&
                               texts.get(record.versionLine) == entry.versionLine && record.kind == client.kind;
    const auto assign = [&isChanged](auto& field, auto value) {
        if (field == value) return;
        field = value;
        isChanged = true;
    };
    const std::string before = record.nick;
    const bool wasKnown = record.lastAnswer != kNever;
    book_.setIdentity(record, entry.user, entry.host);
    assign(record.nick, entry.nick);
    assign(record.group, texts.put(entry.group));
    assign(record.isAway, entry.isAbsent);
    if (wasKnown && before != record.nick) {
        event(record, UserEventKind::Renamed, "Was \"" + before + "\", is now \"" + record.nick + "\".", now);
    }
    // UTF8OPT only says how this packet is written; what the client can do is the rest.
    assign(record.flags, entry.flags & ~(flag::kUtf8 | flag::kAbsence));
    if (!isSameProgram) {
        assign(record.versionField, texts.put(entry.versionField));
        assign(record.versionLine, texts.put(entry.versionLine));
        assign(record.client, texts.put(client.text));
        assign(record.kind, client.kind);
    }
    assign(record.isIptuxLayout, entry.isIptuxLayout);
    assign(record.icon, texts.put(entry.icon));
    if (entry.configuredMaster) record.configuredMaster = *entry.configuredMaster;
}

bool Directory::noteNumber(Record& record, std::uint32_t number, TimePoint now) {
    if (record.kind != ClientKind::Iptux) return false;
    const std::uint32_t before = record.lastNumber;
    const std::uint32_t expected = record.ownQuestions;
    record.lastNumber = number;
    if (before == 0) {
        record.ownQuestions = 0;
        return false;
    }
    // iptux counts from 1 at its start and uses a number for every packet it makes. More of them than our questions
    // explain may be a Refresh, which nobody in another segment can hear and which makes it forget external users.
    if (number < before) {
        record.ownQuestions = 0;
        signal(record, UnstableReason::RestartWithoutExit,
               "The client started again without having said goodbye; it may crash.", now);
        return true;
    }
    const std::uint32_t used = number - before;
    if (used <= expected) {
        // What is left over went out a moment ago and will be answered, or got lost and explains nothing any more.
        const bool isUnderWay = record.lastIntroducedAt != kNever && now - record.lastIntroducedAt < kAnswerWindow;
        record.ownQuestions = isUnderWay ? expected - used : 0;
        return isRefreshDue(record, now);
    }
    record.ownQuestions = 0;
    record.isSuspect = needsRefreshCheck(record);
    return isRefreshDue(record, now);
}

bool Directory::isRefreshDue(Record& record, TimePoint now) {
    // Introductions of a moment ago may have come before or after the Refresh; the suspicion is kept until they are
    // over.
    if (!record.isSuspect) return false;
    if (record.lastIntroducedAt != kNever && now - record.lastIntroducedAt < kAnswerWindow) return false;
    record.isSuspect = false;
    return true;
}

bool Directory::needsRefreshCheck(const Record& record) const {
    return !book_.segment(record.segment).isOwn() && record.kind != ClientKind::Causeway;
}

void Directory::confirmed(Record& record, bool isNew, bool isChanged, std::optional<Duration> roundTrip,
                          TimePoint now) {
    const Presence before = record.presence;
    const bool wasAbsent = before == Presence::Gone || before == Presence::Unconfirmed;
    const bool wasRefused = record.refusals > 0;
    if (before == Presence::Silent ||
        (before == Presence::Present && record.missed >= 2 && !wasRefused && !record.exitSeen)) {
        signal(record, UnstableReason::MissedProbes,
               "Answered again after " + secondsText(now - record.lastAnswer) + " of silence.", now);
    }
    if (wasRefused && !isNew) {
        signal(record, UnstableReason::PortClosed,
               "The computer answered that no chat program listens, then the program was back.", now);
    }
    if (before == Presence::Gone && record.lastAnswer != kNever && now - record.lastAnswer < 600s) {
        signal(record, UnstableReason::Flapping, "Leaves and comes back again and again.", now);
    }
    record.presence = Presence::Present;
    record.missed = 0;
    record.refusals = 0;
    record.exitSeen = false;
    record.lastSeen = now;
    record.lastAnswer = now;
    if (roundTrip && roundTrip->count() < 60000) record.roundTripMs = static_cast<std::int32_t>(roundTrip->count());
    sightings_.push_back({record.address, record.id, isNew, roundTrip});

    if (isNew || wasAbsent) {
        book_.touch(record);
        if (isNew) {
            event(record, UserEventKind::Entered, "First answer from " + record.address.text() + ".", now);
        } else {
            event(record, before == Presence::Gone ? UserEventKind::CameBack : UserEventKind::Confirmed,
                  "Answered from " + record.address.text() + ".", now);
        }
        courier_.entered(record, now);
        courier_.changed(record, now);
        if (record.kind == ClientKind::Windows || record.kind == ClientKind::Mac ||
            record.kind == ClientKind::Unknown) {
            // The version text, and the dial-up entry at clients of other segments.
            if (needsRefreshCheck(record)) record.nextRenewAt = now + config_.segmentInterval;
            outbox_.sendClassic(ownAddressFor(record), record.address, record.port, commandOf(Mode::GetInfo), "");
            questions_[record.address] = now;
            questionOrder_.emplace_back(now, record.address);
        }
        // His first list is on its way; the first look shows whether it arrived.
        record.nextRefreshCheckAt = now + config_.refreshCheck;
        record.listLength = 0;
    } else if (record.sawEntry) {
        // COMPAT: the Mac client broadcasts an entry after each list it gets; answering that with a list never ends.
        const bool isEcho = record.kind != ClientKind::Windows && record.kind != ClientKind::Iptux &&
                            record.courier.lastListAt != kNever && now - record.courier.lastListAt < kMacLoopGuard;
        if (!isEcho) {
            event(record, UserEventKind::RefreshedList, "The client asked anew who is there.", now);
            courier_.entered(record, now);
            record.nextRefreshCheckAt = now + config_.refreshCheck;
            record.listLength = 0;
        }
        if (isChanged) {
            book_.touch(record);
            courier_.changed(record, now);
        }
    } else if (isChanged) {
        // Who was only silent for a while was never taken from any list.
        book_.touch(record);
        courier_.changed(record, now);
    }
    record.sawEntry = false;
    if (isNew || wasAbsent || isChanged || before != Presence::Present || now - record.publishedAt > kPublishSeen)
        publish(record);

    Duration interval = config_.probeInterval;
    if (record.kind == ClientKind::Iptux && needsRefreshCheck(record))
        interval = std::min(interval, config_.refreshCheck);
    schedule(record, now + (record.isSuspect ? kAnswerWindow + 500ms : jittered(interval)));

    const auto waiting = waitingGetLists_.find(record.address);
    if (waiting != waitingGetLists_.end()) {
        if (waiting->second.until >= now) {
            courier_.answerGetList(record, waiting->second.start, waiting->second.ownAddress, now);
        }
        waitingGetLists_.erase(waiting);
    }
}

void Directory::declareGone(Record& record, UserEventKind kind, const std::string& text, TimePoint now) {
    // Alive at a further address: that becomes the first one.
    if (kind != UserEventKind::Left) {
        for (auto at = record.others.rbegin(); at != record.others.rend(); ++at) {
            if (!at->isCurrent || now - at->lastSeen > 2 * config_.probeInterval + 10s) continue;
            const Ip4 next = at->address;
            signal(record, UnstableReason::AddressChanges,
                   "The user's address changes, last from " + record.address.text() + " to " + next.text() + ".", now);
            event(record, UserEventKind::Moved, "Moved from " + record.address.text() + " to " + next.text() + ".",
                  now);
            book_.moveTo(record, next, now);
            book_.touch(record);
            courier_.changed(record, now);
            publish(record);
            record.missed = 0;
            askUrgently(record, Ask::Entry, now);
            return;
        }
    }
    ++departures_;
    record.presence = Presence::Gone;
    record.sawEntry = false;
    record.lastNumber = 0;
    book_.touch(record);
    event(record, kind, text, now);
    publish(record);
    courier_.gone(record, now);
    // A client that comes back in another segment cannot be heard there, so its address is asked again, ever less
    // often.
    if (needsRefreshCheck(record)) schedule(record, now + config_.refreshCheck);
}

// Asking ------------------------------------------------------------------------------------------------------------

Duration Directory::jittered(Duration span) {
    const auto tenth = span.count() / 10;
    if (tenth <= 0) return span;
    return Duration{span.count() - tenth / 2 + std::uniform_int_distribution<std::int64_t>{0, tenth}(random_)};
}

Duration Directory::answerWait(const Record& record) const {
    // GETINFO and iptux answer at once; other clients may take their time over BR_ENTRY on purpose (facts 8.4).
    switch (record.kind) {
        case ClientKind::Windows:
        case ClientKind::Mac:
        case ClientKind::Iptux:
            return record.exitSeen ? 1000ms : 1500ms;
        default:
            return 5000ms;
    }
}

void Directory::schedule(Record& record, TimePoint when) {
    record.nextProbeAt = when;
    due_.emplace(when, record.id);
}

void Directory::ask(Record& record, Ask how, TimePoint now) {
    const bool isGentle = how == Ask::Gently && (record.kind == ClientKind::Windows || record.kind == ClientKind::Mac);
    const Ip4 from = ownAddressFor(record);
    if (isGentle || record.kind == ClientKind::Unknown || record.kind == ClientKind::Other) {
        outbox_.sendClassic(from, record.address, record.port, commandOf(Mode::GetInfo), "");
    }
    if (!isGentle) {
        if (record.kind == ClientKind::Iptux) ++record.ownQuestions;
        sendEntry(from, record.address, record.port, Mode::BrEntry);
        record.nextRenewAt = now + config_.segmentInterval;
    }
    record.lastProbeAt = now;
    if (record.refusals == 1) record.refusals = 2;
    questions_[record.address] = now;
    questionOrder_.emplace_back(now, record.address);
    schedule(record, now + answerWait(record));
}

void Directory::askUrgently(Record& record, Ask how, TimePoint now) {
    // One question a second to one address is enough, whoever makes us ask.
    if (record.lastProbeAt != kNever && now - record.lastProbeAt < 1s && how == Ask::Gently) return;
    if (urgent_.size() > 20000) urgent_.pop_front();
    urgent_.emplace_back(record.id, how);
}

void Directory::evaluate(Record& record, TimePoint now) {
    if (record.stability && record.stability->becomesCalm(now)) {
        event(record, UserEventKind::Calm, "No trouble for an hour.", now);
        publish(record);
    }
    if (record.presence == Presence::Gone) {
        const Duration since = now - record.lastAnswer;
        if (!needsRefreshCheck(record) || since > 24h || record.address.isAny()) return;
        // `missed` counts on slowly: nobody waits for this answer.
        if (queued_.insert(record.id).second) probeQueue_.push_back(record.id);
        return;
    }
    const bool isUnanswered =
        record.lastProbeAt > record.lastAnswer && now - record.lastProbeAt >= answerWait(record) - 1ms;
    if (isUnanswered && record.missed < 250) ++record.missed;
    if (isUnanswered) {
        if (record.exitSeen && record.missed >= 2) {
            declareGone(record, UserEventKind::Left, "Said goodbye.", now);
            return;
        }
        if (record.presence == Presence::Present && record.missed == 2 && !record.exitSeen) {
            record.presence = Presence::Silent;
            event(record, UserEventKind::BecameSilent, "Two probes in a row without an answer.", now);
            publish(record);
        }
        const bool isLate = now - record.lastAnswer >= config_.goneAfter;
        if (record.missed >= 3 && isLate) {
            const std::string text = record.lastAnswer == kNever
                                         ? "Never answered."
                                         : "No answer for " + secondsText(now - record.lastAnswer) + ".";
            declareGone(record, UserEventKind::DeclaredGone, text, now);
            return;
        }
    }
    if (record.exitSeen) {
        urgent_.emplace_back(record.id, Ask::Gently);
        return;
    }
    if (queued_.insert(record.id).second) probeQueue_.push_back(record.id);
}

void Directory::refused(Ip4 address, int icmpType, int icmpCode, TimePoint now) {
    if (icmpType != 3) return;
    Record* record = book_.findByAddress(address);
    if (record == nullptr || record->address != address || !record->isPresent() || icmpCode != 3) return;
    if (record->lastProbeAt == kNever || now - record->lastProbeAt > kAnswerWindow) return;
    if (record->exitSeen) {
        declareGone(*record, UserEventKind::Left, "Said goodbye.", now);
        return;
    }
    // Twice, a second apart: a client that is just starting again may have its port closed for a moment.
    if (record->refusals == 1) return;  // a second message about the same question
    if (record->refusals == 2) {
        declareGone(*record, UserEventKind::Refused, "The computer answers that no chat program listens on the port.",
                    now);
        return;
    }
    record->refusals = 1;
    schedule(*record, now + 1s);
}

void Directory::probeAddress(Ip4 address, TimePoint now) {
    if (Record* record = book_.findByAddress(address); record != nullptr && record->address == address) {
        // A known Windows client is asked without being told of us: see checkedList().
        ask(*record, record->isPresent() ? Ask::Gently : Ask::Entry, now);
        return;
    }
    questions_[address] = now;
    questionOrder_.emplace_back(now, address);
    sendEntry({}, address, ipmsg::kPort, Mode::BrEntry);
}

void Directory::announceTo(Ip4 broadcastAddress) {
    // Whoever answers is not matched to a question, so the answer is a rumour and he is asked himself.
    sendEntry({}, broadcastAddress, ipmsg::kPort, Mode::BrEntry);
}

Result<void> Directory::probe(UserId id) {
    Record* record = book_.find(id);
    if (record == nullptr) return Error{Code::NotFound, "There is no user " + std::to_string(id) + "."};
    if (record->address.isAny()) {
        return Error{Code::Conflict, "This user has no address now.", "Somebody else answers at his last one.",
                     "Wait until he enters again."};
    }
    urgent_.emplace_front(id, Ask::Entry);
    return {};
}

// Lists of clients --------------------------------------------------------------------------------------------------

void Directory::readListOf(Ip4 client, TimePoint now) {
    auto at = openReadings_.find(client);
    // A look for a Refresh reads no names; it gives way and comes again.
    if (at != openReadings_.end() && !at->second.isForSearch) at = (openReadings_.erase(at), openReadings_.end());
    if (at == openReadings_.end()) {
        if (openReadings_.size() >= kMaxReadings) {
            readings_.push_back({client, false, {}});
            return;
        }
        at = openReadings_.emplace(client, Reading{}).first;
        at->second.result.client = client;
        at->second.deadline = now + kReadingPatience;
        askForList(client, at->second);
    }
    at->second.isForSearch = true;
}

void Directory::askForList(Ip4 client, const Reading& reading) {
    const Record* record = book_.findByAddress(client);
    outbox_.sendClassic(record != nullptr ? ownAddressFor(*record) : Ip4{}, client,
                        record != nullptr ? record->port : ipmsg::kPort,
                        commandOf(Mode::GetList, flag::kUtf8 | flag::kCapUtf8),
                        reading.index == 0 ? std::string{} : std::to_string(reading.index));
}

void Directory::onList(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto at = openReadings_.find(in.from);
    if (at == openReadings_.end()) {
        ++ignored_;
        report("lan.list-giver:" + in.from.text(), Severity::Warning,
               "The computer at " + in.from.text() + " sends user lists that nobody asked for.",
               "It works as a list giver, as this service does.",
               "Two list givers can show and remove each other's users; switch one off.", now);
        return;
    }
    Reading& reading = at->second;
    std::uint32_t next = 0;
    std::size_t got = 0;
    if (reading.isForSearch) {
        auto list = ipmsg::readHostList(packet.body, packet.has(flag::kUtf8), config_.charset);
        if (!list) {
            finishReading(in.from, false, now);
            return;
        }
        next = list->next;
        got = list->items.size() + list->skipped;
        auto& items = reading.result.items;
        items.insert(items.end(), std::make_move_iterator(list->items.begin()),
                     std::make_move_iterator(list->items.end()));
    } else {
        const auto list = ipmsg::readHostListAddresses(packet.body, identity_.user);
        if (!list) {
            finishReading(in.from, false, now);
            return;
        }
        next = list->next;
        got = list->entries;
        reading.knowsUs = reading.knowsUs || list->holdsUser;
        reading.listed.insert(reading.listed.end(), list->addresses.begin(), list->addresses.end());
    }
    reading.bytes += in.bytes.size();
    reading.entries += got;
    ++reading.chunks;
    // A continuation that does not grow would go round for ever.
    const bool goesOn = !reading.isTail && next != 0 && next >= reading.entries && reading.chunks < 200 && got != 0 &&
                        reading.entries < kMaxReadItems;
    if (!goesOn) {
        finishReading(in.from, true, now);
        return;
    }
    reading.deadline = now + kReadingPatience;
    reading.index = next;
    reading.isAskedAgain = false;
    askForList(in.from, reading);
}

void Directory::finishReading(Ip4 client, bool isComplete, TimePoint now) {
    const auto at = openReadings_.find(client);
    if (at == openReadings_.end()) return;
    Reading reading = std::move(at->second);
    openReadings_.erase(at);
    reading.result.isComplete = isComplete;
    if (Record* record = book_.findByAddress(client); record != nullptr && reading.isForRefresh) {
        if (!reading.isTail) {
            checkedList(*record, reading, isComplete, now);
        } else if (!isComplete) {
            // He may have stopped giving his list, so the clock has to care for him.
            if (++record->missedLooks >= kMaxMissedLooks) record->courier.isComplete = false;
        } else if (reading.entries == 0) {
            // Shorter than those who left explain: look at all of it.
            lookIntoList(*record, Look::Whole, now);
        } else {
            record->missedLooks = 0;
            record->listLength = reading.start + static_cast<std::uint32_t>(reading.entries);
        }
    }
    if (reading.isForSearch) readings_.push_back(std::move(reading.result));
}

bool Directory::needsWholeLook(const Record& record, TimePoint now) const {
    if (record.listLength == 0 || record.nextWholeLookAt <= now) return true;
    // So many changes were pushed since he was last found complete that some packets must have got lost.
    if (record.courier.toldSinceCheck > record.listLength / 2 && now - record.lastWholeLookAt >= kSpacedLook)
        return true;
    // As many departures as entries: where the end of the list is cannot be said.
    return departures_ - record.departuresAtLook + 1 >= record.listLength;
}

void Directory::lookIntoList(Record& record, Look look, TimePoint now) {
    Reading reading;
    reading.result.client = record.address;
    reading.deadline = now + kReadingPatience;
    reading.isForRefresh = true;
    reading.isTail = look == Look::End;
    // The list can be shorter by those who left since the last look; if it is shorter still, he forgot people.
    if (reading.isTail)
        reading.start = record.listLength - 1 - static_cast<std::uint32_t>(departures_ - record.departuresAtLook);
    reading.index = reading.start;
    record.departuresAtLook = departures_;
    record.nextRefreshCheckAt = now + config_.refreshCheck;
    askForList(record.address, openReadings_.insert_or_assign(record.address, std::move(reading)).first->second);
}

void Directory::checkedList(Record& record, const Reading& reading, bool isComplete, TimePoint now) {
    // The longer the list, the rarer the whole look: about 4 bytes a second a client. Between two of them the end of
    // the list is enough: a Refresh empties it, and its length then is that of the segment.
    const bool isRemote = needsRefreshCheck(record);
    record.nextWholeLookAt =
        now + std::clamp<Duration>(Duration{static_cast<std::int64_t>(reading.bytes) * 250},
                                   std::max<Duration>(config_.refreshCheck, kSpacedLook), kMaxLookInterval);
    record.lastWholeLookAt = now;
    record.missedLooks = 0;
    record.nextRefreshCheckAt = now + (isRemote ? config_.refreshCheck : kSpacedLook);
    record.listLength = isComplete ? static_cast<std::uint32_t>(reading.entries) : 0;
    if (!isComplete || record.presence != Presence::Present) {
        record.courier.isComplete = false;
        // A client that gives no list: only the entry packet can renew what it may have forgotten.
        if (isRemote && record.presence == Presence::Present) ask(record, Ask::Entry, now);
        return;
    }
    const std::unordered_set<Ip4> listed{reading.listed.begin(), reading.listed.end()};
    const bool isForgetful = isRemote && !reading.knowsUs;
    if (isForgetful) {
        // The server was in his list and is not any more: a Refresh that nobody could hear.
        event(record, UserEventKind::RefreshedList, "The client was refreshed in a segment without a service.", now);
        courier_.entered(record, now);
        record.listLength = 0;
    } else if (courier_.check(record, listed, now) == Courier::Check::TooEarly) {
        record.nextWholeLookAt = record.nextRefreshCheckAt = now + config_.refreshCheck;
    }
    // After the look, not before: the entry packet puts the server back into his list.
    if (isRemote) ask(record, Ask::Entry, now);
}

void Directory::onGetList(const ipmsg::Packet& packet, const Incoming& in, TimePoint now) {
    const auto start = parseUnsigned(trimmed(packet.body));
    if (!start && !trimmed(packet.body).empty()) {
        ++ignored_;
        return;
    }
    const auto index = static_cast<std::uint32_t>(std::min<std::uint64_t>(start.value_or(0), 0xFFFFFFFFU));
    Record* known = book_.findByAddress(in.from);
    if (known != nullptr && known->isPresent() && known->address == in.from) {
        // A long list has more chunks than a host gets answers a second; each goes out once at that speed.
        if (courier_.isNextChunk(*known, index, now) || mayReply(in.from, now))
            courier_.answerGetList(*known, index, in.localAddress, now);
        return;
    }
    // A list is far larger than the question: it waits until the address has proven itself.
    hearRumour(in, now);
    if (waitingGetLists_.size() >= kMaxWaiting) {
        std::erase_if(waitingGetLists_, [now](const auto& waiting) { return waiting.second.until < now; });
    }
    if (index == 0 && waitingGetLists_.size() < kMaxWaiting) waitingGetLists_[in.from] = {0, in.localAddress, now + 3s};
}

// Our own voice -----------------------------------------------------------------------------------------------------

std::string Directory::traceQuestion(ipmsg::Mode mode, std::size_t size, const std::string& note) {
    ipmsg::Packet packet;
    packet.number = outbox_.nextNumber();
    packet.user = identity_.user;
    packet.host = identity_.host;
    packet.command = commandOf(mode, kOwnState);
    if (mode == Mode::BrEntry) {
        ipmsg::Entry entry;
        entry.user = identity_.user;
        entry.host = identity_.host;
        entry.nick = config_.name;
        entry.group = config_.group;
        entry.versionLine = "00010002:5:6:118";
        const auto body = ipmsg::windowsEntryBody(entry, true);
        packet.body = body.body;
        packet.ext = body.ext;
    } else {
        packet.command = commandOf(mode);
        packet.body = note;
    }
    auto bytes = ipmsg::writePacket(packet);
    // NULs behind the last field: every client stops reading there.
    if (bytes.size() < size) bytes.resize(size, '\0');
    return bytes;
}

void Directory::sendEntry(Ip4 from, Ip4 to, std::uint16_t port, Mode mode) {
    ipmsg::Entry entry;
    entry.user = identity_.user;
    entry.host = identity_.host;
    entry.nick = config_.name;
    entry.group = config_.group;
    entry.versionLine = "00010002:5:6:118";
    const auto body = ipmsg::windowsEntryBody(entry, true);
    outbox_.sendClassic(from, to, port, commandOf(mode, kOwnState), body.body, body.ext);
}

void Directory::broadcastEntry(std::uint32_t mode, TimePoint now) {
    for (const auto& interface : own_) {
        if (interface.broadcast.isAny()) continue;
        sendEntry(interface.address, interface.broadcast, ipmsg::kPort, static_cast<Mode>(mode & 0xFFU));
    }
    if (static_cast<Mode>(mode & 0xFFU) == Mode::BrEntry) lastBroadcastAt_ = now;
}

bool Directory::mayReply(Ip4 to, TimePoint now) {
    auto& slot = replySlots_[std::hash<Ip4>{}(to) % kReplySlots];
    const std::int64_t second = now.time_since_epoch().count() / 1000;
    if (slot.address != to || slot.second != second) slot = {to, second, 0};
    if (slot.count >= kRepliesPerHost || !replies_.take(now)) return false;
    ++slot.count;
    return true;
}

// Time --------------------------------------------------------------------------------------------------------------

void Directory::tick(TimePoint now) {
    if (isStarted_ && nextBroadcastAt_ <= now) {
        const bool isFirst = lastBroadcastAt_ == kNever || now - lastBroadcastAt_ > config_.segmentInterval * 2;
        broadcastEntry(commandOf(Mode::BrEntry), now);
        // As the Windows client does: a second one 5 s after the first, for whoever missed it.
        nextBroadcastAt_ = now + (isFirst ? kSecondBroadcast : jittered(config_.segmentInterval));
        if (isFirst) lastBroadcastAt_ = now;
    }
    if (isStarted_ && nextPushAt_ <= now) {
        courier_.pushAll(Courier::Push::ByTheClock, now);
        nextPushAt_ = now + config_.pushInterval;
    }
    if (isStarted_ && nextPruneAt_ <= now) {
        prune(now);
        nextPruneAt_ = now + 3600s;
    }
    while (!questionOrder_.empty() && now - questionOrder_.front().first > kAnswerWindow) {
        const auto [when, address] = questionOrder_.front();
        questionOrder_.pop_front();
        const auto at = questions_.find(address);
        if (at != questions_.end() && at->second == when) questions_.erase(at);
    }
    if (!openReadings_.empty()) {
        std::vector<Ip4> late;
        for (const auto& [client, reading] : openReadings_) {
            if (reading.deadline <= now) late.push_back(client);
        }
        for (const Ip4 client : late) {
            Reading& reading = openReadings_[client];
            if (reading.isAskedAgain) {
                finishReading(client, false, now);
                continue;
            }
            // One packet may have got lost; the list would have to be read from its begin.
            reading.isAskedAgain = true;
            reading.deadline = now + kReadingPatience;
            askForList(client, reading);
        }
    }
    while (!due_.empty() && due_.top().first <= now) {
        const auto [when, id] = due_.top();
        due_.pop();
        Record* record = book_.find(id);
        if (record != nullptr && record->nextProbeAt == when) evaluate(*record, now);
    }
    if (!isStarted_) return;
    while (!urgent_.empty() || !probeQueue_.empty() || rumours_.nextDeadline().value_or(TimePoint::max()) <= now) {
        if (!probes_.take(now)) break;
        if (!urgent_.empty()) {
            const auto [id, how] = urgent_.front();
            urgent_.pop_front();
            if (Record* record = book_.find(id); record != nullptr && !record->address.isAny()) ask(*record, how, now);
            continue;
        }
        rumourTurn_ = !rumourTurn_;
        if (rumourTurn_ || probeQueue_.empty()) {
            if (const auto turn = rumours_.next(now)) {
                questions_[turn->address] = now;
                questionOrder_.emplace_back(now, turn->address);
                sendEntry(turn->ownAddress, turn->address, ipmsg::kPort, Mode::BrEntry);
                continue;
            }
        }
        if (probeQueue_.empty()) continue;
        const UserId id = probeQueue_.front();
        probeQueue_.pop_front();
        queued_.erase(id);
        Record* record = book_.find(id);
        if (record == nullptr || record->address.isAny()) continue;
        if (record->presence == Presence::Gone) {
            sendEntry(ownAddressFor(*record), record->address, record->port, Mode::BrEntry);
            questions_[record->address] = now;
            questionOrder_.emplace_back(now, record->address);
            const Duration since = now - record->lastAnswer;
            schedule(*record, now + jittered(since < 2h ? config_.refreshCheck : config_.refreshCheck * 10));
            continue;
        }
        const bool isRemote = needsRefreshCheck(*record);
        const auto delivery = courier_.deliveryOf(*record);
        const bool isLookedAt = record->kind == ClientKind::Windows &&
                                (delivery == Delivery::SignedList || (delivery == Delivery::PlainList && isRemote));
        if (isLookedAt && record->nextRefreshCheckAt <= now && record->missed == 0 &&
            !courier_.isListOnItsWay(*record) && openReadings_.size() < kMaxReadings &&
            !openReadings_.contains(record->address)) {
            lookIntoList(*record, needsWholeLook(*record, now) ? Look::Whole : Look::End, now);
        }
        // Clients of other segments forget at a Refresh that they should tell us things; the entry packet renews it. It
        // would hide the Refresh from the look into their list, so there it follows the look.
        const bool isRenewal = isRemote && !isLookedAt && record->nextRenewAt <= now;
        ask(*record, isRenewal || record->kind == ClientKind::Iptux ? Ask::Entry : Ask::Gently, now);
        if (record->missed >= 1) {
            // Further questions come at growing distances: 2, 4, 8 s ... up to the usual interval.
            const Duration wait =
                std::min<Duration>(config_.probeInterval, 1000ms * (1 << std::min<int>(record->missed, 6)));
            schedule(*record, now + std::max<Duration>(wait, answerWait(*record)));
        }
    }
    courier_.tick(now);
}

TimePoint Directory::nextDeadline(TimePoint now) {
    TimePoint next = now + 60s;
    const auto consider = [&next](TimePoint when) { next = std::min(next, when); };
    if (!due_.empty()) consider(due_.top().first);
    if (isStarted_) {
        consider(nextBroadcastAt_);
        consider(nextPushAt_);
        const bool hasRumour = rumours_.nextDeadline().value_or(TimePoint::max()) <= now;
        if (!urgent_.empty() || !probeQueue_.empty() || hasRumour) {
            consider(probes_.nextAt(now));
        } else if (const auto rumour = rumours_.nextDeadline()) {
            consider(*rumour);
        }
        if (const auto courier = courier_.nextDeadline(now)) consider(*courier);
    }
    for (const auto& [client, reading] : openReadings_)
        consider(reading.deadline);
    return std::max(next, now);
}

void Directory::prune(TimePoint now) {
    std::vector<UserId> old;
    book_.forEach([&](Record& record) {
        if (record.presence == Presence::Gone &&
            now - record.lastSeen > std::chrono::hours(24) * config_.keepGoneDays) {
            old.push_back(record.id);
        }
    });
    for (const UserId id : old) {
        book_.remove(id);
        changes_.removed.push_back(id);
    }
    std::erase_if(reported_, [now](const auto& kept) { return now - kept.second.lastAt > kProblemLife; });
}

void Directory::makeRoom(TimePoint now) {
    // The users who have been gone for the longest time make room, a hundred at a time.
    std::vector<UserId> gone;
    for (Record* record = book_.oldest(); record != nullptr && gone.size() < 100; record = record->newer) {
        if (record->presence == Presence::Gone) gone.push_back(record->id);
    }
    for (const UserId id : gone) {
        book_.remove(id);
        changes_.removed.push_back(id);
    }
    if (gone.empty()) {
        report("lan.full", Severity::Problem,
               "The directory is full with " + std::to_string(book_.size()) + " users; new ones are not taken in.", "",
               "Raise lan.max_users.", now);
    }
}

// What others want to know ------------------------------------------------------------------------------------------

void Directory::signal(Record& record, UnstableReason reason, const std::string& text, TimePoint now) {
    if (!record.stability) record.stability = std::make_unique<Stability>();
    if (record.stability->signal(reason, text, now)) event(record, UserEventKind::MarkedUnstable, text, now);
    if (record.stability->isUnstable()) publish(record);
}

void Directory::event(Record& record, UserEventKind kind, std::string text, TimePoint now) {
    changes_.events.emplace_back(record.id, UserEvent{now, kind, std::move(text)});
}

void Directory::publish(Record& record) {
    changedIds_.insert(record.id);
}

Changes Directory::takeChanges() {
    Changes taken = std::exchange(changes_, {});
    taken.changed.assign(changedIds_.begin(), changedIds_.end());
    changedIds_.clear();
    for (const UserId id : taken.changed) {
        if (Record* record = book_.find(id); record != nullptr) record->publishedAt = record->lastSeen;
    }
    return taken;
}

void Directory::report(const std::string& id, Severity severity, std::string what, std::string why, std::string todo,
                       TimePoint now) {
    const auto at = reported_.find(id);
    if (at != reported_.end()) {
        at->second.lastAt = now;
        return;
    }
    if (reported_.size() >= kMaxProblems) return;
    const auto kind = kindOfProblem(id);
    const auto same = std::count_if(reported_.begin(), reported_.end(),
                                    [kind](const auto& each) { return kindOfProblem(each.first) == kind; });
    if (same >= kMaxOfKind) return;
    if (same < kShownOfKind) {
        outbox_.log(LogLevel::Warning, "LAN_REPORT", what + " " + why);
    } else if (same == kShownOfKind) {
        outbox_.log(LogLevel::Warning, "LAN_REPORT", what + " " + why + " Further computers are counted, not listed.");
    }
    Problem problem{id, severity, std::move(what), std::move(why), std::move(todo), "users", now, std::nullopt};
    reported_.emplace(id, Reported{std::move(problem), now});
}

std::vector<Problem> Directory::problems() const {
    // Each of a few is shown; many of one kind, which may be forged, must not bury the others.
    std::map<std::string_view, std::vector<const Problem*>> kinds;
    for (const auto& [id, reported] : reported_)
        kinds[kindOfProblem(id)].push_back(&reported.problem);
    std::vector<Problem> all;
    for (auto& [kind, problems] : kinds) {
        if (problems.size() <= static_cast<std::size_t>(kShownOfKind)) {
            for (const auto* each : problems)
                all.push_back(*each);
            continue;
        }
        const auto first = *std::min_element(problems.begin(), problems.end(), [](const auto* left, const auto* right) {
            return std::tie(left->since, left->id) < std::tie(right->since, right->id);
        });
        auto whole = *first;
        whole.id = std::string(kind) + ":many";
        whole.what = (std::ssize(problems) >= kMaxOfKind ? "At least " : "") + std::to_string(problems.size()) +
                     " computers: " + first->what;
        whole.why += " So many at once may be forged packets.";
        all.push_back(std::move(whole));
    }
    return all;
}

Result<void> Directory::ignoreInstability(UserId id, std::optional<TimePoint> until, TimePoint now) {
    Record* record = book_.find(id);
    if (record == nullptr) return Error{Code::NotFound, "There is no user " + std::to_string(id) + "."};
    if (!record->stability || !record->stability->isUnstable()) {
        return Error{Code::Conflict, "This user is not unstable.", "", "There is nothing to ignore."};
    }
    record->stability->ignoreUntil(until && *until > now ? until : std::nullopt);
    publish(*record);
    return {};
}

Result<void> Directory::forget(UserId id) {
    Record* record = book_.find(id);
    if (record == nullptr) return Error{Code::NotFound, "There is no user " + std::to_string(id) + "."};
    if (record->presence != Presence::Gone) {
        return Error{Code::Conflict, "Only a user who is gone can be forgotten.", "This one may still be there.",
                     "Wait until he is gone; he would be found again anyway."};
    }
    book_.remove(id);
    changes_.removed.push_back(id);
    return {};
}

Result<LanUser> Directory::user(UserId id, TimePoint now) {
    Record* record = book_.find(id);
    if (record == nullptr) return Error{Code::NotFound, "There is no user " + std::to_string(id) + "."};
    return book_.toUser(*record, courier_.deliveryOf(*record), now);
}

std::vector<LanUser> Directory::usersAfter(UserId after, std::size_t most, TimePoint now) {
    std::vector<LanUser> page;
    for (const Record* record : book_.after(after, most)) {
        page.push_back(book_.toUser(*record, courier_.deliveryOf(*record), now));
    }
    return page;
}

DirectoryCounts Directory::counts() {
    DirectoryCounts counts;
    counts.users = book_.size();
    counts.rumours = rumours_.size();
    book_.forEach([&counts](const Record& record) {
        switch (record.presence) {
            case Presence::Present:
                ++counts.present;
                break;
            case Presence::Silent:
                ++counts.silent;
                break;
            case Presence::Gone:
                ++counts.gone;
                break;
            case Presence::Unconfirmed:
                ++counts.unconfirmed;
                break;
        }
        if (record.stability && record.stability->isUnstable()) ++counts.unstable;
    });
    return counts;
}

}  // namespace causeway::discovery
