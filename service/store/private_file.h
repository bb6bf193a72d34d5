#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace causeway::store {

// Files that only the user of the service may read. On Windows the data folder's access list does this; there the mode
// is not looked at.

/// Makes the folder (0750) with its parents if it is missing. Errors: Denied, Unavailable.
Result<void> makeDataFolder(const std::string& path);

/// Makes a file of mode 0600 that must not exist yet and syncs it. Errors: Conflict, Denied, Unavailable.
Result<void> writeNewPrivateFile(const std::string& path, std::string_view bytes);

/// Group or others have any right on it.
bool othersMayUse(const std::string& path);
/// Takes the rights of group and others away; does nothing if that is not possible.
void takeRightsFromOthers(const std::string& path);

}  // namespace causeway::store
