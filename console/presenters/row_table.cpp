#include "console/presenters/row_table.h"

#include <algorithm>
#include <array>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

// One slice is a few milliseconds on a slow computer.
constexpr std::size_t kKeysPerSlice = 4096;
constexpr std::size_t kChunk = 4096;
constexpr std::size_t kMergedPerSlice = 24'576;
constexpr std::size_t kFilteredPerSlice = 12'288;
constexpr std::size_t kCsvPerSlice = 1500;
/// Tables up to this size are done at once: nobody sees it.
constexpr std::size_t kSmall = 4000;
constexpr Duration kFreshFor = 1s;

constexpr std::uint8_t kFree = 0;
constexpr std::uint8_t kPlaced = 1;
constexpr std::uint8_t kNew = 2;

}  // namespace

/// Sorting anew and filtering, cut into slices. It works on a copy of the order; slots that change meanwhile are noted
/// in `dirty` and put in place at the end.
struct RowTable::Job {
    enum class Phase { Keys, Chunks, Merge, Filter, Done };
    std::uint64_t number = 0;
    bool sortsAnew = false;
    std::size_t column = 0;
    Phase phase = Phase::Filter;
    std::vector<Key> keys;
    std::vector<Slot> order;
    std::vector<Slot> merged;
    std::size_t at = 0;
    // Merge: two runs of `width` each, from `left` and `right` into `out`.
    std::size_t width = kChunk;
    std::size_t left = 0, leftEnd = 0, right = 0, rightEnd = 0, out = 0;
    std::vector<Slot> view;
    std::vector<Slot> dirty;
};

struct RowTable::CsvRun {
    std::vector<std::uint64_t> ids;
    std::size_t at = 0;
    std::string text;
    std::function<void(std::string)> done;
};

RowTable::RowTable(Executor& executor) : executor_(executor) {}
RowTable::~RowTable() = default;

std::string RowTable::numberKey(std::int64_t number) {
    const auto shifted = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63U);
    std::string key(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        key[i] = static_cast<char>(static_cast<unsigned char>(shifted >> (56U - 8U * i)));
    return key;
}

