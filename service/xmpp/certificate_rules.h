#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/time.h"
#include "shared/model/certificate_facts.h"

namespace causeway::xmpp {

constexpr Duration kDay = std::chrono::hours{24};
constexpr Duration kWarnBefore = 30 * kDay;    ///< the end is told
constexpr Duration kProblemBefore = 7 * kDay;  ///< it becomes a problem
constexpr Duration kRenewBefore = 30 * kDay;   ///< a self-signed one is made anew, with the same key

/// How a certificate names a domain.
enum class NameCover {
    None,
    XmppOnly,  ///< by XmppAddr or SRVName, which most clients do not look at
    Dns,
};
/// `domain` in ASCII form. A wildcard stands for exactly one label and is the whole first label; the common name does
/// not count. Source: RFC 6125 6.4, RFC 9525 6.3, RFC 6120 13.7.1.2.
NameCover coverOf(const std::vector<CertificateName>& names, std::string_view domain);

/// Fills trouble, problem, todo and forClients from the rest; keeps a trouble that reading the files has found.
void judgeCertificate(CertificateFacts& facts, TimePoint now);

}  // namespace causeway::xmpp
