#pragma once

#include <memory>
#include <string>

#include "service/store/store_port.h"
#include "shared/base/log.h"
#include "shared/base/result.h"

namespace causeway::store {

/// How many events of one user are kept; the oldest give way.
constexpr std::size_t kMostEventsOfUser = 500;

/// Opens the store file, or makes it with its folder (0750), with mode 0600. SQLite in WAL mode; one writer thread and
/// one reading connection. Older files are brought to the present format. `keyFilePath` is `secret.key`.
/// Errors, each with a text for the administrator, the file untouched:
///   NewerVersion  written by a later version of Causeway
///   Corrupt       damaged or no database; a copy of it is kept beside it, once, as FILE.corrupt-YYYYMMDD-HHMMSS
///   Unsupported   an SQLite database of another program
///   Denied, Unavailable  the folder or a file cannot be read or written; the key file is open to others
///   NotFound      the key file is missing although the store holds secrets
Result<std::unique_ptr<StorePort>> openSqliteStore(const std::string& path, const std::string& keyFilePath, Log& log);

}  // namespace causeway::store
