#include <string>

#include "shared/api/accounts_json.h"
#include "shared/api/admins_json.h"
#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "shared/api/problems_json.h"
#include "shared/api/providers_json.h"
#include "shared/api/ranges_json.h"
#include "shared/api/searches_json.h"
#include "shared/api/settings_json.h"
#include "shared/api/traces_json.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;

namespace {

/// What was read and written can be read again and is then the same text; a refusal has sentences that can be shown.
template <class T>
void check(std::string_view input) {
    std::vector<api::FieldProblem> problems;
    const auto record = api::fromJson<T>(input, &problems, {.refuseDuplicateNames = true});
    if (!record) {
        INVARIANT(!problems.empty() && problems.size() <= api::kMostProblems);
        for (const auto& problem : problems)
            INVARIANT(!problem.detail.empty() && fuzz::isClean(problem.field) && fuzz::isClean(problem.detail));
        return;
    }
    const auto text = api::toJson(*record);
    const auto again = api::fromJson<T>(text);
    INVARIANT(again.has_value() && api::toJson(*again) == text);
}

}  // namespace

// Input: the body of a request, given to the reader of every kind of request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    check<api::LoginRequest>(input);
    check<api::AdminRequest>(input);
    check<api::TokenRequest>(input);
    check<api::RangeRequest>(input);
    check<api::RangeText>(input);
    check<api::SearchRequest>(input);
    check<TraceRequest>(input);
    check<api::SettingChanges>(input);
    check<BaseSite>(input);
    check<api::UntilRequest>(input);
    check<api::ConfigFile>(input);
    check<api::ProviderRequest>(input);
    check<api::ProviderTestRequest>(input);
    check<api::AccountRequest>(input);
    check<api::AccountImportRequest>(input);
    check<api::LoginTestRequest>(input);
    return 0;
}
