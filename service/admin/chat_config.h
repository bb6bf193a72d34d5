#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "service/admin/admin_core.h"
#include "shared/api/config_json.h"

/// The chat part of a configuration file: providers, chat domains with their chains, supernodes. Secrets, tokens, keys
/// and built-in accounts are never in it. Providers and domains are told apart by name; an import adds and changes, but
/// removes nothing, because people lose their accounts with a domain.
namespace causeway::admin {

struct ChatPlan {
    struct Domain {
        ChatDomain domain;               ///< id 0 = new; `providers` is filled in when those of the file are there
        std::vector<std::string> chain;  ///< names in lower case
        std::vector<Supernode> supernodes;
        bool listsSupernodes = false;  ///< a new domain has these and no other: not even this service
    };
    std::vector<auth::ProviderDraft> providers;  ///< id 0 = new
    std::vector<Domain> domains;
};

/// What `about` of every file says.
const char* aboutConfig();

/// Puts what is there now into the file.
Result<void> addChatParts(AdminCore& core, api::ConfigFile& file);

/// Checks the chat parts of a file that was read into `file`. What is wrong goes to `fields`, what the administrator
/// has to do after an import to `notes`.
ChatPlan checkChatParts(AdminCore& core, api::JsonFields& fields, const api::ConfigFile& file,
                        std::vector<std::string>& notes);

/// Puts a checked plan in place. Nothing that it saves waits to be confirmed: half a file that goes back after two
/// minutes would be neither the old configuration nor the new one.
class ChatImport {
public:
    explicit ChatImport(AdminCore& core) : core_(core) {}

    /// Each part that is done adds how it is undone.
    Result<void> run(const ChatPlan& plan, std::vector<std::function<Result<void>()>>& undo);
    /// The file is in place: a change that waited before the import goes back no more.
    void settle(const ChatPlan& plan);

    std::uint64_t providers() const { return providers_; }
    std::uint64_t domains() const { return domains_; }

private:
    using Undo = std::vector<std::function<Result<void>()>>;
    Result<void> saveProvider(const auth::ProviderDraft& draft, Undo& undo);
    Result<void> saveDomain(const ChatPlan::Domain& entry, Undo& undo);
    /// True if one was added or changed.
    Result<bool> saveSupernodes(const ChatPlan::Domain& entry, const domains::DomainView& view, Undo& undo);
    /// Takes this service away from a new domain that is served elsewhere only.
    Result<void> withoutLocal(const ChatPlan::Domain& entry, domains::DomainView& view);

    AdminCore& core_;
    std::map<std::string, std::uint64_t> ids_;  ///< of the providers, by name in lower case
    std::uint64_t providers_ = 0;
    std::uint64_t domains_ = 0;
};

}  // namespace causeway::admin
