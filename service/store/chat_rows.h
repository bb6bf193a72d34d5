#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/chat_store_port.h"
#include "service/store/database.h"

namespace causeway::store {

// Rows of the chat domains. All throw Poco exceptions; Conflict and NotFound are told by their Result.

std::vector<ChatDomain> readDomains(Database& database);
Result<ChatDomain> writeDomain(Database& database, ChatDomain domain);
Result<void> deleteDomain(Database& database, std::uint64_t id);

std::vector<ChatStorePort::SupernodeRow> readSupernodes(Database& database);
Result<Supernode> writeSupernode(Database& database, const ChatStorePort::SupernodeRow& row);
Result<void> deleteSupernode(Database& database, std::uint64_t id);

void writeDotChange(Database& database, std::uint64_t domain, const DotChange& change);
std::vector<DotChange> readDotChanges(Database& database, std::uint64_t domain, std::size_t most);

std::vector<Provider> readProviders(Database& database);
/// Settings and name; the secrets are rows of their own.
Result<Provider> writeProvider(Database& database, Provider provider);
Result<void> deleteProvider(Database& database, std::uint64_t id);
/// Under this name a secret of a provider is sealed.
std::string providerSecretName(std::uint64_t provider, std::string_view key);

/// Under this name a remembered password of a provider is sealed.
std::string rememberedSecretName(std::uint64_t provider, std::string_view address);
void deleteRemembered(Database& database, std::uint64_t provider);

std::vector<Account> readAccounts(Database& database, std::uint64_t domain, std::string_view after, std::size_t most);
std::uint64_t countAccounts(Database& database, std::uint64_t domain);
std::optional<Account> readAccount(Database& database, std::string_view domain, std::string_view localPart);
Result<Account> writeAccount(Database& database, Account account);
Result<void> deleteAccount(Database& database, std::uint64_t id);
std::optional<Account> readAccount(Database& database, std::uint64_t id);

/// Without what was before, which is sealed under this name.
std::vector<ChatStorePort::PendingChange> readPendingChanges(Database& database);
void writePendingChange(Database& database, const ChatStorePort::PendingChange& change);
void deletePendingChange(Database& database, const std::string& kind, std::uint64_t id);
std::string pendingSecretName(const std::string& kind, std::uint64_t id);

}  // namespace causeway::store
