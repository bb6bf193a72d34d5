#include "service/admin/chat_config.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "shared/base/text.h"

namespace causeway::admin {

namespace {

std::string keyOf(std::string_view name) {
    return lowerAscii(trimmed(name));
}

std::string quoted(std::string_view text) {
    return "\"" + cleanUtf8(cutUtf8(text, 80)) + "\"";
}

bool isSame(const Provider& left, const Provider& right) {
    return std::tie(left.name, left.isEnabled, left.settings) == std::tie(right.name, right.isEnabled, right.settings);
}

bool isSame(const ChatDomain& left, const ChatDomain& right) {
    const auto parts = [](const ChatDomain& each) {
        return std::tie(each.name, each.shown, each.isEnabled, each.reach, each.endToEnd, each.providers,
                        each.certificate, each.certificateFile, each.keyFile, each.ttl, each.extraRecords, each.note);
    };
    return parts(left) == parts(right);
}

bool isSame(const Supernode& left, const Supernode& right) {
    const auto parts = [](const Supernode& each) {
        return std::tie(each.name, each.origin, each.isEnabled, each.lanAddress, each.internetAddress, each.port,
                        each.tlsPort, each.priority, each.weight);
    };
    return parts(left) == parts(right);
}

/// The supernode of the domain that an entry of a file means: this service itself, or another one of the same name.
const Supernode* meantBy(const Supernode& entry, const std::vector<domains::SupernodeView>& present) {
    const bool isLocal = entry.origin == SupernodeOrigin::Local;
    for (const auto& each : present) {
        if (isLocal != (each.node.origin == SupernodeOrigin::Local)) continue;
        if (isLocal || each.node.name == entry.name) return &each.node;
    }
    return nullptr;
}

Error notHere() {
    return {Code::Unavailable, "This service keeps no chat domains, so providers and domains cannot be imported.", "",
            "Take these parts out of the file."};
}

/// Checks the chat parts against what is here.
class ChatCheck {
public:
    ChatCheck(AdminCore& core, api::JsonFields& fields, const api::ConfigFile& file, std::vector<std::string>& notes)
        : ports_(core.ports()), fields_(fields), file_(file), notes_(notes) {}

    ChatPlan run() {
        if (!file_.providers && !file_.domains) return {};
        if (ports_.providers == nullptr || ports_.domains == nullptr) {
            fields_.problem(file_.providers ? "providers" : "domains", notHere().text());
            return {};
        }
        const auto providers = ports_.providers->providers();
        const auto domains = ports_.domains->domains();
        if (!providers || !domains) {
            fields_.problem(file_.providers ? "providers" : "domains",
                            (providers ? domains.error() : providers.error()).text());
            return {};
        }
        for (const auto& view : *providers)
            stored_[keyOf(view.provider.name)] = view.provider;
        for (const auto& [name, provider] : stored_)
            names_.insert(name);
        present_ = *domains;
        checkProviders();
        checkDomains();
        return std::move(plan_);
    }

private:
    void checkProviders() {
        if (!file_.providers) return;
        std::set<std::string> seen;
        std::size_t index = 0;
        fields_.each("providers", [&](api::JsonFields& item) {
            const auto& wanted = (*file_.providers)[index++];
            const auto key = keyOf(wanted.name);
            if (key.empty()) {
                item.problem("name", "Each provider has a name; chains name it.");
                return;
            }
            names_.insert(key);
            if (!seen.insert(key).second) item.problem("name", "This name is there twice.");
            if (wanted.kind) checkProvider(item, wanted);
        });
    }

    void checkProvider(api::JsonFields& item, const api::ConfigProvider& wanted) {
        auth::ProviderDraft draft;
        draft.source = auth::DraftSource::Import;
        auto& provider = draft.provider;
        if (const auto at = stored_.find(keyOf(wanted.name)); at != stored_.end()) {
            provider = at->second;
            if (provider.kind != *wanted.kind) {
                item.problem("kind", "There is a provider of this name already, of the kind " +
                                         std::string(wordOf(provider.kind)) +
                                         ". The kind never changes; give one of the two another name.");
                return;
            }
        } else {
            provider.kind = *wanted.kind;
        }
        provider.name = std::string(trimmed(wanted.name));
        provider.isEnabled = wanted.isEnabled;
        provider.settings.clear();
        for (const auto& [name, value] : wanted.settings.items)
            if (value) provider.settings[name] = *value;
        const auto problems = ports_.providers->check(draft);
        if (!problems) {
            item.problem("name", problems.error().text());
            return;
        }
        for (const auto& each : *problems)
            if (each.weight == ProblemWeight::Error) tell(item, provider, each);
        if (const auto missing = missingSecrets(provider); !missing.empty()) {
            notes_.push_back("The provider " + quoted(provider.name) + " needs its password (" + missing.front() +
                             "): a configuration file holds none, and nobody is asked there until it is typed. Type "
                             "it with: causewayctl providers change \"" +
                             provider.name + "\" --secret " + missing.front());
        } else if (provider.kind == ProviderKind::Sql && provider.value("engine") != "sqlite" &&
                   !provider.secretsSet.contains("password")) {
            notes_.push_back("If the database account of the provider " + quoted(provider.name) +
                             " has a password, type it with: causewayctl providers change \"" + provider.name +
                             "\" --secret password");
        }
        plan_.providers.push_back(std::move(draft));
    }

