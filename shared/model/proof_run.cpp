#include "shared/model/proof_run.h"

#include <utility>

namespace causeway {

void fail(ProofStep& step, std::string why, std::string todo) {
    step.state = ProofState::Broken;
    step.why = std::move(why);
    step.todo = std::move(todo);
}

ProofRun::ProofRun(std::string name, std::function<TimePoint()> now, std::string id) : now_(std::move(now)) {
    whole_.id = std::move(id);
    whole_.name = std::move(name);
    whole_.at = now_();
}

void ProofRun::step(std::string id, std::string name, const std::function<void(ProofStep&)>& work) {
    ProofStep step;
    step.id = std::move(id);
    step.name = std::move(name);
    if (isBroken_) {
        step.why = "Not tried, because a step before it failed.";
        whole_.children.push_back(std::move(step));
        return;
    }
    step.at = now_();
    step.state = ProofState::Fine;
    work(step);
    step.took = now_() - step.at;
    isBroken_ = step.state == ProofState::Broken;
    whole_.children.push_back(std::move(step));
}

void ProofRun::skip(std::string id, std::string name, std::string why) {
    ProofStep step;
    step.id = std::move(id);
    step.name = std::move(name);
    step.why = std::move(why);
    whole_.children.push_back(std::move(step));
}

ProofStep ProofRun::finish() {
    whole_.took = now_() - whole_.at;
    // Steps that had nothing to try do not make the whole unknown.
    whole_.state = ProofState::Fine;
    for (const auto& child : whole_.children) {
        if (child.state == ProofState::Broken) whole_.state = ProofState::Broken;
        if (child.state == ProofState::Partly && whole_.state == ProofState::Fine) whole_.state = ProofState::Partly;
    }
    for (const auto& child : whole_.children) {
        const auto* trouble = firstTrouble(child);
        if (!trouble) continue;
        whole_.why = trouble->name + ": " + trouble->why;
        whole_.todo = trouble->todo;
        break;
    }
    return std::move(whole_);
}

std::string spanText(Duration span) {
    if (span < 1s) return std::to_string(span.count()) + " ms";
    return std::to_string(span.count() / 1000) + "." + std::to_string(span.count() % 1000 / 100) + " s";
}

}  // namespace causeway
