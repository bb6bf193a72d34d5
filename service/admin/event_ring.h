#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/time.h"

namespace causeway::admin {

/// One event in the form of the wire: "id: 7\nevent: users\ndata: {...}\n\n".
struct StreamEvent {
    std::uint64_t id = 0;
    bool isLog = false;
    std::string text;
};
using EventPointer = std::shared_ptr<const StreamEvent>;
std::string streamText(std::uint64_t id, std::string_view name, std::string_view json);

/// The last events, for readers that come back with Last-Event-ID. Pure, not thread-safe.
/// Bounds: 1,000 events and 8 MiB; the oldest goes.
class EventRing {
public:
    explicit EventRing(std::uint64_t firstId, std::size_t mostEvents = 1000,
                       std::size_t mostBytes = std::size_t{8} << 20U)
        : nextId_(firstId), gapUpTo_(firstId - 1), mostEvents_(mostEvents), mostBytes_(mostBytes) {}

    enum class Keep { ForResume, OnlyNow };
    EventPointer add(std::string_view name, std::string_view json, bool isLog, Keep keep);
    /// Something happened that is not in the ring: who was not there must fetch everything again.
    void forgetAll();
    std::uint64_t lastId() const { return nextId_ - 1; }
    /// Everything behind `id`; nullopt if that cannot be known any more.
    std::optional<std::vector<EventPointer>> since(std::uint64_t id) const;

private:
    std::uint64_t nextId_;
    std::uint64_t gapUpTo_;  ///< events up to this id may be missing
    std::size_t mostEvents_;
    std::size_t mostBytes_;
    std::size_t bytes_ = 0;
    std::deque<EventPointer> events_;
};

enum class WantsLogs { No, Yes };

/// What waits for one reader of GET /v1/events. Any thread.
/// Bounds: 300 events and 4 MiB; beyond that everything is dropped and the reader gets one `resync`.
class EventReader {
public:
    explicit EventReader(WantsLogs logs, std::size_t mostEvents = 300, std::size_t mostBytes = std::size_t{4} << 20U)
        : logs_(logs), mostEvents_(mostEvents), mostBytes_(mostBytes) {}

    void push(const EventPointer& event);
    /// The hub ends: no more will come.
    void close();
    /// Everything that waits, as text; empty if nothing came within `patience`. nullopt = closed.
    std::optional<std::string> take(Duration patience);
    bool wantsLogs() const { return logs_ == WantsLogs::Yes; }

private:
    const WantsLogs logs_;
    const std::size_t mostEvents_;
    const std::size_t mostBytes_;
    std::mutex lock_;
    std::condition_variable arrived_;
    std::deque<EventPointer> waiting_;
    std::size_t bytes_ = 0;
    std::optional<std::uint64_t> resyncId_;
    bool isClosed_ = false;
};

}  // namespace causeway::admin
