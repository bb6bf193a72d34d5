#include "service/trace/visibility_book.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace causeway::trace {

namespace {

constexpr TimePoint kNever{};
constexpr std::uint8_t kMostLooks = 127;

const char* kindName(ClientKind kind) {
    switch (kind) {
        case ClientKind::Windows:
            return "IP Messenger for Windows";
        case ClientKind::Mac:
            return "IP Messenger for Mac";
        case ClientKind::Mobile:
            return "IP Messenger for phones";
        case ClientKind::Iptux:
            return "iptux";
        case ClientKind::Feiq:
            return "FeiQ";
        case ClientKind::Causeway:
            return "Causeway";
        case ClientKind::Unknown:
        case ClientKind::Other:
            break;
    }
    return "a client of this kind";
}

}  // namespace

bool givesList(ClientKind kind) {
    return kind == ClientKind::Windows;
}

std::string whyNoList(const SeenUser& user) {
    if (!givesList(user.kind)) return std::string(kindName(user.kind)) + " does not give its list.";
    if (!user.isAnswering) return "He does not answer now.";
    return {};
}

std::uint32_t VisibilityBook::takeSlot(UserId id) {
    if (const auto at = slotOf_.find(id); at != slotOf_.end()) return at->second;
    std::uint32_t slot = 0;
    if (!free_.empty()) {
        slot = free_.back();
        free_.pop_back();
        // What was looked at here was somebody else.
        for (auto& pc : pcs_)
            if (slot < pc.row.looks.size()) pc.row.looks[slot] = 0;
        for (auto& own : own_)
            if (slot < own.row.looks.size()) own.row.looks[slot] = 0;
    } else {
        slot = static_cast<std::uint32_t>(pcs_.size());
        pcs_.emplace_back();
    }
    pcs_[slot].isUsed = true;
    slotOf_[id] = slot;
    return slot;
}

void VisibilityBook::shrink(Row& row) {
    used_ -= row.looks.size();
    row = {};
}

void VisibilityBook::take(const VisibilitySnapshot& snapshot) {
    std::vector<bool> isThere(pcs_.size());
    slotAt_.clear();
    for (const auto& user : snapshot.users) {
        if (user.kind == ClientKind::Causeway || user.address.isAny()) continue;
        if (slotOf_.size() >= kMostPcs && !slotOf_.contains(user.id)) continue;
        const auto slot = takeSlot(user.id);
        if (slot >= isThere.size()) isThere.resize(slot + 1);
        isThere[slot] = true;
        pcs_[slot].user = user;
        slotAt_[user.address] = slot;
        for (const auto other : user.others)
            slotAt_.try_emplace(other, slot);
    }
    for (std::uint32_t slot = 0; slot < pcs_.size(); ++slot) {
        auto& row = pcs_[slot].row;
        if (row.listed && snapshot.at - row.at >= kKeepList) row.listed.reset();
        if (!pcs_[slot].isUsed || isThere[slot]) continue;
        slotOf_.erase(pcs_[slot].user.id);
        shrink(pcs_[slot].row);
        pcs_[slot] = {};
        free_.push_back(slot);
    }

    // Whom the service sees. Rows stay with their segment.
    std::vector<OwnRow> before;
    std::swap(before, own_);
    for (const auto& interface : snapshot.interfaces) {
        if (std::any_of(own_.begin(), own_.end(),
                        [&](const OwnRow& each) { return each.segment == interface.network; }))
            continue;
        OwnRow row{interface.network, {}, {}};
        for (const auto& base : snapshot.bases) {
            if (std::find(base.segments.begin(), base.segments.end(), interface.network) != base.segments.end())
                row.base = base.name;
        }
        for (auto& old : before)
            if (old.segment == row.segment) row.row = std::move(old.row);
        own_.push_back(std::move(row));
    }
    for (const auto& old : before)
        used_ -= old.row.looks.size();
    for (std::size_t number = 0; number < own_.size(); ++number) {
        auto& own = own_[number];
        own.row.at = snapshot.at;
        for (std::uint32_t slot = 0; slot < pcs_.size(); ++slot) {
            const auto& user = pcs_[slot].user;
            if (!pcs_[slot].isUsed || !user.isExpected || snapshot.at - user.enteredAt < kSettle) continue;
            const bool isOwnSegment =
                std::any_of(own_.begin(), own_.end(), [&](const OwnRow& each) { return each.segment == user.segment; });
            if (isOwnSegment ? user.segment == own.segment : number == 0) look(own.row, slot, user.isAnswering);
        }
    }
}

