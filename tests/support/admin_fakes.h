#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/admin/admin_ports.h"
#include "service/admin/log_ring.h"
#include "service/dns/dns_server_io.h"
#include "shared/base/result.h"
#include "shared/base/text.h"
#include "tests/support/auth_fakes.h"

/// Everything that the admin interface talks to, in memory. Mocks: the real ports are tested with their features.
namespace causeway::test {

/// A folder that goes with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::random_device random;
        path_ = std::filesystem::temp_directory_path() /
                ("causeway-test-" + std::to_string(random()) + std::to_string(random()));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline const TimePoint kNoon = fromEpochMillis(1'790'000'000'000);

inline LanUser lanUser(UserId id, const std::string& nick, const std::string& address) {
    LanUser user;
    user.id = id;
    user.user = "user" + std::to_string(id);
    user.host = "pc" + std::to_string(id);
    user.nick = nick;
    user.group = "Sales";
    user.address = *Ip4::parse(address);
    user.addresses = {{user.address, 2425, kNoon, kNoon, true}};
    user.kind = ClientKind::Iptux;
    user.client = "iptux 0.8.3";
    user.flags = 0x00C00000;
    user.presence = Presence::Present;
    user.firstSeen = user.lastSeen = user.lastAnswer = kNoon;
    user.roundTrip = 3ms;
    user.segment = Network4::of(user.address, 24);
    user.revision = id;
    return user;
}

class MemoryLan final : public discovery::LanPort {
public:
    std::mutex lock;
    std::map<UserId, LanUser> users;
    std::vector<LanInterface> interfaces{
        {"eth0", *Ip4::parse("10.1.0.7"), *Network4::parse("10.1.0.0/24"), *Ip4::parse("10.1.0.255"), false}};
    std::vector<UserId> probed;
    bool isBusy = false;
    std::atomic<int> scans{0};