    static void tell(api::JsonFields& item, const Provider& provider, const ProviderProblem& problem) {
        const auto* field = findProviderField(provider.kind, problem.field);
        if (field != nullptr && field->type == FieldType::Secret) return;  // typed behind the import
        if (problem.field.empty() || problem.field == "name" || problem.field == "kind") {
            item.problem(problem.field.empty() ? "name" : problem.field, problem.text);
        } else if (item.has("settings")) {
            item.inside("settings", [&problem](api::JsonFields& inner) { inner.problem(problem.field, problem.text); });
        } else {
            item.problem("settings", problem.text);
        }
    }

    void checkDomains() {
        if (!file_.domains) return;
        std::set<std::string> seen;
        std::size_t index = 0;
        fields_.each("domains", [&](api::JsonFields& item) {
            const auto& wanted = (*file_.domains)[index++];
            // Its normal form first, then what is known of it.
            auto probe = wanted.domain;
            probe.providers.clear();
            if (const auto formed = ports_.domains->check(probe); !formed) {
                item.problem("name", formed.error().text());
                return;
            }
            if (!seen.insert(probe.name).second) item.problem("name", "This domain is there twice.");
            checkDomain(item, wanted, probe);
        });
    }

    void checkDomain(api::JsonFields& item, const api::ConfigDomain& wanted, const ChatDomain& formed) {
        ChatPlan::Domain entry;
        entry.domain = formed;
        const auto at = std::find_if(present_.begin(), present_.end(), [&formed](const domains::DomainView& view) {
            return view.domain.name == formed.name;
        });
        const auto* before = at == present_.end() ? nullptr : &*at;
        if (before != nullptr) {
            entry.domain.id = before->domain.id;
            entry.domain.createdAt = before->domain.createdAt;
        }
        auto draft = entry.domain;
        const auto problems = ports_.domains->check(draft);
        if (!problems) {
            item.problem("name", problems.error().text());
            return;
        }
        for (const auto& each : *problems)
            item.problem(each.field, each.text);
        checkChain(item, wanted, entry);
        if (problems->empty()) checkRest(item, draft);
        checkSupernodes(item, wanted, before, entry);
        plan_.domains.push_back(std::move(entry));
    }

    void checkChain(api::JsonFields& item, const api::ConfigDomain& wanted, ChatPlan::Domain& entry) {
        for (const auto& name : wanted.chain) {
            const auto key = keyOf(name);
            if (!names_.contains(key)) {
                item.problem("providers", "There is no provider " + quoted(name) +
                                              ", neither in this file nor here. Add it, or take it out of the chain.");
            } else if (std::find(entry.chain.begin(), entry.chain.end(), key) != entry.chain.end()) {
                item.problem("providers", "The provider " + quoted(name) + " stands twice in the chain.");
            }
            entry.chain.push_back(key);
        }
    }

    /// What lies outside of the form: records, and files of this computer.
    void checkRest(api::JsonFields& item, const ChatDomain& draft) {
        if (ports_.dns != nullptr) {
            for (const auto& each : ports_.dns->checkExtra(draft.name, draft.extraRecords))
                item.problem("extraRecords", each.text());
        }
        if (draft.certificate != CertificateSource::Files || ports_.certificates == nullptr) return;
        const auto facts = ports_.certificates->checkFiles(draft.name, draft.certificateFile, draft.keyFile);
        if (stateOf(facts.trouble) == ProofState::Broken) {
            notes_.push_back("The certificate files of " + draft.shown +
                             " are not part of the file and cannot be used here yet: " + facts.problem + " " +
                             facts.todo);
        }
    }

