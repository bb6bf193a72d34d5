#include "service/store/write_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace causeway::store {

WriteQueue::WriteQueue(Commit commit, const WriteQueueLimits& limits, Log& log)
    : commit_(std::move(commit)), limits_(limits), log_(log), writer_([this] { work(); }) {}

WriteQueue::~WriteQueue() {
    {
        const std::lock_guard hold{lock_};
        isEnding_ = true;
    }
    wakeWriter_.notify_all();
    writer_.join();
    if (!rows_.empty()) {
        log_.write(LogLevel::Error, "STORE_UNSAVED",
                   std::to_string(rows_.size()) + " changes were not saved when the service ended. " +
                       (trouble_ ? trouble_->text() : std::string{}));
    }
}

void WriteQueue::put(std::string key, Place place, Write write) {
    {
        const std::lock_guard hold{lock_};
        const auto known = orderOfKey_.find(key);
        if (known != orderOfKey_.end()) {
            const auto row = rows_.find(known->second);
            if (place == Place::Kept) {
                row->second.write = std::move(write);
                return;
            }
            erase(row);
        }
        insert({std::move(key), std::move(write), false});
        dropOverLimit();
    }
    wakeWriter_.notify_one();
}

void WriteQueue::add(Write write) {
    {
        const std::lock_guard hold{lock_};
        insert({{}, std::move(write), true});
        dropOverLimit();
    }
    wakeWriter_.notify_one();
}

void WriteQueue::addOrder(Write write, const std::string& sealedKey) {
    {
        const std::lock_guard hold{lock_};
        if (!sealedKey.empty()) {
            const auto known = orderOfKey_.find(sealedKey);
            // The queued row is overtaken by the order anyway, and would be in the way of the next of that key.
            if (known != orderOfKey_.end()) erase(rows_.find(known->second));
        }
        insert({{}, std::move(write), false});
    }
    wakeWriter_.notify_one();
}

void WriteQueue::drop(std::string_view keyPrefix) {
    const std::lock_guard hold{lock_};
    for (auto row = rows_.begin(); row != rows_.end();) {
        const auto next = std::next(row);
        if (!row->second.key.empty() && row->second.key.compare(0, keyPrefix.size(), keyPrefix) == 0) erase(row);
        row = next;
    }
    written_.notify_all();
}

void WriteQueue::insert(Row row) {
    const auto order = nextOrder_++;
    if (row.isPlain) plainOrders_.insert(order);
    if (!row.key.empty()) orderOfKey_[row.key] = order;
    rows_.emplace(order, std::move(row));
}

void WriteQueue::erase(Rows::iterator row) {
    plainOrders_.erase(row->first);
    if (!row->second.key.empty()) orderOfKey_.erase(row->second.key);
    rows_.erase(row);
}

void WriteQueue::dropOverLimit() {
    while (plainOrders_.size() > limits_.plainRows) {
        erase(rows_.find(*plainOrders_.begin()));
        ++droppedRows_;
    }
    if (orderOfKey_.size() <= limits_.keyedRows) return;
    for (auto row = rows_.begin(); row != rows_.end(); ++row) {
        if (row->second.key.empty()) continue;
        erase(row);
        ++droppedRows_;
        return;
    }
}

Result<void> WriteQueue::runNow(Write write, Sureness sureness) {
    auto caller = std::make_shared<Caller>();
    caller->write = std::move(write);
    caller->sureness = sureness;
    std::unique_lock hold{lock_};
    if (callers_.size() >= limits_.waitingCallers || isEnding_) {
        return Error{Code::Busy, "The change was not saved.", "Too many changes are waiting for the disk already.",
                     "Look at the health of the disk with the data folder, then try again."};
    }
    callers_.push_back(caller);
    wakeWriter_.notify_one();
    written_.wait(hold, [&] { return caller->result.has_value(); });
    return *caller->result;
}

Result<void> WriteQueue::flush() {
    std::unique_lock hold{lock_};
    const auto end = nextOrder_;
    const auto failuresBefore = failures_;
    isFlushWanted_ = true;
    wakeWriter_.notify_one();
    const auto isDone = [&] {
        const bool nothingQueued = rows_.empty() || rows_.begin()->first >= end;
        return nothingQueued && (inFlightFrom_ == 0 || inFlightFrom_ >= end);
    };
    written_.wait(hold, [&] { return isDone() || failures_ != failuresBefore; });
    if (isDone()) return {};
    return trouble_.value_or(Error{Code::Unavailable, "The changes were not saved."});
}

