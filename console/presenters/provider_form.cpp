#include "console/presenters/provider_form.h"

#include <algorithm>

#include "console/presenters/domains_presenter.h"
#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

/// Words of choices as people read them.
std::string choiceText(const std::string& word) {
    static const std::map<std::string, const char*> kTexts{
        {"starttls", "StartTLS"},
        {"ldaps", "LDAPS"},
        {"none", later("None")},
        {"search", later("Search, then log in")},
        {"template", later("Log in with a name made from the login name")},
        {"subtree", later("The base and all below")},
        {"one", later("Only directly below the base")},
        {"json", "JSON"},
        {"form", later("Form")},
        {"basic", later("Basic")},
        {"bearer", later("Bearer token")},
        {"hmac", later("Signature (HMAC)")},
        {"status", later("Status code")},
        {"field", later("Field of the JSON answer")},
        {"sqlite", "SQLite"},
        {"postgresql", "PostgreSQL"},
        {"mariadb", "MariaDB, MySQL"},
        {"odbc", "ODBC"},
        {"verify", later("TLS, certificate checked")},
        {"auto", later("Automatic")},
        {"crypt", "crypt"},
        {"argon2", "Argon2"},
        {"pbkdf2", "PBKDF2"},
        {"salted-sha2", later("Salted SHA-2")},
        {"plain", later("Plain text")},
    };
    const auto at = kTexts.find(word);
    return at == kTexts.end() ? word : tr(at->second);
}

std::string boundsText(const ProviderField& field) {
    if (field.type != FieldType::Number && field.type != FieldType::Seconds) return {};
    if (field.most <= field.least) return {};
    const auto pattern = field.type == FieldType::Seconds ? tr("%1 to %2 seconds.") : tr("%1 to %2.");
    return fill(pattern, {numberText(static_cast<std::uint64_t>(field.least)),
                          numberText(static_cast<std::uint64_t>(field.most))});
}

struct Counts {
    std::uint64_t failed = 0;
    std::uint64_t partly = 0;
};

}  // namespace

std::vector<ProviderStart> providerStarts() {
    std::vector<ProviderStart> starts;
    for (const auto& preset : providerPresets()) {
        starts.push_back(
            {std::string(preset.word), std::string(preset.label), explanationOf(preset.kind), preset.kind, true});
    }
    const auto plain = [&starts](ProviderKind kind, const std::string& label) {
        starts.push_back({wordOf(kind), label, explanationOf(kind), kind, false});
    };
    plain(ProviderKind::Ldap, tr("Another LDAP directory"));
    plain(ProviderKind::Radius, tr("Another RADIUS server"));
    plain(ProviderKind::Http, textOf(ProviderKind::Http));
    plain(ProviderKind::Sql, textOf(ProviderKind::Sql));
    return starts;
}

ProviderFormPresenter::ProviderFormPresenter(Session& session, ProvidersPresenter& providers)
    : Presenter(session), providers_(providers) {}

void ProviderFormPresenter::begin(const ProviderStart& start) {
    draft_ = {};
    draft_.kind = start.kind;
    for (const auto& preset : providerPresets()) {
        if (!start.isPreset || preset.word != start.word) continue;
        for (const auto& [key, value] : preset.settings)
            draft_.settings[std::string(key)] = std::string(value);
        draft_.name = std::string(preset.label);
    }
    if (draft_.name.empty()) draft_.name = start.label;
    // A second one of the same kind gets a number, so that the form can be saved at once.
    const auto base = draft_.name;
    const auto isTaken = [this](const std::string& name) {
        const auto names = providers_.names();
        return std::any_of(names.begin(), names.end(),
                           [&name](const auto& each) { return foldText(each.second) == foldText(name); });
    };
    for (int number = 2; isTaken(draft_.name); ++number)
        draft_.name = base + " " + std::to_string(number);
    stored_ = {};
    rebuild();
    judge();
}

void ProviderFormPresenter::edit(const ProviderView& view) {
    draft_ = view.provider;
    stored_ = view.provider;
    // What is wrong with a stored provider is shown at once.
    showsAll_ = true;
    rebuild();
    judge();
}

void ProviderFormPresenter::rebuild() {
    fields_.clear();
    for (const auto& field : providerFields(draft_.kind)) {
        ProviderFieldView view;
        view.key = std::string(field.key);
        view.label = std::string(field.label);
        view.help = std::string(field.help);
        view.group = std::string(field.group);
        view.type = field.type;
        view.isNeeded = field.isNeeded;
        view.bounds = boundsText(field);
        for (const auto word : split(field.choices, '|')) {
            if (!word.empty()) view.choices.emplace_back(std::string(word), choiceText(std::string(word)));
        }
        if (field.type != FieldType::Secret) view.value = draft_.value(field.key);
        view.isSecretSet = stored_.secretsSet.contains(view.key);
        fields_.push_back(std::move(view));
    }
}

