#pragma once

#include <string>

#include "console/client/api_client.h"

namespace causeway::cli {

/// The one user that `text` names: an id, or exactly one user's name, nickname, host or address.
/// Errors: NotFound, Conflict (several fit; the sentence lists them).
Result<api::UserRow> findUser(client::ApiClient& client, const std::string& text);

}  // namespace causeway::cli