std::string WriteQueue::trouble() const {
    const std::lock_guard hold{lock_};
    if (!trouble_) return {};
    auto text = trouble_->text() + " " + std::to_string(rows_.size()) + " changes wait for the disk.";
    if (droppedRows_ > 0) {
        text += " " + std::to_string(droppedRows_) + " of the oldest were given up because too many waited.";
    }
    return text;
}

std::size_t WriteQueue::queuedRows() const {
    const std::lock_guard hold{lock_};
    return rows_.size();
}

std::size_t WriteQueue::waitingCallers() const {
    const std::lock_guard hold{lock_};
    return callers_.size();
}

void WriteQueue::work() {
    std::unique_lock hold{lock_};
    const auto isUrgent = [this] { return isEnding_ || isFlushWanted_ || !callers_.empty(); };
    while (true) {
        if (trouble_) {
            // A failing disk is asked again after a while; a caller or a flush wants to know now.
            wakeWriter_.wait_for(hold, retry_, isUrgent);
        } else {
            wakeWriter_.wait(hold, [&] { return isUrgent() || !rows_.empty(); });
            if (!isUrgent()) {
                wakeWriter_.wait_for(hold, limits_.gather,
                                     [&] { return isUrgent() || rows_.size() >= limits_.rowsOfBatch; });
            }
        }
        isFlushWanted_ = false;
        const bool isLast = isEnding_;
        const auto failuresBefore = failures_;
        // All that is there, batch by batch, as long as the disk takes it.
        while ((!rows_.empty() || !callers_.empty()) && failures_ == failuresBefore)
            writeBatch(hold);
        written_.notify_all();
        if (isLast && callers_.empty()) return;
    }
}

void WriteQueue::writeBatch(std::unique_lock<std::mutex>& hold) {
    std::deque<std::shared_ptr<Caller>> callers;
    callers.swap(callers_);
    Rows batch;
    while (!rows_.empty() && batch.size() < limits_.rowsOfBatch) {
        const auto first = rows_.begin();
        plainOrders_.erase(first->first);
        if (!first->second.key.empty()) orderOfKey_.erase(first->second.key);
        batch.insert(rows_.extract(first));
    }
    inFlightFrom_ = batch.empty() ? 0 : batch.begin()->first;
    std::vector<const Write*> writes;
    writes.reserve(callers.size() + batch.size());
    auto sureness = Sureness::Fast;
    for (const auto& caller : callers) {
        writes.push_back(&caller->write);
        if (caller->sureness == Sureness::Durable) sureness = Sureness::Durable;
    }
    for (const auto& [order, row] : batch)
        writes.push_back(&row.write);

    hold.unlock();
    auto outcome = commit_(writes, sureness);
    if (!outcome.failure) {
        for (std::size_t i = callers.size(); i < outcome.each.size(); ++i) {
            if (outcome.each[i]) continue;
            log_.write(LogLevel::Error, "STORE_ROW_REFUSED",
                       "A change could not be stored and was left out. " + outcome.each[i].error().text());
        }
    }
    hold.lock();

    inFlightFrom_ = 0;
    if (outcome.failure) {
        ++failures_;
        takeBack(std::move(batch));
        for (const auto& caller : callers)
            caller->result = *outcome.failure;
        sayTrouble(*outcome.failure);
    } else {
        for (std::size_t i = 0; i < callers.size(); ++i)
            callers[i]->result = outcome.each[i];
        sayWell();
    }
    written_.notify_all();
}

void WriteQueue::takeBack(Rows&& batch) {
    for (auto& [order, row] : batch) {
        // A newer version was queued while the older one was being written.
        if (!row.key.empty() && orderOfKey_.count(row.key) > 0) continue;
        if (row.isPlain) plainOrders_.insert(order);
        if (!row.key.empty()) orderOfKey_[row.key] = order;
        rows_.emplace(order, std::move(row));
    }
    dropOverLimit();
}

void WriteQueue::sayTrouble(const Error& error) {
    const bool isNew = !trouble_ || trouble_->text() != error.text();
    retry_ = trouble_ ? std::min(retry_ * 2, limits_.longestRetry) : limits_.firstRetry;
    trouble_ = error;
    if (isNew) log_.write(LogLevel::Error, "STORE_TROUBLE", error.text());
}

void WriteQueue::sayWell() {
    if (!trouble_) return;
    trouble_.reset();
    auto text = std::string("The store can be written again.");
    const auto level = droppedRows_ > 0 ? LogLevel::Warning : LogLevel::Info;
    if (droppedRows_ > 0) {
        text += " " + std::to_string(droppedRows_) + " of the oldest changes were lost, because too many waited.";
        droppedRows_ = 0;
    }
    log_.write(level, "STORE_WELL_AGAIN", text);
}

}  // namespace causeway::store
