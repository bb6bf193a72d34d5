#include "service/admin/event_hub.h"

#include <algorithm>
#include <utility>

#include "service/admin/domain_rows.h"
#include "service/admin/users_view.h"
#include "shared/api/providers_json.h"
#include "shared/api/ranges_json.h"
#include "shared/api/visibility_json.h"

namespace causeway::admin {

namespace {

constexpr Duration kBatchEvery = 200ms;
constexpr Duration kStatusEvery = 2s;
constexpr Duration kAwakeFor = 60s;
constexpr std::size_t kMostUsersInEvent = 500;
constexpr std::size_t kMostDirtyUsers = 5000;
constexpr std::size_t kMostLogLines = 1000;
constexpr std::size_t kMostRowsInEvent = 1000;
constexpr std::size_t kMostTrackedSearches = 1000;

/// Ids of one run of the service are all above those of the runs before: a reader of an older run gets `resync`.
std::uint64_t firstEventId(TimePoint now) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(epochMillis(now), 1)) * 1000;
}

}  // namespace

bool EventHub::Dirty::any() const {
    return tooMuch || ranges || bases || dns || visibility || problems || !changed.empty() || !removed.empty() ||
           !searches.empty() || !traces.empty() || !domains.empty() || !providers.empty() || !settings.empty() ||
           !logs.empty();
}

EventHub::EventHub(AdminPorts ports, EventSources sources)
    : ports_(std::move(ports)), sources_(std::move(sources)), ring_(firstEventId(sources_.now())) {}

EventHub::~EventHub() {
    stop();
}

void EventHub::start() {
    if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
}

