#pragma once

#include <span>

#include "service/store/database.h"

namespace causeway::store {

/// The SQL that leads from version `version - 1` to `version`.
struct Migration {
    int version;
    const char* title;  ///< for the log, "users and ranges"
    const char* sql;
};

/// All of them, version 1 first, without gaps. A released one is never changed; a change of the tables is a new one.
std::span<const Migration> migrations();
inline int newestVersion() {
    return migrations().back().version;
}

/// Marks a file as a Causeway store (PRAGMA application_id): "CWST".
constexpr std::int64_t kApplicationId = 0x43575354;

/// Brings the database from its user_version to the last of `steps`, each step in a transaction of its own: after a
/// failure the database is of the version before the failed step. Gives the version it had. Throws Poco exceptions.
int migrate(Database& database, std::span<const Migration> steps);

}  // namespace causeway::store
