#include "console/presenters/visibility_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

constexpr std::size_t kPage = 100;  // rows that the service sends at once

std::string seenText(std::uint32_t seen, std::uint32_t cells) {
    return fill(tr("%1 of %2"), {countText(seen), countText(cells)});
}

std::string certaintyText(Certainty certainty) {
    switch (certainty) {
        case Certainty::Certain:
            return tr("certain");
        case Certainty::Likely:
            return tr("likely");
        case Certainty::Possible:
            break;
    }
    return tr("possible");
}

std::string whereText(const VisibilityFinding& finding) {
    const auto segment = [](const std::optional<Network4>& network) {
        return network ? network->text() : std::string();
    };
    switch (finding.kind) {
        case FaultKind::SiteLink:
            return segment(finding.from) + " - " + segment(finding.to);
        case FaultKind::OneWay:
            return segment(finding.from) + " -> " + segment(finding.to);
        case FaultKind::SegmentDark:
            return segment(finding.from);
        case FaultKind::PcReceives:
            return finding.observerName;
        case FaultKind::PcInbound:
        case FaultKind::PcIsolated:
            return finding.subjectName;
        case FaultKind::Pair:
            break;
    }
    return finding.observerName + " -> " + finding.subjectName;
}

std::string sentenceOf(const VisibilityFinding& finding) {
    const auto from = finding.from ? finding.from->text() : std::string();
    const auto to = finding.to ? finding.to->text() : std::string();
    switch (finding.kind) {
        case FaultKind::SiteLink:
            return fill(tr("%1 and %2 do not see each other."), {from, to});
        case FaultKind::OneWay:
            return fill(tr("%1 does not see %2; the other way is open or was hardly looked at."), {from, to});
        case FaultKind::SegmentDark:
            return fill(tr("The computers of %1 see no other segment, or not even each other."), {from});
        case FaultKind::PcInbound:
            return fill(tr("Nobody sees %1: it is off, or its packets do not get out."), {finding.subjectName});
        case FaultKind::PcReceives:
            return fill(tr("%1 sees nobody: it does not receive."), {finding.observerName});
        case FaultKind::PcIsolated:
            return fill(tr("%1 sees nobody and is seen by nobody."), {finding.subjectName});
        case FaultKind::Pair:
            break;
    }
    return fill(tr("%1 does not see %2, whom others see."), {finding.observerName, finding.subjectName});
}

int widthOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::SegmentDark:
        case FaultKind::SiteLink:
        case FaultKind::OneWay:
            return 0;
        case FaultKind::PcInbound:
        case FaultKind::PcReceives:
        case FaultKind::PcIsolated:
            return 1;
        case FaultKind::Pair:
            break;
    }
    return 2;
}

bool isRoad(FaultKind kind) {
    return widthOf(kind) == 0;
}

}  // namespace

bool operator==(const VisibilityCard& left, const VisibilityCard& right) {
    const auto isSame = [](const Fact& one, const Fact& other) {
        return one.label == other.label && one.value == other.value && one.mark == other.mark;
    };
    return left.mark == right.mark && left.title == right.title && left.certainty == right.certainty &&
           left.sentence == right.sentence && left.changes == right.changes && left.todo == right.todo &&
           left.canTrace == right.canTrace && left.canRetest == right.canRetest &&
           left.retestNote == right.retestNote &&
           std::equal(left.facts.begin(), left.facts.end(), right.facts.begin(), right.facts.end(), isSame);
}

Mark markOf(BlockState state) {
    switch (state) {
        case BlockState::Seen:
            return Mark::Fine;
        case BlockState::Partly:
            return Mark::Partly;
        case BlockState::Dark:
            return Mark::Broken;
        case BlockState::TooFew:
        case BlockState::NotMeasured:
            break;
    }
    return Mark::Unknown;
}