    void add(const LanUser& user) {
        const std::lock_guard hold{lock};
        users[user.id] = user;
    }
    Result<discovery::LanStatus> status() override {
        const std::lock_guard hold{lock};
        if (isBusy) return busy();
        discovery::LanStatus status;
        status.isListening = true;
        status.listen = "0.0.0.0:2425";
        status.users = users.size();
        status.interfaces = interfaces;
        status.serverUser = "causeway";
        return status;
    }
    Result<std::vector<LanUser>> usersAfter(UserId after, std::size_t most) override {
        const std::lock_guard hold{lock};
        if (isBusy) return busy();
        if (after == 0) ++scans;
        std::vector<LanUser> found;
        for (auto at = users.upper_bound(after); at != users.end() && found.size() < most; ++at)
            found.push_back(at->second);
        return found;
    }
    Result<std::vector<LanUser>> usersById(std::span<const UserId> ids) override {
        const std::lock_guard hold{lock};
        if (isBusy) return busy();
        std::vector<LanUser> found;
        for (const auto id : ids) {
            if (const auto at = users.find(id); at != users.end()) found.push_back(at->second);
        }
        return found;
    }
    Result<LanUser> user(UserId id) override {
        const std::lock_guard hold{lock};
        if (isBusy) return busy();
        const auto at = users.find(id);
        if (at == users.end()) return missing(id);
        return at->second;
    }
    Result<std::vector<UserEvent>> history(UserId id) override {
        const std::lock_guard hold{lock};
        if (!users.contains(id)) return missing(id);
        return std::vector<UserEvent>{{kNoon, UserEventKind::Entered, "entered from 10.1.0.21"}};
    }
    Result<void> probe(UserId id) override {
        const std::lock_guard hold{lock};
        if (!users.contains(id)) return missing(id);
        probed.push_back(id);
        return {};
    }
    Result<void> ignoreInstability(UserId id, std::optional<TimePoint> until) override {
        const std::lock_guard hold{lock};
        const auto at = users.find(id);
        if (at == users.end()) return missing(id);
        if (at->second.instability) at->second.instability->ignoredUntil = until;
        return {};
    }
    Result<void> forget(UserId id) override {
        const std::lock_guard hold{lock};
        const auto at = users.find(id);
        if (at == users.end()) return missing(id);
        if (at->second.presence != Presence::Gone)
            return Error{Code::Conflict, "The user is not gone.", "He answered.", "Wait until he is gone."};
        users.erase(at);
        return {};
    }

private:
    static Error missing(UserId id) {
        return Error{Code::NotFound, "There is no user " + std::to_string(id) + ".", "", "Load the list again."};
    }
    static Error busy() { return Error{Code::Timeout, "The LAN part of the service is busy.", "", "Try again."}; }
};

/// A trace as it ends: one failed probe, one path of two hops, and this verdict.
inline void finish(TraceReport& report, VerdictCode code) {
    report.state = TraceState::Finished;
    report.finishedAt = kNoon + 15s;
    TraceRow self;
    self.grade = TraceGrade::Fine;
    self.result = "UDP and TCP 2425 are ours";
    self.started = kNoon;
    TraceRow probe;
    probe.step = TraceStep::ChatProbe;
    probe.grade = code == VerdictCode::Ok ? TraceGrade::Fine : TraceGrade::Failed;
    probe.result = code == VerdictCode::Ok ? "3 of 3 answered in 2 ms" : "0 of 3 answered";
    probe.details = {"asked at 12:00:01"};
    probe.started = kNoon + 1s;
    probe.took = 3000ms;
    probe.method = "UDP from port 2425";
    TraceRow path;
    path.step = TraceStep::Path;
    path.grade = TraceGrade::Partly;
    path.result = "UDP ends after hop 1";
    path.started = kNoon + 4s;
    TraceHop router;
    router.ttl = 1;
    router.isAnswered = true;
    router.address = Ip4::parse("10.1.0.1");
    router.roundTrip = 2ms;
    router.type = std::uint8_t{11};
    router.code = std::uint8_t{0};
    router.sent = 1;
    TraceHop silent;
    silent.ttl = 2;
    silent.sent = silent.lost = 2;
    path.path.emplace().udp = PathColumn{{router, silent}, false};
    report.rows = {self, probe, path};
    Verdict verdict;
    verdict.code = code;
    verdict.certainty = Certainty::Likely;
    verdict.sentence = code == VerdictCode::Ok ? "All that was measured works." : "UDP 2425 ends at 10.1.0.1.";
    if (code != VerdictCode::Ok) {
        verdict.parameters.hopAddress = Ip4::parse("10.1.0.1");
        verdict.parameters.hopNumber = 1;
        verdict.remedy = {
            {"Open UDP 2425 both ways on 10.1.0.1.", "nft add rule inet filter forward udp dport 2425 accept"}};
        verdict.proofs = {{TraceStep::Path, TraceLeg::AToY}};
        verdict.missing = TraceStep::PathBack;
        verdict.missingText = "Link the service of the other base.";
    }
    report.verdicts = {verdict};
    report.packetsSent = 12;
    report.packetsReceived = 4;
    ++report.revision;
}

/// Traces that do nothing by themselves: a test finishes them.
class MemoryTraces final : public trace::TracePort {
public:
    std::mutex lock;
    std::vector<TraceReport> all;  ///< newest first
    std::uint64_t lastId = 0;
    std::function<void(TraceReport&)> onStart{};  ///< may finish it at once
    std::function<void(TraceReport&)> onStop{};   ///< what the stop leaves; empty: only the state
    std::function<void(TraceReport&)> onAsked{};  ///< each time one is read
    std::string packets = std::string("\n\r\r\n\0pcapng", 11);

    Result<TraceReport> start(const TraceRequest& wanted, const std::string& by) override {
        const std::lock_guard hold{lock};
        TraceReport report;
        report.id = ++lastId;
        report.request = wanted;
        report.by = by;
        report.startedAt = kNoon;
        report.x = wanted.from.empty() ? "this service" : wanted.from;
        report.y = wanted.to;
        report.yAddress = Ip4::parse(wanted.to).value_or(Ip4{});
        report.revision = 1;
        if (onStart) onStart(report);
        all.insert(all.begin(), report);
        return report;
    }
    Result<TraceReport> stop(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        auto* found = find(id);
        if (found == nullptr) return missing();
        found->state = TraceState::Stopped;
        found->finishedAt = kNoon;
        ++found->revision;
        if (onStop) onStop(*found);
        return *found;
    }
    Result<TraceReport> trace(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        auto* found = find(id);
        if (found == nullptr) return missing();
        if (onAsked) onAsked(*found);
        return *found;
    }
    Result<std::vector<TraceReport>> traces() override {
        const std::lock_guard hold{lock};
        return all;
    }
    Result<void> remove(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        const auto* found = find(id);
        if (found == nullptr) return missing();
        if (found->state == TraceState::Running) return Error{Code::Conflict, "This trace runs.", "", "Stop it first."};
        std::erase_if(all, [id](const TraceReport& each) { return each.id == id; });
        return {};
    }
    Result<std::string> capture(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (find(id) == nullptr) return missing();
        return packets;
    }

private:
    TraceReport* find(std::uint64_t id) {
        for (auto& each : all) {
            if (each.id == id) return &each;
        }
        return nullptr;
    }
    static Error missing() { return Error{Code::NotFound, "There is no such trace.", "", "Load the list again."}; }
};

/// A company of two bases with a dark road between them; nothing is collected by itself.
class MemoryVisibility final : public trace::VisibilityPort {
public:
    std::mutex lock;
    VisibilityStatus now;
    VisibilityMap map;
    VisibilityMap inside;
    VisibilityCells grid;
    std::vector<VisibilityFinding> found;
    std::vector<VisibilityScope> asked;
    std::size_t row = 0, column = 0;