    void checkSupernodes(api::JsonFields& item, const api::ConfigDomain& wanted, const domains::DomainView* before,
                         ChatPlan::Domain& entry) {
        std::set<std::string> seen;
        std::size_t index = 0;
        bool hasLocal = false;
        entry.listsSupernodes = item.has("supernodes");
        item.each("supernodes", [&](api::JsonFields& inner) {
            auto node = wanted.supernodes[index++];
            const bool isLocal = node.origin == SupernodeOrigin::Local;
            // The addresses of this service are those of its computer.
            auto form = node;
            if (isLocal) form.lanAddress = form.internetAddress = "192.0.2.1";
            for (const auto& each : domains::formProblems(form, entry.domain.reach))
                inner.problem(each.field, each.text);
            node.name = form.name;
            if (isLocal) {
                node.lanAddress.clear();
                node.internetAddress.clear();
                if (hasLocal) inner.problem("origin", "Only one supernode of a domain is this service itself.");
                hasLocal = true;
            } else {
                node.lanAddress = form.lanAddress;
                node.internetAddress = form.internetAddress;
            }
            if (!seen.insert(node.name).second) inner.problem("name", "This name is there twice.");
            const auto* known = before == nullptr ? nullptr : meantBy(node, before->supernodes);
            if (before != nullptr) checkOrigin(inner, node, *before);
            if (known == nullptr && node.origin == SupernodeOrigin::Token) {
                notes_.push_back("The supernode " + quoted(node.name) + " of " + entry.domain.shown +
                                 " needs a new token, because a configuration file holds none: remove it and "
                                 "register it again.");
            }
            entry.supernodes.push_back(std::move(node));
        });
        // First this service: a new domain has it under a name that another supernode of the file may want.
        std::stable_sort(entry.supernodes.begin(), entry.supernodes.end(), [](const auto& left, const auto& right) {
            return left.origin == SupernodeOrigin::Local && right.origin != SupernodeOrigin::Local;
        });
    }

    static void checkOrigin(api::JsonFields& inner, const Supernode& node, const domains::DomainView& before) {
        for (const auto& each : before.supernodes) {
            if (each.node.name != node.name || each.node.origin == node.origin) continue;
            inner.problem("origin", "There is a supernode of this name already, of the origin " +
                                        std::string(wordOf(each.node.origin)) + ". Give one of the two another name.");
        }
    }