void VisibilityBook::look(Row& row, std::size_t slot, bool isSeen) {
    if (slot >= row.looks.size()) {
        used_ += pcs_.size() - row.looks.size();
        row.looks.resize(pcs_.size());
    }
    auto& cell = row.looks[slot];
    const auto looks = (cell & 1) == (isSeen ? 1 : 0) ? cell >> 1 : 0;
    cell = static_cast<std::uint8_t>(std::min<int>(looks + 1, kMostLooks) << 1 | (isSeen ? 1 : 0));
}

bool VisibilityBook::looked(Ip4 client, const std::vector<Ip4>& listed, TimePoint at) {
    const auto who = slotAt_.find(client);
    if (who == slotAt_.end()) return false;
    auto& observer = pcs_[who->second];
    if (at - observer.user.enteredAt < kSettle) return false;
    if (used_ + pcs_.size() > kMostCells && observer.row.looks.empty()) return false;
    std::vector<bool> isListed(pcs_.size());
    for (const auto address : listed) {
        if (const auto found = slotAt_.find(address); found != slotAt_.end()) isListed[found->second] = true;
    }
    observer.row.at = at;
    observer.row.listed = std::make_shared<const std::vector<Ip4>>(listed);
    for (std::size_t slot = 0; slot < pcs_.size(); ++slot) {
        const auto& subject = pcs_[slot];
        if (slot == who->second) continue;
        if (subject.isUsed && subject.user.isExpected && at - subject.user.enteredAt >= kSettle) {
            look(observer.row, slot, isListed[slot]);
        } else if (slot < observer.row.looks.size()) {
            observer.row.looks[slot] = 0;
        }
    }
    return true;
}

std::optional<std::vector<Ip4>> VisibilityBook::listedBy(Ip4 client, TimePoint since) const {
    const auto who = slotAt_.find(client);
    if (who == slotAt_.end()) return std::nullopt;
    const auto& row = pcs_[who->second].row;
    if (row.at == kNever || row.at < since || !row.listed) return std::nullopt;
    return *row.listed;
}

std::optional<bool> VisibilityBook::sees(UserId observer, UserId subject) const {
    const auto who = slotOf_.find(observer);
    const auto whom = slotOf_.find(subject);
    if (who == slotOf_.end() || whom == slotOf_.end()) return std::nullopt;
    const auto& pc = pcs_[who->second];
    return view(pc.row, whom->second, pc.user.enteredAt);
}

std::optional<UserId> VisibilityBook::userAt(Ip4 address) const {
    const auto found = slotAt_.find(address);
    if (found == slotAt_.end()) return std::nullopt;
    return pcs_[found->second].user.id;
}

const SeenUser* VisibilityBook::user(UserId id) const {
    const auto found = slotOf_.find(id);
    return found == slotOf_.end() ? nullptr : &pcs_[found->second].user;
}

std::optional<bool> VisibilityBook::view(const Row& row, std::size_t slot, TimePoint enteredAt) const {
    if (slot >= row.looks.size() || row.looks[slot] == 0) return std::nullopt;
    const auto& subject = pcs_[slot];
    if (!subject.isUsed || !subject.user.isExpected) return std::nullopt;
    if ((row.looks[slot] & 1) != 0) return true;
    // Since then one of the two started anew, so that nobody knows whether it is still dark.
    if (row.at < std::max(enteredAt, subject.user.enteredAt) + kSettle) return std::nullopt;
    return false;
}