void EventHub::stop() {
    std::vector<std::shared_ptr<EventReader>> readers;
    {
        const std::lock_guard hold{lock_};
        isStopping_ = true;
        readers = std::exchange(readers_, {});
    }
    for (const auto& reader : readers)
        reader->close();
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

template <class F>
void EventHub::mark(F change) {
    {
        const std::lock_guard hold{lock_};
        if (isAsleep_) return;
        // Only the first mark wakes the thread: the others go with the batch that it then waits for.
        isNudged_ = isNudged_ || !dirty_.any();
        change(dirty_);
    }
    wake_.notify_one();
}

void EventHub::usersChanged(std::span<const UserId> ids) {
    mark([ids](Dirty& dirty) {
        if (dirty.changed.size() + ids.size() > kMostDirtyUsers) {
            dirty.tooMuch = true;
            dirty.changed.clear();
            dirty.removed.clear();
        }
        if (dirty.tooMuch) return;
        for (const auto id : ids) {
            dirty.changed.insert(id);
            dirty.removed.erase(id);
        }
    });
}

void EventHub::usersRemoved(std::span<const UserId> ids) {
    mark([ids](Dirty& dirty) {
        if (dirty.removed.size() + ids.size() > kMostDirtyUsers) dirty.tooMuch = true;
        if (dirty.tooMuch) return;
        for (const auto id : ids) {
            dirty.removed.insert(id);
            dirty.changed.erase(id);
        }
    });
}

void EventHub::searchChanged(std::uint64_t id) {
    mark([id](Dirty& dirty) { dirty.searches.insert(id); });
}

void EventHub::rangesChanged() {
    mark([](Dirty& dirty) { dirty.ranges = true; });
}

void EventHub::traceChanged(std::uint64_t id) {
    mark([id](Dirty& dirty) { dirty.traces.insert(id); });
}

void EventHub::traceRemoved(std::uint64_t id) {
    // The port says "not found" when the batch is made.
    traceChanged(id);
}

void EventHub::visibilityChanged() {
    mark([](Dirty& dirty) { dirty.visibility = true; });
}

void EventHub::domainChanged(std::uint64_t id) {
    mark([id](Dirty& dirty) { dirty.domains.insert(id); });
}

void EventHub::dnsChanged() {
    mark([](Dirty& dirty) { dirty.dns = true; });
}

void EventHub::providerChanged(std::uint64_t id) {
    mark([id](Dirty& dirty) { dirty.providers.insert(id); });
}

void EventHub::domainWaitChanged(std::uint64_t id) {
    domainChanged(id);
}

void EventHub::logged(const api::LogLine& line) {
    mark([&line](Dirty& dirty) {
        if (dirty.logs.size() < kMostLogLines) dirty.logs.push_back(line);
    });
}

void EventHub::settingsChanged(const std::vector<std::string>& keys) {
    mark([&keys](Dirty& dirty) { dirty.settings.insert(keys.begin(), keys.end()); });
}

void EventHub::basesChanged() {
    mark([](Dirty& dirty) { dirty.bases = true; });
}

void EventHub::problemsChanged() {
    mark([](Dirty& dirty) { dirty.problems = true; });
}

Result<std::shared_ptr<EventReader>> EventHub::open(std::optional<std::uint64_t> lastId, WantsLogs logs) {
    auto reader = std::make_shared<EventReader>(logs);
    auto hello = sources_.hello();
    {
        const std::lock_guard hold{lock_};
        if (isStopping_) {
            return Error{Code::Unavailable, "The service stops.", "", "Try again when it is back."};
        }
        if (readers_.size() >= kMostReaders) {
            return Error{Code::Unavailable, "Too many consoles watch this service.",
                         "At most " + std::to_string(kMostReaders) + " event streams can be open at a time.",
                         "Close a console that is not needed, then try again."};
        }
        isAsleep_ = false;
        const auto missed = lastId ? ring_.since(*lastId) : std::vector<EventPointer>{};
        const auto newest = ring_.lastId();
        // Where this reader stands: behind nothing yet, if older events follow.
        const auto standing = missed && !missed->empty() ? *lastId : newest;
        hello.eventId = newest;
        const auto greet = [&reader](std::uint64_t id, std::string_view name, std::string_view json) {
            auto event = std::make_shared<StreamEvent>();
            event->id = id;
            event->text = streamText(id, name, json);
            reader->push(event);
        };
        greet(standing, "hello", api::toJson(hello));
        if (missed) {
            for (const auto& event : *missed)
                reader->push(event);
        } else {
            greet(newest, "resync", "{}");
        }
        readers_.push_back(reader);
        isNudged_ = true;
        lastReaderAt_ = sources_.now();
    }
    wake_.notify_one();
    return reader;
}

void EventHub::close(const std::shared_ptr<EventReader>& reader) {
    const std::lock_guard hold{lock_};
    std::erase(readers_, reader);
    lastReaderAt_ = sources_.now();
}

std::size_t EventHub::readers() const {
    const std::lock_guard hold{lock_};
    return readers_.size();
}

void EventHub::run() {
    while (true) {
        const auto next = step(sources_.now());
        std::unique_lock hold{lock_};
        const auto hasReason = [this] { return isStopping_ || isNudged_; };
        if (next) {
            // The clock of the service does not jump, so the difference is a good time to wait.
            wake_.wait_for(hold, std::max<Duration>(*next - sources_.now(), 1ms), hasReason);
        } else {
            wake_.wait(hold, hasReason);
        }
        if (isStopping_) return;
    }
}

std::optional<TimePoint> EventHub::step(TimePoint now) {
    Dirty dirty;
    bool isWatched = false;
    {
        const std::lock_guard hold{lock_};
        isNudged_ = false;
        isWatched = !readers_.empty();
        if (isWatched) lastReaderAt_ = now;
        if (!isWatched && !isAsleep_ && now - lastReaderAt_ >= kAwakeFor) {
            isAsleep_ = true;
            dirty_ = {};
            ring_.forgetAll();
            rowsSent_.clear();
            lastProblems_.clear();
            nextStatusAt_ = {};
        }
        if (isAsleep_) return std::nullopt;
        if (dirty_.any() && now >= nextBatchAt_) dirty = std::exchange(dirty_, {});
    }
    if (dirty.any()) {
        makeBatch(std::move(dirty));
        nextBatchAt_ = now + kBatchEvery;
    }
    if (isWatched && now >= nextStatusAt_) {
        statusBatch();
        problemsBatch();
        nextStatusAt_ = now + kStatusEvery;
    }
    const std::lock_guard hold{lock_};
    auto next = readers_.empty() ? lastReaderAt_ + kAwakeFor : nextStatusAt_;
    if (dirty_.any()) next = std::min(next, nextBatchAt_);
    return next;
}

void EventHub::makeBatch(Dirty dirty) {
    if (dirty.tooMuch) {
        resyncAll();
    } else {
        userBatches(dirty);
    }
    if (dirty.ranges) rangesBatch();
    for (const auto id : dirty.searches)
        searchBatch(id);
    for (const auto id : dirty.traces)
        traceBatch(id);
    if (dirty.visibility && ports_.visibility != nullptr)
        publish("visibility", api::toJson(ports_.visibility->status()), EventRing::Keep::OnlyNow);
    if (!dirty.domains.empty()) domainsBatch(dirty.domains);
    if (!dirty.providers.empty()) providersBatch(dirty.providers);
    if (!dirty.settings.empty() && ports_.settings != nullptr) {
        api::SettingsEvent event;
        event.revision = ports_.settings->settings().revision;
        event.keys = {dirty.settings.begin(), dirty.settings.end()};
        publish("settings", api::toJson(event));
    }
    if (dirty.bases) publish("bases", "{}");
    if (dirty.dns) publish("dns", "{}");
    if (dirty.problems) problemsBatch();
    if (!dirty.logs.empty())
        publish("log", api::toJson(api::LogLines{std::move(dirty.logs)}), EventRing::Keep::ForResume, true);
}

void EventHub::userBatches(const Dirty& dirty) {
    if (ports_.lan == nullptr || (dirty.changed.empty() && dirty.removed.empty())) return;
    std::vector<UserId> ids{dirty.changed.begin(), dirty.changed.end()};
    std::sort(ids.begin(), ids.end());
    std::vector<UserId> gone{dirty.removed.begin(), dirty.removed.end()};
    std::sort(gone.begin(), gone.end());
    const auto status = ports_.lan->status();
    std::optional<Network4> viewpoint;
    if (status && !status->interfaces.empty()) viewpoint = status->interfaces.front().network;
    std::size_t from = 0;
    do {
        const auto count = std::min(kMostUsersInEvent, ids.size() - from);
        const auto users = ports_.lan->usersById(std::span{ids}.subspan(from, count));
        if (!users) {
            // The LAN loop is busy. Nobody may keep a stale row, so everybody fetches the list again.
            resyncAll();
            return;
        }
        api::JsonWriter out{users->size() * 800 + 64};
        out.beginObject();
        out.key("changed");
        out.beginArray();
        for (const auto& user : *users)
            writeLanUser(out, user, viewpoint);
        out.endArray();
        out.key("removed");
        out.beginArray();
        for (const auto id : gone)
            out.value(id);
        out.endArray();
        out.endObject();
        gone.clear();
        publish("users", out.take());
        from += count;
    } while (from < ids.size());
}

void EventHub::searchBatch(std::uint64_t id) {
    if (ports_.search == nullptr) return;
    auto search = ports_.search->search(id);
    if (!search) return;
    if (rowsSent_.size() > kMostTrackedSearches) rowsSent_.clear();
    auto& sent = rowsSent_[id];
    api::SearchEvent event;
    event.from = sent;
    if (auto rows = ports_.search->rows(id, sent, kMostRowsInEvent)) event.rows = std::move(*rows);
    event.search = std::move(*search);
    sent += event.rows.size();
    const bool hasMore = event.rows.size() == kMostRowsInEvent;
    publish("search", api::toJson(event));
    if (hasMore) searchChanged(id);
}

void EventHub::traceBatch(std::uint64_t id) {
    if (ports_.traces == nullptr) return;
    auto trace = ports_.traces->trace(id);
    if (trace) {
        // What runs changes again within seconds, and each event is whole: only the last state is worth keeping.
        const auto keep = trace->state == TraceState::Running ? EventRing::Keep::OnlyNow : EventRing::Keep::ForResume;
        publish("trace", api::toJson(api::TraceEvent{std::move(*trace), {}}), keep);
    } else if (trace.error().code == Code::NotFound) {
        publish("trace", api::toJson(api::TraceEvent{{}, id}));
    } else {
        resyncAll();
    }
}

void EventHub::rangesBatch() {
    if (ports_.search == nullptr) return;
    auto ranges = ports_.search->ranges();
    auto revision = ports_.search->rangesRevision();
    if (!ranges || !revision) return;
    api::RangeList list;
    list.revision = *revision;
    for (auto& range : *ranges)
        list.items.push_back(api::rangeRowOf(std::move(range)));
    publish("ranges", api::toJson(list));
}

void EventHub::domainsBatch(const std::set<std::uint64_t>& ids) {
    if (ports_.domains == nullptr) return;
    api::DomainsEvent event;
    for (const auto id : ids) {
        auto view = ports_.domains->domain(id);
        if (view) {
            event.changed.push_back(rowOf(std::move(*view), Proofs::Included, ports_));
        } else if (view.error().code == Code::NotFound) {
            event.removed.push_back(id);
        } else {
            resyncAll();
            return;
        }
    }
    publish("domains", api::toJson(event));
}

void EventHub::providersBatch(const std::set<std::uint64_t>& ids) {
    if (ports_.providers == nullptr) return;
    api::ProvidersEvent event;
    for (const auto id : ids) {
        auto view = ports_.providers->provider(id);
        if (view) {
            event.changed.push_back(std::move(*view));
        } else if (view.error().code == Code::NotFound) {
            event.removed.push_back(id);
        } else {
            resyncAll();
            return;
        }
    }
    publish("providers", api::toJson(event));
}

void EventHub::statusBatch() {
    api::JsonWriter out;
    api::writeStatus(out, sources_.status(), api::DataFolder::Hidden);
    publish("status", out.take(), EventRing::Keep::OnlyNow);
}

void EventHub::problemsBatch() {
    auto json = api::toJson(api::ProblemList{sources_.problems()});
    if (json == lastProblems_) return;
    publish("problems", json);
    lastProblems_ = std::move(json);
}

void EventHub::publish(std::string_view name, std::string_view json, EventRing::Keep keep, bool isLog) {
    const std::lock_guard hold{lock_};
    const auto event = ring_.add(name, json, isLog, keep);
    for (const auto& reader : readers_)
        reader->push(event);
}

void EventHub::resyncAll() {
    {
        const std::lock_guard hold{lock_};
        ring_.forgetAll();
    }
    publish("resync", "{}");
}

}  // namespace causeway::admin
