#include "service/auth/proof_run.h"

#include "shared/base/text.h"

namespace causeway::auth {

void addRehearsal(ProofRun& run, const Credentials* rehearsal, const std::function<Verdict()>& check) {
    const std::string name = "Rehearse a login";
    if (!rehearsal) {
        run.skip("login", name, "Not tried, because no name and password were typed in.");
        return;
    }
    run.step("login", name, [&](ProofStep& step) {
        const auto verdict = check();
        step.facts.emplace_back("Answer", wordOf(verdict.outcome));
        if (verdict.outcome == Outcome::Right) {
            step.proves =
                cleanUtf8(rehearsal->domain.empty() ? rehearsal->localPart : rehearsal->address()) + " can log in.";
            step.facts.emplace_back("Person", personText(verdict.person));
            return;
        }
        if (!verdict.failedAt.empty()) step.facts.emplace_back("Failed at", verdict.failedAt);
        fail(step, verdict.why,
             verdict.todo.empty() ? "Check the name and the password that you typed." : verdict.todo);
    });
}

void judgeTimes(ProofStep& proof, Duration limit) {
    bool isSlow = false;
    for (auto& step : proof.children) {
        if (step.state != ProofState::Fine || step.took <= limit || step.id == "base" || step.id == "filter") continue;
        step.state = ProofState::Broken;
        step.why = "It took " + spanText(step.took) + ", but a login is given up after " + spanText(limit) + ".";
        step.todo = "Raise the time limit of this provider, or find out why the server is slow.";
        isSlow = true;
    }
    if (!isSlow) return;
    proof.state = ProofState::Broken;
    if (const auto* trouble = firstTrouble(proof)) {
        proof.why = trouble->why;
        proof.todo = trouble->todo;
    }
}

std::string personText(const Person& person) {
    std::string out = person.localPart.empty() ? "(no login name)" : person.localPart;
    const auto add = [&](const char* word, const std::string& value) {
        out += std::string(", ") + word + ": " + (value.empty() ? "-" : std::string(cutUtf8(value, 120)));
    };
    add("name", person.displayName);
    add("mail", person.mail);
    add("department", person.department);
    if (!person.photo.empty()) out += ", photo: " + std::to_string(person.photo.size()) + " bytes";
    if (!person.reference.empty()) out += " (" + std::string(cutUtf8(person.reference, 200)) + ")";
    return cleanUtf8(out);
}

}  // namespace causeway::auth
