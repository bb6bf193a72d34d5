#pragma once

#include <functional>
#include <string>

#include "shared/base/time.h"
#include "shared/model/proof.h"

namespace causeway {

/// Marks a step as broken.
void fail(ProofStep& step, std::string why, std::string todo);

/// Collects the steps of a graded test in order, with their times. After a broken step the others are listed as not
/// tried.
class ProofRun {
public:
    ProofRun(std::string name, std::function<TimePoint()> now, std::string id = "provider");

    /// Runs `work(ProofStep&)`, which changes the state if it is not Fine, fills the sentences and facts.
    void step(std::string id, std::string name, const std::function<void(ProofStep&)>& work);
    /// A step that is not tried because nothing is set for it; the test goes on.
    void skip(std::string id, std::string name, std::string why);
    bool isBroken() const { return isBroken_; }
    TimePoint now() const { return now_(); }
    ProofStep finish();

private:
    ProofStep whole_;
    std::function<TimePoint()> now_;
    bool isBroken_ = false;
};

/// "3.2 s", "45 ms".
std::string spanText(Duration span);

}  // namespace causeway
