#pragma once

#include "service/admin/admin_ports.h"
#include "shared/api/domains_json.h"

namespace causeway::admin {

enum class Proofs { LeftOut, Included };

/// A domain as the API tells it.
inline api::DomainRow rowOf(domains::DomainView view, Proofs proofs, const AdminPorts& ports) {
    api::DomainRow row;
    row.domain = std::move(view.domain);
    row.directory = std::move(view.directory);
    row.supernode = std::move(view.supernode);
    if (proofs == Proofs::LeftOut) row.directory.proof = row.supernode.proof = {};
    row.login = wordOf(view.gate);
    row.accounts = view.accounts;
    if (ports.providers != nullptr) row.revert = ports.providers->pendingOfDomain(row.domain.id);
    if (ports.certificates != nullptr) row.certificate = ports.certificates->certificate(row.domain.name);
    for (auto& each : view.supernodes)
        row.supernodes.push_back({std::move(each.node), each.isLive});
    return row;
}

}  // namespace causeway::admin
