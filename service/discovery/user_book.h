#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/discovery/stability.h"
#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/base_site.h"
#include "shared/model/lan_user.h"
#include "shared/model/remote_range.h"
#include "shared/proto/ipmsg/entry.h"

namespace causeway::discovery {

/// Each distinct text once. Versions, client names, icons and groups repeat over thousands of users.
class TextPool {
public:
    using Index = std::uint32_t;
    Index put(std::string_view text);
    const std::string& get(Index index) const { return *texts_[index]; }

private:
    std::unordered_map<std::string, Index> indexOf_;
    std::vector<const std::string*> texts_;
};

/// A segment as far as it is known.
struct SegmentInfo {
    Network4 network;
    std::string base;
    Ip4 ownAddress;  ///< our address in it; 0.0.0.0 if it is not an own segment
    bool isAssumed = true;
    bool isOwn() const { return !ownAddress.isAny(); }
};

/// How the Courier stands with one client.
struct CourierState {
    std::uint64_t toldRevision = 0;     ///< all changes up to this one were pushed to him; 0 = he knows nobody
    std::uint64_t settledRevision = 0;  ///< and up to this one twice, since packets get lost
    std::int32_t chunk = -1;            ///< his place in the lists of others: chunk of `chunkSegment`
    std::uint32_t chunkSegment = 0;
    TimePoint
        wholeAgainAt{};  ///< the whole list goes out once more then, unless a look finds it complete; epoch 0 = no
    TimePoint lastListAt{};
    TimePoint listDueAt{};  ///< epoch 0 = none due
    TimePoint lastFullAt{};
    TimePoint enteredAt{};  ///< start or refresh: before it he was told nothing
    TimePoint changedAt{};  ///< others were told of him
    std::uint32_t listedUsers = 0;
    std::uint32_t toldSinceCheck = 0;  ///< changes pushed since his own list was last found complete
    bool isComplete = false;           ///< his own list was read and lacked nobody, and answers since
    std::uint8_t fullsInMinute = 0;    ///< full lists since lastFullMinuteAt
    TimePoint fullMinuteAt{};
    bool isWindowOpen = false;  ///< a plain list would be taken
};

/// One user in memory, packed; LanUser is made from it on demand.
struct Record {
    UserId id = 0;
    std::string user;
    std::string host;
    std::string nick;
    TextPool::Index group = 0, client = 0, versionField = 0, versionLine = 0, icon = 0;
    std::uint32_t segment = 0;  ///< index into UserBook segments
    Ip4 address;
    Ip4 configuredMaster;
    std::uint32_t flags = 0;
    std::uint16_t port = 2425;
    ClientKind kind = ClientKind::Unknown;
    Presence presence = Presence::Unconfirmed;
    bool isAway = false;
    bool isIptuxLayout = false;
    bool isSuspect = false;     ///< used up more packet numbers than we can explain: perhaps a Refresh
    bool exitSeen = false;      ///< said goodbye since he was last present
    bool sawEntry = false;      ///< a BR_ENTRY of his waits for the proof of his address
    TimePoint entryAt{};        ///< his last BR_ENTRY that was not the copy 5 s later
    std::uint8_t missed = 0;    ///< probes without an answer in a row
    std::uint8_t refusals = 0;  ///< "port closed": 1 = told once, 2 = asked again since
    std::int32_t roundTripMs = -1;
    std::uint32_t lastNumber = 0;        ///< packet number of his last answer
    std::uint32_t listLength = 0;        ///< users in his own list at the last whole look into it
    std::uint8_t missedLooks = 0;        ///< looks at the end of his list in a row that he did not answer
    std::uint64_t departuresAtLook = 0;  ///< the Directory's count of them at the last look
    TimePoint lastWholeLookAt{}, nextWholeLookAt{};
    std::uint32_t ownQuestions = 0;  ///< packets of ours since then that made him use up a number
    TimePoint firstSeen{}, lastSeen{}, lastAnswer{}, publishedAt{};
    TimePoint lastProbeAt{}, nextProbeAt{}, nextRefreshCheckAt{}, nextRenewAt{}, lastIntroducedAt{};
    std::vector<UserAddress> others;  ///< former and further addresses, oldest first
    std::unique_ptr<Stability> stability;
    CourierState courier;
    std::uint64_t revision = 0;
    Record* newer = nullptr;  ///< chain in order of revision
    Record* older = nullptr;

