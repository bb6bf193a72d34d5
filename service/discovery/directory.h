#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "service/discovery/courier.h"
#include "service/discovery/lan_config.h"
#include "service/discovery/outbox.h"
#include "service/discovery/pacer.h"
#include "service/discovery/rumours.h"
#include "service/discovery/user_book.h"
#include "shared/model/admin.h"
#include "shared/model/base_site.h"

namespace causeway::discovery {

/// One datagram as the adapter received it.
struct Incoming {
    Ip4 from;
    std::uint16_t fromPort = ipmsg::kPort;
    Ip4 localAddress;  ///< ours, to answer from
    std::string_view bytes;
};

/// An address proved itself by an answer.
struct Sighting {
    Ip4 address;
    UserId user = 0;
    bool isNew = false;
    std::optional<Duration> roundTrip{};
};

/// What a client's own list says (GETLIST); rumours until probed.
struct ListReading {
    Ip4 client;
    bool isComplete = false;  ///< false: the client did not answer, or stopped in the middle
    std::vector<ipmsg::HostListItem> items;
};

struct Changes {
    std::vector<UserId> changed;
    std::vector<UserId> removed;
    std::vector<std::pair<UserId, UserEvent>> events;
};

struct DirectoryCounts {
    std::uint64_t users = 0, present = 0, silent = 0, gone = 0, unconfirmed = 0, unstable = 0, rumours = 0;
};

/// The LAN directory: who is there, proven by answers, and who must be told. Pure policy: packets and time go in,
/// packets, changes and the next deadline come out. LAN loop only.
///
/// Proof: a user is Present only after his address answered a question of ours (ANSENTRY or SENDINFO within 6 s of a
/// probe to him, or of our broadcast in his segment). Packets that were not asked for only make us ask. What a user is
/// called changes only through answers as well.
class Directory {
public:
    Directory(ServerIdentity identity, LanConfig config, std::uint32_t firstPacketNumber, TimePoint now);

    void setConfig(const LanConfig& config, TimePoint now);
    void setSegments(std::vector<LanInterface> own, std::vector<Ip4> ownAddresses, std::vector<BaseSite> bases,
                     std::vector<RangeLine> ranges, TimePoint now);
    void setCanIntroduce(bool can, TimePoint now);
    /// Users known from before; nobody of them is present until his address answers.
    void restore(const std::vector<LanUser>& users, UserId highestId, TimePoint now);

    void start(TimePoint now);
    /// Says goodbye to everybody; call twice (facts 16.3). Nothing is sent after it but by another start().
    void sayGoodbye();

    void receive(const Incoming& packet, TimePoint now);
    /// ICMP told that nobody listens there.
    void refused(Ip4 address, int icmpType, int icmpCode, TimePoint now);
    void tick(TimePoint now);
    TimePoint nextDeadline(TimePoint now);

    std::vector<Outgoing> takePackets() { return outbox_.takePackets(); }
    std::vector<LogLine> takeLines() { return outbox_.takeLines(); }
    Changes takeChanges();
    std::vector<Sighting> takeSightings() { return std::exchange(sightings_, {}); }
    std::vector<ListReading> takeReadings() { return std::exchange(readings_, {}); }

    /// For sweeps: asks an address at once, without pacing (the sweep paces). `broadcast`: a directed broadcast.
    void probeAddress(Ip4 address, TimePoint now);
    void announceTo(Ip4 broadcastAddress);
    /// Reads the list of one client by GETLIST; the result comes by takeReadings().
    void readListOf(Ip4 client, TimePoint now);

    /// A question of the packet trace with a number of its own, padded to `size` bytes behind the text that clients
    /// read.
    std::string traceQuestion(ipmsg::Mode mode, std::size_t size, const std::string& note = {});
    Result<void> probe(UserId id);
    Result<void> ignoreInstability(UserId id, std::optional<TimePoint> until, TimePoint now);
    Result<void> forget(UserId id);
    Result<LanUser> user(UserId id, TimePoint now);
    std::vector<LanUser> usersAfter(UserId after, std::size_t most, TimePoint now);

    DirectoryCounts counts();
    std::vector<Problem> problems() const;
    UserBook& book() { return book_; }
    const Courier& courier() const { return courier_; }
    const ServerIdentity& identity() const { return identity_; }
    std::uint64_t ignoredPackets() const { return ignored_; }
    std::uint32_t lastPacketNumber() const { return outbox_.lastNumber(); }

    static constexpr Duration kAnswerWindow = 6s;

private:
    using Due = std::pair<TimePoint, UserId>;
    enum class Ask { Gently, Entry };  ///< Gently: the question that the client does not show; Entry: BR_ENTRY