std::string textOf(BlockState state) {
    switch (state) {
        case BlockState::Seen:
            return tr("Seen");
        case BlockState::Partly:
            return tr("Partly seen");
        case BlockState::Dark:
            return tr("Dark");
        case BlockState::TooFew:
            return tr("Not enough evidence");
        case BlockState::NotMeasured:
            break;
    }
    return tr("Not measured");
}

std::string textOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::SiteLink:
            return tr("Site link");
        case FaultKind::OneWay:
            return tr("One-way");
        case FaultKind::PcInbound:
            return tr("Nobody sees a PC");
        case FaultKind::PcReceives:
            return tr("A PC sees nobody");
        case FaultKind::PcIsolated:
            return tr("Isolated PC");
        case FaultKind::SegmentDark:
            return tr("Segment cut off");
        case FaultKind::Pair:
            break;
    }
    return tr("Single pair");
}

std::string explanationOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::SegmentDark:
            return tr("Look at the switch, its uplink, the VLAN and the access point of this segment. Then retest.");
        case FaultKind::SiteLink:
            return tr(
                "Trace this block: it names the hop where packets end. Check the route or the VPN between the two "
                "segments, and "
                "that UDP and TCP 2425 pass both ways.");
        case FaultKind::OneWay:
            return tr(
                "A filter or a missing route in one direction. Trace this block, and let UDP and TCP 2425 pass in both "
                "directions.");
        case FaultKind::PcInbound:
            return tr(
                "Is this computer switched on, and in the right network? Else its own firewall keeps its packets in: "
                "trace "
                "this block.");
        case FaultKind::PcReceives:
            return tr(
                "Its own firewall keeps packets out: allow the chat program, UDP and TCP 2425, for all profiles. Then "
                "press "
                "Refresh in its chat program and retest.");
        case FaultKind::PcIsolated:
            return tr(
                "Check cable, VLAN and wireless isolation of this computer, then its own firewall: trace this block.");
        case FaultKind::Pair:
            break;
    }
    return tr(
        "A stale address or a local block list. Press Refresh in the chat program of the one who does not see, then "
        "retest; if it stays dark, trace this block.");
}

VisibilityPresenter::VisibilityPresenter(Session& session) : Presenter(session) {}

// State

bool VisibilityPresenter::isEmpty() const {
    return bases_.blocks.empty() && findings_.empty() && !status_.isCollecting;
}

bool VisibilityPresenter::mayCollect() const {
    return session_.hasService() && session_.mayOperate() && isKnown_ && !status_.isCollecting &&
           status_.mode != VisibilityMode::Off;
}

std::optional<double> VisibilityPresenter::progress() const {
    if (!status_.isCollecting) return std::nullopt;
    if (status_.toAsk == 0) return 0.0;
    return static_cast<double>(status_.answered + status_.silent) / static_cast<double>(status_.toAsk);
}

std::string VisibilityPresenter::stateText() const {
    if (!isKnown_) return {};
    const auto now = session_.now();
    if (status_.isCollecting) {
        if (status_.toAsk == 0) return tr("Reading the directory ...");
        return fill(tr("Asking clients for their lists: %1 of %2 done."),
                    {countText(status_.answered + status_.silent), countText(status_.toAsk)});
    }
    std::string text;
    if (status_.finishedAt != TimePoint{}) {
        text = fill(tr("Collected at %1: %2 of %3 clients gave their list, %4 pairs are known."),
                    {timeText(status_.finishedAt, now), countText(status_.answered), countText(status_.asked),
                     countText(status_.cells)});
        if (status_.tooSoon > 0) {
            text += " " + trn("%1 client was asked less than 10 minutes ago and left out.",
                              "%1 clients were asked less than 10 minutes ago and left out.", status_.tooSoon);
        }
    }
    if (status_.mode == VisibilityMode::Off) text += (text.empty() ? "" : " ") + tr("Asking clients is switched off.");
    if (status_.mode == VisibilityMode::Interval && status_.nextAt)
        text += (text.empty() ? "" : " ") + fill(tr("Next at %1."), {timeText(*status_.nextAt, now)});
    return text;
}