RowTable::Key RowTable::makeKey(std::string text) {
    Key key;
    for (std::size_t i = 0; i < 8; ++i)
        key.head = (key.head << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    key.text = std::move(text);
    return key;
}

bool RowTable::comesBefore(const std::vector<Key>& keys, Slot left, Slot right) const {
    const auto& a = keys[left];
    const auto& b = keys[right];
    if (a.head != b.head) return a.head < b.head;
    if (const int order = a.text.compare(b.text); order != 0) return order < 0;
    return ids_[left] < ids_[right];
}

bool RowTable::comesBefore(Slot left, Slot right) const {
    return comesBefore(keys_, left, right);
}

bool RowTable::passes(Slot slot) const {
    return admits(slot) && hasWords(slot, words_);
}

bool RowTable::hasWords(Slot slot, const std::vector<std::string>& words) const {
    const auto& text = texts_[slot];
    return std::all_of(words.begin(), words.end(),
                       [&text](const std::string& word) { return text.find(word) != std::string::npos; });
}

std::vector<std::string> RowTable::wordsOf(const std::string& folded) {
    std::vector<std::string> words;
    for (const auto word : split(folded, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

std::optional<RowTable::Slot> RowTable::slotOf(std::uint64_t id) const {
    const auto at = slots_.find(id);
    if (at == slots_.end()) return std::nullopt;
    return at->second;
}

std::optional<std::size_t> RowTable::rowOf(std::uint64_t id) const {
    const auto slot = slotOf(id);
    if (!slot || shown_[*slot] == 0) return std::nullopt;
    const auto at =
        std::lower_bound(view_.begin(), view_.end(), *slot, [this](Slot a, Slot b) { return comesBefore(a, b); });
    if (at == view_.end() || *at != *slot) return std::nullopt;
    const auto index = static_cast<std::size_t>(at - view_.begin());
    return isAscending_ ? index : view_.size() - 1 - index;
}

void RowTable::setFirstSort(std::size_t column, bool isAscending) {
    keyColumn_ = wantedColumn_ = column;
    isAscending_ = wantsAscending_ = isAscending;
}

void RowTable::sortBy(std::size_t column, bool isAscending) {
    if (column >= columns().size()) return;
    wantedColumn_ = column;
    wantsAscending_ = isAscending;
    if (column != keyColumn_) {
        startJob(true);
        return;
    }
    isAscending_ = isAscending;
    if (job_ && job_->sortsAnew) {
        startJob(false);
    } else {
        tellReset();
    }
}

void RowTable::setFilter(const std::string& text) {
    filter_ = text;
    auto words = wordsOf(foldText(text));
    if (words == words_) return;
    words_ = std::move(words);
    admitAgain();
}

void RowTable::admitAgain() {
    startJob(keyColumn_ != wantedColumn_);
}

bool RowTable::isFresh(std::size_t row) const {
    if (!clock) return false;
    const auto at = touchedAt_[slotAt(row)];
    return at != TimePoint{} && clock() - at < kFreshFor;
}

RowTable::Slot RowTable::takeSlot(std::uint64_t id) {
    const auto known = slots_.find(id);
    if (known != slots_.end()) return known->second;
    Slot slot = 0;
    if (free_.empty()) {
        slot = static_cast<Slot>(ids_.size());
        ids_.push_back(id);
        alive_.push_back(kNew);
        shown_.push_back(0);
        marked_.push_back(0);
        keys_.emplace_back();
        texts_.emplace_back();
        touchedAt_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
        ids_[slot] = id;
        alive_[slot] = kNew;
    }
    slots_.emplace(id, slot);
    return slot;
}

void RowTable::takeOut(std::vector<Slot>& order) const {
    std::erase_if(order, [this](Slot slot) { return marked_[slot] != 0; });
}

void RowTable::insertSorted(std::vector<Slot>& order, const std::vector<Slot>& added) const {
    auto end = order.size();
    order.resize(end + added.size());
    // From the last one down: each stretch behind its place moves up once.
    for (auto left = added.size(); left > 0; --left) {
        const auto slot = added[left - 1];
        const auto place = std::upper_bound(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(end), slot,
                                            [this](Slot a, Slot b) { return comesBefore(a, b); });
        const auto at = static_cast<std::size_t>(place - order.begin());
        std::move_backward(place, order.begin() + static_cast<std::ptrdiff_t>(end),
                           order.begin() + static_cast<std::ptrdiff_t>(end + left));
        order[at + left - 1] = slot;
        end = at;
    }
}

void RowTable::place(const std::vector<Slot>& touched, const std::vector<Slot>& gone, bool marksFresh) {
    const auto now = marksFresh && clock ? clock() : TimePoint{};
    std::vector<Slot> added;     // to put into sorted_ and, if they pass, into view_
    std::vector<Slot> reshown;   // same place in sorted_, but pass now and did not before
    std::vector<Slot> unlisted;  // marked: leave sorted_
    bool hidesSome = false;
    bool showsTouched = false;
    for (const auto slot : touched) {
        auto key = makeKey(keyOf(slot, keyColumn_));
        texts_[slot] = searchTextOf(slot);
        if (marksFresh) touchedAt_[slot] = now;
        if (alive_[slot] == kNew) {
            keys_[slot] = std::move(key);
            alive_[slot] = kPlaced;
            added.push_back(slot);
            marked_[slot] = 1;
            continue;
        }
        if (marked_[slot] != 0) {  // came twice in this batch
            keys_[slot] = std::move(key);
            continue;
        }
        if (key.head != keys_[slot].head || key.text != keys_[slot].text) {
            keys_[slot] = std::move(key);
            marked_[slot] = 1;
            added.push_back(slot);
            unlisted.push_back(slot);
        } else {
            showsTouched = showsTouched || shown_[slot] != 0;
        }
    }
    for (const auto slot : gone) {
        if (alive_[slot] == kFree || marked_[slot] != 0) continue;
        slots_.erase(ids_[slot]);
        alive_[slot] = kFree;
        marked_[slot] = 1;
        unlisted.push_back(slot);
        free_.push_back(slot);
        texts_[slot].clear();
    }
    if (!unlisted.empty()) takeOut(sorted_);
    // In the view: whoever left his place, and whoever does not pass any more.
    std::vector<Slot> markedForView;
    for (const auto slot : touched) {
        if (marked_[slot] != 0) continue;
        const bool isWanted = passes(slot);
        if (isWanted == (shown_[slot] != 0)) continue;
        if (isWanted) {
            reshown.push_back(slot);
            shown_[slot] = 1;
        } else {
            marked_[slot] = 1;
            markedForView.push_back(slot);
        }
    }
    const auto wasShown = [this](Slot slot) { return shown_[slot] != 0; };
    hidesSome = !markedForView.empty() || std::any_of(unlisted.begin(), unlisted.end(), wasShown);
    if (hidesSome) takeOut(view_);
    for (const auto slot : unlisted)
        shown_[slot] = 0;
    for (const auto slot : markedForView)
        shown_[slot] = marked_[slot] = 0;
    for (const auto slot : unlisted)
        marked_[slot] = 0;
    for (const auto slot : added)
        marked_[slot] = 0;
    const auto before = [this](Slot a, Slot b) { return comesBefore(a, b); };
    std::sort(added.begin(), added.end(), before);
    insertSorted(sorted_, added);
    std::vector<Slot> shownNow;
    for (const auto slot : added) {
        if (!passes(slot)) continue;
        shown_[slot] = 1;
        shownNow.push_back(slot);
    }
    if (!reshown.empty()) {
        shownNow.insert(shownNow.end(), reshown.begin(), reshown.end());
        std::sort(shownNow.begin(), shownNow.end(), before);
    }
    insertSorted(view_, shownNow);
    if (job_) {
        job_->dirty.insert(job_->dirty.end(), touched.begin(), touched.end());
        job_->dirty.insert(job_->dirty.end(), gone.begin(), gone.end());
    }
    if (hidesSome || !shownNow.empty()) {
        tellReset();
    } else if (showsTouched && onRowsChanged) {
        onRowsChanged();
    }
}

void RowTable::clearSlots() {
    const bool wasWorking = isWorking();
    job_.reset();
    slots_.clear();
    ids_.clear();
    alive_.clear();
    shown_.clear();
    marked_.clear();
    keys_.clear();
    texts_.clear();
    touchedAt_.clear();
    free_.clear();
    sorted_.clear();
    view_.clear();
    keyColumn_ = wantedColumn_;
    isAscending_ = wantsAscending_;
    if (wasWorking && onWorking) onWorking();
    tellReset();
}

void RowTable::reserveSlots(std::size_t count) {
    constexpr std::size_t kMost = 1'000'000;
    count = std::min(count, kMost);
    slots_.reserve(count);
    ids_.reserve(count);
    alive_.reserve(count);
    shown_.reserve(count);
    marked_.reserve(count);
    keys_.reserve(count);
    texts_.reserve(count);
    touchedAt_.reserve(count);
    sorted_.reserve(count);
    view_.reserve(count);
}

void RowTable::tellReset() const {
    if (onReset) onReset();
}

void RowTable::startJob(bool sortsAnew) {
    const bool wasWorking = isWorking();
    job_ = std::make_unique<Job>();
    job_->number = ++jobNumber_;
    job_->sortsAnew = sortsAnew;
    job_->column = wantedColumn_;
    job_->order = sorted_;
    job_->phase = sortsAnew ? Job::Phase::Keys : Job::Phase::Filter;
    if (sortsAnew) job_->keys.resize(ids_.size());
    if (ids_.size() <= kSmall) {
        while (step()) {
        }
        if (wasWorking && onWorking) onWorking();
        return;
    }
    if (!wasWorking && onWorking) onWorking();
    postStep();
}

void RowTable::postStep() {
    executor_.ui([this, life = std::weak_ptr<void>(life_), number = jobNumber_] {
        if (life.expired() || !job_ || job_->number != number) return;
        if (step()) {
            postStep();
        } else if (onWorking) {
            onWorking();
        }
    });
}

bool RowTable::step() {
    auto& job = *job_;
    switch (job.phase) {
        case Job::Phase::Keys:
            if (!stepKeys(job)) return true;
            job.phase = Job::Phase::Chunks;
            job.at = 0;
            return true;
        case Job::Phase::Chunks:
            if (!stepChunks(job)) return true;
            job.phase = Job::Phase::Merge;
            job.merged.resize(job.order.size());
            return true;
        case Job::Phase::Merge:
            if (!stepMerge(job)) return true;
            job.phase = Job::Phase::Filter;
            job.at = 0;
            return true;
        case Job::Phase::Filter:
            if (!stepFilter(job)) return true;
            job.phase = Job::Phase::Done;
            return true;
        case Job::Phase::Done:
            finish();
            return false;
    }
    return false;
}

bool RowTable::stepKeys(Job& job) const {
    const auto end = std::min(job.at + kKeysPerSlice, job.order.size());
    for (; job.at < end; ++job.at) {
        const auto slot = job.order[job.at];
        job.keys[slot] = makeKey(keyOf(slot, job.column));
    }
    return job.at == job.order.size();
}

bool RowTable::stepChunks(Job& job) const {
    const auto end = std::min(job.at + kChunk, job.order.size());
    std::sort(job.order.begin() + static_cast<std::ptrdiff_t>(job.at),
              job.order.begin() + static_cast<std::ptrdiff_t>(end),
              [this, &job](Slot a, Slot b) { return comesBefore(job.keys, a, b); });
    job.at = end;
    return job.at == job.order.size();
}

bool RowTable::stepMerge(Job& job) const {
    const auto size = job.order.size();
    if (job.width >= size) return true;
    auto room = kMergedPerSlice;
    while (room > 0) {
        if (job.left == job.leftEnd && job.right == job.rightEnd) {
            if (job.out == size) {
                job.order.swap(job.merged);
                job.width *= 2;
                job.left = job.leftEnd = job.right = job.rightEnd = job.out = 0;
                return job.width >= size;
            }
            job.left = job.out;
            job.leftEnd = std::min(job.left + job.width, size);
            job.right = job.leftEnd;
            job.rightEnd = std::min(job.right + job.width, size);
        }
        const bool takesLeft =
            job.right == job.rightEnd ||
            (job.left != job.leftEnd && !comesBefore(job.keys, job.order[job.right], job.order[job.left]));
        job.merged[job.out++] = takesLeft ? job.order[job.left++] : job.order[job.right++];
        --room;
    }
    return false;
}

bool RowTable::stepFilter(Job& job) const {
    const auto end = std::min(job.at + kFilteredPerSlice, job.order.size());
    for (; job.at < end; ++job.at) {
        const auto slot = job.order[job.at];
        if (alive_[slot] == kPlaced && passes(slot)) job.view.push_back(slot);
    }
    return job.at == job.order.size();
}

void RowTable::finish() {
    const auto job = std::move(job_);
    if (job->sortsAnew) {
        keys_.swap(job->keys);
        keys_.resize(ids_.size());
        keyColumn_ = job->column;
    }
    isAscending_ = wantsAscending_;
    sorted_.swap(job->order);
    view_.swap(job->view);
    // What changed meanwhile goes out and in again.
    std::vector<Slot> again;
    for (const auto slot : job->dirty) {
        if (marked_[slot] != 0) continue;
        marked_[slot] = 1;
        again.push_back(slot);
    }
    if (!again.empty()) {
        takeOut(sorted_);
        takeOut(view_);
        for (const auto slot : again)
            marked_[slot] = 0;
        std::erase_if(again, [this](Slot slot) { return alive_[slot] != kPlaced; });
        for (const auto slot : again)
            keys_[slot] = makeKey(keyOf(slot, keyColumn_));
        std::sort(again.begin(), again.end(), [this](Slot a, Slot b) { return comesBefore(a, b); });
        insertSorted(sorted_, again);
        std::erase_if(again, [this](Slot slot) { return !passes(slot); });
        insertSorted(view_, again);
    }
    std::fill(shown_.begin(), shown_.end(), std::uint8_t{0});
    for (const auto slot : view_)
        shown_[slot] = 1;
    tellReset();
}

std::string RowTable::csvLine(std::size_t row) const {
    std::string line;
    for (std::size_t column = 0; column < columns().size(); ++column) {
        if (column > 0) line += ',';
        line += csvField(exportCell(row, column));
    }
    return line + "\r\n";
}

void RowTable::exportCsv(std::function<void(std::string)> done) {
    auto run = std::make_shared<CsvRun>();
    run->done = std::move(done);
    run->ids.reserve(rowCount());
    for (std::size_t row = 0; row < rowCount(); ++row)
        run->ids.push_back(idAt(row));
    for (std::size_t column = 0; column < columns().size(); ++column)
        run->text += (column > 0 ? "," : "") + csvField(tr(columns()[column].title.c_str()));
    run->text += "\r\n";
    exportStep(run);
}

void RowTable::exportStep(const std::shared_ptr<CsvRun>& run) {
    const auto end = std::min(run->at + kCsvPerSlice, run->ids.size());
    for (; run->at < end; ++run->at) {
        if (const auto row = rowOf(run->ids[run->at])) run->text += csvLine(*row);
    }
    if (run->at == run->ids.size()) {
        if (run->done) run->done(std::move(run->text));
        return;
    }
    executor_.ui([this, run, life = std::weak_ptr<void>(life_)] {
        if (!life.expired()) exportStep(run);
    });
}

std::string RowTable::clipboardText(const std::vector<std::uint64_t>& ids) const {
    std::vector<std::size_t> rows;
    for (const auto id : ids) {
        if (const auto row = rowOf(id)) rows.push_back(*row);
    }
    std::sort(rows.begin(), rows.end());
    std::string text;
    for (std::size_t column = 0; column < columns().size(); ++column)
        text += (column > 0 ? "\t" : "") + tsvField(tr(columns()[column].title.c_str()));
    text += "\n";
    for (const auto row : rows) {
        for (std::size_t column = 0; column < columns().size(); ++column)
            text += (column > 0 ? "\t" : "") + tsvField(exportCell(row, column));
        text += "\n";
    }
    return text;
}

}  // namespace causeway::console
