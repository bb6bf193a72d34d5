#include "service/app/chat_keeper.h"

namespace causeway::app {

Result<std::vector<domains::DomainRecords::SupernodeRow>> StoreDomainRecords::supernodes() {
    auto rows = store_.supernodes();
    if (!rows) return rows.error();
    std::vector<SupernodeRow> all;
    all.reserve(rows->size());
    for (auto& row : *rows)
        all.push_back({std::move(row.node), std::move(row.tokenHash)});
    return all;
}

}  // namespace causeway::app
