#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "console/presenters/session.h"
#include "console/presenters/table.h"

namespace causeway::console {

/// Order and filter of a table that may hold 100,000 rows. Rows live in slots; each slot has its id, its cached sort
/// key and its text for the filter. All slots stand sorted by (key, id); the view is the part that passes.
/// Sorting anew and filtering go in slices through Executor::ui, small tables at once; meanwhile the old order is
/// shown and stays live. A batch of changes is put in place without sorting anew. UI thread only.
class RowTable : public Table {
public:
    explicit RowTable(Executor& executor);
    ~RowTable() override;

    std::size_t rowCount() const override { return view_.size(); }
    std::uint64_t idAt(std::size_t row) const override { return ids_[slotAt(row)]; }
    std::optional<std::size_t> rowOf(std::uint64_t id) const override;
    void sortBy(std::size_t column, bool isAscending) override;
    std::size_t sortColumn() const override { return wantedColumn_; }
    bool isAscending() const override { return wantsAscending_; }
    /// Words, all of which must be in the text of a row; without regard to case.
    void setFilter(const std::string& text) override;
    bool isFresh(std::size_t row) const override;

    const std::string& filter() const { return filter_; }
    std::size_t totalCount() const { return sorted_.size(); }  ///< before the filter
    /// Sorting or filtering is under way; onWorking says when that changes ("filtering ...").
    bool isWorking() const { return job_ != nullptr; }
    std::function<void()> onWorking;
    /// Time for isFresh(); not given = nothing is fresh.
    std::function<TimePoint()> clock;

    /// Header and all shown rows as CSV (RFC 4180), made in slices; `done` on the UI thread.
    void exportCsv(std::function<void(std::string)> done);
    /// Header and these rows with tabs, for the clipboard. Ids that are not shown are left out.
    std::string clipboardText(const std::vector<std::uint64_t>& ids) const;

protected:
    using Slot = std::uint32_t;

    /// Text whose byte order is the order of the column. numberKey() for numbers.
    virtual std::string keyOf(Slot slot, std::size_t column) const = 0;
    /// What the filter looks through, folded by foldText().
    virtual std::string searchTextOf(Slot slot) const = 0;
    /// Shown before the filter is asked: scope tabs, levels.
    virtual bool admits(Slot slot) const {
        static_cast<void>(slot);
        return true;
    }
    static std::string numberKey(std::int64_t number);
    /// The cell for files: exact where the screen shows an age.
    virtual std::string exportCell(std::size_t row, std::size_t column) const { return cell(row, column); }

    static std::vector<std::string> wordsOf(const std::string& folded);
    bool hasWords(Slot slot, const std::vector<std::string>& words) const;

    Slot slotAt(std::size_t row) const { return view_[isAscending_ ? row : view_.size() - 1 - row]; }
    std::optional<Slot> slotOf(std::uint64_t id) const;
    std::uint64_t idOf(Slot slot) const { return ids_[slot]; }
    bool isAlive(Slot slot) const { return alive_[slot] != 0; }
    std::size_t slotCount() const { return ids_.size(); }
    /// A slot for a new id, from those that became free or a new one: the caller puts its row there, then touches it.
    Slot takeSlot(std::uint64_t id);
    /// Rows of these slots are new or changed; `gone` leave. Puts them in place, tells the view once.
    void place(const std::vector<Slot>& touched, const std::vector<Slot>& gone, bool marksFresh = true);
    void clearSlots();
    void reserveSlots(std::size_t count);
    /// What admits() says changed for many rows.
    void admitAgain();
    void setFirstSort(std::size_t column, bool isAscending);

private:
    struct Key {
        std::uint64_t head = 0;  ///< first eight bytes, so that most comparisons stay in one cache line
        std::string text;
    };
    struct Job;
    static Key makeKey(std::string text);
    bool comesBefore(Slot left, Slot right) const;
    bool comesBefore(const std::vector<Key>& keys, Slot left, Slot right) const;
    bool passes(Slot slot) const;
    /// `added` is sorted already.
    void insertSorted(std::vector<Slot>& order, const std::vector<Slot>& added) const;
    void takeOut(std::vector<Slot>& order) const;
    void startJob(bool sortsAnew);
    void postStep();
    bool step();
    bool stepKeys(Job& job) const;
    bool stepChunks(Job& job) const;
    bool stepMerge(Job& job) const;
    bool stepFilter(Job& job) const;
    void finish();
    void tellReset() const;
    std::string csvLine(std::size_t row) const;
    struct CsvRun;
    void exportStep(const std::shared_ptr<CsvRun>& run);

    Executor& executor_;
    std::shared_ptr<void> life_ = std::make_shared<int>(0);
    std::unordered_map<std::uint64_t, Slot> slots_;
    std::vector<std::uint64_t> ids_;
    std::vector<std::uint8_t> alive_;
    std::vector<std::uint8_t> shown_;   ///< is in view_
    std::vector<std::uint8_t> marked_;  ///< to be taken out of an order; clear between batches
    std::vector<Key> keys_;
    std::vector<std::string> texts_;
    std::vector<TimePoint> touchedAt_;
    std::vector<Slot> free_;
    std::vector<Slot> sorted_;
    std::vector<Slot> view_;
    std::size_t keyColumn_ = 0;  ///< that keys_ are of
    std::size_t wantedColumn_ = 0;
    bool isAscending_ = true;  ///< as shown
    bool wantsAscending_ = true;
    std::string filter_;
    std::vector<std::string> words_;
    std::uint64_t jobNumber_ = 0;
    std::unique_ptr<Job> job_;
};

/// RowTable that owns records with an id.
template <class Row>
class RecordTable : public RowTable {
public:
    using RowTable::RowTable;

    const Row* find(std::uint64_t id) const {
        const auto slot = slotOf(id);
        return slot ? &records_[*slot] : nullptr;
    }
    const Row& at(std::size_t row) const { return records_[slotAt(row)]; }
    void apply(std::vector<std::pair<std::uint64_t, Row>> changed, const std::vector<std::uint64_t>& removed = {},
               bool marksFresh = true) {
        std::vector<Slot> touched;
        std::vector<Slot> gone;
        touched.reserve(changed.size());
        for (const auto id : removed) {
            if (const auto slot = slotOf(id)) gone.push_back(*slot);
        }
        for (auto& [id, row] : changed) {
            const auto slot = takeSlot(id);
            if (records_.size() <= slot) records_.resize(slot + 1);
            records_[slot] = std::move(row);
            touched.push_back(slot);
        }
        place(touched, gone, marksFresh);
    }
    void clear() {
        records_.clear();
        clearSlots();
    }
    /// So many rows are coming.
    void reserve(std::size_t count) { reserveSlots(count); }
    /// Every record, in no order.
    template <class F>
    void each(F use) const {
        for (Slot slot = 0; slot < records_.size(); ++slot) {
            if (isAlive(slot)) use(idOf(slot), records_[slot]);
        }
    }

    /// Records whose filter text has all words of the folded text, until `use` answers false.
    template <class F>
    void eachMatching(const std::string& folded, F use) const {
        const auto words = wordsOf(folded);
        for (Slot slot = 0; slot < records_.size(); ++slot) {
            if (isAlive(slot) && hasWords(slot, words) && !use(idOf(slot), records_[slot])) return;
        }
    }

protected:
    const Row& record(Slot slot) const { return records_[slot]; }

private:
    std::deque<Row> records_;  // does not move the records when it grows
};

}  // namespace causeway::console