    MemoryVisibility() {
        const Network4 hq{Ip4{0x0A010000}, 24};
        const Network4 osaka{Ip4{0x0A020000}, 24};
        map.rows = {{"hq", {}, 5, 4}, {"osaka", {}, 4, 3}};
        map.columns = map.rows;
        map.blocks = {{0, 0, 20, 20, 4, 0, 0, BlockState::Seen},
                      {0, 1, 16, 0, 4, 1, 6, BlockState::Dark},
                      {1, 0, 15, 0, 3, 6, 1, BlockState::Dark},
                      {1, 1, 9, 8, 3, 7, 8, BlockState::Partly}};
        map.totalRows = map.totalColumns = 2;
        inside = map;
        inside.rows = {{"hq", hq, 5, 4}, {"osaka", osaka, 4, 3}};
        inside.columns = inside.rows;
        VisibilityPc alice{1, "Alice", Ip4{0x0A010015}, ClientKind::Windows, false, kNoon, {}};
        VisibilityPc xena{6, "Xena", Ip4{0x0A020015}, ClientKind::Iptux, false, {}, "iptux does not give its list."};
        grid = {hq, osaka, {alice, xena}, {alice, xena}, {".0", ".."}, 2, 2};
        VisibilityFinding link;
        link.id = 1;
        link.kind = FaultKind::SiteLink;
        link.certainty = Certainty::Certain;
        link.from = hq;
        link.to = osaka;
        link.fromBase = "hq";
        link.toBase = "osaka";
        link.cells = 31;
        link.observers = 7;
        link.looks = 2;
        link.sentence = "10.1.0.0/24 and 10.2.0.0/24 do not see each other.";
        link.todo = "Trace the pair.";
        link.firstSeen = link.lastSeen = kNoon;
        link.lastFine = kNoon - 1h;
        link.changes = {{kNoon - 30min, "The remote range \"10.2.0.*\" was taken away or switched off."}};
        link.traceFrom = 1;
        link.traceTo = 6;
        found = {link};
        now.startedAt = now.finishedAt = kNoon;
        now.toAsk = now.asked = now.answered = 7;
        now.pcs = 9;
        now.observers = 7;
        now.giveNoList = 2;
        now.cells = 60;
        now.openFindings = 1;
        now.collections = 2;
        now.listsAsked = now.listsRead = 14;
        now.revision = 5;
    }
    VisibilityStatus status() override {
        const std::lock_guard hold{lock};
        return now;
    }
    VisibilityMap bases() override {
        const std::lock_guard hold{lock};
        return map;
    }
    Result<VisibilityMap> segments(const std::string& from, const std::string& to, std::size_t firstRow) override {
        const std::lock_guard hold{lock};
        row = firstRow;
        if (from == "nowhere" || to == "nowhere")
            return Error{Code::NotFound, "There is no base \"nowhere\" in the map.", "", "Load the map again."};
        return inside;
    }
    Result<VisibilityCells> cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                                  std::size_t firstSubject) override {
        const std::lock_guard hold{lock};
        row = firstObserver;
        column = firstSubject;
        auto page = grid;
        page.from = from;
        page.to = to;
        return page;
    }
    std::vector<VisibilityFinding> findings() override {
        const std::lock_guard hold{lock};
        return found;
    }
    Result<VisibilityStatus> collect(const VisibilityScope& scope, const std::string& by) override {
        const std::lock_guard hold{lock};
        if (now.isCollecting)
            return Error{Code::Busy, "The lists were not collected.", "A collection runs already.", "Wait."};
        asked.push_back(scope);
        now.isCollecting = true;
        now.scope = scope;
        now.by = by;
        ++now.revision;
        return now;
    }
    VisibilityStatus stop() override {
        const std::lock_guard hold{lock};
        now.isCollecting = false;
        ++now.revision;
        return now;
    }
};