    bool isPresent() const { return presence == Presence::Present || presence == Presence::Silent; }
};

/// All users, found by id, by address, by user and host, and in the order of their changes.
/// Addresses point to at most one user. Not thread-safe: LAN loop only.
class UserBook {
public:
    UserBook();

    Record* find(UserId id);
    Record* findByAddress(Ip4 address);
    /// All records of that user and host, case ignored.
    std::vector<Record*> findByIdentity(std::string_view user, std::string_view host);

    Record& add(std::string_view user, std::string_view host, Ip4 address, TimePoint now);
    void remove(UserId id);
    void setIdentity(Record& record, std::string_view user, std::string_view host);
    /// Makes `address` the current one; the former goes into the history. Whoever had that address loses it.
    void moveTo(Record& record, Ip4 address, TimePoint now);
    void noteFurtherAddress(Record& record, Ip4 address, TimePoint now);
    /// Puts the record at the newest end of the chain with a new revision.
    void touch(Record& record);

    std::size_t size() const { return byId_.size(); }
    std::uint64_t revision() const { return revision_; }
    void setRevision(std::uint64_t revision) { revision_ = revision; }
    UserId nextId() const { return nextId_; }
    void setNextId(UserId next) { nextId_ = next; }
    Record* newest() const { return newest_; }
    Record* oldest() const { return oldest_; }
    void forEach(const std::function<void(Record&)>& use);
    /// Records with id > after, ascending, at most `most`.
    std::vector<Record*> after(UserId after, std::size_t most);

    TextPool& texts() { return texts_; }
    const TextPool& texts() const { return texts_; }

    void setSegments(const std::vector<LanInterface>& own, const std::vector<BaseSite>& bases,
                     const std::vector<RangeLine>& ranges);
    /// Index of the segment of an address; an unknown one is entered as the assumed /24.
    std::uint32_t segmentOf(Ip4 address);
    const SegmentInfo& segment(std::uint32_t index) const { return segments_[index]; }
    const std::vector<SegmentInfo>& segments() const { return segments_; }
    /// True inside own segments, bases and remote ranges: where an administrator expects users.
    bool isExpected(Ip4 address) const;

    LanUser toUser(const Record& record, Delivery delivery, TimePoint now) const;
    /// For introductions and lists.
    ipmsg::Entry toEntry(const Record& record) const;

private:
    static std::uint64_t identityHash(std::string_view user, std::string_view host);
    void unlink(Record& record);
    void linkNewest(Record& record);
    void dropIdentity(const Record& record);

    std::unordered_map<UserId, std::unique_ptr<Record>> byId_;
    std::vector<std::pair<UserId, Record*>> order_;  ///< ascending ids; holes (null) are cleaned up now and then
    std::unordered_map<Ip4, Record*> byAddress_;
    std::unordered_multimap<std::uint64_t, Record*> byIdentity_;
    Record* newest_ = nullptr;
    Record* oldest_ = nullptr;
    std::uint64_t revision_ = 0;
    UserId nextId_ = 1;
    std::size_t holes_ = 0;
    TextPool texts_;
    std::vector<SegmentInfo> segments_;
    std::size_t declaredSegments_ = 0;  ///< the first ones come from interfaces, bases and ranges
    std::vector<AddressSpan> expected_;
    std::unordered_map<std::uint32_t, std::uint32_t> assumedIndex_;  ///< /24 -> index
};

}  // namespace causeway::discovery