const ProviderFieldView* ProviderFormPresenter::field(const std::string& key) const {
    const auto at =
        std::find_if(fields_.begin(), fields_.end(), [&key](const ProviderFieldView& each) { return each.key == key; });
    return at == fields_.end() ? nullptr : &*at;
}

void ProviderFormPresenter::setName(const std::string& name) {
    if (draft_.name == name) return;
    draft_.name = name;
    typed("name");
}

void ProviderFormPresenter::setEnabled(bool isEnabled) {
    if (draft_.isEnabled == isEnabled) return;
    draft_.isEnabled = isEnabled;
    typed("isEnabled");
}

void ProviderFormPresenter::set(const std::string& key, const std::string& value) {
    const auto* known = findProviderField(draft_.kind, key);
    if (!known || draft_.value(key) == value) return;
    if (value == known->standard) {
        draft_.settings.erase(key);
    } else {
        draft_.settings[key] = value;
    }
    for (auto& view : fields_) {
        if (view.key == key) view.value = value;
    }
    typed(key);
}

void ProviderFormPresenter::setSecret(const std::string& key, const std::string& text) {
    if (text.empty()) {
        keepSecret(key);
        return;
    }
    secrets_[key] = Secret{text};
    plans_[key] = SecretPlan::Change;
    typed(key);
}

void ProviderFormPresenter::clearSecret(const std::string& key) {
    secrets_.erase(key);
    plans_[key] = SecretPlan::Clear;
    typed(key);
}

void ProviderFormPresenter::keepSecret(const std::string& key) {
    secrets_.erase(key);
    plans_.erase(key);
    typed(key);
}

void ProviderFormPresenter::typed(const std::string& key) {
    touched_.insert(key);
    isChanged_ = true;
    isTestOld_ = proof_.has_value();
    ++run_;
    askAt_ = session_.now() + kPause;
    judge();
    if (onTest) onTest();
}

void ProviderFormPresenter::judge() {
    draft_.secretsSet = stored_.secretsSet;
    for (const auto& [key, plan] : plans_) {
        if (plan == SecretPlan::Change) draft_.secretsSet.insert(key);
        if (plan == SecretPlan::Clear) draft_.secretsSet.erase(key);
    }
    problems_ = checkProvider(draft_);
    if (onFields || !fields_.empty()) {
        for (auto& view : fields_) {
            const auto* known = findProviderField(draft_.kind, view.key);
            view.isUsed = known && draft_.isUsed(*known);
            const auto plan = plans_.find(view.key);
            view.plan = plan == plans_.end() ? SecretPlan::Keep : plan->second;
        }
    }
    for (auto& view : fields_) {
        view.problem = textFor(view.key);
        view.warning.clear();
        for (const auto& problem : problems_) {
            if (problem.field == view.key && problem.weight == ProblemWeight::Warning)
                view.warning += (view.warning.empty() ? "" : "\n") + problem.text;
        }
    }
    if (onFields) onFields();
}

/// Errors only; those of fields that nobody touched yet wait until the form is to be saved.
std::string ProviderFormPresenter::textFor(const std::string& key) const {
    if (!showsAll_ && !key.empty() && !touched_.contains(key)) return {};
    if (!showsAll_ && key.empty() && touched_.empty()) return {};
    std::string text;
    for (const auto& problem : problems_) {
        if (problem.field != key || problem.weight != ProblemWeight::Error) continue;
        text += (text.empty() ? "" : "\n") + problem.text;
        if (problem.column) text += " " + fill(tr("Look at character %1."), {std::to_string(*problem.column + 1)});
    }
    return text;
}

void ProviderFormPresenter::tick() {
    if (!askAt_ || session_.now() < *askAt_) return;
    askAt_.reset();
    if (!session_.hasService()) return;
    api::ProviderTestRequest question;
    question.id = draft_.id;
    question.draft = request();
    session_.ask(
        life(), [question](client::ApiClient& service) { return service.checkProvider(question); },
        [this, run = run_](const Result<api::ProviderVerdict>& answer) {
            if (run != run_ || !answer) return;
            problems_ = answer->problems;
            for (auto& view : fields_) {
                view.problem = textFor(view.key);
                view.warning.clear();
                for (const auto& problem : problems_) {
                    if (problem.field == view.key && problem.weight == ProblemWeight::Warning)
                        view.warning += (view.warning.empty() ? "" : "\n") + problem.text;
                }
            }
            if (onFields) onFields();
        });
}

