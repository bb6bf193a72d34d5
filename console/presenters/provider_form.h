#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "console/presenters/domain_words.h"
#include "console/presenters/presenter.h"
#include "console/presenters/providers_presenter.h"

namespace causeway::console {

/// What becomes of a stored secret when the form is saved.
enum class SecretPlan { Keep, Change, Clear };

/// One field of the form as it stands; label, help and group are English source texts for the view to translate.
struct ProviderFieldView {
    std::string key;
    std::string label;
    std::string help;
    std::string group;
    FieldType type = FieldType::Text;
    std::vector<std::pair<std::string, std::string>> choices;  ///< word, text (translated)
    std::string value;
    std::string bounds;  ///< "1 to 60 seconds"
    bool isNeeded = false;
    bool isUsed = true;        ///< onlyWhen holds
    bool isSecretSet = false;  ///< the service has one
    SecretPlan plan = SecretPlan::Keep;
    std::string problem;  ///< cannot be saved
    std::string warning;  ///< can be saved, but
};

/// A kind or preset to begin a new provider with.
struct ProviderStart {
    std::string word;  ///< "ldap", "active-directory"
    std::string label;
    std::string sentence;
    ProviderKind kind = ProviderKind::Ldap;
    bool isPreset = false;
};
std::vector<ProviderStart> providerStarts();

/// One provider while it is made or changed: fields with their problems, graded test, save.
class ProviderFormPresenter final : public Presenter {
public:
    ProviderFormPresenter(Session& session, ProvidersPresenter& providers);

    void begin(const ProviderStart& start);
    void edit(const ProviderView& view);
    bool isNew() const { return draft_.id == 0; }
    ProviderKind kind() const { return draft_.kind; }

    const std::string& name() const { return draft_.name; }
    void setName(const std::string& name);
    std::string nameProblem() const { return textFor("name"); }
    bool isEnabled() const { return draft_.isEnabled; }
    void setEnabled(bool isEnabled);

    const std::vector<ProviderFieldView>& fields() const { return fields_; }
    const ProviderFieldView* field(const std::string& key) const;
    void set(const std::string& key, const std::string& value);
    /// Secrets: an empty text keeps what is stored.
    void setSecret(const std::string& key, const std::string& text);
    void clearSecret(const std::string& key);
    void keepSecret(const std::string& key);
    /// Problems of the provider as a whole.
    std::string generalProblem() const { return textFor(""); }
    /// Which fields show or have problems changed; values that the user typed did not.
    std::function<void()> onFields;

    /// A moment after typing the service is asked what it thinks of the draft; call it every 100 ms or so.
    void tick();
    static constexpr Duration kPause = 400ms;

    // Graded test
    void setRehearsal(const std::string& name, const std::string& password, const std::string& domain);
    void runTest();
    void stopTest();
    bool isTesting() const { return isTesting_; }
    /// Of the draft as it was tested; nullptr before.
    const ProofStep* proof() const { return proof_ ? &*proof_ : nullptr; }
    /// "Every step is fine.", "2 steps failed. ...", "The form was changed since.", why it could not be run.
    LoginLine testLine() const;
    bool isTestFine() const { return proof_ && !isTestOld_ && proof_->state == ProofState::Fine; }
    std::function<void()> onTest;

    // Save
    using SaveDone = std::function<void(const Result<ProviderView>&)>;
    /// Every problem is shown from then on.
    void save(SaveDone done);
    bool isSaving() const { return isSaving_; }
    bool isChanged() const { return isChanged_; }

    api::ProviderRequest request() const;

private:
    void typed(const std::string& key);
    void rebuild();
    void judge();
    std::string textFor(const std::string& key) const;

    ProvidersPresenter& providers_;
    Provider draft_;
    Provider stored_;
    std::map<std::string, Secret> secrets_;
    std::map<std::string, SecretPlan> plans_;
    std::vector<ProviderFieldView> fields_;
    std::vector<ProviderProblem> problems_;
    std::set<std::string> touched_;
    bool showsAll_ = false;
    bool isChanged_ = false;
    std::optional<TimePoint> askAt_;
    std::uint64_t run_ = 0;  ///< of the draft; an answer about an older one is dropped
    std::optional<api::RehearsalRequest> rehearsal_;
    bool isTesting_ = false;
    bool isTestOld_ = false;
    std::uint64_t testRun_ = 0;
    std::optional<ProofStep> proof_;
    std::optional<Error> testProblem_;
    bool isSaving_ = false;
};

}  // namespace causeway::console
