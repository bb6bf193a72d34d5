#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "shared/model/admin.h"
#include "shared/model/lan_user.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

namespace causeway {

namespace {

template <class E>
struct Word {
    E value;
    const char* word;
};
template <class E>
Word(E, const char*) -> Word<E>;  // clang before 17 does not deduce aggregates by itself

constexpr std::array kClientKinds{Word{ClientKind::Unknown, "unknown"}, Word{ClientKind::Windows, "windows"},
                                  Word{ClientKind::Mac, "mac"},         Word{ClientKind::Mobile, "mobile"},
                                  Word{ClientKind::Iptux, "iptux"},     Word{ClientKind::Feiq, "feiq"},
                                  Word{ClientKind::Other, "other"},     Word{ClientKind::Causeway, "causeway"}};
constexpr std::array kPresences{Word{Presence::Unconfirmed, "unconfirmed"}, Word{Presence::Present, "present"},
                                Word{Presence::Silent, "silent"}, Word{Presence::Gone, "gone"}};
constexpr std::array kReasons{Word{UnstableReason::Flapping, "flapping"},
                              Word{UnstableReason::MissedProbes, "missed-probes"},
                              Word{UnstableReason::RestartWithoutExit, "restart-without-exit"},
                              Word{UnstableReason::AddressChanges, "address-changes"},
                              Word{UnstableReason::SharedAddress, "shared-address"},
                              Word{UnstableReason::PortClosed, "port-closed"},
                              Word{UnstableReason::DuplicateIdentity, "duplicate-identity"}};
constexpr std::array kDeliveries{Word{Delivery::None, "none"}, Word{Delivery::SignedList, "signed-list"},
                                 Word{Delivery::PlainList, "plain-list"}, Word{Delivery::Introduction, "introduction"},
                                 Word{Delivery::NotNeeded, "not-needed"}};
constexpr std::array kUserEvents{
    Word{UserEventKind::Entered, "entered"},
    Word{UserEventKind::Confirmed, "confirmed"},
    Word{UserEventKind::Left, "left"},
    Word{UserEventKind::BecameSilent, "became-silent"},
    Word{UserEventKind::DeclaredGone, "declared-gone"},
    Word{UserEventKind::CameBack, "came-back"},
    Word{UserEventKind::Renamed, "renamed"},
    Word{UserEventKind::Moved, "moved"},
    Word{UserEventKind::Refused, "refused"},
    Word{UserEventKind::RefreshedList, "refreshed-list"},
    Word{UserEventKind::MarkedUnstable, "marked-unstable"},
    Word{UserEventKind::Calm, "calm"},
};
constexpr std::array kSearchStates{Word{SearchState::Waiting, "waiting"},   Word{SearchState::Running, "running"},
                                   Word{SearchState::Stopping, "stopping"}, Word{SearchState::Finished, "finished"},
                                   Word{SearchState::Stopped, "stopped"},   Word{SearchState::Failed, "failed"}};
constexpr std::array kFindings{Word{SearchFinding::New, "new"}, Word{SearchFinding::Known, "known"},
                               Word{SearchFinding::Lost, "lost"}};
constexpr std::array kOrigins{Word{SearchOrigin::Manual, "manual"}, Word{SearchOrigin::Start, "start"},
                              Word{SearchOrigin::Interval, "interval"}};
constexpr std::array kRoles{Word{Role::Viewer, "viewer"}, Word{Role::Operator, "operator"}, Word{Role::Admin, "admin"}};
constexpr std::array kSeverities{Word{Severity::Notice, "notice"}, Word{Severity::Warning, "warning"},
                                 Word{Severity::Problem, "problem"}};
constexpr std::array kRangeKinds{Word{RangeKind::Blank, "blank"},       Word{RangeKind::Single, "single"},
                                 Word{RangeKind::Wildcard, "wildcard"}, Word{RangeKind::Cidr, "cidr"},
                                 Word{RangeKind::FromTo, "from-to"},    Word{RangeKind::Broadcast, "broadcast"},
                                 Word{RangeKind::Name, "name"}};

template <class E, std::size_t N>
const char* find(const std::array<Word<E>, N>& words, E value) {
    for (const auto& entry : words) {
        if (entry.value == value) return entry.word;
    }
    return "unknown";
}

template <class E, std::size_t N>
std::optional<E> findValue(const std::array<Word<E>, N>& words, std::string_view word) {
    for (const auto& entry : words) {
        if (word == entry.word) return entry.value;
    }
    return std::nullopt;
}

}  // namespace

const char* wordOf(ClientKind kind) {
    return find(kClientKinds, kind);
}
const char* wordOf(Presence presence) {
    return find(kPresences, presence);
}
const char* wordOf(UnstableReason reason) {
    return find(kReasons, reason);
}
const char* wordOf(Delivery delivery) {
    return find(kDeliveries, delivery);
}
const char* wordOf(UserEventKind kind) {
    return find(kUserEvents, kind);
}
const char* wordOf(SearchState state) {
    return find(kSearchStates, state);
}
const char* wordOf(SearchFinding finding) {
    return find(kFindings, finding);
}
const char* wordOf(SearchOrigin origin) {
    return find(kOrigins, origin);
}
const char* wordOf(Role role) {
    return find(kRoles, role);
}
const char* wordOf(Severity severity) {
    return find(kSeverities, severity);
}
const char* wordOf(RangeKind kind) {
    return find(kRangeKinds, kind);
}

std::optional<ClientKind> clientKindOf(std::string_view word) {
    return findValue(kClientKinds, word);
}
std::optional<Presence> presenceOf(std::string_view word) {
    return findValue(kPresences, word);
}
std::optional<UnstableReason> unstableReasonOf(std::string_view word) {
    return findValue(kReasons, word);
}
std::optional<Delivery> deliveryOf(std::string_view word) {
    return findValue(kDeliveries, word);
}
std::optional<UserEventKind> userEventKindOf(std::string_view word) {
    return findValue(kUserEvents, word);
}
std::optional<SearchState> searchStateOf(std::string_view word) {
    return findValue(kSearchStates, word);
}
std::optional<SearchFinding> searchFindingOf(std::string_view word) {
    return findValue(kFindings, word);
}
std::optional<SearchOrigin> searchOriginOf(std::string_view word) {
    return findValue(kOrigins, word);
}
std::optional<Role> roleOf(std::string_view word) {
    return findValue(kRoles, word);
}
std::optional<Severity> severityOf(std::string_view word) {
    return findValue(kSeverities, word);
}

std::string LanUser::displayName() const {
    if (!nick.empty()) return nick;
    // A fingerprint "-<16 hex digits>" ends the names of encrypting clients; people do not want to read it.
    const auto mark = user.rfind("-<");
    if (mark != std::string::npos && mark > 0 && user.size() == mark + 19 && user.back() == '>')
        return user.substr(0, mark);
    return user;
}

}  // namespace causeway
