#include "service/store/lan_user_rows.h"

#include <algorithm>
#include <utility>

#include "service/store/sqlite_store.h"

namespace causeway::store {

namespace {

std::optional<Instability> readInstability(const SqlStatement& row, int first) {
    if (row.isNull(first)) return std::nullopt;
    Instability instability;
    instability.reason = unstableReasonOf(row.text(first)).value_or(UnstableReason::Flapping);
    instability.text = row.text(first + 1);
    instability.count = row.number32(first + 2);
    instability.since = row.time(first + 3);
    instability.last = row.time(first + 4);
    instability.ignoredUntil = row.maybeTime(first + 5);
    return instability;
}

/// The columns in the order of the SELECT below.
LanUser readUser(const SqlStatement& row) {
    LanUser user;
    int at = 0;
    user.id = static_cast<UserId>(row.number(at++));
    user.user = row.text(at++);
    user.host = row.text(at++);
    user.nick = row.text(at++);
    user.group = row.text(at++);
    user.address = row.ip(at++);
    user.port = static_cast<std::uint16_t>(row.number(at++));
    user.kind = clientKindOf(row.text(at++)).value_or(ClientKind::Unknown);
    user.client = row.text(at++);
    user.versionField = row.text(at++);
    user.versionLine = row.text(at++);
    user.icon = row.text(at++);
    user.flags = row.number32(at++);
    user.isAway = row.flag(at++);
    user.configuredMaster = row.maybeIp(at++);
    user.presence = presenceOf(row.text(at++)).value_or(Presence::Unconfirmed);
    user.firstSeen = row.time(at++);
    user.lastSeen = row.time(at++);
    user.lastAnswer = row.time(at++);
    user.roundTrip = row.maybeDuration(at++);
    user.segment = Network4::parse(row.text(at++)).value_or(Network4{});
    user.isSegmentAssumed = row.flag(at++);
    user.isOwnSegment = row.flag(at++);
    user.base = row.text(at++);
    user.delivery = deliveryOf(row.text(at++)).value_or(Delivery::None);
    user.lastListAt = row.time(at++);
    user.listedUsers = row.number32(at++);
    user.revision = static_cast<std::uint64_t>(row.number(at++));
    user.instability = readInstability(row, at);
    return user;
}

}  // namespace

std::vector<LanUser> readUsers(Database& database) {
    std::vector<LanUser> users;
    users.reserve(static_cast<std::size_t>(database.number("SELECT COUNT(*) FROM lan_users")));
    auto& rows = database.prepared(
        "SELECT id, user, host, nick, \"group\", address, port, kind, client, version_field, version_line, icon, flags,"
        " is_away, configured_master, presence, first_seen, last_seen, last_answer, round_trip, segment,"
        " is_segment_assumed, is_own_segment, base, delivery, last_list_at, listed_users, revision, unstable_reason,"
        " unstable_text, unstable_count, unstable_since, unstable_last, unstable_ignored_until"
        " FROM lan_users ORDER BY id");
    rows.with();
    while (rows.next())
        users.push_back(readUser(rows));

    // Both reads are sorted by user, so one walk joins them.
    auto& addresses = database.prepared(
        "SELECT user_id, address, port, first_seen, last_seen, is_current FROM lan_user_addresses"
        " ORDER BY user_id, place");
    addresses.with();
    auto user = users.begin();
    while (addresses.next()) {
        const auto id = static_cast<UserId>(addresses.number(0));
        while (user != users.end() && user->id < id)
            ++user;
        if (user == users.end() || user->id != id) continue;
        user->addresses.push_back({addresses.ip(1), static_cast<std::uint16_t>(addresses.number(2)), addresses.time(3),
                                   addresses.time(4), addresses.flag(5)});
    }
    return users;
}

void writeUser(Database& database, const LanUser& user) {
    const auto* unstable = user.instability ? &*user.instability : nullptr;
    const auto ifUnstable = [unstable](auto member) {
        using Value = std::decay_t<decltype(unstable->*member)>;
        return unstable == nullptr ? std::nullopt : std::optional<Value>{unstable->*member};
    };
    // Not INSERT OR REPLACE, which would delete the row first, and its addresses with it.
    database
        .prepared(
            "INSERT INTO lan_users(id, user, host, nick, \"group\", address, port, kind, client, version_field,"
            " version_line, icon, flags, is_away, configured_master, presence, first_seen, last_seen, last_answer,"
            " round_trip, segment, is_segment_assumed, is_own_segment, base, delivery, last_list_at, listed_users,"
            " revision, unstable_reason, unstable_text, unstable_count, unstable_since, unstable_last,"
            " unstable_ignored_until)"
            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
            " ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)"
            " ON CONFLICT(id) DO UPDATE SET user=?2, host=?3, nick=?4, \"group\"=?5, address=?6, port=?7, kind=?8,"
            " client=?9, version_field=?10, version_line=?11, icon=?12, flags=?13, is_away=?14, configured_master=?15,"
            " presence=?16, first_seen=?17, last_seen=?18, last_answer=?19, round_trip=?20, segment=?21,"
            " is_segment_assumed=?22, is_own_segment=?23, base=?24, delivery=?25, last_list_at=?26, listed_users=?27,"
            " revision=?28, unstable_reason=?29, unstable_text=?30, unstable_count=?31, unstable_since=?32,"
            " unstable_last=?33, unstable_ignored_until=?34")
        .with(user.id, user.user, user.host, user.nick, user.group, user.address, user.port, wordOf(user.kind),
              user.client, user.versionField, user.versionLine, user.icon, user.flags, user.isAway,
              user.configuredMaster, wordOf(user.presence), user.firstSeen, user.lastSeen, user.lastAnswer,
              user.roundTrip, user.segment.text(), user.isSegmentAssumed, user.isOwnSegment, user.base,
              wordOf(user.delivery), user.lastListAt, user.listedUsers, user.revision,
              unstable == nullptr ? std::nullopt : std::optional<std::string_view>{wordOf(unstable->reason)},
              ifUnstable(&Instability::text), ifUnstable(&Instability::count), ifUnstable(&Instability::since),
              ifUnstable(&Instability::last), unstable == nullptr ? std::optional<TimePoint>{} : unstable->ignoredUntil)
        .run();

    database.prepared("DELETE FROM lan_user_addresses WHERE user_id=?1 AND place>=?2")
        .with(user.id, static_cast<std::uint64_t>(user.addresses.size()))
        .run();
    int place = 0;
    for (const auto& each : user.addresses) {
        database
            .prepared(
                "INSERT OR REPLACE INTO lan_user_addresses(user_id, place, address, port, first_seen, last_seen,"
                " is_current) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .with(user.id, place++, each.address, each.port, each.firstSeen, each.lastSeen, each.isCurrent)
            .run();
    }
}

void deleteUser(Database& database, UserId id) {
    database.prepared("DELETE FROM lan_user_events WHERE user_id=?1").with(id).run();
    database.prepared("DELETE FROM lan_users WHERE id=?1").with(id).run();
}

std::vector<UserEvent> readUserEvents(Database& database, UserId id, std::size_t most) {
    std::vector<UserEvent> events;
    auto& rows = database.prepared(
        "SELECT at, kind, text FROM lan_user_events WHERE user_id=?1 ORDER BY lan_user_events.id DESC LIMIT ?2");
    rows.with(id, static_cast<std::uint64_t>(most));
    while (rows.next()) {
        events.push_back({rows.time(0), userEventKindOf(rows.text(1)).value_or(UserEventKind::Entered), rows.text(2)});
    }
    std::reverse(events.begin(), events.end());
    return events;
}

void writeUserEvent(Database& database, UserId id, const UserEvent& event) {
    database.prepared("INSERT INTO lan_user_events(user_id, at, kind, text) VALUES(?1, ?2, ?3, ?4)")
        .with(id, event.at, wordOf(event.kind), event.text)
        .run();
    // A user who flaps for weeks must not fill the disk.
    database
        .prepared(
            "DELETE FROM lan_user_events WHERE user_id=?1 AND id<=(SELECT id FROM lan_user_events WHERE user_id=?1"
            " ORDER BY id DESC LIMIT 1 OFFSET ?2)")
        .with(id, static_cast<std::uint64_t>(kMostEventsOfUser))
        .run();
}

}  // namespace causeway::store
