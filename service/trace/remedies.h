#pragma once

#include "service/trace/reading.h"
#include "shared/model/trace.h"

namespace causeway::trace {

/// Writes sentence and remedy of a verdict whose code, subject and parameters are set. `why` is what the rule saw, one
/// sentence or two. Names, addresses, networks and ports in the commands are those of the pair.
/// Bounds: names of users are cleaned and cut before they are put into a sentence; they never get into a command.
void writeVerdict(const TracePair& pair, const Side& side, const std::string& why, Verdict& verdict);

}  // namespace causeway::trace