class MemorySearch final : public search::SearchPort {
public:
    std::mutex lock;
    std::vector<RemoteRange> list;
    std::uint64_t revision = 1;
    std::uint64_t lastId = 0;
    std::vector<UserSearch> done;
    std::vector<SearchRow> found;
    std::string failReplaceWith;

    Result<std::vector<RemoteRange>> ranges() override {
        const std::lock_guard hold{lock};
        return list;
    }
    Result<std::uint64_t> rangesRevision() override {
        const std::lock_guard hold{lock};
        return revision;
    }
    Result<RemoteRange> addRange(const std::string& text, bool isEnabled) override {
        if (auto line = parseRangeLine(text); !line) return line.error();
        const std::lock_guard hold{lock};
        RemoteRange range;
        range.id = ++lastId;
        range.text = text;
        range.isEnabled = isEnabled;
        list.push_back(range);
        ++revision;
        return range;
    }
    Result<RemoteRange> changeRange(std::uint64_t id, const std::string& text, bool isEnabled) override {
        if (auto line = parseRangeLine(text); !line) return line.error();
        const std::lock_guard hold{lock};
        for (auto& range : list) {
            if (range.id != id) continue;
            range.text = text;
            range.isEnabled = isEnabled;
            ++revision;
            return range;
        }
        return Error{Code::NotFound, "There is no such range."};
    }
    Result<void> removeRange(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (std::erase_if(list, [id](const RemoteRange& range) { return range.id == id; }) == 0)
            return Error{Code::NotFound, "There is no such range."};
        ++revision;
        return {};
    }
    Result<std::vector<RemoteRange>> replaceRanges(const std::string& text) override {
        const std::lock_guard hold{lock};
        if (!failReplaceWith.empty()) return Error{Code::Unavailable, failReplaceWith};
        std::vector<RemoteRange> next;
        for (const auto line : split(text, '\n')) {
            if (trimmed(line).empty()) continue;
            const auto same =
                std::find_if(list.begin(), list.end(), [line](const RemoteRange& range) { return range.text == line; });
            if (same != list.end()) {
                next.push_back(*same);
                continue;
            }
            RemoteRange range;
            range.id = ++lastId;
            range.text = std::string(line);
            next.push_back(range);
        }
        list = std::move(next);
        ++revision;
        return list;
    }
    Result<RangePreview> preview(const std::string& text) override {
        return previewRanges(text, {*Network4::parse("10.1.0.0/24")}, 200);
    }
    Result<UserSearch> start(const UserSearch& wanted) override {
        const std::lock_guard hold{lock};
        for (const auto& search : done) {
            if (search.state == SearchState::Running)
                return Error{Code::Conflict, "A search runs already.", "", "Wait for it or stop it."};
        }
        auto search = wanted;
        search.id = ++lastId;
        search.state = SearchState::Running;
        search.startedAt = kNoon;
        done.insert(done.begin(), search);
        return search;
    }
    Result<UserSearch> stop(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        for (auto& search : done) {
            if (search.id != id) continue;
            search.state = SearchState::Stopped;
            search.finishedAt = kNoon;
            return search;
        }
        return Error{Code::NotFound, "There is no such search."};
    }
    Result<std::vector<UserSearch>> searches() override {
        const std::lock_guard hold{lock};
        return done;
    }
    Result<UserSearch> search(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        for (const auto& search : done) {
            if (search.id == id) return search;
        }
        return Error{Code::NotFound, "There is no such search."};
    }
    Result<std::vector<SearchRow>> rows(std::uint64_t, std::size_t from, std::size_t most) override {
        const std::lock_guard hold{lock};
        std::vector<SearchRow> part;
        for (auto i = from; i < found.size() && part.size() < most; ++i)
            part.push_back(found[i]);
        return part;
    }
};

class MemoryStore final : public store::StorePort {
public:
    std::mutex lock;
    std::vector<AdminRow> admins;
    std::vector<TokenRow> tokenRows;
    std::vector<BaseSite> sites;
    std::vector<AuditEntry> auditRows;
    std::map<std::string, TimePoint> muted;
    std::uint64_t lastId = 0;
    std::string diskTrouble;
    bool failAdministrators = false;

