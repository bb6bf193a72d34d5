#pragma once

#include <vector>

#include "service/trace/domain_world.h"
#include "shared/model/trace.h"

namespace causeway::trace {

/// Judges a domain trace. Pure: the same evidence gives the same verdicts.
/// Shape:  never empty, at most 4. The first is the verdict: the first fault on the way of a login, which is DNS, TCP,
///         TLS, directory, person. Further ones are faults of later parts that are true as well.
/// Method: a table of rules; of each part of the way the first rule that matches counts. What was not measured is never
///         a fault. An outside resolver or one of several supernodes makes a verdict likely, not certain: others work.
///         OK is never more than "likely": this service does not take logins of clients yet.
std::vector<Verdict> judgeDomain(const DomainEvidence& evidence);

}  // namespace causeway::trace
