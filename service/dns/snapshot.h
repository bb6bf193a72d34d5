#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "service/dns/answer_table.h"
#include "shared/base/guarded.h"
#include "shared/proto/dns/tsig.h"

namespace causeway::dns {

/// All that answering needs; immutable.
struct Snapshot {
    Snapshot(std::vector<ServedZone> zones, std::vector<TsigKey> tsigKeys)
        : table(std::move(zones)), keys(std::move(tsigKeys)) {}

    const TsigKey* key(const Name& name) const;

    AnswerTable table;
    std::vector<TsigKey> keys;
};

/// Where the newest snapshot is. set() from any thread.
class SnapshotHolder {
public:
    SnapshotHolder();
    void set(std::shared_ptr<const Snapshot> snapshot);
    std::shared_ptr<const Snapshot> get() const;
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

private:
    Guarded<std::shared_ptr<const Snapshot>> newest_;
    std::atomic<std::uint64_t> version_{1};
};

/// One worker's hold on a snapshot: as long as nothing changes, current() is one atomic load.
class SnapshotReader {
public:
    explicit SnapshotReader(const SnapshotHolder& holder) : holder_(holder) {}

    const Snapshot& current() {
        const auto version = holder_.version();
        if (version != version_) {
            held_ = holder_.get();
            version_ = version;
        }
        return *held_;
    }
    /// Longer than until the next call of current().
    std::shared_ptr<const Snapshot> keep() {
        current();
        return held_;
    }

private:
    const SnapshotHolder& holder_;
    std::shared_ptr<const Snapshot> held_;
    std::uint64_t version_ = 0;
};

}  // namespace causeway::dns