api::ProviderRequest ProviderFormPresenter::request() const {
    api::ProviderRequest request;
    request.name = std::string(trimmed(draft_.name));
    if (draft_.id == 0) request.kind = draft_.kind;
    request.isEnabled = draft_.isEnabled;
    for (const auto& [key, value] : draft_.settings) {
        const auto old = stored_.settings.find(key);
        if (old == stored_.settings.end() || old->second != value) request.settings[key] = value;
    }
    for (const auto& [key, value] : stored_.settings) {
        if (!draft_.settings.contains(key)) request.settings[key] = std::nullopt;
    }
    for (const auto& [key, plan] : plans_) {
        if (plan == SecretPlan::Clear) request.secrets[key] = std::nullopt;
        if (plan == SecretPlan::Change) request.secrets[key] = secrets_.at(key);
    }
    return request;
}

void ProviderFormPresenter::setRehearsal(const std::string& name, const std::string& password,
                                         const std::string& domain) {
    rehearsal_.reset();
    if (!trimmed(name).empty()) rehearsal_ = {std::string(trimmed(name)), Secret{password}, domain};
}

void ProviderFormPresenter::runTest() {
    if (isTesting_) return;
    testProblem_.reset();
    if (!session_.hasService()) {
        testProblem_ = notConnected();
        if (onTest) onTest();
        return;
    }
    isTesting_ = true;
    const auto run = ++testRun_;
    api::ProviderTestRequest question;
    question.id = draft_.id;
    question.draft = request();
    question.login = rehearsal_;
    session_.ask(
        life(),
        [question](client::ApiClient& service) {
            api::ErrorDocument details;
            auto proof = service.testProvider(question, &details);
            if (!proof && !details.errors.empty() && !details.errors.front().detail.empty())
                return Result<ProofStep>{
                    Error{proof.error().code, proof.error().what, details.errors.front().detail, proof.error().todo}};
            return proof;
        },
        [this, run, draftRun = run_](const Result<ProofStep>& answer) {
            if (run != testRun_) return;
            isTesting_ = false;
            if (answer) {
                proof_ = *answer;
                isTestOld_ = draftRun != run_;
            } else {
                proof_.reset();
                testProblem_ = answer.error();
                showsAll_ = true;
                judge();
            }
            if (onTest) onTest();
        });
    if (onTest) onTest();
}

void ProviderFormPresenter::stopTest() {
    ++testRun_;
    isTesting_ = false;
    if (onTest) onTest();
}

LoginLine ProviderFormPresenter::testLine() const {
    if (isTesting_) return {Mark::Unknown, tr("Testing ...")};
    if (testProblem_) return {Mark::Broken, testProblem_->text()};
    if (!proof_) {
        return {Mark::Unknown,
                tr("Not tested yet. Type the name and password of somebody who should be able to log in, "
                   "then run the test; the password is not kept.")};
    }
    if (isTestOld_) return {Mark::Unknown, tr("The form was changed since this test. Run it again.")};
    switch (proof_->state) {
        case ProofState::Fine:
            return {Mark::Fine, tr("Every step is fine.")};
        case ProofState::Partly:
            return {Mark::Partly, tr("It works, but one step has a warning: it is chosen below.")};
        case ProofState::Broken:
            return {Mark::Broken, tr("A step failed. It is chosen below, with what to do.")};
        case ProofState::Unknown:
            break;
    }
    return {Mark::Unknown,
            tr("Not every step could be tried; without a name and password the login is not rehearsed.")};
}

void ProviderFormPresenter::save(SaveDone done) {
    showsAll_ = true;
    judge();
    if (hasErrors(problems_)) {
        for (const auto& problem : problems_) {
            if (problem.weight != ProblemWeight::Error) continue;
            if (done) done(Error{Code::BadInput, problem.text});
            return;
        }
    }
    if (!session_.hasService()) {
        if (done) done(notConnected());
        return;
    }
    struct Saved {
        Result<ProviderView> view;
        api::ErrorDocument details;
    };
    isSaving_ = true;
    session_.ask(
        life(),
        [request = request(), id = draft_.id, revision = draft_.revision](client::ApiClient& service) {
            api::ErrorDocument details;
            auto view = id == 0 ? service.addProvider(request, &details)
                                : service.changeProvider(id, request, revision, &details);
            return Saved{std::move(view), std::move(details)};
        },
        [this, done = std::move(done)](const Saved& answer) {
            isSaving_ = false;
            if (!answer.view) {
                for (const auto& field : fieldTexts(answer.details)) {
                    // "settings.servers" and "secrets.bind_password" are fields of the form.
                    auto key = field.field;
                    if (const auto dot = key.rfind('.'); dot != std::string::npos) key = key.substr(dot + 1);
                    const auto isKnown = std::any_of(problems_.begin(), problems_.end(), [&](const auto& problem) {
                        return problem.field == key && problem.text == field.text;
                    });
                    if (!isKnown) problems_.push_back({key, ProblemWeight::Error, field.text});
                }
                for (auto& view : fields_)
                    view.problem = textFor(view.key);
                if (onFields) onFields();
            } else {
                isChanged_ = false;
                providers_.providersChanged({{*answer.view}, {}});
            }
            if (done) done(answer.view);
        });
}

}  // namespace causeway::console
