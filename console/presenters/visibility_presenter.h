#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

enum class HeatLevel { Bases, Segments, Pcs };

/// One square of the heat map, in words as well.
struct HeatCell {
    BlockState state = BlockState::NotMeasured;
    std::string text;   ///< "60 %"; what fits inside
    std::string words;  ///< the whole sentence, for hovering and screen readers
};

/// What the heat map shows; `cells` by row, then column.
struct HeatGrid {
    std::vector<std::string> rows;
    std::vector<std::string> columns;
    std::vector<HeatCell> cells;
    const HeatCell& at(std::size_t row, std::size_t column) const { return cells[row * columns.size() + column]; }
};

using HeatPlace = std::pair<std::size_t, std::size_t>;  ///< row, column

/// A line of the list that says the same as the map.
struct HeatLine {
    HeatPlace place;
    Mark mark = Mark::None;
    std::string from, to, state, seen, observers;

    friend bool operator==(const HeatLine&, const HeatLine&) = default;
};

struct FindingLine {
    std::uint64_t id = 0;
    Mark mark = Mark::None;
    std::string what, where, since, lastFine, state;

    friend bool operator==(const FindingLine&, const FindingLine&) = default;
};

/// What is said about the chosen block or finding.
struct VisibilityCard {
    Mark mark = Mark::None;
    std::string title;
    std::string certainty;  ///< "likely - 55 pairs and 11 observers back it"
    std::string sentence;
    std::vector<Fact> facts;           ///< first seen, last fine ...
    std::vector<std::string> changes;  ///< what changed before it was seen first
    std::string todo;
    bool canTrace = false;
    bool canRetest = false;
    std::string retestNote;

    friend bool operator==(const VisibilityCard& left, const VisibilityCard& right);
};

/// Words of a block's state and of a kind of finding.
Mark markOf(BlockState state);
std::string textOf(BlockState state);
std::string textOf(FaultKind kind);
std::string explanationOf(FaultKind kind);  ///< what to do

/// Who sees whom: base by base, segment by segment, computer by computer.
class VisibilityPresenter final : public Presenter {
public:
    explicit VisibilityPresenter(Session& session);

    // State
    const VisibilityStatus& status() const { return status_; }
    bool isEmpty() const;  ///< nothing to show yet
    bool isLoading() const { return isLoading_; }
    std::string stateText() const;
    std::string emptyTitle() const;
    std::string emptyText() const;
    /// Share of the clients that were asked, 0..1; nullopt while nothing runs.
    std::optional<double> progress() const;
    const std::optional<Error>& problem() const { return problem_; }
    bool mayCollect() const;
    std::uint32_t openFindings() const { return status_.openFindings; }

    // Map
    HeatLevel level() const { return level_; }
    std::string placeText() const;  ///< "All bases", "Tokyo -> Osaka"
    const HeatGrid& grid() const { return grid_; }
    std::vector<HeatLine> lines() const;
    std::string observersText() const;  ///< who is no observer, and why
    /// More rows or columns than fit into a page.
    std::string pageText() const;
    bool hasPage(int step) const;
    void turnPage(int step);
    void select(std::optional<HeatPlace> place);
    std::optional<HeatPlace> selected() const { return place_; }
    /// Into the block: segments, then computers. False if there is nothing below.
    bool open(HeatPlace place);
    bool canGoUp() const { return level_ != HeatLevel::Bases; }
    void goUp();

    // Findings
    std::vector<FindingLine> findings() const;
    void selectFinding(std::uint64_t id);
    std::optional<std::uint64_t> selectedFinding() const { return finding_; }

    VisibilityCard card() const;
    /// Page to go to: "pair/1/6"; empty if there is nobody to trace.
    std::string tracePart() const;

    // Actions
    void collect(Done done);
    void retest(Done done);
    void stop(Done done);
    void reload();

    std::function<void()> onMap;  ///< another grid, or another place chosen in it

    void connectionChanged() override;
    void resync() override;
    void visibilityChanged(const VisibilityStatus& status) override;

    /// What the service says; also for tests.
    void takeOverview(const api::VisibilityOverview& overview);
    void takeSegments(const VisibilityMap& map);
    void takeCells(const VisibilityCells& cells);
    void takeFindings(std::vector<VisibilityFinding> findings);

private:
    void load();
    void loadLevel();
    void makeGrid();
    void mapChanged();
    const VisibilityMap& map() const { return level_ == HeatLevel::Segments ? segments_ : bases_; }
    const VisibilityBlock* blockAt(HeatPlace place) const;
    const VisibilityFinding* findingAt(HeatPlace place) const;
    const VisibilityFinding* chosen() const;
    VisibilityCard cardOf(const VisibilityFinding& finding) const;
    VisibilityCard cardOfPlace(HeatPlace place) const;
    VisibilityScope scope() const;
    std::string nameOf(const VisibilityGroup& group) const;
    std::string baseName(const std::string& base) const;

    VisibilityStatus status_;
    bool isKnown_ = false;
    bool isLoading_ = false;
    bool wantsLoad_ = false;
    std::uint64_t loadedRevision_ = 0;
    std::optional<Error> problem_;
    HeatLevel level_ = HeatLevel::Bases;
    VisibilityMap bases_;
    VisibilityMap segments_;
    VisibilityCells cells_;
    std::string fromBase_, toBase_;
    Network4 fromSegment_, toSegment_;
    std::size_t firstRow_ = 0;
    HeatGrid grid_;
    std::optional<HeatPlace> place_;
    std::optional<std::uint64_t> finding_;
    std::vector<VisibilityFinding> findings_;
};

}  // namespace causeway::console
