#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/discovery/lan_config.h"
#include "service/discovery/outbox.h"
#include "service/discovery/pacer.h"
#include "service/discovery/user_book.h"

namespace causeway::discovery {

/// Brings external users to unmodified clients (facts 8.2): signed lists to clients that announce CAPIPDICTOPT, one
/// plain list an entry window to older ones, introductions to clients without lists. Promises: never an IPDict to a
/// client without the flag; at most one list per host per 7 s and at most three whole lists a minute; no list in answer
/// to ANSENTRY or BR_ABSENCE; only to addresses that answered; introductions only with the administrator's consent,
/// only between expected addresses (own segments, bases, ranges), paced and logged.
class Courier {
public:
    Courier(UserBook& book, const LanConfig& config, Outbox& outbox, TimePoint now);

    Delivery deliveryOf(const Record& record) const;
    /// Whether packets with a foreign source can be sent at all; from the adapter.
    void setCanIntroduce(bool can) { canIntroduce_ = can; }
    void configChanged(TimePoint now);

    /// The client started or refreshed and his address answered: he knows nobody of other segments now.
    void entered(Record& record, TimePoint now);
    /// The user became present, or what others are told of him changed (the book was touched already).
    void changed(Record& record, TimePoint now);
    /// The user is gone; `exitSeen`: he said goodbye himself to everybody who knew him.
    void gone(Record& record, bool exitSeen, TimePoint now);
    /// True if the client should list a user whom he does not: told of him by a settled list, but `listed` lacks him.
    bool lacks(const Record& receiver, const std::unordered_set<Ip4>& listed, TimePoint now) const;
    /// The whole list once more, for a client that lost parts of it.
    void resend(Record& record, TimePoint now);
    /// The numbering of the segments is another one now.
    void segmentsChanged();
    /// Everybody gets everything again.
    void pushAll(TimePoint now);
    /// GETLIST from a proven address.
    void answerGetList(Record& record, std::uint32_t start, Ip4 ownAddress, TimePoint now);

    void tick(TimePoint now);
    std::optional<TimePoint> nextDeadline(TimePoint now);

    std::uint64_t listsSent() const { return listsSent_; }
    std::uint64_t introductionsSent() const { return introductionsSent_; }
    std::uint64_t introductionsQueued() const { return tasks_.size(); }

    static constexpr Duration kListGap = 7s;
    static constexpr Duration kRepeatAfter = 30s;  ///< each signed list goes out twice, for UDP loses packets
    static constexpr Duration kSnapshotLife = 10s;

private:
    using Due = std::pair<TimePoint, UserId>;
    using Packet = std::shared_ptr<const std::string>;
    struct PushJob {
        UserId receiver;
        std::vector<Packet> packets;
        std::size_t next = 0;
    };
    struct CachedPush {
        std::vector<Packet> packets;
        TimePoint madeAt{};
    };
    struct Snapshot {
        std::vector<UserId> users;
        TimePoint expires{};
    };
    /// Walks all users by id and introduces `who` to each that needs it, or takes him back.
    struct Task {
        UserId who = 0;
        bool isExit = false;
        UserId cursor = 0;
        std::uint32_t sent = 0;
        ipmsg::Entry entry{};  ///< for exits: what he was, since the record may change
        Ip4 address;
        std::uint32_t segment = 0;
        TimePoint begunAt{};
    };

    bool isListed(const Record& user, const Record& receiver) const;
    ipmsg::HostListItem itemOf(const Record& record) const;
    void scheduleList(Record& record, TimePoint when);
    void sendList(Record& record, TimePoint now);
    void sendPlainList(Record& record, TimePoint now);
    const std::vector<Packet>& changesSince(std::uint32_t segment, std::uint64_t afterRevision, TimePoint now);
    /// Everybody who is present outside that segment.
    std::vector<Packet> everybodyOutside(std::uint32_t segment, std::uint32_t& users, TimePoint now);
    void sign(std::vector<ipmsg::DictListItem>& items, std::vector<Packet>& packets, TimePoint now);
    std::optional<ipmsg::DictListItem> listItem(const Record& record, bool isPresent) const;
    ipmsg::DictSender sender() const;
    void place(Record& record);
    void unplace(Record& record);
    void runPushJobs(TimePoint now);
    void pushDeltas(TimePoint now);
    void addTask(Record& record, bool isExit, TimePoint now);
    void runTasks(TimePoint now);
    bool runTaskStep(Task& task, TimePoint now, bool& outOfTokens);
    bool introducePair(Record& who, Record& other, TimePoint now);
    std::size_t chunkBytes() const;
    std::string plainChunk(Record& record, const Snapshot& snapshot, std::uint32_t start, std::uint32_t& next);

    UserBook& book_;
    const LanConfig& config_;
    Outbox& outbox_;
    Pacer introductions_;
    bool canIntroduce_ = false;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> listDue_;
    TimePoint deltaDueAt_{};  ///< epoch 0 = none
    std::deque<PushJob> jobs_;
    std::unordered_set<UserId> openJobs_;  ///< receivers in jobs_
    TimePoint jobsAt_{};
    std::unordered_map<std::uint64_t, CachedPush> cache_;
    /// Whole lists are made of chunks: a few users of one segment, signed together once and sent to all other segments.
    /// A change signs one chunk anew, not the list.
    struct Chunk {
        std::vector<UserId> users;
        std::size_t bytes = 0;
        std::vector<Packet> packets;
        TimePoint madeAt{};
        bool isDirty = true;
    };
    std::unordered_map<std::uint32_t, std::vector<Chunk>> chunks_;  ///< by segment
    std::uint64_t cacheRevision_ = 0;
    std::unordered_map<UserId, Snapshot> snapshots_;
    std::deque<Task> tasks_;
    std::unordered_set<UserId> waitingTasks_;  ///< introduction tasks not yet begun
    std::unordered_map<std::uint64_t, TimePoint> recentPairs_;
    std::deque<std::pair<TimePoint, std::uint64_t>> recentPairOrder_;
    std::uint64_t listsSent_ = 0;
    std::uint64_t introductionsSent_ = 0;
};

}  // namespace causeway::discovery
