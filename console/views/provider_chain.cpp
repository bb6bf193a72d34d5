#include "console/views/provider_chain.h"

#include <algorithm>

#include <wx/button.h>
#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

ProviderChain::ProviderChain(wxWindow* parent, const wxString& name)
    : wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, name) {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    list_ = new PlainList(this, name + ".list", _("Providers that the domain asks, in this order"),
                          {{_("Provider"), 130}, {_("Kind and address"), 300}}, PlainList::Switches::Shown, _("Ask"));
    list_->SetMinSize(FromDIP(wxSize(380, 84)));
    auto* buttons = new wxBoxSizer(wxVERTICAL);
    up_ = iconButton(this, {}, "up", _("Ask the chosen provider earlier"));
    down_ = iconButton(this, {}, "down", _("Ask the chosen provider later"));
    buttons->Add(up_);
    buttons->Add(down_, wxSizerFlags().Border(wxTOP, halfGap(this)));
    row->Add(list_, wxSizerFlags(1).Expand());
    row->Add(buttons, wxSizerFlags().Border(wxLEFT, halfGap(this)));
    SetSizer(row);
    list_->onSwitch = [this](std::uint64_t id, bool isOn) {
        for (auto& entry : entries_) {
            if (entry.id == id) entry.isChosen = isOn;
        }
        // Not inside the event of the cell that was switched.
        CallAfter([this] {
            std::stable_partition(entries_.begin(), entries_.end(),
                                  [](const ChainEntry& entry) { return entry.isChosen; });
            fill();
            if (onChanged) onChanged();
        });
    };
    list_->onSelectionChanged = [this] { update(); };
    up_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { move(-1); });
    down_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { move(1); });
    update();
}

void ProviderChain::set(std::vector<ChainEntry> entries) {
    entries_ = std::move(entries);
    fill();
}

std::vector<std::uint64_t> ProviderChain::chosen() const {
    std::vector<std::uint64_t> ids;
    for (const auto& entry : entries_) {
        if (entry.isChosen) ids.push_back(entry.id);
    }
    return ids;
}

void ProviderChain::fill() {
    std::vector<PlainList::Row> rows;
    for (const auto& entry : entries_)
        rows.push_back({entry.id, entry.isChosen, {toWx(entry.name), toWx(entry.hint)}});
    list_->setRows(std::move(rows));
    // The only one is the one that is meant.
    if (entries_.size() == 1 && !list_->selectedId()) list_->selectId(entries_.front().id);
    update();
}

void ProviderChain::move(int step) {
    const auto id = list_->selectedId();
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [id](const ChainEntry& entry) { return std::optional(entry.id) == id; });
    if (at == entries_.end()) return;
    const auto other = at + step;
    if (other < entries_.begin() || other >= entries_.end() || !other->isChosen || !at->isChosen) return;
    std::iter_swap(at, other);
    fill();
    list_->selectId(*id);
    update();
    if (onChanged) onChanged();
}

void ProviderChain::update() {
    const auto id = list_->selectedId();
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [id](const ChainEntry& entry) { return std::optional(entry.id) == id; });
    const bool isChosen = at != entries_.end() && at->isChosen;
    up_->Enable(isChosen && at != entries_.begin());
    down_->Enable(isChosen && at + 1 != entries_.end() && (at + 1)->isChosen);
    if (onSelected) onSelected();
}

}  // namespace causeway::console