    Result<std::vector<std::pair<std::string, std::string>>> loadSettings() override {
        return std::vector<std::pair<std::string, std::string>>{};
    }
    Result<void> saveSettings(const std::vector<std::pair<std::string, std::optional<std::string>>>&) override {
        return {};
    }
    Result<std::vector<LanUser>> loadUsers() override { return std::vector<LanUser>{}; }
    void saveUsersLater(std::vector<LanUser>) override {}
    void removeUsersLater(std::vector<UserId>) override {}
    void addUserEventsLater(std::vector<std::pair<UserId, UserEvent>>) override {}
    Result<std::vector<UserEvent>> userEvents(UserId, std::size_t) override { return std::vector<UserEvent>{}; }
    Result<std::vector<RemoteRange>> loadRanges() override { return std::vector<RemoteRange>{}; }
    Result<void> saveRanges(const std::vector<RemoteRange>&) override { return {}; }
    void saveRangeResultsLater(std::vector<RemoteRange>) override {}
    Result<std::vector<UserSearch>> loadSearches(std::size_t) override { return std::vector<UserSearch>{}; }
    Result<std::vector<SearchRow>> searchRows(std::uint64_t, std::size_t, std::size_t) override {
        return std::vector<SearchRow>{};
    }
    void saveSearchLater(UserSearch) override {}
    void addSearchRowsLater(std::uint64_t, std::vector<SearchRow>) override {}
    void removeSearchLater(std::uint64_t) override {}
    Result<std::vector<std::pair<std::uint64_t, std::string>>> loadVisibility() override {
        return std::vector<std::pair<std::uint64_t, std::string>>{};
    }
    void saveVisibilityLater(std::uint64_t, std::string) override {}
    void removeVisibilityLater(std::uint64_t) override {}
    Result<std::vector<std::string>> loadTraces(std::size_t) override { return std::vector<std::string>{}; }
    void saveTraceLater(std::uint64_t, TimePoint, std::string) override {}
    void removeTraceLater(std::uint64_t) override {}

    Result<std::vector<BaseSite>> bases() override {
        const std::lock_guard hold{lock};
        return sites;
    }
    Result<BaseSite> saveBase(BaseSite base) override {
        const std::lock_guard hold{lock};
        if (base.id == 0) {
            base.id = ++lastId;
            sites.push_back(base);
            return base;
        }
        for (auto& site : sites) {
            if (site.id == base.id) site = base;
        }
        return base;
    }
    Result<void> removeBase(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        std::erase_if(sites, [id](const BaseSite& site) { return site.id == id; });
        return {};
    }
    Result<std::vector<AdminRow>> administrators() override {
        const std::lock_guard hold{lock};
        return admins;
    }
    Result<Administrator> saveAdministrator(const AdminRow& row) override {
        const std::lock_guard hold{lock};
        if (failAdministrators) return Error{Code::Unavailable, "The disk is full."};
        if (row.admin.id == 0) {
            admins.push_back(row);
            admins.back().admin.id = ++lastId;
            return admins.back().admin;
        }
        for (auto& old : admins) {
            if (old.admin.id != row.admin.id) continue;
            old.admin = row.admin;
            if (!row.passwordHash.empty()) old.passwordHash = row.passwordHash;
        }
        return row.admin;
    }
    Result<void> removeAdministrator(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        std::erase_if(admins, [id](const AdminRow& row) { return row.admin.id == id; });
        return {};
    }
    Result<std::vector<TokenRow>> tokens() override {
        const std::lock_guard hold{lock};
        return tokenRows;
    }
    Result<ApiToken> saveToken(const TokenRow& row) override {
        const std::lock_guard hold{lock};
        if (row.token.id == 0) {
            tokenRows.push_back(row);
            tokenRows.back().token.id = ++lastId;
            return tokenRows.back().token;
        }
        for (auto& old : tokenRows) {
            if (old.token.id == row.token.id) old = row;
        }
        return row.token;
    }
    Result<void> removeToken(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        std::erase_if(tokenRows, [id](const TokenRow& row) { return row.token.id == id; });
        return {};
    }
    Result<void> addAudit(const AuditEntry& entry) override {
        const std::lock_guard hold{lock};
        if (!diskTrouble.empty()) return Error{Code::Unavailable, diskTrouble};
        auditRows.push_back(entry);
        auditRows.back().id = auditRows.size();
        return {};
    }
    Result<std::vector<AuditEntry>> audit(std::uint64_t before, std::size_t most) override {
        const std::lock_guard hold{lock};
        std::vector<AuditEntry> found;
        for (auto row = auditRows.rbegin(); row != auditRows.rend() && found.size() < most; ++row) {
            if (before == 0 || row->id < before) found.push_back(*row);
        }
        return found;
    }
    Result<void> muteProblem(const std::string& id, std::optional<TimePoint> until) override {
        const std::lock_guard hold{lock};
        if (until) {
            muted[id] = *until;
        } else {
            muted.erase(id);
        }
        return {};
    }
    Result<std::vector<std::pair<std::string, TimePoint>>> mutedProblems() override {
        const std::lock_guard hold{lock};
        return std::vector<std::pair<std::string, TimePoint>>{muted.begin(), muted.end()};
    }
    Result<std::optional<Secret>> secret(std::string_view) override { return std::optional<Secret>{}; }
    Result<void> saveSecret(std::string_view, const Secret&) override { return {}; }
    Result<std::uint64_t> counter(std::string_view) override { return std::uint64_t{0}; }
    void saveCounterLater(std::string_view, std::uint64_t) override {}
    void pruneLater(TimePoint, TimePoint, TimePoint) override {}
    Result<void> flush() override { return {}; }
    std::string trouble() const override { return diskTrouble; }

