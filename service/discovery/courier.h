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
    /// The user is gone. Clients to which he was introduced are told even if he said goodbye himself: an introduction
    /// may have overtaken his goodbye, the goodbye may be lost, and Windows clients send theirs to no other segment.
    void gone(Record& record, TimePoint now);
    /// Compares what the client's own list holds with what he was told. What he lacks, and who should not be there any
    /// more, goes out again: only the packets with these users, and twice, so that no second look is needed.
    enum class Check { Complete, Repaired, TooEarly };
    Check check(Record& receiver, const std::unordered_set<Ip4>& listed, TimePoint now);
    /// True while a client that knows nobody waits for his first list.
    bool isListOnItsWay(const Record& record) const;
    /// The numbering of the segments is another one now.
    void segmentsChanged();
    /// Everybody gets everything again; by the clock, only those whose lists were not found complete.
    enum class Push { ByTheClock, Always };
    void pushAll(Push why, TimePoint now);
    /// GETLIST from a proven address.
    /// True for the chunk that follows the last one, which he may have at once; others count as questions.
    bool isNextChunk(const Record& record, std::uint32_t start, TimePoint now) const;
    void answerGetList(Record& record, std::uint32_t start, Ip4 ownAddress, TimePoint now);

    void tick(TimePoint now);
    std::optional<TimePoint> nextDeadline(TimePoint now);

    std::uint64_t listsSent() const { return listsSent_; }
    std::uint64_t introductionsSent() const { return introductionsSent_; }
    std::uint64_t introductionsQueued() const { return tasks_.size(); }

    static constexpr Duration kListGap = 7s;
    static constexpr Duration kRepeatAfter = 30s;  ///< each change goes out twice, for UDP loses packets
    /// A whole list goes out twice only if no look into the client's own list showed in this time that it arrived.
    static constexpr Duration kLookPatience = 180s;
    static constexpr Duration kSnapshotLife = 10s;

private:
    using Due = std::pair<TimePoint, UserId>;
    struct PushJob {
        UserId receiver = 0;
        std::vector<Datagram> packets;
        std::size_t next = 0;
    };
    struct CachedPush {
        std::vector<Datagram> packets;
        std::uint32_t users = 0;
        TimePoint madeAt{};
    };
    /// Whole lists are made of chunks: a few users of one segment, signed together once and sent to all other segments.
    /// A change signs one chunk anew, not the list.
    struct Chunk {
        std::vector<UserId> users;
        std::size_t bytes = 0;
        std::vector<Datagram> packets;
        TimePoint madeAt{};
        bool isDirty = true;
    };
    struct Snapshot {
        std::vector<UserId> users;
        std::uint32_t next = 0;  ///< index of the chunk that was not given yet; 0 = none
        TimePoint expires{};
    };
    /// Walks all users by id. Meet: introduces `who` and each of them to each other, if one of the two needs it.
    /// TakeBack: tells those who need it that `who` has left. Repeat: shows them to `who` once more, who answers
    /// nobody.
    enum class Errand { Meet, TakeBack, Repeat };
    struct Task {
        UserId who = 0;
        Errand errand = Errand::Meet;
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
    const CachedPush& changesSince(std::uint32_t segment, std::uint64_t afterRevision, TimePoint now);
    const std::vector<Datagram>& packetsOf(Chunk& chunk, TimePoint now);
    bool composeList(Record& record, std::vector<Datagram>& packets, TimePoint now);
    void seal();
    /// Everybody who is present outside that segment.
    std::vector<Datagram> everybodyOutside(std::uint32_t segment, std::uint32_t& users, TimePoint now);
    void sign(std::vector<ipmsg::DictListItem>& items, std::vector<Datagram>& packets, TimePoint now);
    std::optional<ipmsg::DictListItem> listItem(const Record& record, bool isPresent) const;
    ipmsg::DictSender sender() const;
    void place(Record& record);
    void unplace(Record& record);
    void runPushJobs(TimePoint now);
    void pushDeltas(TimePoint now);
    void addTask(Record& record, Errand errand, TimePoint now);
    bool isIntroducedTo(const Record& receiver) const;
    bool isNeeded(const Task& task, const Record* who, const Record& other) const;
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
    TimePoint sealedAt_{};
    /// Changes go out in rounds: all up to this revision. So nearly all clients stand at the same few revisions and
    /// share their signed packets.
    std::uint64_t sealedRevision_ = 0;
    /// Whose list waits for its turn; it is made then, of what is current. Newcomers know nobody and come first.
    std::deque<UserId> newcomers_;
    std::deque<UserId> waiting_;
    std::vector<PushJob> jobs_;            ///< being sent; few, so that no list takes long from its begin to its end
    std::unordered_set<UserId> openJobs_;  ///< all of these
    struct Repair {
        std::vector<Datagram> packets;
        bool isRepeated = false;
    };
    std::unordered_map<UserId, Repair> repairs_;  ///< go out with the next two lists
    TimePoint jobsAt_{};
    std::unordered_map<std::uint64_t, CachedPush> cache_;
    std::unordered_map<std::uint32_t, std::vector<Chunk>> chunks_;  ///< by segment
    std::unordered_map<UserId, Snapshot> snapshots_;
    std::deque<Task> tasks_;
    std::unordered_set<UserId> waitingTasks_;  ///< who has a task to meet people that is not yet begun
    TimePoint lastPushAt_{};                   ///< the rounds by the clock
    TimePoint pushBeforeAt_{};
    std::unordered_map<std::uint64_t, TimePoint> recentPairs_;
    std::deque<std::pair<TimePoint, std::uint64_t>> recentPairOrder_;
    std::uint64_t listsSent_ = 0;
    std::uint64_t introductionsSent_ = 0;
};

}  // namespace causeway::discovery
