#pragma once

#include <vector>

#include "service/store/database.h"
#include "shared/model/lan_user.h"

namespace causeway::store {

// Rows of lan_users, lan_user_addresses and lan_user_events. All throw Poco exceptions.

std::vector<LanUser> readUsers(Database& database);
void writeUser(Database& database, const LanUser& user);  ///< inserts or replaces, with the addresses
void deleteUser(Database& database, UserId id);           ///< with addresses and events

std::vector<UserEvent> readUserEvents(Database& database, UserId id, std::size_t most);
void writeUserEvent(Database& database, UserId id, const UserEvent& event);

}  // namespace causeway::store