std::string VisibilityPresenter::emptyTitle() const {
    if (!session_.hasService() || !isKnown_) return tr("No map yet");
    if (status_.mode == VisibilityMode::Off) return tr("Asking clients is switched off");
    if (status_.finishedAt != TimePoint{}) return tr("Nobody could be asked");
    return tr("Nothing was collected yet");
}

std::string VisibilityPresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see who sees whom.");
    if (!isKnown_) return problem_ ? errorLines(*problem_) : tr("Loading ...");
    if (status_.mode == VisibilityMode::Off)
        return tr(
            "Set \"trace.visibility\" in Preferences to \"on-demand\" or \"interval\" to ask clients whom they see.");
    if (status_.finishedAt != TimePoint{}) {
        return tr(
            "No client gave its list. Only IP Messenger for Windows gives it, and users must be present: look at the "
            "page "
            "Users.");
    }
    return tr(
        "Asks the chat programs of the company which users they show, one after the other, each at most once in 10 "
        "minutes. "
        "The map then shows which bases, segments and computers do not see each other, and why. Nobody notices it; it "
        "is "
        "written to the audit.");
}

// Map

std::string VisibilityPresenter::baseName(const std::string& base) const {
    return base.empty() ? tr("No base") : base;
}

std::string VisibilityPresenter::nameOf(const VisibilityGroup& group) const {
    return group.segment ? group.segment->text() : baseName(group.base);
}

std::string VisibilityPresenter::placeText() const {
    switch (level_) {
        case HeatLevel::Bases:
            return tr("All bases");
        case HeatLevel::Segments:
            return fill(tr("All bases  >  %1 looks at %2"), {baseName(fromBase_), baseName(toBase_)});
        case HeatLevel::Pcs:
            break;
    }
    return fill(tr("All bases  >  %1 looks at %2  >  %3 looks at %4"),
                {baseName(fromBase_), baseName(toBase_), fromSegment_.text(), toSegment_.text()});
}

void VisibilityPresenter::makeGrid() {
    grid_ = {};
    if (level_ == HeatLevel::Pcs) {
        for (const auto& pc : cells_.observers)
            grid_.rows.push_back(pc.id == 0 ? tr("This service") : pc.name);
        for (const auto& pc : cells_.subjects)
            grid_.columns.push_back(pc.name);
        for (std::size_t row = 0; row < cells_.observers.size(); ++row) {
            const auto& observer = cells_.observers[row];
            for (std::size_t column = 0; column < cells_.subjects.size(); ++column) {
                const auto& subject = cells_.subjects[column];
                HeatCell cell;
                const auto& from = grid_.rows[row];
                switch (cells_.rows[row][column]) {
                    case '1':
                        cell.state = BlockState::Seen;
                        cell.words = fill(tr("%1 sees %2."), {from, subject.name});
                        break;
                    case '0':
                        cell.state = BlockState::Dark;
                        cell.words = fill(tr("%1 does not see %2."), {from, subject.name});
                        break;
                    default:
                        if (observer.id == subject.id) {
                            cell.words = fill(tr("%1 himself."), {from});
                        } else if (observer.lookedAt == TimePoint{} && !observer.note.empty()) {
                            cell.words = fill(tr("What %1 sees is not known: %2"), {from, observer.note});
                        } else {
                            cell.words = fill(tr("Not known whether %1 sees %2."), {from, subject.name});
                        }
                        break;
                }
                grid_.cells.push_back(std::move(cell));
            }
        }
        return;
    }
    const auto& shown = map();
    for (const auto& group : shown.rows)
        grid_.rows.push_back(nameOf(group));
    for (const auto& group : shown.columns)
        grid_.columns.push_back(nameOf(group));
    for (std::size_t row = 0; row < grid_.rows.size(); ++row) {
        for (std::size_t column = 0; column < grid_.columns.size(); ++column) {
            HeatCell cell;
            cell.words = fill(tr("Nobody of %1 looked at %2."), {grid_.rows[row], grid_.columns[column]});
            grid_.cells.push_back(std::move(cell));
        }
    }
    for (const auto& block : shown.blocks) {
        auto& cell = grid_.cells[block.from * grid_.columns.size() + block.to];
        cell.state = block.state;
        cell.text = countText(block.cells == 0 ? 0 : block.seen * std::uint64_t{100} / block.cells) + " %";
        cell.words = fill(tr("%1 looks at %2: %3. %4 pairs are seen, %5."),
                          {grid_.rows[block.from], grid_.columns[block.to], textOf(block.state),
                           seenText(block.seen, block.cells), trn("%1 observer", "%1 observers", block.observers)});
    }
}