VisibilityReport VisibilityBook::report() const {
    VisibilityReport out;
    std::vector<MatrixPc> names;
    std::vector<std::uint32_t> slots;  // by index
    std::vector<std::uint32_t> indexOf(pcs_.size(), 0xFFFFFFFFU);
    for (std::uint32_t slot = 0; slot < pcs_.size(); ++slot) {
        const auto& pc = pcs_[slot];
        if (!pc.isUsed || !pc.user.isExpected) continue;
        indexOf[slot] = static_cast<std::uint32_t>(slots.size());
        slots.push_back(slot);
        names.push_back({pc.user.name, pc.user.base, pc.user.segment});
        out.pcs.push_back({pc.user.id, pc.user.name, pc.user.base, pc.user.segment, 0, 0, 0, 0, pc.user.isUnstable,
                           pc.row.at != kNever});
        if (!givesList(pc.user.kind)) ++out.giveNoList;
    }
    for (const auto& own : own_) {
        names.push_back({"This service", own.base, own.segment});
        out.pcs.push_back({0, "This service", own.base, own.segment, 0, 0, 0, 0, false, true});
    }

    // Segments, by base and address; a segment belongs to one base.
    std::map<Network4, std::string> bases;
    for (const auto& name : names) {
        auto& base = bases[name.segment];
        if (base.empty()) base = name.base;
    }
    std::vector<std::pair<std::string, Network4>> order;
    order.reserve(bases.size());
    for (const auto& [segment, base] : bases)
        order.emplace_back(base, segment);
    std::sort(order.begin(), order.end(), [](const auto& left, const auto& right) {
        // Segments of no base come last.
        return std::tuple(left.first.empty(), left.first, left.second) <
               std::tuple(right.first.empty(), right.first, right.second);
    });
    std::map<Network4, std::uint32_t> groupOf;
    for (const auto& [base, segment] : order) {
        groupOf[segment] = static_cast<std::uint32_t>(out.segments.size());
        out.segments.push_back({base, segment, 0, 0});
    }
    std::vector<std::uint32_t> groups;  // by index
    groups.reserve(names.size());
    for (std::size_t index = 0; index < names.size(); ++index) {
        groups.push_back(groupOf[names[index].segment]);
        auto& group = out.segments[groups.back()];
        if (index < slots.size()) ++group.pcs;
    }

    VisibilityMatrix matrix{names};
    const auto wide = out.segments.size();
    std::vector<VisibilityBlock> all(wide * wide);
    std::vector<std::size_t> observedBy(wide);
    const auto addRow = [&](std::size_t index, const Row& row, TimePoint enteredAt) {
        std::fill(observedBy.begin(), observedBy.end(), 0);
        bool hasCells = false;
        for (std::uint32_t slot = 0; slot < row.looks.size(); ++slot) {
            if (indexOf[slot] == 0xFFFFFFFFU || indexOf[slot] == index) continue;
            const auto isSeen = view(row, slot, enteredAt);
            if (!isSeen) continue;
            const auto subject = indexOf[slot];
            // A client that comes and goes is no proof of a fault between two computers.
            const bool isShaky = !*isSeen && out.pcs[subject].isUnstable;
            if (isShaky) continue;
            const auto looks = static_cast<std::uint16_t>(row.looks[slot] >> 1);
            if (!matrix.put(index, subject, looks, *isSeen ? looks : std::uint16_t{0})) continue;
            hasCells = true;
            auto& block = all[groups[index] * wide + groups[subject]];
            ++block.cells;
            ++out.pcs[index].rowCells;
            ++out.pcs[subject].cells;
            if (*isSeen) {
                ++block.seen;
                ++out.pcs[index].rowSeen;
                ++out.pcs[subject].seen;
            } else if (block.traceTo == 0 || (block.traceFrom == 0 && out.pcs[index].id != 0)) {
                block.traceFrom = out.pcs[index].id;
                block.traceTo = out.pcs[subject].id;
            }
            if (observedBy[groups[subject]]++ == 0) ++block.observers;
        }
        if (!hasCells) return;
        ++out.observers;
        ++out.segments[groups[index]].observers;
    };
    for (std::size_t index = 0; index < slots.size(); ++index) {
        const auto& pc = pcs_[slots[index]];
        if (pc.row.at != kNever) addRow(index, pc.row, pc.user.enteredAt);
    }
    for (std::size_t number = 0; number < own_.size(); ++number)
        addRow(slots.size() + number, own_[number].row, kNever);
    for (std::uint32_t from = 0; from < wide; ++from) {
        for (std::uint32_t to = 0; to < wide; ++to) {
            auto& block = all[from * wide + to];
            if (block.cells == 0) continue;
            block.from = from;
            block.to = to;
            block.state = VisibilityBlock::stateOf(block.cells, block.seen, block.observers);
            if (block.state == BlockState::TooFew) ++out.places;
            out.cells += block.cells;
            out.blocks.push_back(block);
        }
    }
    out.faults = localise(matrix).faults;
    return out;
}

