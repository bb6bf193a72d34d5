#pragma once

#include <vector>

#include "service/store/database.h"
#include "shared/model/user_search.h"

namespace causeway::store {

// Rows of searches and search_rows. All throw Poco exceptions.

std::vector<UserSearch> readSearches(Database& database, std::size_t most);  ///< newest first
void writeSearch(Database& database, const UserSearch& search);
void deleteSearch(Database& database, std::uint64_t id);  ///< with its rows

std::vector<SearchRow> readSearchRows(Database& database, std::uint64_t search, std::size_t from, std::size_t most);
void writeSearchRow(Database& database, std::uint64_t search, const SearchRow& row);  ///< behind the others

}  // namespace causeway::store