std::vector<HeatLine> VisibilityPresenter::lines() const {
    std::vector<HeatLine> out;
    if (level_ == HeatLevel::Pcs) {
        // One line for each who does not see somebody: thousands of lines of "sees" tell nobody anything.
        for (std::size_t row = 0; row < cells_.observers.size(); ++row) {
            const auto& cells = cells_.rows[row];
            const auto seen = static_cast<std::uint32_t>(std::count(cells.begin(), cells.end(), '1'));
            const auto dark = static_cast<std::uint32_t>(std::count(cells.begin(), cells.end(), '0'));
            std::string missing;
            std::size_t first = 0;
            std::size_t named = 0;
            for (std::size_t column = 0; column < cells.size(); ++column) {
                if (cells[column] != '0') continue;
                if (named == 0) first = column;
                if (++named <= 3) missing += (missing.empty() ? "" : ", ") + cells_.subjects[column].name;
            }
            if (named > 3) missing += " " + trn("and %1 more", "and %1 more", named - 3);
            HeatLine line;
            line.place = {row, first};
            line.from = grid_.rows[row];
            line.to = missing.empty() ? toSegment_.text() : missing;
            const auto state = seen + dark == 0 ? BlockState::NotMeasured
                               : dark == 0      ? BlockState::Seen
                               : seen == 0      ? BlockState::Dark
                                                : BlockState::Partly;
            line.mark = markOf(state);
            line.state = textOf(state);
            line.seen = seen + dark == 0 ? std::string() : seenText(seen, seen + dark);
            line.observers = cells_.observers[row].lookedAt == TimePoint{}
                                 ? cells_.observers[row].note
                                 : fill(tr("%1 ago"), {agoText(cells_.observers[row].lookedAt, session_.now())});
            out.push_back(std::move(line));
        }
        return out;
    }
    for (const auto& block : map().blocks) {
        out.push_back({{block.from, block.to},
                       markOf(block.state),
                       grid_.rows[block.from],
                       grid_.columns[block.to],
                       textOf(block.state),
                       seenText(block.seen, block.cells),
                       countText(block.observers)});
    }
    const auto rank = [](Mark mark) {
        return mark == Mark::Broken ? 0 : mark == Mark::Partly ? 1 : mark == Mark::Unknown ? 2 : 3;
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const HeatLine& left, const HeatLine& right) { return rank(left.mark) < rank(right.mark); });
    return out;
}

std::string VisibilityPresenter::observersText() const {
    if (!isKnown_ || status_.pcs == 0) return {};
    auto text = fill(tr("%1 of %2 users are observers."), {countText(status_.observers), countText(status_.pcs)});
    if (status_.giveNoList > 0) {
        text += " " + trn("%1 has a client that gives no list (iptux and others).",
                          "%1 have clients that give no list (iptux and others).", status_.giveNoList);
    }
    if (status_.places > 0)
        text += " " + trn("%1 place has not enough evidence.", "%1 places have not enough evidence.", status_.places);
    return text;
}

