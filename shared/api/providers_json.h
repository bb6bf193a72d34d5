#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/api/proof_json.h"
#include "shared/base/secret.h"
#include "shared/model/provider_view.h"

/// /v1/providers and below, and the event `providers`. The row is ProviderView of shared/model, flat: the provider with
/// `settings` {key: value} and `secretsSet` [key], `address`, `status` {...}, `usedBy` [name], `warnings`, `revertsAt`
/// and `revertSentence`. No answer holds a secret.
namespace causeway::api {

struct ProviderList {
    std::vector<ProviderView> items;
};

/// POST needs name and kind; PATCH may leave out everything, and the kind stays. `settings` and `secrets` change only
/// the keys that are named; null puts a setting back to its standard and takes a secret away.
struct ProviderRequest {
    std::optional<std::string> name{};
    std::optional<ProviderKind> kind{};
    std::optional<bool> isEnabled{};
    std::map<std::string, std::optional<std::string>> settings{};
    std::map<std::string, std::optional<Secret>> secrets{};

    /// The provider with what is given put in; secretsSet is what would be set then.
    void applyTo(Provider& provider) const;
};
/// POST /v1/providers/check takes a ProviderTestRequest without login: `id` names the stored provider that the draft
/// changes.
struct ProviderVerdict {
    std::string address;
    std::vector<ProviderProblem> problems;
};

/// The login that a graded test rehearses.
struct RehearsalRequest {
    std::string name;
    Secret password;
    std::string domain;  ///< chat domain; empty: the first that asks the provider
};
/// POST /v1/providers/test: the stored provider `id`, or a new one (0), with the draft put over it. Answers a
/// ProofStep.
struct ProviderTestRequest {
    std::uint64_t id = 0;
    ProviderRequest draft;
    std::optional<RehearsalRequest> login{};
};

/// GET /v1/providers/{id}/users
struct PeopleList {
    std::vector<DirectoryPerson> items;
    bool isComplete = true;  ///< false: there are more than `limit`
};

/// Data of the event `providers`; breaker changes too.
struct ProvidersEvent {
    std::vector<ProviderView> changed;
    std::vector<std::uint64_t> removed;
};

void writeJson(JsonWriter& out, const ProviderProblem& problem);
void readJson(JsonFields& in, ProviderProblem& problem);
void writeJson(JsonWriter& out, const ProviderView& view);
void readJson(JsonFields& in, ProviderView& view);
void writeJson(JsonWriter& out, const ProviderList& list);
void readJson(JsonFields& in, ProviderList& list);
void writeJson(JsonWriter& out, const ProviderRequest& request);
void readJson(JsonFields& in, ProviderRequest& request);
void writeJson(JsonWriter& out, const ProviderVerdict& verdict);
void readJson(JsonFields& in, ProviderVerdict& verdict);
void writeJson(JsonWriter& out, const ProviderTestRequest& request);
void readJson(JsonFields& in, ProviderTestRequest& request);
void writeJson(JsonWriter& out, const DirectoryPerson& person);
void readJson(JsonFields& in, DirectoryPerson& person);
void writeJson(JsonWriter& out, const PeopleList& list);
void readJson(JsonFields& in, PeopleList& list);
void writeJson(JsonWriter& out, const ProvidersEvent& event);
void readJson(JsonFields& in, ProvidersEvent& event);

}  // namespace causeway::api
