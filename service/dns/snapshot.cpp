#include "service/dns/snapshot.h"

#include <algorithm>

namespace causeway::dns {

const TsigKey* Snapshot::key(const Name& name) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const TsigKey& each) { return each.name == name; });
    return found == keys.end() ? nullptr : &*found;
}

SnapshotHolder::SnapshotHolder()
    : newest_(std::make_shared<const Snapshot>(std::vector<ServedZone>{}, std::vector<TsigKey>{})) {}

void SnapshotHolder::set(std::shared_ptr<const Snapshot> snapshot) {
    newest_.with([&](auto& newest) { newest.swap(snapshot); });
    // After the swap: who sees the new number finds at least this snapshot.
    version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Snapshot> SnapshotHolder::get() const {
    return newest_.with([](const auto& newest) { return newest; });
}

}  // namespace causeway::dns