std::string VisibilityPresenter::pageText() const {
    const auto total = level_ == HeatLevel::Pcs ? cells_.totalObservers : map().totalRows;
    const auto here = grid_.rows.size();
    if (level_ == HeatLevel::Bases || total <= here) return {};
    return fill(tr("Rows %1 to %2 of %3"), {countText(firstRow_ + 1), countText(firstRow_ + here), countText(total)});
}

bool VisibilityPresenter::hasPage(int step) const {
    if (level_ == HeatLevel::Bases) return false;
    const auto total = level_ == HeatLevel::Pcs ? cells_.totalObservers : map().totalRows;
    return step < 0 ? firstRow_ > 0 : firstRow_ + grid_.rows.size() < total;
}

void VisibilityPresenter::turnPage(int step) {
    if (!hasPage(step)) return;
    firstRow_ = step < 0 ? firstRow_ - std::min(firstRow_, kPage) : firstRow_ + kPage;
    place_.reset();
    loadLevel();
}

void VisibilityPresenter::mapChanged() {
    makeGrid();
    if (place_ && (place_->first >= grid_.rows.size() || place_->second >= grid_.columns.size())) place_.reset();
    if (onMap) onMap();
    changed();
}

void VisibilityPresenter::select(std::optional<HeatPlace> place) {
    if (place && (place->first >= grid_.rows.size() || place->second >= grid_.columns.size())) place.reset();
    if (place == place_ && !finding_) return;
    place_ = place;
    finding_.reset();
    if (onMap) onMap();
    changed();
}

bool VisibilityPresenter::open(HeatPlace place) {
    if (place.first >= grid_.rows.size() || place.second >= grid_.columns.size() || level_ == HeatLevel::Pcs)
        return false;
    if (level_ == HeatLevel::Bases) {
        fromBase_ = bases_.rows[place.first].base;
        toBase_ = bases_.columns[place.second].base;
        segments_ = {};
        level_ = HeatLevel::Segments;
    } else {
        const auto& from = segments_.rows[place.first].segment;
        const auto& to = segments_.columns[place.second].segment;
        if (!from || !to) return false;
        fromSegment_ = *from;
        toSegment_ = *to;
        cells_ = {};
        level_ = HeatLevel::Pcs;
    }
    firstRow_ = 0;
    place_.reset();
    finding_.reset();
    loadLevel();
    mapChanged();
    return true;
}

void VisibilityPresenter::goUp() {
    if (level_ == HeatLevel::Bases) return;
    level_ = level_ == HeatLevel::Pcs ? HeatLevel::Segments : HeatLevel::Bases;
    firstRow_ = 0;
    place_.reset();
    finding_.reset();
    if (level_ == HeatLevel::Segments) loadLevel();
    mapChanged();
}

const VisibilityBlock* VisibilityPresenter::blockAt(HeatPlace place) const {
    if (level_ == HeatLevel::Pcs) return nullptr;
    for (const auto& block : map().blocks)
        if (block.from == place.first && block.to == place.second) return &block;
    return nullptr;
}

// Findings

std::vector<FindingLine> VisibilityPresenter::findings() const {
    std::vector<FindingLine> out;
    const auto now = session_.now();
    for (const auto& each : findings_) {
        FindingLine line;
        line.id = each.id;
        line.mark = !each.isOpen() ? Mark::Fine : each.certainty == Certainty::Possible ? Mark::Partly : Mark::Broken;
        line.what = textOf(each.kind);
        line.where = whereText(each);
        line.since = timeText(each.firstSeen, now);
        line.lastFine = each.lastFine ? timeText(*each.lastFine, now) : tr("not known");
        line.state = each.isOpen() ? fill(tr("open, %1"), {certaintyText(each.certainty)})
                                   : fill(tr("over since %1"), {timeText(*each.closedAt, now)});
        out.push_back(std::move(line));
    }
    return out;
}

void VisibilityPresenter::selectFinding(std::uint64_t id) {
    if (finding_ == id) return;
    finding_ = id;
    place_.reset();
    if (onMap) onMap();
    changed();
}

