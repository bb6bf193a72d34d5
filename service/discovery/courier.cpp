#include "service/discovery/courier.h"

#include <algorithm>

namespace causeway::discovery {

namespace {

constexpr TimePoint kNever{};
constexpr Duration kJobStep = 20ms;       // one burst to each receiver per step
constexpr std::size_t kBurst = 8;         // packets to one receiver per step; a client's socket buffer holds more
constexpr std::size_t kBurstInAll = 160;  // packets to all receivers per step
constexpr Duration kCacheLife = 60s;
constexpr std::size_t kMaxCached = 64;
constexpr Duration kChunkLife = 3600s;  // a signed packet carries its date
constexpr std::size_t kMaxSnapshots = 256;
constexpr Duration kPairMemory = 4s;  // both users of a pair may have a task; one packet serves both
constexpr std::size_t kMaxRecentPairs = 65536;
constexpr std::size_t kTaskStep = 64;  // users looked at in one go

std::uint64_t pairKey(UserId left, UserId right) {
    if (left > right) std::swap(left, right);
    return left * 0x9E3779B97F4A7C15ULL ^ (right + 0x7F4A7C15U) * 0xC2B2AE3D27D4EB4FULL;
}

}  // namespace

Courier::Courier(UserBook& book, const LanConfig& config, Outbox& outbox, TimePoint now)
    : book_(book),
      config_(config),
      outbox_(outbox),
      introductions_(config.introductionsPerSecond, std::max(1U, config.introductionsPerSecond / 4), now) {}

void Courier::configChanged(TimePoint now) {
    introductions_.setRate(config_.introductionsPerSecond, std::max(1U, config_.introductionsPerSecond / 4));
    segmentsChanged();  // chunks depend on the name, the group and the size of packets
    pushAll(now);
}

Delivery Courier::deliveryOf(const Record& record) const {
    if (record.kind == ClientKind::Causeway) return Delivery::NotNeeded;
    if (config_.lists) {
        if ((record.flags & ipmsg::flag::kCapIpDict) != 0 && record.kind == ClientKind::Windows)
            return Delivery::SignedList;
        if (record.kind == ClientKind::Windows || record.kind == ClientKind::Mac) return Delivery::PlainList;
    }
    if (config_.introductions && canIntroduce_) return Delivery::Introduction;
    return Delivery::None;
}

bool Courier::isListed(const Record& user, const Record& receiver) const {
    return user.isPresent() && user.segment != receiver.segment && user.kind != ClientKind::Causeway &&
           !user.address.isAny();
}

ipmsg::HostListItem Courier::itemOf(const Record& record) const {
    ipmsg::HostListItem item;
    item.user = record.user;
    item.host = record.host;
    item.status = record.flags;
    if (record.kind == ClientKind::Iptux) {
        // COMPAT: iptux sets ABSENCEOPT always, so it would show as absent; it reads UTF-8 but does not say so, and
        // without CAPUTF8OPT Windows clients write to it in their own code page, which it misreads.
        item.status = (item.status & ~ipmsg::flag::kAbsence) | ipmsg::flag::kCapUtf8;
    }
    // A status of 0 would remove the user at the receiver.
    if (item.status == 0) item.status = ipmsg::flag::kFileAttach;
    item.address = record.address;
    item.port = record.port;
    item.nick = record.nick;
    item.group = book_.texts().get(record.group);
    return item;
}

void Courier::scheduleList(Record& record, TimePoint when) {
    auto& state = record.courier;
    if (state.lastListAt != kNever) when = std::max(when, state.lastListAt + kListGap);
    if (state.listDueAt != kNever && state.listDueAt <= when) return;
    state.listDueAt = when;
    listDue_.emplace(when, record.id);
}

void Courier::entered(Record& record, TimePoint now) {
    auto& state = record.courier;
    state.enteredAt = now;
    state.toldRevision = 0;
    state.settledRevision = 0;
    state.isPeriodic = false;
    state.listedUsers = 0;
    state.isWindowOpen = true;
    switch (deliveryOf(record)) {
        case Delivery::SignedList:
        case Delivery::PlainList: {
            if (now - state.fullMinuteAt > 60s) {
                state.fullMinuteAt = now;
                state.fullsInMinute = 0;
            }
            // Whoever makes a client enter again and again gets three whole lists a minute, no more.
            const TimePoint earliest = state.fullsInMinute >= 3 ? state.fullMinuteAt + 60s : now;
            if (state.fullsInMinute < 3) ++state.fullsInMinute;
            scheduleList(record, std::max(now + config_.gather, earliest));
            break;
        }
        case Delivery::Introduction:
        case Delivery::None:
        case Delivery::NotNeeded:
            break;
    }
    addTask(record, false, now);
}

void Courier::changed(Record& record, TimePoint now) {
    place(record);
    if (deltaDueAt_ == kNever) deltaDueAt_ = now + config_.gather;
    addTask(record, false, now);
}

void Courier::gone(Record& record, bool exitSeen, TimePoint now) {
    if (deltaDueAt_ == kNever) deltaDueAt_ = now + config_.gather;
    record.courier.listDueAt = kNever;
    snapshots_.erase(record.id);
    unplace(record);
    if (!exitSeen) addTask(record, true, now);
}

void Courier::pushAll(TimePoint now) {
    book_.forEach([this, now](Record& record) {
        if (!record.isPresent()) return;
        record.courier.toldRevision = 0;
        record.courier.settledRevision = 0;
        record.courier.isPeriodic = true;
        if (deliveryOf(record) == Delivery::SignedList) scheduleList(record, now + config_.gather);
        if (config_.introductions && canIntroduce_) addTask(record, false, now);
    });
}

bool Courier::lacks(const Record& receiver, const std::unordered_set<Ip4>& listed, TimePoint now) const {
    if (openJobs_.contains(receiver.id)) return false;  // still on its way
    for (const Record* user = book_.oldest(); user != nullptr; user = user->newer) {
        if (user->revision > receiver.courier.settledRevision) break;
        if (user->presence != Presence::Present || !isListed(*user, receiver) || now - user->lastAnswer > 600s)
            continue;
        const bool isUnlistable =
            !ipmsg::fingerprintOf(user->user).empty() && (user->flags & ipmsg::flag::kEncrypt) == 0;
        if (!isUnlistable && !listed.contains(user->address)) return true;
    }
    return false;
}

void Courier::resend(Record& record, TimePoint now) {
    if (deliveryOf(record) != Delivery::SignedList) return;
    record.courier.toldRevision = 0;
    record.courier.settledRevision = 0;
    record.courier.isPeriodic = true;
    scheduleList(record, now + config_.gather);
}

std::size_t Courier::chunkBytes() const {
    return config_.listBytes;
}

ipmsg::DictSender Courier::sender() const {
    const auto& identity = outbox_.identity();
    return {identity.user,
            identity.host,
            config_.name,
            config_.group,
            ipmsg::flag::kCapUtf8 | ipmsg::flag::kEncrypt | ipmsg::flag::kServer | ipmsg::flag::kDialUp,
            "00010002:5:6:118"};
}

std::optional<ipmsg::DictListItem> Courier::listItem(const Record& record, bool isPresent) const {
    if (record.kind == ClientKind::Causeway || record.address.isAny()) return std::nullopt;
    ipmsg::DictListItem item{itemOf(record), isPresent};
    // Clients skip such an entry anyway.
    if (!ipmsg::fingerprintOf(item.who.user).empty() && (item.who.status & ipmsg::flag::kEncrypt) == 0)
        return std::nullopt;
    return item;
}

void Courier::sign(std::vector<ipmsg::DictListItem>& items, std::vector<Packet>& packets, TimePoint now) {
    if (items.empty()) return;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    packets.push_back(std::make_shared<const std::string>(
        ipmsg::listDictPacket(sender(), items, outbox_.nextNumber(), seconds, outbox_.identity().key)));
    items.clear();
}

const std::vector<Courier::Packet>& Courier::changesSince(std::uint32_t segment, std::uint64_t afterRevision,
                                                          TimePoint now) {
    if (cacheRevision_ != book_.revision() || cache_.size() > kMaxCached) {
        cache_.clear();
        cacheRevision_ = book_.revision();
    }
    CachedPush& made = cache_[afterRevision * 1000003U + segment];
    if (made.madeAt != kNever && now - made.madeAt < kCacheLife) return made.packets;
    made.madeAt = now;
    made.packets.clear();
    const std::size_t overhead = ipmsg::listDictOverheadBytes(sender());
    std::vector<ipmsg::DictListItem> items;
    std::size_t bytes = overhead;
    for (Record* user = book_.newest(); user != nullptr && user->revision > afterRevision; user = user->older) {
        const bool isPresent = user->isPresent();
        if (user->segment == segment || (!isPresent && user->presence != Presence::Gone)) continue;
        auto item = listItem(*user, isPresent);
        if (!item) continue;
        const std::size_t size = ipmsg::listDictItemBytes(*item);
        if (!items.empty() && bytes + size > chunkBytes()) {
            sign(items, made.packets, now);
            bytes = overhead;
        }
        bytes += size;
        items.push_back(std::move(*item));
    }
    sign(items, made.packets, now);
    return made.packets;
}

void Courier::place(Record& record) {
    auto& state = record.courier;
    if (state.chunk >= 0 && state.chunkSegment == record.segment) {
        chunks_[record.segment][static_cast<std::size_t>(state.chunk)].isDirty = true;
        return;
    }
    unplace(record);
    const auto item = listItem(record, true);
    if (!item) return;
    const std::size_t size = ipmsg::listDictItemBytes(*item);
    auto& chunks = chunks_[record.segment];
    // The last one that has room; chunks that people left fill up again when they are last, which is good enough.
    if (chunks.empty() || chunks.back().bytes + size > chunkBytes()) {
        chunks.emplace_back();
        chunks.back().bytes = ipmsg::listDictOverheadBytes(sender());
    }
    Chunk& chunk = chunks.back();
    chunk.bytes += size;
    chunk.users.push_back(record.id);
    chunk.isDirty = true;
    state.chunk = static_cast<std::int32_t>(chunks.size()) - 1;
    state.chunkSegment = record.segment;
}

void Courier::unplace(Record& record) {
    auto& state = record.courier;
    if (state.chunk < 0) return;
    Chunk& chunk = chunks_[state.chunkSegment][static_cast<std::size_t>(state.chunk)];
    std::erase(chunk.users, record.id);
    chunk.isDirty = true;
    state.chunk = -1;
}

void Courier::segmentsChanged() {
    chunks_.clear();
    cache_.clear();
    book_.forEach([this](Record& record) {
        record.courier.chunk = -1;
        if (record.isPresent()) place(record);
    });
}

std::vector<Courier::Packet> Courier::everybodyOutside(std::uint32_t segment, std::uint32_t& users, TimePoint now) {
    std::vector<Packet> packets;
    for (auto& [home, chunks] : chunks_) {
        if (home == segment) continue;
        for (Chunk& chunk : chunks) {
            if (chunk.isDirty || now - chunk.madeAt > kChunkLife) {
                chunk.packets.clear();
                const std::size_t overhead = ipmsg::listDictOverheadBytes(sender());
                std::vector<ipmsg::DictListItem> items;
                chunk.bytes = overhead;
                std::size_t bytes = overhead;
                for (const UserId id : chunk.users) {
                    const Record* user = book_.find(id);
                    if (user == nullptr || !user->isPresent()) continue;
                    auto item = listItem(*user, true);
                    if (!item) continue;
                    const std::size_t size = ipmsg::listDictItemBytes(*item);
                    // Names may have grown since the users were put together.
                    if (!items.empty() && bytes + size > chunkBytes()) {
                        sign(items, chunk.packets, now);
                        bytes = overhead;
                    }
                    bytes += size;
                    chunk.bytes += size;
                    items.push_back(std::move(*item));
                }
                sign(items, chunk.packets, now);
                chunk.isDirty = false;
                chunk.madeAt = now;
            }
            packets.insert(packets.end(), chunk.packets.begin(), chunk.packets.end());
            users += static_cast<std::uint32_t>(chunk.users.size());
        }
    }
    return packets;
}

void Courier::sendList(Record& record, TimePoint now) {
    if (!record.isPresent() || record.address.isAny()) return;
    switch (deliveryOf(record)) {
        case Delivery::SignedList: {
            auto& state = record.courier;
            // A long list takes its time; the next one begins only 7 s after its end.
            if (openJobs_.contains(record.id)) {
                scheduleList(record, now + kListGap);
                break;
            }
            const std::uint64_t revision = book_.revision();
            const std::uint64_t before = state.toldRevision;
            std::vector<Packet> packets;
            std::uint32_t users = 0;
            if (state.settledRevision == 0) packets = everybodyOutside(record.segment, users, now);
            if (state.settledRevision != 0 || before != 0) {
                // What changed since, with those who left.
                const auto& changes =
                    changesSince(record.segment, state.settledRevision != 0 ? state.settledRevision : before, now);
                packets.insert(packets.end(), changes.begin(), changes.end());
            }
            state.toldRevision = revision;
            // What went out before goes out a second time now; what is new is repeated later, then it is settled.
            state.settledRevision = state.isPeriodic ? revision : before;
            state.isPeriodic = false;
            if (packets.empty()) {
                state.settledRevision = revision;
                return;
            }
            if (before == 0) {
                state.listedUsers = users;
                state.lastFullAt = now;
            }
            state.lastListAt = now;
            state.isWindowOpen = false;
            openJobs_.insert(record.id);
            jobs_.push_back({record.id, std::move(packets), 0});
            ++listsSent_;
            jobsAt_ = std::max(jobsAt_, now);
            if (state.settledRevision < state.toldRevision) scheduleList(record, now + kRepeatAfter);
            break;
        }
        case Delivery::PlainList:
            if (record.courier.isWindowOpen) sendPlainList(record, now);
            break;
        case Delivery::None:
        case Delivery::Introduction:
        case Delivery::NotNeeded:
            break;
    }
}

std::string Courier::plainChunk(Record& record, const Snapshot& snapshot, std::uint32_t start, std::uint32_t& next) {
    std::vector<ipmsg::HostListItem> items;
    // A chunk holds at most chunkBytes; no entry is shorter than 40 bytes, so this many always fill it.
    const std::size_t enough = chunkBytes() / 40 + 1;
    std::size_t taken = start;
    for (; taken < snapshot.users.size() && items.size() < enough; ++taken) {
        Record* user = book_.find(snapshot.users[taken]);
        if (user == nullptr || !isListed(*user, record)) {
            // Keeps the index of the following ones: a removal entry for somebody unknown does no harm.
            items.push_back({"-", "-", 0, Ip4{0x7F000001}, 2425, "", ""});
            continue;
        }
        items.push_back(itemOf(*user));
    }
    const auto& identity = outbox_.identity();
    const std::size_t header = identity.user.size() + identity.host.size() + 32;
    auto chunk = ipmsg::writeHostList(items, 0, chunkBytes() > header + 200 ? chunkBytes() - header : 200);
    const std::size_t end = start + chunk.written;
    next = end < snapshot.users.size() ? static_cast<std::uint32_t>(end) : 0;
    if (chunk.next != next) {
        // writeHostList saw only the part that we made; the real list goes on behind it.
        std::string number = std::to_string(next);
        if (number.size() < 5) number.insert(0, 5 - number.size(), ' ');
        chunk.body.replace(0, chunk.body.find('\a'), number);
    }
    return std::move(chunk.body);
}

void Courier::sendPlainList(Record& record, TimePoint now) {
    Snapshot snapshot;
    for (Record* user = book_.oldest(); user != nullptr; user = user->newer) {
        if (isListed(*user, record)) snapshot.users.push_back(user->id);
    }
    if (snapshot.users.empty()) return;
    snapshot.expires = now + kSnapshotLife;
    std::uint32_t next = 0;
    std::string body = plainChunk(record, snapshot, 0, next);
    record.courier.lastListAt = now;
    record.courier.lastFullAt = now;
    record.courier.isWindowOpen = false;
    record.courier.toldRevision = book_.revision();
    record.courier.listedUsers = static_cast<std::uint32_t>(snapshot.users.size());
    ++listsSent_;
    const Ip4 from = book_.segment(record.segment).ownAddress;
    outbox_.sendClassic(from, record.address, record.port,
                        static_cast<std::uint32_t>(ipmsg::Mode::AnsList) | ipmsg::flag::kUtf8, std::move(body));
    if (next != 0) {
        if (snapshots_.size() >= kMaxSnapshots) {
            std::erase_if(snapshots_, [now](const auto& kept) { return kept.second.expires < now; });
        }
        if (snapshots_.size() < kMaxSnapshots) snapshots_[record.id] = std::move(snapshot);
    }
}

void Courier::answerGetList(Record& record, std::uint32_t start, Ip4 ownAddress, TimePoint now) {
    if (!config_.lists) return;
    auto at = snapshots_.find(record.id);
    if (at == snapshots_.end() || at->second.expires < now || start == 0) {
        // A new list: the same 7 s hold for it as for one that is not asked for.
        if (start != 0) return;
        if (record.courier.lastListAt != kNever && now - record.courier.lastListAt < kListGap &&
            at != snapshots_.end() && at->second.expires >= now) {
            return;
        }
        Snapshot snapshot;
        for (Record* user = book_.oldest(); user != nullptr; user = user->newer) {
            if (isListed(*user, record)) snapshot.users.push_back(user->id);
        }
        if (snapshots_.size() >= kMaxSnapshots) {
            std::erase_if(snapshots_, [now](const auto& kept) { return kept.second.expires < now; });
        }
        if (snapshots_.size() >= kMaxSnapshots) return;
        at = snapshots_.insert_or_assign(record.id, std::move(snapshot)).first;
        record.courier.lastListAt = now;
        record.courier.listedUsers = static_cast<std::uint32_t>(at->second.users.size());
        record.courier.toldRevision = book_.revision();
        record.courier.isWindowOpen = false;
        ++listsSent_;
    }
    at->second.expires = now + kSnapshotLife;
    if (start >= at->second.users.size() && start != 0) return;
    std::uint32_t next = 0;
    std::string body = plainChunk(record, at->second, start, next);
    outbox_.sendClassic(ownAddress, record.address, record.port,
                        static_cast<std::uint32_t>(ipmsg::Mode::AnsList) | ipmsg::flag::kUtf8, std::move(body));
    // The last chunk stays for a repeated question until the snapshot expires.
}

void Courier::runPushJobs(TimePoint now) {
    if (jobs_.empty() || jobsAt_ > now) return;
    std::size_t left = kBurstInAll;
    for (std::size_t round = jobs_.size(); round > 0 && left > 0; --round) {
        PushJob job = std::move(jobs_.front());
        jobs_.pop_front();
        Record* receiver = book_.find(job.receiver);
        if (receiver == nullptr || !receiver->isPresent()) {
            openJobs_.erase(job.receiver);
            continue;
        }
        const Ip4 from = book_.segment(receiver->segment).ownAddress;
        for (std::size_t i = 0; i < kBurst && left > 0 && job.next < job.packets.size(); ++i, --left) {
            outbox_.send({from, receiver->address, receiver->port, false, *job.packets[job.next++]});
        }
        receiver->courier.lastListAt = now;
        if (job.next < job.packets.size()) {
            jobs_.push_back(std::move(job));
        } else {
            openJobs_.erase(job.receiver);
        }
    }
    jobsAt_ = now + kJobStep;
}

void Courier::pushDeltas(TimePoint now) {
    deltaDueAt_ = kNever;
    book_.forEach([this, now](Record& record) {
        if (!record.isPresent()) return;
        if (deliveryOf(record) != Delivery::SignedList || record.courier.toldRevision >= book_.revision()) return;
        scheduleList(record, now);
    });
}

void Courier::addTask(Record& record, bool isExit, TimePoint now) {
    if (!config_.introductions || !canIntroduce_ || record.kind == ClientKind::Causeway || record.address.isAny())
        return;
    if (!isExit && !waitingTasks_.insert(record.id).second) return;
    Task task;
    task.who = record.id;
    task.isExit = isExit;
    task.address = record.address;
    task.segment = record.segment;
    task.begunAt = now;
    if (isExit) task.entry = book_.toEntry(record);
    tasks_.push_back(std::move(task));
}

bool Courier::introducePair(Record& who, Record& other, TimePoint now) {
    const auto key = pairKey(who.id, other.id);
    const auto recent = recentPairs_.find(key);
    if (recent != recentPairs_.end() && now - recent->second < kPairMemory &&
        recent->second > std::max(who.courier.enteredAt, other.courier.enteredAt)) {
        return false;
    }
    // The packet should arise in the segment where it arrives: no router between that could drop a foreign source
    // (facts 8.3). The answer goes straight to the other one, so a single packet serves both.
    Record* target = &who;
    Record* source = &other;
    if (!book_.segment(who.segment).isOwn() && book_.segment(other.segment).isOwn()) std::swap(target, source);
    outbox_.send({source->address, target->address, target->port, true,
                  ipmsg::introductionPacket(book_.toEntry(*source), ipmsg::Mode::BrEntry, outbox_.nextNumber())});
    ++target->ownQuestions;
    who.lastIntroducedAt = other.lastIntroducedAt = now;
    ++introductionsSent_;
    recentPairs_[key] = now;
    recentPairOrder_.emplace_back(now, key);
    while (!recentPairOrder_.empty() &&
           (now - recentPairOrder_.front().first > kPairMemory || recentPairOrder_.size() > kMaxRecentPairs)) {
        const auto [when, old] = recentPairOrder_.front();
        recentPairOrder_.pop_front();
        const auto at = recentPairs_.find(old);
        if (at != recentPairs_.end() && at->second == when) recentPairs_.erase(at);
    }
    return true;
}

bool Courier::runTaskStep(Task& task, TimePoint now, bool& outOfTokens) {
    Record* who = book_.find(task.who);
    if (!task.isExit && (who == nullptr || who->presence != Presence::Present)) return true;
    // The user came back while his exit was being told.
    if (task.isExit && who != nullptr && who->isPresent() && who->address == task.address) return true;
    const auto page = book_.after(task.cursor, kTaskStep);
    if (page.empty()) return true;
    for (Record* other : page) {
        const bool isPair = other->id != task.who && other->presence == Presence::Present &&
                            other->segment != (task.isExit ? task.segment : who->segment) && !other->address.isAny() &&
                            other->kind != ClientKind::Causeway && book_.isExpected(other->address) &&
                            book_.isExpected(task.isExit ? task.address : who->address);
        const auto otherDelivery = deliveryOf(*other);
        const bool isNeeded =
            isPair && (otherDelivery == Delivery::Introduction ||
                       (task.isExit ? otherDelivery == Delivery::PlainList
                                    : deliveryOf(*who) == Delivery::Introduction ||
                                          (otherDelivery == Delivery::PlainList && !other->courier.isWindowOpen)));
        if (isNeeded) {
            if (!introductions_.take(now)) {
                outOfTokens = true;
                return false;
            }
            if (task.isExit) {
                outbox_.send({task.address, other->address, other->port, true,
                              ipmsg::introductionPacket(task.entry, ipmsg::Mode::BrExit, outbox_.nextNumber())});
                ++introductionsSent_;
                ++task.sent;
            } else if (introducePair(*who, *other, now)) {
                ++task.sent;
                ++who->courier.listedUsers;
            }
        }
        task.cursor = other->id;
    }
    return false;
}

void Courier::runTasks(TimePoint now) {
    bool outOfTokens = false;
    // Bounded work a tick: other things run on this loop too.
    for (int step = 0; step < 64 && !tasks_.empty() && !outOfTokens; ++step) {
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        if (!task.isExit && task.cursor == 0) {
            waitingTasks_.erase(task.who);
            if (Record* who = book_.find(task.who); who != nullptr && deliveryOf(*who) == Delivery::Introduction) {
                who->courier.listedUsers = 0;
            }
        }
        const bool done = runTaskStep(task, now, outOfTokens);
        if (!done) {
            if (outOfTokens) {
                if (!task.isExit && task.cursor == 0) waitingTasks_.insert(task.who);
                tasks_.push_front(std::move(task));
            } else {
                tasks_.push_back(std::move(task));
            }
            continue;
        }
        if (task.sent > 0) {
            outbox_.log(LogLevel::Info, task.isExit ? "LAN_TAKEN_BACK" : "LAN_INTRODUCED",
                        (task.isExit ? "Took back the user at " : "Introduced the user at ") + task.address.text() +
                            (task.isExit ? " from " : " and ") + std::to_string(task.sent) +
                            (task.isExit ? " clients of other segments." : " users of other segments to each other."));
        }
    }
}

void Courier::tick(TimePoint now) {
    if (deltaDueAt_ != kNever && deltaDueAt_ <= now) pushDeltas(now);
    while (!listDue_.empty() && listDue_.top().first <= now) {
        const auto [when, id] = listDue_.top();
        listDue_.pop();
        Record* record = book_.find(id);
        if (record == nullptr || record->courier.listDueAt != when) continue;
        record->courier.listDueAt = kNever;
        sendList(*record, now);
    }
    runPushJobs(now);
    runTasks(now);
}

std::optional<TimePoint> Courier::nextDeadline(TimePoint now) {
    std::optional<TimePoint> next;
    const auto consider = [&next](TimePoint when) {
        if (!next || when < *next) next = when;
    };
    if (deltaDueAt_ != kNever) consider(deltaDueAt_);
    if (!listDue_.empty()) consider(listDue_.top().first);
    if (!jobs_.empty()) consider(jobsAt_);
    if (!tasks_.empty()) consider(introductions_.nextAt(now));
    return next;
}

}  // namespace causeway::discovery