VisibilityCells VisibilityBook::cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                                      std::size_t mostObservers, std::size_t firstSubject,
                                      std::size_t mostSubjects) const {
    VisibilityCells out;
    out.from = from;
    out.to = to;
    struct Looker {
        const Row* row = nullptr;
        const Pc* pc = nullptr;  ///< null: the service
    };
    std::vector<Looker> lookers;
    std::vector<std::uint32_t> subjects;
    for (const auto& own : own_)
        if (own.segment == from) lookers.push_back({&own.row, nullptr});
    std::vector<std::uint32_t> order;
    for (std::uint32_t slot = 0; slot < pcs_.size(); ++slot)
        if (pcs_[slot].isUsed && pcs_[slot].user.isExpected) order.push_back(slot);
    std::sort(order.begin(), order.end(), [this](std::uint32_t left, std::uint32_t right) {
        const auto& a = pcs_[left];
        const auto& b = pcs_[right];
        return std::tuple(a.user.address, a.user.id) < std::tuple(b.user.address, b.user.id);
    });
    // Those whose view is known come first.
    for (const bool isKnown : {true, false}) {
        for (const auto slot : order)
            if (pcs_[slot].user.segment == from && (pcs_[slot].row.at != kNever) == isKnown)
                lookers.push_back({&pcs_[slot].row, &pcs_[slot]});
    }
    for (const auto slot : order)
        if (pcs_[slot].user.segment == to) subjects.push_back(slot);
    out.totalObservers = static_cast<std::uint32_t>(lookers.size());
    out.totalSubjects = static_cast<std::uint32_t>(subjects.size());
    const auto shown = [](const Pc& pc) {
        return VisibilityPc{pc.user.id,         pc.user.name, pc.user.address,   pc.user.kind,
                            pc.user.isUnstable, pc.row.at,    whyNoList(pc.user)};
    };
    const auto lastSubject = std::min(subjects.size(), firstSubject + mostSubjects);
    for (auto at = firstSubject; at < lastSubject; ++at)
        out.subjects.push_back(shown(pcs_[subjects[at]]));
    for (auto at = firstObserver; at < std::min(lookers.size(), firstObserver + mostObservers); ++at) {
        const auto& looker = lookers[at];
        if (looker.pc != nullptr) {
            out.observers.push_back(shown(*looker.pc));
        } else {
            out.observers.push_back({0, "This service", from.address, ClientKind::Causeway, false, looker.row->at, {}});
        }
        std::string row;
        for (auto each = firstSubject; each < lastSubject; ++each) {
            const auto slot = subjects[each];
            const bool isHimself = looker.pc == &pcs_[slot];
            const auto isSeen =
                isHimself ? std::nullopt
                          : view(*looker.row, slot, looker.pc != nullptr ? looker.pc->user.enteredAt : kNever);
            row += !isSeen ? '.' : *isSeen ? '1' : '0';
        }
        out.rows.push_back(std::move(row));
    }
    return out;
}