    const AdminPorts& ports_;
    api::JsonFields& fields_;
    const api::ConfigFile& file_;
    std::vector<std::string>& notes_;
    std::map<std::string, Provider> stored_;
    std::set<std::string> names_;  ///< of providers here and in the file
    std::vector<domains::DomainView> present_;
    ChatPlan plan_;
};

}  // namespace

const char* aboutConfig() {
    return "Not in this file: passwords and other secrets, tokens, keys, certificates, built-in accounts, the "
           "addresses of this computer. They are in a backup of the data folder.";
}

Result<void> addChatParts(AdminCore& core, api::ConfigFile& file) {
    const auto& ports = core.ports();
    if (ports.providers == nullptr || ports.domains == nullptr) return {};
    const auto providers = ports.providers->providers();
    if (!providers) return providers.error();
    const auto domains = ports.domains->domains();
    if (!domains) return domains.error();
    std::map<std::uint64_t, std::string> names;
    auto& list = file.providers.emplace();
    for (const auto& view : *providers) {
        const auto& provider = view.provider;
        names[provider.id] = provider.name;
        auto& entry = list.emplace_back();
        entry.name = provider.name;
        entry.kind = provider.kind;
        entry.isEnabled = provider.isEnabled;
        for (const auto& [key, value] : provider.settings)
            entry.settings.items.emplace_back(key, value);
    }
    auto& all = file.domains.emplace();
    for (const auto& view : *domains) {
        auto& entry = all.emplace_back();
        entry.domain = view.domain;
        for (const auto id : view.domain.providers)
            if (const auto at = names.find(id); at != names.end()) entry.chain.push_back(at->second);
        for (const auto& each : view.supernodes)
            entry.supernodes.push_back(each.node);
    }
    return {};
}

ChatPlan checkChatParts(AdminCore& core, api::JsonFields& fields, const api::ConfigFile& file,
                        std::vector<std::string>& notes) {
    return ChatCheck{core, fields, file, notes}.run();
}

Result<void> ChatImport::run(const ChatPlan& plan, Undo& undo) {
    if (plan.providers.empty() && plan.domains.empty()) return {};
    const auto stored = core_.ports().providers->providers();
    if (!stored) return stored.error();
    for (const auto& view : *stored)
        ids_[keyOf(view.provider.name)] = view.provider.id;
    for (const auto& draft : plan.providers)
        if (auto saved = saveProvider(draft, undo); !saved) return saved;
    for (const auto& entry : plan.domains)
        if (auto saved = saveDomain(entry, undo); !saved) return saved;
    return {};
}

Result<void> ChatImport::saveProvider(const auth::ProviderDraft& draft, Undo& undo) {
    auto& port = *core_.ports().providers;
    auth::ProviderDraft before;
    if (draft.provider.id != 0) {
        const auto stored = port.provider(draft.provider.id);
        if (!stored) return stored.error();
        if (isSame(stored->provider, draft.provider)) return {};
        before.provider = stored->provider;
        before.provider.revision = 0;  // whatever it is by then
        before.source = auth::DraftSource::Import;
    }
    std::vector<ProviderProblem> problems;
    const auto saved = port.save(draft, problems);
    if (!saved) return saved.error();
    ++providers_;
    ids_[keyOf(saved->provider.name)] = saved->provider.id;
    undo.emplace_back([&port, before, id = saved->provider.id]() -> Result<void> {
        if (before.provider.id == 0) return port.remove(id);
        std::vector<ProviderProblem> ignored;
        const auto undone = port.save(before, ignored);
        return undone ? Result<void>{} : Result<void>{undone.error()};
    });
    return {};
}

Result<void> ChatImport::saveDomain(const ChatPlan::Domain& entry, Undo& undo) {
    auto& port = *core_.ports().domains;
    auto draft = entry.domain;
    draft.revision = 0;
    draft.providers.clear();
    for (const auto& name : entry.chain)
        draft.providers.push_back(ids_[name]);
    std::optional<domains::DomainView> before;
    if (draft.id != 0) {
        auto stored = port.domain(draft.id);
        if (!stored) return stored.error();
        before = std::move(*stored);
    }
    bool isChanged = false;
    auto view = before;
    if (!before || !isSame(before->domain, draft)) {
        std::vector<DraftProblem> problems;
        auto saved = port.save(draft, problems);
        if (!saved) return saved.error();
        isChanged = true;
        undo.emplace_back([&port, before, id = saved->domain.id]() -> Result<void> {
            if (!before) return port.remove(id);
            auto old = before->domain;
            old.revision = 0;
            std::vector<DraftProblem> ignored;
            const auto undone = port.save(old, ignored);
            return undone ? Result<void>{} : Result<void>{undone.error()};
        });
        // Which chat domains ask a provider is told with it.
        auto told = draft.providers;
        if (before) told.insert(told.end(), before->domain.providers.begin(), before->domain.providers.end());
        for (const auto id : told)
            core_.events().providerChanged(id);
        view = std::move(*saved);
    }
    if (!before) {
        if (auto done = withoutLocal(entry, *view); !done) return done;
    }
    const auto haveNodesChanged = saveSupernodes(entry, *view, undo);
    if (!haveNodesChanged) return haveNodesChanged.error();
    if (isChanged || *haveNodesChanged) ++domains_;
    return {};
}

Result<void> ChatImport::withoutLocal(const ChatPlan::Domain& entry, domains::DomainView& view) {
    const auto isLocal = [](const Supernode& node) { return node.origin == SupernodeOrigin::Local; };
    if (!entry.listsSupernodes || std::any_of(entry.supernodes.begin(), entry.supernodes.end(), isLocal)) return {};
    for (const auto& each : view.supernodes) {
        if (!isLocal(each.node)) continue;
        if (auto removed = core_.ports().domains->removeSupernode(each.node.id); !removed) return removed;
    }
    std::erase_if(view.supernodes, [&](const domains::SupernodeView& each) { return isLocal(each.node); });
    return {};
}

Result<bool> ChatImport::saveSupernodes(const ChatPlan::Domain& entry, const domains::DomainView& view, Undo& undo) {
    auto& port = *core_.ports().domains;
    bool isChanged = false;
    for (const auto& wanted : entry.supernodes) {
        const auto* known = meantBy(wanted, view.supernodes);
        auto draft = wanted;
        draft.domain = view.domain.id;
        if (known != nullptr) {
            draft.id = known->id;
            draft.lastHeartbeat = known->lastHeartbeat;
            draft.version = known->version;
        }
        if (wanted.origin == SupernodeOrigin::Local) {
            // A computer without an address has none; the dot of the domain says what to do.
            if (known == nullptr) continue;
            draft.lanAddress = known->lanAddress;
            draft.internetAddress = known->internetAddress;
        }
        if (known != nullptr && isSame(*known, draft)) continue;
        std::vector<DraftProblem> problems;
        const auto saved = port.saveSupernode(draft, "", problems);
        if (!saved) return saved.error();
        isChanged = true;
        undo.emplace_back([&port, id = saved->id,
                           before = known == nullptr ? std::nullopt : std::optional(*known)]() -> Result<void> {
            if (!before) return port.removeSupernode(id);
            std::vector<DraftProblem> ignored;
            const auto undone = port.saveSupernode(*before, "", ignored);
            return undone ? Result<void>{} : Result<void>{undone.error()};
        });
    }
    return isChanged;
}

void ChatImport::settle(const ChatPlan& plan) {
    auto* port = core_.ports().providers;
    if (port == nullptr) return;
    // Mostly nothing waits; that is told as an error, and is none.
    for (const auto& draft : plan.providers)
        if (draft.provider.id != 0) static_cast<void>(port->confirm(draft.provider.id));
    for (const auto& entry : plan.domains)
        if (entry.domain.id != 0) static_cast<void>(port->confirmDomain(entry.domain.id));
}

}  // namespace causeway::admin
