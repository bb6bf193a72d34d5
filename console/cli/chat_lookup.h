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

/// A code of the API as people read it: "directory-down" becomes "directory down". With --json codes stay.
std::string plainWords(std::string_view code);
/// What a login to the domain would be told now, as a sentence: "open", "closed: the directory is down", ...
std::string loginSentence(std::string_view gateWord);

/// "KEY=rest" in two. Errors: BadInput.
Result<std::pair<std::string, std::string>> keyAndRest(const std::string& word);

}  // namespace causeway::cli
