#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/trace/visibility.h"
#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/base_site.h"
#include "shared/model/visibility.h"

namespace causeway::trace {

/// What the directory knows of one user, as far as the matrix needs it.
struct SeenUser {
    UserId id = 0;
    std::string name;
    std::string client;  ///< "iptux 0.8.3"
    ClientKind kind = ClientKind::Unknown;
    Ip4 address;
    std::vector<Ip4> others{};  ///< further addresses where he is now
    Network4 segment;
    std::string base;
    bool isAnswering = false;  ///< the service got an answer from him lately
    /// Others ought to see him: he is there, or vanished within a day without a goodbye.
    bool isExpected = false;
    bool isUnstable = false;
    std::string unstable{};  ///< why
    TimePoint enteredAt{};   ///< his client started or was refreshed last
};

/// The directory, the ranges and the settings at one moment.
struct VisibilitySnapshot {
    TimePoint at{};
    std::vector<SeenUser> users;
    std::vector<LanInterface> interfaces;
    std::vector<BaseSite> bases;
    std::vector<std::string> ranges;              ///< enabled ones, as typed
    std::map<std::string, std::string> settings;  ///< those that decide who sees whom
};

/// Only clients of this kind answer GETLIST.
bool givesList(ClientKind kind);
/// Why the view of such a user is not known; empty if he may be asked.
std::string whyNoList(const SeenUser& user);

/// Everything that one collection showed, made at once for the console.
struct VisibilityReport {
    std::vector<VisibilityGroup> segments;  ///< by base, then address
    std::vector<VisibilityBlock> blocks;    ///< indexes into `segments`
    std::vector<MatrixFault> faults;        ///< observer and subject are indexes into `pcs`
    struct Pc {
        UserId id = 0;
        std::string name;
        std::string base;
        Network4 segment;
        std::uint32_t cells = 0;  ///< who looked at him
        std::uint32_t seen = 0;
        std::uint32_t rowCells = 0;  ///< whom he was asked about
        std::uint32_t rowSeen = 0;
        bool isUnstable = false;
        bool isObserver = false;
    };
    std::vector<Pc> pcs;
    std::uint64_t cells = 0;
    std::uint32_t observers = 0;
    std::uint32_t giveNoList = 0;
    std::uint32_t places = 0;  ///< blocks without enough evidence
};

/// The map of bases, and that of the segments of two bases (page of rows).
VisibilityMap basesMap(const VisibilityReport& report);
VisibilityMap segmentsMap(const VisibilityReport& report, const std::string& fromBase, const std::string& toBase,
                          std::size_t firstRow, std::size_t mostRows);

/// Who saw whom when he was asked last: one byte a pair, with the number of looks in a row that showed the same.
/// A look at somebody who started or refreshed within kSettle before it says nothing: he may not be in the lists yet.
/// Bounds: kMostPcs users, kMostCells pairs; more are left out.
/// Thread: none of its own; not locked. Copies are independent.
class VisibilityBook {
public:
    /// Users of the directory as they are now, and whom the service itself sees. Keeps what was looked at.
    void take(const VisibilitySnapshot& snapshot);
    /// The list of a client. False if nobody has that address, he entered a moment ago, or there is no room.
    bool looked(Ip4 client, const std::vector<Ip4>& listed, TimePoint at);
    /// What the last list of a client had, if he gave one since `since` and within kKeepList; for others who ask.
    std::optional<std::vector<Ip4>> listedBy(Ip4 client, TimePoint since) const;
    /// Whether that observer saw that user when he was asked last; nullopt: not looked at, or it says nothing any more.
    std::optional<bool> sees(UserId observer, UserId subject) const;
    std::optional<UserId> userAt(Ip4 address) const;
    const SeenUser* user(UserId id) const;

    /// Counts, faults and blocks. Takes some tenths of a second for 2,000 computers.
    VisibilityReport report() const;
    VisibilityCells cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                          std::size_t mostObservers, std::size_t firstSubject, std::size_t mostSubjects) const;
    std::size_t users() const { return slotOf_.size(); }

    static constexpr Duration kSettle = 20s;
    static constexpr Duration kKeepList = 10min;
    static constexpr std::size_t kMostPcs = 60000;
    static constexpr std::size_t kMostCells = 64'000'000;

private:
    struct Row {
        TimePoint at{};
        std::vector<std::uint8_t> looks{};  ///< by slot: 0 = not looked at, else looks in a row << 1 | seen
        std::shared_ptr<const std::vector<Ip4>> listed{};  ///< the list itself, for kKeepList
    };
    struct Pc {
        SeenUser user;
        bool isUsed = false;
        Row row{};
    };
    /// The service looks from each of its own segments; only from the first one it looks at others.
    struct OwnRow {
        Network4 segment;
        std::string base;
        Row row{};
    };
    void look(Row& row, std::size_t slot, bool isSeen);
    void shrink(Row& row);
    /// nullopt: not looked at, or it says nothing any more. `enteredAt`: of who looked.
    std::optional<bool> view(const Row& row, std::size_t slot, TimePoint enteredAt) const;
    std::uint32_t takeSlot(UserId id);

    std::vector<Pc> pcs_;  ///< by slot
    std::vector<OwnRow> own_;
    std::unordered_map<UserId, std::uint32_t> slotOf_;
    std::unordered_map<Ip4, std::uint32_t> slotAt_;
    std::vector<std::uint32_t> free_;
    std::size_t used_ = 0;  ///< bytes of rows
};

}  // namespace causeway::trace
