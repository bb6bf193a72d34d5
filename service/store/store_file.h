#pragma once

#include <string>

#include "shared/base/log.h"
#include "shared/base/result.h"

namespace causeway::store {

/// Looks at the store file without changing a byte of it: is it missing, ours, sound, not from a later version?
/// Makes an empty one of mode 0600 if it is missing. A damaged one is copied aside, once for the same bytes.
/// Errors: as openSqliteStore().
Result<void> inspectStoreFile(const std::string& path, Log& log);

}  // namespace causeway::store
