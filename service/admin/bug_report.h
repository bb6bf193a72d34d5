#pragma once

#include "service/admin/admin_core.h"
#include "shared/model/bug_report.h"

namespace causeway::admin {

/// What the service puts into a bug report: the answers of its own API and the end of its log, as files for people.
/// Secrets are not in those answers; besides, every secret that the service can read itself (passwords of providers,
/// keys of secondaries, the token of the caller) is looked for in every file and masked, wherever somebody may have
/// written it: in a note, in the options of a data source, in an address.
/// A part that cannot be read is a file that says why. Bounds: 10 traces, 2,000 lines of the log, 256 KiB of the log
/// file, 200 entries of the audit. Reads the directory and the store; any thread but event loops.
BugReport collectBugReport(AdminCore& core, const Request& request);

}  // namespace causeway::admin
