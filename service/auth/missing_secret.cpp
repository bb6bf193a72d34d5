#include "service/auth/missing_secret.h"

#include <utility>

#include "shared/model/proof_run.h"

namespace causeway::auth {

MissingSecretAuthenticator::MissingSecretAuthenticator(const Provider& provider, const std::vector<std::string>& keys,
                                                       std::function<TimePoint()> now)
    : name_(provider.name),
      todo_("Type it on the page of the provider, or with: causewayctl providers change \"" + provider.name +
            "\" --secret " + keys.front()),
      now_(std::move(now)) {
    std::string labels;
    for (const auto& key : keys) {
        const auto* field = findProviderField(provider.kind, key);
        labels += (labels.empty() ? "" : ", ") + (field != nullptr ? std::string(field->label) : key);
    }
    why_ = "The provider needs its password: \"" + labels + "\" is not set. No server is asked until it is.";
}

Verdict MissingSecretAuthenticator::check(const Credentials&, TimePoint) {
    return {Outcome::CannotAsk, why_, todo_, "bind"};
}

Result<std::size_t> MissingSecretAuthenticator::list(const Take&, TimePoint) {
    return Error{Code::Unavailable, "The people of " + name_ + " cannot be listed.", why_, todo_};
}

ProofStep MissingSecretAuthenticator::test(const Credentials*, TimePoint) {
    ProofStep proof;
    proof.id = "provider";
    proof.name = name_;
    proof.at = now_();
    fail(proof, why_, todo_);
    return proof;
}

}  // namespace causeway::auth
