#include "service/app/visibility_line.h"

#include <array>

#include "shared/api/visibility_json.h"

namespace causeway::app {

namespace {

constexpr std::size_t kPage = 2000;       // users in one go on the loop
constexpr Duration kMissed = 24h;         // who vanished longer ago is missed by nobody
constexpr std::uint64_t kKeptNumber = 0;  // of what is no finding

/// Settings that decide who is shown to whom.
constexpr std::array kSettings{"lan.announce_interval",  "lan.excluded_interfaces", "lan.gone_after",
                               "lan.introductions",      "lan.list_bytes",          "lan.lists",
                               "lan.packets_per_second", "lan.probe_interval",      "lan.push_interval",
                               "lan.refresh_check"};

trace::SeenUser seenOf(const LanUser& user, const discovery::Record& record, TimePoint now) {
    trace::SeenUser seen;
    seen.id = user.id;
    seen.name = user.displayName();
    seen.client = user.client;
    seen.kind = user.kind;
    seen.address = user.address;
    for (const auto& each : user.addresses)
        if (each.isCurrent && each.address != user.address) seen.others.push_back(each.address);
    seen.segment = user.segment;
    seen.base = user.base;
    seen.isAnswering = user.presence == Presence::Present;
    const bool hasVanished = user.presence == Presence::Gone && !record.exitSeen && record.refusals == 0 &&
                             record.lastAnswer != TimePoint{} && now - record.lastAnswer < kMissed;
    seen.isExpected = user.isPresent() || hasVanished;
    seen.isUnstable = user.instability.has_value();
    if (user.instability) seen.unstable = user.instability->text;
    seen.enteredAt = std::max(record.courier.enteredAt, record.entryAt);
    return seen;
}

}  // namespace

Result<trace::VisibilitySnapshot> LanVisibilityLine::snapshot() {
    trace::VisibilitySnapshot out;
    for (UserId after = 0;;) {
        struct Page {
            std::vector<trace::SeenUser> users;
            UserId last = 0;
            std::vector<LanInterface> interfaces;
            std::vector<BaseSite> bases;
        };
        auto page = loop_.ask("visibility users", Duration{2000}, [this, after] {
            Page made;
            const auto now = net::EventLoop::now();
            auto& directory = lan_.directory();
            for (const auto& user : directory.usersAfter(after, kPage, now)) {
                made.last = user.id;
                if (const auto* record = directory.book().find(user.id))
                    made.users.push_back(seenOf(user, *record, now));
            }
            made.interfaces = lan_.interfaces();
            made.bases = lan_.bases();
            return made;
        });
        if (!page) return page.error();
        after = page->last;
        const bool isLast = page->users.size() < kPage;
        std::move(page->users.begin(), page->users.end(), std::back_inserter(out.users));
        out.interfaces = std::move(page->interfaces);
        out.bases = std::move(page->bases);
        if (isLast) break;
    }
    if (const auto ranges = search_.ranges()) {
        for (const auto& range : *ranges)
            if (range.isEnabled) out.ranges.push_back(range.text);
    }
    for (const auto* key : kSettings)
        out.settings[key] = settings_.text(key);
    out.at = net::EventLoop::now();
    return out;
}

void LanVisibilityLine::readLists(const std::vector<Ip4>& clients) {
    loop_.post("visibility lists", [this, clients] {
        for (const auto client : clients)
            lan_.directory().readListOf(client, net::EventLoop::now());
        lan_.pump();
    });
}

void LanVisibilityLine::probe(const std::vector<UserId>& users) {
    loop_.post("visibility probes", [this, users] {
        // The directory paces them; whoever has no address now is not asked.
        for (const auto id : users)
            static_cast<void>(lan_.directory().probe(id).has_value());
        lan_.pump();
    });
}

std::vector<VisibilityFinding> StoreVisibilityKeeper::load(trace::VisibilityKept& kept) {
    std::vector<VisibilityFinding> findings;
    const auto rows = store_.loadVisibility();
    if (!rows) {
        log_.write(LogLevel::Warning, "VISIBILITY_NOT_READ", rows.error().text());
        return findings;
    }
    for (const auto& [id, text] : *rows) {
        std::string trouble;
        if (id == kKeptNumber) {
            auto read = api::fromJson<api::VisibilityPast>(text);
            if (read) {
                kept.finishedAt = read->finishedAt;
                for (auto& each : read->fine)
                    kept.fine[each.text] = each.at;
                for (auto& each : read->changes)
                    kept.changes.push_back({each.at, each.text, each.user, each.segment, each.isRestart});
            } else {
                trouble = read.error().text();
            }
        } else {
            auto read = api::fromJson<VisibilityFinding>(text);
            if (read) {
                findings.push_back(std::move(*read));
            } else {
                trouble = read.error().text();
            }
        }
        if (!trouble.empty())
            log_.write(LogLevel::Warning, "VISIBILITY_NOT_READ", "A kept finding is left out: " + trouble);
    }
    return findings;
}

void StoreVisibilityKeeper::save(const VisibilityFinding& finding) {
    store_.saveVisibilityLater(finding.id, api::toJson(finding));
}

void StoreVisibilityKeeper::saveKept(const trace::VisibilityKept& kept) {
    api::VisibilityPast past;
    past.finishedAt = kept.finishedAt;
    for (const auto& [place, at] : kept.fine)
        past.fine.push_back({at, place});
    for (const auto& each : kept.changes)
        past.changes.push_back({each.at, each.text, each.user, each.segment, each.isRestart});
    store_.saveVisibilityLater(kKeptNumber, api::toJson(past));
}

}  // namespace causeway::app