    std::vector<AuditEntry> auditCopy() {
        const std::lock_guard hold{lock};
        return auditRows;
    }
};

class MemorySettings final : public admin::SettingsPort {
public:
    std::mutex lock;
    std::map<std::string, std::string, std::less<>> set;  ///< what differs from the default
    std::uint64_t revision = 1;

    admin::SettingsNow settings() override {
        const std::lock_guard hold{lock};
        admin::SettingsNow now;
        now.revision = revision;
        for (const auto& row : settingRows()) {
            const auto found = set.find(row.key);
            now.values.push_back({std::string(row.key), found == set.end() ? std::string(row.standard) : found->second,
                                  found == set.end()});
            if (const auto why = fixedReason(row); !why.empty()) now.fixed[std::string(row.key)] = why;
        }
        return now;
    }
    /// As the real one: what is needed to start stands in a file.
    bool filesAreFixed = false;
    std::string fixedReason(const SettingRow& row) const {
        return filesAreFixed && row.home == SettingHome::File ? "it stands in causeway.toml." : "";
    }
    std::vector<admin::SettingProblem> check(const Changes& changes) override {
        std::vector<admin::SettingProblem> problems;
        for (const auto& [key, value] : changes) {
            if (const auto why = fixedReason(*findSetting(key)); !why.empty())
                problems.push_back({key, key + " cannot be changed here: " + why});
            if (key == "lan.charset" && value && *value == "klingon")
                problems.push_back({key, "lan.charset: there is no character set \"klingon\"."});
        }
        return problems;
    }
    Result<std::vector<std::string>> change(const Changes& changes, std::optional<std::uint64_t> expected) override {
        if (const auto problems = check(changes); !problems.empty())
            return Error{Code::BadInput, problems.front().text, "", "No setting was changed."};
        const std::lock_guard hold{lock};
        if (expected && *expected != revision) return Error{Code::Conflict, "Somebody was faster."};
        std::vector<std::string> needsRestart;
        for (const auto& [key, value] : changes) {
            if (value) {
                set[key] = *value;
            } else {
                set.erase(key);
            }
            if (findSetting(key)->needsRestart) needsRestart.push_back(key);
        }
        ++revision;
        return needsRestart;
    }
};

class MemoryStatus final : public admin::StatusPort {
public:
    admin::ServiceFacts facts() override {
        admin::ServiceFacts facts;
        facts.serverName = "hq-server";
        facts.version = "0.1.0";
        facts.startedAt = kNoon;
        facts.dataFolder = "the data folder";
        facts.residentBytes = 1000;
        facts.listeners = {{"lan-udp", "0.0.0.0:2425", api::ListenerState::Listening, ""}};
        return facts;
    }
};

class MemoryProblems final : public admin::ProblemsPort {
public:
    std::mutex lock;
    std::vector<Problem> all;
    std::vector<Problem> problems() override {
        const std::lock_guard hold{lock};
        return all;
    }
};