VisibilityMap basesMap(const VisibilityReport& report) {
    VisibilityMap out;
    std::vector<std::uint32_t> baseOf;
    for (const auto& segment : report.segments) {
        if (out.rows.empty() || out.rows.back().base != segment.base) out.rows.push_back({segment.base, {}, 0, 0});
        out.rows.back().pcs += segment.pcs;
        out.rows.back().observers += segment.observers;
        baseOf.push_back(static_cast<std::uint32_t>(out.rows.size() - 1));
    }
    out.columns = out.rows;
    out.totalRows = out.totalColumns = static_cast<std::uint32_t>(out.rows.size());
    std::map<std::pair<std::uint32_t, std::uint32_t>, VisibilityBlock> sums;
    // An observer of a base may look into several segments of the other one; he counts once.
    std::map<std::tuple<std::uint32_t, std::uint32_t>, std::uint32_t> most;
    for (const auto& block : report.blocks) {
        const std::pair place{baseOf[block.from], baseOf[block.to]};
        auto& sum = sums[place];
        sum.from = place.first;
        sum.to = place.second;
        sum.cells += block.cells;
        sum.seen += block.seen;
        auto& perSegment = most[{block.from, place.second}];
        perSegment = std::max(perSegment, block.observers);
        if (sum.traceTo == 0 || (sum.traceFrom == 0 && block.traceFrom != 0)) {
            sum.traceFrom = block.traceFrom;
            sum.traceTo = block.traceTo;
        }
    }
    for (const auto& [place, observers] : most)
        sums[{baseOf[std::get<0>(place)], std::get<1>(place)}].observers += observers;
    for (auto& [place, block] : sums) {
        block.state = VisibilityBlock::stateOf(block.cells, block.seen, block.observers);
        // One dark road must not hide between many fine ones.
        if (block.state == BlockState::Seen &&
            std::any_of(report.blocks.begin(), report.blocks.end(), [&, at = place](const VisibilityBlock& each) {
                return each.state == BlockState::Dark && baseOf[each.from] == at.first && baseOf[each.to] == at.second;
            }))
            block.state = BlockState::Partly;
        out.blocks.push_back(block);
    }
    return out;
}

VisibilityMap segmentsMap(const VisibilityReport& report, const std::string& fromBase, const std::string& toBase,
                          std::size_t firstRow, std::size_t mostRows) {
    VisibilityMap out;
    constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    std::vector<std::uint32_t> rowOf(report.segments.size(), kNone);
    std::vector<std::uint32_t> columnOf(report.segments.size(), kNone);
    for (std::size_t at = 0; at < report.segments.size(); ++at) {
        const auto& segment = report.segments[at];
        if (segment.base == fromBase) {
            const auto number = out.totalRows++;
            if (number >= firstRow && number - firstRow < mostRows) {
                rowOf[at] = static_cast<std::uint32_t>(out.rows.size());
                out.rows.push_back(segment);
            }
        }
        if (segment.base == toBase) {
            columnOf[at] = out.totalColumns++;
            out.columns.push_back(segment);
        }
    }
    for (const auto& block : report.blocks) {
        if (rowOf[block.from] == kNone || columnOf[block.to] == kNone) continue;
        auto moved = block;
        moved.from = rowOf[block.from];
        moved.to = columnOf[block.to];
        out.blocks.push_back(moved);
    }
    return out;
}

}  // namespace causeway::trace