const VisibilityFinding* VisibilityPresenter::findingAt(HeatPlace place) const {
    const VisibilityFinding* best = nullptr;
    const auto use = [&best](const VisibilityFinding& each) {
        if (best == nullptr || widthOf(each.kind) < widthOf(best->kind)) best = &each;
    };
    for (const auto& each : findings_) {
        if (!each.isOpen()) continue;
        if (level_ == HeatLevel::Pcs) {
            const auto& observer = cells_.observers[place.first];
            const auto& subject = cells_.subjects[place.second];
            const bool isHis =
                (each.kind == FaultKind::PcReceives && each.observer == observer.id && observer.id != 0) ||
                ((each.kind == FaultKind::PcInbound || each.kind == FaultKind::PcIsolated) &&
                 (each.subject == subject.id || each.subject == observer.id)) ||
                (each.kind == FaultKind::Pair && each.observer == observer.id && each.subject == subject.id);
            if (isHis) {
                use(each);
                continue;
            }
        }
        if (!isRoad(each.kind)) continue;
        const auto touches = [&](const auto& from, const auto& to, const auto& here, const auto& there) {
            if (each.kind == FaultKind::SegmentDark) return from == here || from == there;
            return (from == here && to == there) || (each.kind == FaultKind::SiteLink && from == there && to == here);
        };
        if (level_ == HeatLevel::Bases) {
            const auto& here = bases_.rows[place.first].base;
            const auto& there = bases_.columns[place.second].base;
            if (touches(each.fromBase, each.toBase, here, there)) use(each);
        } else {
            const auto here =
                level_ == HeatLevel::Pcs ? std::optional(fromSegment_) : segments_.rows[place.first].segment;
            const auto there =
                level_ == HeatLevel::Pcs ? std::optional(toSegment_) : segments_.columns[place.second].segment;
            if (touches(each.from, each.to, here, there)) use(each);
        }
    }
    return best;
}

const VisibilityFinding* VisibilityPresenter::chosen() const {
    if (finding_) {
        const auto at = std::find_if(findings_.begin(), findings_.end(),
                                     [this](const VisibilityFinding& each) { return each.id == *finding_; });
        return at == findings_.end() ? nullptr : &*at;
    }
    if (!place_ || grid_.at(place_->first, place_->second).state == BlockState::Seen) return nullptr;
    return findingAt(*place_);
}

VisibilityCard VisibilityPresenter::cardOf(const VisibilityFinding& finding) const {
    VisibilityCard card;
    const auto now = session_.now();
    card.mark = !finding.isOpen() ? Mark::Fine : finding.certainty == Certainty::Possible ? Mark::Partly : Mark::Broken;
    card.title = textOf(finding.kind) + ": " + whereText(finding);
    card.certainty =
        fill(tr("%1 - %2 and %3 back it"), {certaintyText(finding.certainty), trn("%1 pair", "%1 pairs", finding.cells),
                                            trn("%1 observer", "%1 observers", finding.observers)});
    card.sentence = sentenceOf(finding);
    card.facts.push_back({tr("Seen first"), timeText(finding.firstSeen, now), exactTimeText(finding.firstSeen)});
    card.facts.push_back({tr("Seen last"), timeText(finding.lastSeen, now), exactTimeText(finding.lastSeen)});
    card.facts.push_back({tr("Fine before"), finding.lastFine ? timeText(*finding.lastFine, now) : tr("not known")});
    card.facts.push_back({tr("Looks"), countText(finding.looks)});
    if (!finding.isOpen()) card.facts.push_back({tr("Fine again"), timeText(*finding.closedAt, now)});
    if (finding.isOpen() && status_.finishedAt > finding.lastSeen)
        card.facts.push_back({tr("Now"), tr("not measured in the last collection")});
    for (const auto& change : finding.changes)
        card.changes.push_back(timeText(change.at, now) + "  " + change.text);
    if (finding.isOpen()) card.todo = explanationOf(finding.kind);
    return card;
}