/// One chat domain in memory; the policy is the real one.
class MemoryDomains final : public domains::DomainsPort {
public:
    MemoryDomains() {
        ChatDomain domain;
        domain.id = 1;
        domain.name = domain.shown = "chat.example.com";
        domain.createdAt = kNoon;
        domain.revision = 1;
        book.put(domain, kNoon);
        Supernode node;
        node.id = 2;
        node.domain = 1;
        node.name = "sn1";
        node.lanAddress = "10.1.0.5";
        book.put(node, kNoon);
        ProofStep proof{"directory", "Directory", ProofState::Broken, "text", kNoon, 5ms,
                        "text",      "text",      {{"a", "b"}},       {}};
        proof.children.push_back(
            {"bind", "Bind", ProofState::Broken, "text", kNoon, 5ms, "text", "text", {{"a", "b"}}, {}});
        book.checked(1, DotKind::Directory, proof, kNoon);
        book.checked(1, DotKind::Supernode, proof, kNoon);
    }

    std::mutex lock;
    domains::DomainBook book;
    std::uint64_t lastId = 2;
    std::uint64_t accounts = 4;
    std::string lastTokenHash;
    std::function<std::set<std::uint64_t>()> providers;  ///< ids of those that exist
    int saves = 0;                                       ///< of domains and supernodes
    bool failSupernodes = false;
    std::string localAddress;  ///< a new domain gets this service as supernode

    Result<std::vector<domains::DomainView>> domains() override {
        const std::lock_guard hold{lock};
        std::vector<domains::DomainView> all;
        for (const auto* each : book.all())
            all.push_back(viewOf(*each));
        return all;
    }
    Result<domains::DomainView> domain(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        const auto* found = book.find(id);
        if (found == nullptr) return Error{Code::NotFound, "There is no such chat domain."};
        return viewOf(*found);
    }
    Result<std::vector<DotChange>> history(std::uint64_t id, std::size_t) override {
        const std::lock_guard hold{lock};
        return book.history(id);
    }
    Result<std::vector<DraftProblem>> check(ChatDomain& draft) override {
        const std::lock_guard hold{lock};
        if (providers) book.setProviders(providers());
        return book.check(draft);
    }
    Result<domains::DomainView> save(ChatDomain draft, std::vector<DraftProblem>& problems) override {
        const std::lock_guard hold{lock};
        if (providers) book.setProviders(providers());
        problems = book.check(draft);
        if (!problems.empty()) return Error{Code::BadInput, "The chat domain was not saved.", problems.front().text};
        ++saves;
        const bool isNew = draft.id == 0;
        if (isNew) draft.id = ++lastId;
        ++draft.revision;
        book.put(draft, kNoon);
        if (isNew && !localAddress.empty()) {
            Supernode node;
            node.id = ++lastId;
            node.domain = draft.id;
            node.name = "sn1";
            node.origin = SupernodeOrigin::Local;
            node.lanAddress = localAddress;
            book.put(node, kNoon);
        }
        return viewOf(draft);
    }
    Result<void> remove(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        book.remove(id);
        return {};
    }
    Result<Supernode> saveSupernode(Supernode draft, const std::string& tokenHash,
                                    std::vector<DraftProblem>& problems) override {
        const std::lock_guard hold{lock};
        problems = book.check(draft);
        if (!problems.empty()) return Error{Code::BadInput, "The supernode was not saved.", problems.front().text};
        if (failSupernodes) return Error{Code::Unavailable, "The disk is full."};
        ++saves;
        if (draft.id == 0) draft.id = ++lastId;
        book.put(draft, kNoon);
        lastTokenHash = tokenHash;
        return draft;
    }
    Result<void> removeSupernode(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (book.findSupernode(id) == nullptr) return Error{Code::NotFound, "There is no such supernode."};
        book.removeSupernode(id);
        return {};
    }
    Result<Supernode> heartbeat(const std::string& tokenHash, const std::string&) override {
        const std::lock_guard hold{lock};
        if (tokenHash.empty() || tokenHash != lastTokenHash)
            return Error{Code::Denied, "This supernode is not registered here."};
        return *book.findSupernode(lastId);
    }
    Result<void> checkNow(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        if (book.find(id) == nullptr) return Error{Code::NotFound, "There is no such chat domain."};
        return {};
    }
    Result<domains::Gate> gate(const std::string& name) override {
        const std::lock_guard hold{lock};
        return book.gate(name);
    }

private:
    domains::DomainView viewOf(const ChatDomain& domain) {
        domains::DomainView view;
        view.domain = domain;
        view.directory = book.dot(domain.id, DotKind::Directory);
        view.supernode = book.dot(domain.id, DotKind::Supernode);
        view.gate = book.gate(domain.name);
        view.accounts = accounts;
        for (const auto* node : book.supernodesOf(domain.id))
            view.supernodes.push_back({*node, book.isLive(*node, kNoon)});
        return view;
    }
};

