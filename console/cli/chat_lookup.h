#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "console/cli/session.h"
#include "shared/api/domains_json.h"
#include "shared/model/account.h"
#include "shared/model/provider_view.h"

namespace causeway::cli {

/// Found by name without regard to case, by shown name, or by number. Errors: NotFound with the command that lists.
Result<ChatDomain> findDomain(client::ApiClient& client, const std::string& name);
Result<ProviderView> findProvider(client::ApiClient& client, const std::string& name);
/// "ann@chat.example.com" or a number.
Result<Account> findAccount(client::ApiClient& client, const std::string& address);

/// The sentence of the error, then a line for each field that is wrong.
Exit failWithFields(Session& session, const Error& error, const api::ErrorDocument& details);
/// What waits to be confirmed, for people.
std::string waitText(const PendingRevert& revert, TimePoint now, const std::string& command);

/// "KEY=rest" in two. Errors: BadInput.
Result<std::pair<std::string, std::string>> keyAndRest(const std::string& word);

}  // namespace causeway::cli