VisibilityCard VisibilityPresenter::cardOfPlace(HeatPlace place) const {
    VisibilityCard card;
    const auto& cell = grid_.at(place.first, place.second);
    card.mark = markOf(cell.state);
    card.title = fill(tr("%1 looks at %2"), {grid_.rows[place.first], grid_.columns[place.second]});
    card.certainty = textOf(cell.state);
    card.sentence = cell.words;
    if (const auto* block = blockAt(place)) {
        card.facts.push_back({tr("Pairs seen"), seenText(block->seen, block->cells)});
        card.facts.push_back({tr("Observers"), countText(block->observers)});
        if (block->state == BlockState::TooFew)
            card.todo =
                tr("Below three observers nobody is accused: one deaf computer looks like a broken road. More clients "
                   "that give "
                   "their list would tell; or trace this block.");
        if (block->state == BlockState::Partly) card.todo = tr("Open the block (Enter) to see who does not see whom.");
    }
    return card;
}

VisibilityCard VisibilityPresenter::card() const {
    VisibilityCard card;
    if (const auto* finding = chosen()) {
        card = cardOf(*finding);
    } else if (place_) {
        card = cardOfPlace(*place_);
    } else {
        card.mark = Mark::None;
        card.title = status_.openFindings == 0 ? tr("Choose a block") : tr("Choose a block or a finding");
        card.sentence =
            tr("What is known about it stands here, with the next step. Enter opens a block, Backspace goes back.");
        return card;
    }
    card.canTrace = !tracePart().empty();
    card.canRetest = mayCollect() && !scope().isEverybody();
    if (card.canRetest && status_.againAt && *status_.againAt > session_.now()) {
        card.retestNote = fill(tr("Each client is asked at most once in 10 minutes; all can be asked again at %1."),
                               {timeText(*status_.againAt, session_.now())});
    }
    return card;
}

VisibilityScope VisibilityPresenter::scope() const {
    if (const auto* finding = chosen(); finding != nullptr && finding_) return {finding->from, finding->to};
    if (!place_) return {};
    if (level_ == HeatLevel::Pcs) return {fromSegment_, toSegment_};
    if (level_ == HeatLevel::Segments)
        return {segments_.rows[place_->first].segment, segments_.columns[place_->second].segment};
    if (const auto* finding = findingAt(*place_)) return {finding->from, finding->to};
    return {};
}

std::string VisibilityPresenter::tracePart() const {
    const auto part = [](UserId from, UserId to) {
        return to == 0 ? std::string() : "pair/" + std::to_string(from) + "/" + std::to_string(to);
    };
    if (!finding_ && place_ && level_ == HeatLevel::Pcs) {
        const auto& observer = cells_.observers[place_->first];
        const auto& subject = cells_.subjects[place_->second];
        return observer.id == subject.id ? std::string() : part(observer.id, subject.id);
    }
    if (const auto* finding = chosen(); finding != nullptr) return part(finding->traceFrom, finding->traceTo);
    if (!place_) return {};
    const auto* block = blockAt(*place_);
    return block == nullptr ? std::string() : part(block->traceFrom, block->traceTo);
}

// Actions

void VisibilityPresenter::collect(Done done) {
    act(
        [](client::ApiClient& service) -> Result<void> {
            auto begun = service.collectVisibility({});
            if (!begun) return begun.error();
            return {};
        },
        std::move(done));
}

void VisibilityPresenter::retest(Done done) {
    act(
        [wanted = scope()](client::ApiClient& service) -> Result<void> {
            auto begun = service.collectVisibility(wanted);
            if (!begun) return begun.error();
            return {};
        },
        std::move(done));
}