/// The real records of chat.example.com without a listener, and keys in memory.
class MemoryDns final : public admin::DnsKeysPort {
public:
    MemoryDns() {
        dns::DnsSettings settings;
        settings.listen.clear();
        settings.systemResolvers = {"127.0.0.1:9"};  // nobody answers there
        auto opened = dns::DnsServer::open(settings, log, nullptr);
        INVARIANT(opened.has_value());
        server = std::move(*opened);
        dns::ZoneInput zone;
        zone.domain = "chat.example.com";
        dns::SupernodeFacts node;
        node.host = {"sn1", {*dns::IpAddress::parse("10.1.0.5")}, {}};
        node.webPort = 0;
        node.isLive = true;
        zone.supernodes = {node};
        zone.nameServers = {{"ns1", {*dns::IpAddress::parse("10.1.0.5")}, {}}};
        zone.websocketPath.clear();
        server->setZones({zone});
    }

    std::vector<std::string> names() override { return keys; }
    Result<Key> add(const std::string& name, const std::optional<Secret>& secret) override {
        if (name.empty()) return Error{Code::BadInput, "The key was not added."};
        keys.push_back(name);
        return Key{name, secret.value_or(Secret{"bWFkZSBmb3IgdGhpcyB0ZXN0"})};
    }
    Result<void> remove(const std::string& name) override {
        if (std::erase(keys, name) == 0) return Error{Code::NotFound, "There is no such key."};
        return {};
    }
    std::string trouble() override { return "UDP port 53 is held by another program."; }

    NoLog log;
    std::unique_ptr<dns::DnsServer> server;
    std::vector<std::string> keys{"transfer"};
};

class MemoryCertificates final : public xmpp::CertificatesPort {
public:
    MemoryCertificates() {
        facts.domain = "chat.example.com";
        facts.isThere = facts.isSelfSigned = facts.coversDomain = facts.keyMatches = true;
        facts.names = {{CertificateName::Kind::Dns, "chat.example.com"}};
        facts.notBefore = facts.notAfter = facts.readAt = kNoon;
        facts.publicKeySha256 = std::string(32, 'k');
        facts.trouble = CertificateTrouble::EndsSoon;
    }
    std::vector<CertificateFacts> certificates() const override { return {facts}; }
    std::optional<CertificateFacts> certificate(const std::string& domain) const override {
        return domain == facts.domain ? std::optional(facts) : std::nullopt;
    }
    CertificateFacts checkFiles(const std::string& domain, const std::string& certificateFile,
                                const std::string&) const override {
        if (files && certificateFile == files->first) return files->second;
        CertificateFacts missing;
        missing.domain = domain;
        missing.trouble = CertificateTrouble::FileMissing;
        missing.problem = "There is no file " + certificateFile + ".";
        return missing;
    }
    CertificateFacts facts;
    std::optional<std::pair<std::string, CertificateFacts>> files;  ///< path, and what is said about it
};

/// All ports together, with a clock that stands still unless it is set.
struct AdminWorld {
    MemoryLan lan;
    MemorySearch search;
    MemoryTraces traces;
    MemoryVisibility visibility;
    MemoryStore store;
    MemoryDomains domains;
    MemoryProviders providers;
    MemoryAccounts accounts;
    MemoryDns dns;
    MemoryCertificates certificates;
    MemorySettings settings;
    MemoryStatus status;
    MemoryProblems problems;
    admin::LogRing logs;
    NoLog log;
    std::atomic<std::int64_t> nowMillis{epochMillis(kNoon)};

    TimePoint now() const { return fromEpochMillis(nowMillis); }
    void pass(Duration time) { nowMillis += time.count(); }
    admin::AdminPorts ports() {
        admin::AdminPorts all;
        all.lan = &lan;
        all.search = &search;
        all.traces = &traces;
        all.visibility = &visibility;
        all.domains = &domains;
        domains.providers = [this] { return providers.ids(); };
        all.providers = &providers;
        all.accounts = &accounts;
        all.dns = dns.server.get();
        all.dnsKeys = &dns;
        all.certificates = &certificates;
        all.store = &store;
        all.settings = &settings;
        all.status = &status;
        all.problems = &problems;
        all.logs = &logs;
        all.now = [this] { return now(); };
        return all;
    }
};

}  // namespace causeway::test
