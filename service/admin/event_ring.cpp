#include "service/admin/event_ring.h"

#include <utility>

namespace causeway::admin {

std::string streamText(std::uint64_t id, std::string_view name, std::string_view json) {
    std::string text = "id: " + std::to_string(id) + "\nevent: ";
    text.reserve(text.size() + name.size() + json.size() + 16);
    text += name;
    text += "\ndata: ";
    text += json;
    text += "\n\n";
    return text;
}

EventPointer EventRing::add(std::string_view name, std::string_view json, bool isLog, Keep keep) {
    auto event = std::make_shared<StreamEvent>();
    event->id = nextId_++;
    event->isLog = isLog;
    event->text = streamText(event->id, name, json);
    if (keep == Keep::OnlyNow) return event;
    bytes_ += event->text.size();
    events_.push_back(event);
    while (events_.size() > mostEvents_ || (bytes_ > mostBytes_ && events_.size() > 1)) {
        bytes_ -= events_.front()->text.size();
        gapUpTo_ = events_.front()->id;
        events_.pop_front();
    }
    return event;
}

void EventRing::forgetAll() {
    events_.clear();
    bytes_ = 0;
    // The id is used up: a reader whose last event was the newest one has missed something, too.
    gapUpTo_ = nextId_++;
}

std::optional<std::vector<EventPointer>> EventRing::since(std::uint64_t id) const {
    if (id < gapUpTo_ || id >= nextId_) return std::nullopt;
    std::vector<EventPointer> found;
    for (const auto& event : events_) {
        if (event->id > id) found.push_back(event);
    }
    return found;
}

void EventReader::push(const EventPointer& event) {
    {
        const std::lock_guard hold{lock_};
        if (isClosed_ || (event->isLog && logs_ == WantsLogs::No)) return;
        if (waiting_.size() >= mostEvents_ || bytes_ + event->text.size() > mostBytes_) {
            waiting_.clear();
            bytes_ = 0;
            resyncId_ = event->id;
        } else {
            bytes_ += event->text.size();
            waiting_.push_back(event);
        }
    }
    arrived_.notify_one();
}

void EventReader::close() {
    {
        const std::lock_guard hold{lock_};
        isClosed_ = true;
    }
    arrived_.notify_all();
}

std::optional<std::string> EventReader::take(Duration patience) {
    std::unique_lock hold{lock_};
    arrived_.wait_for(hold, patience, [this] { return isClosed_ || resyncId_ || !waiting_.empty(); });
    if (isClosed_) return std::nullopt;
    std::string text;
    text.reserve(bytes_ + 64);
    if (resyncId_) text += streamText(*std::exchange(resyncId_, std::nullopt), "resync", "{}");
    for (const auto& event : waiting_)
        text += event->text;
    waiting_.clear();
    bytes_ = 0;
    return text;
}

}  // namespace causeway::admin