    void receiveClassic(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void receiveDict(const Incoming& in, TimePoint now);
    void onEntry(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void onAbsence(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void onExit(const Incoming& in, TimePoint now);
    void onAnswerEntry(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void onSendInfo(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void onList(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);
    void onGetList(const ipmsg::Packet& packet, const Incoming& in, TimePoint now);

    void hearRumour(const Incoming& in, TimePoint now);
    /// False if that address has brought too many new users within the hour.
    bool mayBringName(Ip4 address, TimePoint now);
    std::optional<TimePoint> questionTo(Ip4 address, TimePoint now);
    /// At most once in an answer window and address.
    bool mayAskWhoItIs(Ip4 address, TimePoint now);
    Record* resolve(const ipmsg::Entry& entry, const ipmsg::Packet& packet, Ip4 from, bool& isNew, TimePoint now);
    bool isSameProgram(const Record& record, const ipmsg::Entry& entry, const ipmsg::Packet& packet,
                       TimePoint now) const;
    void applyEntry(Record& record, const ipmsg::Entry& entry, TimePoint now, bool& isChanged);
    void confirmed(Record& record, bool isNew, bool isChanged, std::optional<Duration> roundTrip, TimePoint now);
    static bool isRefreshDue(Record& record, TimePoint now);
    bool noteNumber(Record& record, std::uint32_t number, TimePoint now);
    void declareGone(Record& record, UserEventKind kind, const std::string& text, TimePoint now);
    void evaluate(Record& record, TimePoint now);
    void ask(Record& record, Ask how, TimePoint now);
    void askUrgently(Record& record, Ask how, TimePoint now);
    void schedule(Record& record, TimePoint when);
    Duration answerWait(const Record& record) const;
    bool needsRefreshCheck(const Record& record) const;
    void broadcastEntry(std::uint32_t mode, TimePoint now);
    void sendEntry(Ip4 from, Ip4 to, std::uint16_t port, ipmsg::Mode mode);
    void signal(Record& record, UnstableReason reason, const std::string& text, TimePoint now);
    void event(Record& record, UserEventKind kind, std::string text, TimePoint now);
    void publish(Record& record);
    bool mayReply(Ip4 to, TimePoint now);
    Ip4 ownAddressFor(const Record& record) const { return book_.segment(record.segment).ownAddress; }
    void report(const std::string& id, Severity severity, std::string what, std::string why, std::string todo,
                TimePoint now);
    struct Reading;
    void askForList(Ip4 client, const Reading& reading);
    void finishReading(Ip4 client, bool isComplete, TimePoint now);
    enum class Look { End, Whole };  ///< the last entries of a client's list, or all of it
    void lookIntoList(Record& record, Look look, TimePoint now);
    bool needsWholeLook(const Record& record, TimePoint now) const;
    void checkedList(Record& record, const Reading& reading, bool isComplete, TimePoint now);
    void makeRoom(TimePoint now);
    void prune(TimePoint now);
    Duration jittered(Duration span);

    ServerIdentity identity_;
    LanConfig config_;
    UserBook book_;
    Outbox outbox_;
    Courier courier_;
    Rumours rumours_;
    Pacer probes_;
    std::vector<LanInterface> own_;
    std::vector<Ip4> ownAddresses_;
    std::vector<BaseSite> bases_;
    std::vector<RangeLine> ranges_;
    bool isStarted_ = false;

    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::deque<UserId> probeQueue_;  ///< due, waiting for a token
    std::deque<std::pair<UserId, Ask>> urgent_;
    std::unordered_set<UserId> queued_;
    bool rumourTurn_ = false;
    std::unordered_map<Ip4, TimePoint> questions_;
    std::unordered_map<Ip4, TimePoint> askedWho_;
    std::deque<std::pair<TimePoint, Ip4>> questionOrder_;
    TimePoint lastBroadcastAt_{};
    TimePoint nextBroadcastAt_{};
    TimePoint nextPushAt_{};
    TimePoint nextPruneAt_{};

    struct Reading {
        ListReading result;         ///< for searches
        std::vector<Ip4> listed{};  ///< for refreshes, which need no names
        std::size_t entries = 0;
        bool knowsUs = false;
        TimePoint deadline{};
        std::uint32_t start = 0;  ///< index of the first entry
        std::uint32_t index = 0;  ///< last asked for
        std::uint32_t chunks = 0;
        bool isAskedAgain = false;
        bool isForSearch = false;
        bool isForRefresh = false;
        bool isTail = false;
        std::size_t bytes = 0;
    };
    std::unordered_map<Ip4, Reading> openReadings_;
    struct Waiting {
        std::uint32_t start = 0;
        Ip4 ownAddress;
        TimePoint until{};
    };
    std::unordered_map<Ip4, Waiting> waitingGetLists_;  ///< from addresses that still have to prove themselves

    struct ReplySlot {
        Ip4 address;
        std::int64_t second = 0;
        std::uint16_t count = 0;
    };
    std::vector<ReplySlot> replySlots_;
    Pacer replies_;

    std::unordered_set<UserId> changedIds_;
    Changes changes_;
    std::vector<Sighting> sightings_;
    std::vector<ListReading> readings_;
    struct Reported {
        Problem problem;
        TimePoint lastAt{};
    };
    std::unordered_map<std::string, Reported> reported_;
    struct NewNames {
        TimePoint since{};
        std::uint32_t count = 0;
    };
    std::unordered_map<Ip4, NewNames> newNames_;  ///< addresses whose user changed lately
    std::uint64_t departures_ = 0;  ///< goodbyes heard and users declared gone; each may shorten clients' lists
    std::uint64_t ignored_ = 0;
    std::minstd_rand random_{979};
};

}  // namespace causeway::discovery
