#include "service/discovery/courier.h"

#include <algorithm>
#include <utility>

namespace causeway::discovery {

namespace {

constexpr TimePoint kNever{};
constexpr Duration kJobStep = 20ms;       // one burst to each receiver per step
constexpr std::size_t kBurst = 8;         // packets to one receiver per step; a client's socket buffer holds more
constexpr std::size_t kBurstInAll = 160;  // packets to all receivers per step
constexpr Duration kCacheLife = 60s;
constexpr std::size_t kMaxCached = 512;
constexpr std::size_t kMaxJobs = kBurstInAll / kBurst;
constexpr std::size_t kChunkShare = 3;  // changed users a chunk, from which on the chunks are sent
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
    pushAll(Push::Always, now);
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
    state.wholeAgainAt = kNever;
    state.isComplete = false;
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
    addTask(record, Errand::Meet, now);
}

void Courier::changed(Record& record, TimePoint now) {
    record.courier.changedAt = now;
    place(record);
    if (deltaDueAt_ == kNever) deltaDueAt_ = std::max(now + config_.gather, sealedAt_ + kListGap);
    addTask(record, Errand::Meet, now);
}

void Courier::gone(Record& record, TimePoint now) {
    if (deltaDueAt_ == kNever) deltaDueAt_ = std::max(now + config_.gather, sealedAt_ + kListGap);
    record.courier.listDueAt = kNever;
    snapshots_.erase(record.id);
    repairs_.erase(record.id);
    unplace(record);
    addTask(record, Errand::TakeBack, now);
}

void Courier::pushAll(Push why, TimePoint now) {
    if (why == Push::ByTheClock) pushBeforeAt_ = std::exchange(lastPushAt_, now);
    book_.forEach([this, why, now](Record& record) {
        if (!record.isPresent()) return;
        auto& state = record.courier;
        const bool isSigned = deliveryOf(record) == Delivery::SignedList;
        if (isSigned && (why == Push::Always || !state.isComplete)) {
            state.wholeAgainAt = now;
            scheduleList(record, now + config_.gather);
        }
        if (why == Push::Always) {
            addTask(record, Errand::Meet, now);
        } else if (isIntroducedTo(record)) {
            addTask(record, Errand::Repeat, now);
        }
    });
}

Courier::Check Courier::check(Record& receiver, const std::unordered_set<Ip4>& listed, TimePoint now) {
    auto& state = receiver.courier;
    if (deliveryOf(receiver) != Delivery::SignedList) return Check::Complete;  // others take no second list
    if (state.toldRevision == 0) return Check::TooEarly;
    // What went out a moment ago may not be in the list yet.
    const std::uint64_t until = now - state.lastListAt < kListGap ? state.settledRevision : state.toldRevision;
    std::vector<Datagram> packets;
    std::unordered_set<const Chunk*> chosen;
    std::vector<ipmsg::DictListItem> left;
    const std::size_t overhead = ipmsg::listDictOverheadBytes(sender());
    std::size_t bytes = overhead;
    for (Record* user = book_.oldest(); user != nullptr && user->revision <= until; user = user->newer) {
        if (user->segment == receiver.segment) continue;
        const bool isThere = listed.contains(user->address);
        if (!isThere && user->presence == Presence::Present && user->courier.chunk >= 0 &&
            now - user->lastAnswer < 600s) {
            Chunk& chunk = chunks_[user->courier.chunkSegment][static_cast<std::size_t>(user->courier.chunk)];
            if (!chosen.insert(&chunk).second) continue;
            const auto& made = packetsOf(chunk, now);
            packets.insert(packets.end(), made.begin(), made.end());
        } else if (isThere && user->presence == Presence::Gone) {
            auto item = listItem(*user, false);
            if (!item) continue;
            const std::size_t size = ipmsg::listDictItemBytes(*item);
            if (!left.empty() && bytes + size > chunkBytes()) {
                sign(left, packets, now);
                bytes = overhead;
            }
            bytes += size;
            left.push_back(std::move(*item));
        }
    }
    sign(left, packets, now);
    // The whole list has arrived, but for what goes out now.
    state.wholeAgainAt = kNever;
    state.isComplete = true;
    state.toldSinceCheck = 0;
    if (packets.empty()) return Check::Complete;
    repairs_[receiver.id] = {std::move(packets), false};
    scheduleList(receiver, now);
    return Check::Repaired;
}

bool Courier::isListOnItsWay(const Record& record) const {
    return record.courier.toldRevision == 0 && deliveryOf(record) == Delivery::SignedList;
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

void Courier::sign(std::vector<ipmsg::DictListItem>& items, std::vector<Datagram>& packets, TimePoint now) {
    if (items.empty()) return;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    packets.push_back(std::make_shared<const std::string>(
        ipmsg::listDictPacket(sender(), items, outbox_.nextNumber(), seconds, outbox_.identity().key)));
    items.clear();
}

void Courier::seal() {
    sealedRevision_ = book_.revision();
    cache_.clear();
}

const Courier::CachedPush& Courier::changesSince(std::uint32_t segment, std::uint64_t afterRevision, TimePoint now) {
    if (cache_.size() > kMaxCached) cache_.clear();
    CachedPush& made = cache_[afterRevision * 1000003U + segment];
    if (made.madeAt != kNever && now - made.madeAt < kCacheLife) return made;
    made = {};
    made.madeAt = now;
    std::vector<Record*> changed;
    std::size_t present = 0;
    std::unordered_set<Chunk*> touched;
    for (Record* user = book_.newest(); user != nullptr && user->revision > afterRevision; user = user->older) {
        const bool isPresent = user->isPresent();
        if (user->revision > sealedRevision_ || user->segment == segment) continue;
        if (!isPresent && user->presence != Presence::Gone) continue;
        changed.push_back(user);
        if (!isPresent || user->courier.chunk < 0) continue;
        ++present;
        touched.insert(&chunks_[user->courier.chunkSegment][static_cast<std::size_t>(user->courier.chunk)]);
    }
    made.users = static_cast<std::uint32_t>(changed.size());
    // When a company comes to work, whole chunks are new: those are signed once for all segments.
    const bool areChunksSent = touched.size() > 8 && touched.size() * kChunkShare <= present;
    if (areChunksSent) {
        for (Chunk* chunk : touched) {
            const auto& packets = packetsOf(*chunk, now);
            made.packets.insert(made.packets.end(), packets.begin(), packets.end());
        }
    }
    const std::size_t overhead = ipmsg::listDictOverheadBytes(sender());
    std::vector<ipmsg::DictListItem> items;
    std::size_t bytes = overhead;
    for (Record* user : changed) {
        if (areChunksSent && user->isPresent() && user->courier.chunk >= 0) continue;
        auto item = listItem(*user, user->isPresent());
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
    return made;
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

const std::vector<Datagram>& Courier::packetsOf(Chunk& chunk, TimePoint now) {
    if (!chunk.isDirty && now - chunk.madeAt <= kChunkLife) return chunk.packets;
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
    return chunk.packets;
}

std::vector<Datagram> Courier::everybodyOutside(std::uint32_t segment, std::uint32_t& users, TimePoint now) {
    std::vector<Datagram> packets;
    for (auto& [home, chunks] : chunks_) {
        if (home == segment) continue;
        for (Chunk& chunk : chunks) {
            const auto& made = packetsOf(chunk, now);
            packets.insert(packets.end(), made.begin(), made.end());
            users += static_cast<std::uint32_t>(chunk.users.size());
        }
    }
    return packets;
}

void Courier::sendList(Record& record, TimePoint now) {
    if (!record.isPresent() || record.address.isAny()) return;
    // A long list takes its time; the next one begins only 7 s after its end.
    if (record.courier.lastListAt != kNever && now - record.courier.lastListAt < kListGap) {
        scheduleList(record, now);
        return;
    }
    switch (deliveryOf(record)) {
        case Delivery::SignedList:
            if (openJobs_.contains(record.id)) {
                scheduleList(record, now + kListGap);
                break;
            }
            openJobs_.insert(record.id);
            (record.courier.toldRevision == 0 ? newcomers_ : waiting_).push_back(record.id);
            jobsAt_ = std::max(jobsAt_, now);
            break;
        case Delivery::PlainList:
            if (record.courier.isWindowOpen) sendPlainList(record, now);
            break;
        case Delivery::None:
        case Delivery::Introduction:
        case Delivery::NotNeeded:
            break;
    }
}

bool Courier::composeList(Record& record, std::vector<Datagram>& packets, TimePoint now) {
    auto& state = record.courier;
    // A whole list holds what is current; sealing now and then keeps him from being told the same again as changes.
    if (sealedRevision_ == 0 || (state.toldRevision == 0 && now - sealedAt_ >= kListGap)) {
        sealedAt_ = now;
        seal();
    }
    const std::uint64_t before = state.toldRevision;
    const bool isDueAgain = state.wholeAgainAt != kNever && state.wholeAgainAt <= now;
    std::uint32_t users = 0;
    const bool isWhole = before == 0 || isDueAgain;
    if (isWhole) {
        packets = everybodyOutside(record.segment, users, now);
        state.wholeAgainAt = before == 0 ? now + kLookPatience : kNever;
        state.listedUsers = users;
        state.lastFullAt = now;
    }
    if (before != 0) {
        // What changed since, with those who left.
        const auto& changes = changesSince(record.segment, state.settledRevision, now);
        packets.insert(packets.end(), changes.packets.begin(), changes.packets.end());
        users += changes.users;
    }
    if (const auto repair = repairs_.find(record.id); repair != repairs_.end()) {
        const auto& missing = repair->second.packets;
        if (!isWhole) packets.insert(packets.end(), missing.begin(), missing.end());
        if (isWhole || std::exchange(repair->second.isRepeated, true)) {
            repairs_.erase(repair);
        } else {
            scheduleList(record, now + kRepeatAfter);
        }
    }
    state.toldSinceCheck += users;
    state.toldRevision = sealedRevision_;
    // What went out before goes out a second time now; what is new is repeated later, then it is settled.
    state.settledRevision = isWhole || packets.empty() ? sealedRevision_ : before;
    if (state.wholeAgainAt != kNever) scheduleList(record, state.wholeAgainAt);
    if (packets.empty()) return false;
    state.lastListAt = now;
    state.isWindowOpen = false;
    ++listsSent_;
    if (state.settledRevision < state.toldRevision) scheduleList(record, now + kRepeatAfter);
    return true;
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
        snapshot.next = next;
        if (snapshots_.size() < kMaxSnapshots) snapshots_[record.id] = std::move(snapshot);
    }
}

bool Courier::isNextChunk(const Record& record, std::uint32_t start, TimePoint now) const {
    const auto at = snapshots_.find(record.id);
    return start != 0 && at != snapshots_.end() && at->second.expires >= now && at->second.next == start;
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
    record.courier.lastListAt = now;
    if (start >= at->second.users.size() && start != 0) return;
    std::uint32_t next = 0;
    std::string body = plainChunk(record, at->second, start, next);
    at->second.next = next;
    outbox_.sendClassic(ownAddress, record.address, record.port,
                        static_cast<std::uint32_t>(ipmsg::Mode::AnsList) | ipmsg::flag::kUtf8, std::move(body));
    // The last chunk stays for a repeated question until the snapshot expires.
}

void Courier::runPushJobs(TimePoint now) {
    if (openJobs_.empty() || jobsAt_ > now) return;
    while (jobs_.size() < kMaxJobs && !(newcomers_.empty() && waiting_.empty())) {
        auto& queue = newcomers_.empty() ? waiting_ : newcomers_;
        PushJob job;
        job.receiver = queue.front();
        queue.pop_front();
        Record* receiver = book_.find(job.receiver);
        const bool isOpen = receiver != nullptr && receiver->isPresent() && !receiver->address.isAny() &&
                            composeList(*receiver, job.packets, now);
        if (isOpen) {
            jobs_.push_back(std::move(job));
        } else {
            openJobs_.erase(job.receiver);
        }
    }
    std::erase_if(jobs_, [this, now](PushJob& job) {
        Record* receiver = book_.find(job.receiver);
        if (receiver != nullptr && receiver->isPresent()) {
            const Ip4 from = book_.segment(receiver->segment).ownAddress;
            for (std::size_t i = 0; i < kBurst && job.next < job.packets.size(); ++i)
                outbox_.send({from, receiver->address, receiver->port, false, job.packets[job.next++]});
            receiver->courier.lastListAt = now;
            if (job.next < job.packets.size()) return false;
        }
        openJobs_.erase(job.receiver);
        return true;
    });
    jobsAt_ = now + kJobStep;
}

void Courier::pushDeltas(TimePoint now) {
    if (!waiting_.empty()) {
        // The last round is still being sent: the next one waits and takes more along.
        deltaDueAt_ = now + 1s;
        return;
    }
    deltaDueAt_ = kNever;
    sealedAt_ = now;
    seal();
    book_.forEach([this, now](Record& record) {
        if (!record.isPresent()) return;
        // Who was told nothing yet has a whole list on its way.
        const auto told = record.courier.toldRevision;
        if (told == 0 || told >= sealedRevision_ || deliveryOf(record) != Delivery::SignedList) return;
        scheduleList(record, now);
    });
}

void Courier::addTask(Record& record, Errand errand, TimePoint now) {
    if (!config_.introductions || !canIntroduce_ || record.kind == ClientKind::Causeway || record.address.isAny())
        return;
    if (errand == Errand::Meet && !waitingTasks_.insert(record.id).second) return;
    Task task;
    task.who = record.id;
    task.errand = errand;
    task.address = record.address;
    task.segment = record.segment;
    task.begunAt = now;
    if (errand == Errand::TakeBack) task.entry = book_.toEntry(record);
    tasks_.push_back(std::move(task));
}

bool Courier::isIntroducedTo(const Record& receiver) const {
    const auto delivery = deliveryOf(receiver);
    return delivery == Delivery::Introduction || (delivery == Delivery::PlainList && !receiver.courier.isWindowOpen);
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
                  Outbox::datagram(
                      ipmsg::introductionPacket(book_.toEntry(*source), ipmsg::Mode::BrEntry, outbox_.nextNumber()))});
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

bool Courier::isNeeded(const Task& task, const Record* who, const Record& other) const {
    const bool isTakenBack = task.errand == Errand::TakeBack;
    const bool isPair = other.id != task.who && other.presence == Presence::Present &&
                        other.segment != (isTakenBack ? task.segment : who->segment) && !other.address.isAny() &&
                        other.kind != ClientKind::Causeway;
    if (!isPair) return false;
    const auto areExpected = [&] {
        return book_.isExpected(other.address) && book_.isExpected(isTakenBack ? task.address : who->address);
    };
    const auto delivery = deliveryOf(other);
    switch (task.errand) {
        case Errand::TakeBack:
            return (delivery == Delivery::Introduction || delivery == Delivery::PlainList) && areExpected();
        case Errand::Meet:
            return (isIntroducedTo(other) || deliveryOf(*who) == Delivery::Introduction) && areExpected();
        case Errand::Repeat:
            // Whatever was told before the round before this one has been repeated by that.
            return std::max(other.courier.changedAt, who->courier.enteredAt) >= pushBeforeAt_ && areExpected();
    }
    return false;
}

bool Courier::runTaskStep(Task& task, TimePoint now, bool& outOfTokens) {
    const bool isTakenBack = task.errand == Errand::TakeBack;
    Record* who = book_.find(task.who);
    if (!isTakenBack && (who == nullptr || who->presence != Presence::Present)) return true;
    // The user came back while his exit was being told.
    if (isTakenBack && who != nullptr && who->isPresent() && who->address == task.address) return true;
    const auto page = book_.after(task.cursor, kTaskStep);
    if (page.empty()) return true;
    for (Record* other : page) {
        if (isNeeded(task, who, *other)) {
            if (!introductions_.take(now)) {
                outOfTokens = true;
                return false;
            }
            switch (task.errand) {
                case Errand::TakeBack:
                    outbox_.send({task.address, other->address, other->port, true,
                                  Outbox::datagram(ipmsg::introductionPacket(task.entry, ipmsg::Mode::BrExit,
                                                                             outbox_.nextNumber()))});
                    ++introductionsSent_;
                    ++task.sent;
                    break;
                case Errand::Repeat:
                    outbox_.send({other->address, who->address, who->port, true,
                                  Outbox::datagram(ipmsg::introductionPacket(
                                      book_.toEntry(*other), ipmsg::Mode::AnsEntry, outbox_.nextNumber()))});
                    ++introductionsSent_;
                    ++task.sent;
                    break;
                case Errand::Meet:
                    if (introducePair(*who, *other, now)) {
                        ++task.sent;
                        ++who->courier.listedUsers;
                    }
                    break;
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
        if (task.errand == Errand::Meet && task.cursor == 0) {
            waitingTasks_.erase(task.who);
            if (Record* who = book_.find(task.who); who != nullptr && deliveryOf(*who) == Delivery::Introduction) {
                who->courier.listedUsers = 0;
            }
        }
        const bool done = runTaskStep(task, now, outOfTokens);
        if (!done) {
            if (outOfTokens) {
                if (task.errand == Errand::Meet && task.cursor == 0) waitingTasks_.insert(task.who);
                tasks_.push_front(std::move(task));
            } else {
                tasks_.push_back(std::move(task));
            }
            continue;
        }
        if (task.sent > 0) {
            const bool isTakenBack = task.errand == Errand::TakeBack;
            outbox_.log(LogLevel::Info, isTakenBack ? "LAN_TAKEN_BACK" : "LAN_INTRODUCED",
                        (isTakenBack ? "Took back the user at " : "Introduced the user at ") + task.address.text() +
                            (isTakenBack ? " from " : " and ") + std::to_string(task.sent) +
                            (isTakenBack ? " clients of other segments." : " users of other segments to each other."));
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
    if (!openJobs_.empty()) consider(jobsAt_);
    if (!tasks_.empty()) consider(introductions_.nextAt(now));
    return next;
}

}  // namespace causeway::discovery