void VisibilityPresenter::stop(Done done) {
    act(
        [](client::ApiClient& service) -> Result<void> {
            auto stopped = service.stopVisibility();
            if (!stopped) return stopped.error();
            return {};
        },
        std::move(done));
}

void VisibilityPresenter::reload() {
    load();
}

void VisibilityPresenter::load() {
    if (!session_.hasService()) return;
    if (isLoading_) {
        wantsLoad_ = true;
        return;
    }
    isLoading_ = true;
    session_.ask(
        life(), [](client::ApiClient& service) { return service.visibility(); },
        [this](const Result<api::VisibilityOverview>& answer) {
            isLoading_ = false;
            if (answer) {
                problem_.reset();
                takeOverview(*answer);
            } else {
                problem_ = answer.error();
                changed();
            }
            if (std::exchange(wantsLoad_, false)) load();
        });
    session_.ask(
        life(), [](client::ApiClient& service) { return service.visibilityFindings(); },
        [this](const Result<std::vector<VisibilityFinding>>& answer) {
            if (answer) takeFindings(*answer);
        });
    loadLevel();
}

void VisibilityPresenter::loadLevel() {
    if (!session_.hasService() || level_ == HeatLevel::Bases) return;
    if (level_ == HeatLevel::Segments) {
        session_.ask(
            life(),
            [from = fromBase_, to = toBase_, row = firstRow_](client::ApiClient& service) {
                return service.visibilitySegments(from, to, row);
            },
            [this, from = fromBase_, to = toBase_](const Result<VisibilityMap>& answer) {
                if (level_ != HeatLevel::Segments || from != fromBase_ || to != toBase_) return;
                if (answer) {
                    takeSegments(*answer);
                } else {
                    problem_ = answer.error();
                    changed();
                }
            });
        return;
    }
    session_.ask(
        life(),
        [from = fromSegment_, to = toSegment_, row = firstRow_](client::ApiClient& service) {
            return service.visibilityCells(from, to, row);
        },
        [this, from = fromSegment_, to = toSegment_](const Result<VisibilityCells>& answer) {
            if (level_ != HeatLevel::Pcs || from != fromSegment_ || to != toSegment_) return;
            if (answer) {
                takeCells(*answer);
            } else {
                problem_ = answer.error();
                changed();
            }
        });
}

void VisibilityPresenter::connectionChanged() {
    if (!session_.hasService()) {
        isKnown_ = false;
        status_ = {};
        bases_ = segments_ = {};
        cells_ = {};
        findings_.clear();
        level_ = HeatLevel::Bases;
        place_.reset();
        finding_.reset();
        mapChanged();
        return;
    }
    changed();
}

void VisibilityPresenter::resync() {
    load();
}

void VisibilityPresenter::visibilityChanged(const VisibilityStatus& status) {
    const bool isOver = status_.isCollecting && !status.isCollecting;
    const bool isOther = status.cells != status_.cells || status.observers != status_.observers;
    status_ = status;
    isKnown_ = true;
    // While lists come in only the figures move; the map follows every few seconds.
    if (isOver || isOther || !status.isCollecting) {
        if (status.revision != loadedRevision_) load();
    }
    changed();
}

void VisibilityPresenter::takeOverview(const api::VisibilityOverview& overview) {
    status_ = overview.status;
    loadedRevision_ = status_.revision;
    isKnown_ = true;
    bases_ = overview.map;
    if (level_ == HeatLevel::Bases) {
        mapChanged();
    } else {
        changed();
    }
}

void VisibilityPresenter::takeSegments(const VisibilityMap& map) {
    segments_ = map;
    mapChanged();
}

void VisibilityPresenter::takeCells(const VisibilityCells& cells) {
    cells_ = cells;
    mapChanged();
}

void VisibilityPresenter::takeFindings(std::vector<VisibilityFinding> findings) {
    findings_ = std::move(findings);
    if (finding_ && chosen() == nullptr) finding_.reset();
    if (onMap) onMap();
    changed();
}

}  // namespace causeway::console
