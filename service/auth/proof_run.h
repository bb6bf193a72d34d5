#pragma once

#include <functional>
#include <string>

#include "service/auth/authenticator_port.h"
#include "shared/model/proof_run.h"

namespace causeway::auth {

/// The last step of every graded test: a login with the name and password that were typed in.
void addRehearsal(ProofRun& run, const Credentials* rehearsal, const std::function<Verdict()>& check);

/// A step that took longer than logins may wait is broken, although an answer came in the end. Steps that count or list
/// people ("base", "filter") are no part of a login.
void judgeTimes(ProofStep& proof, Duration limit);
/// "Name: Ann Lee, mail: ann@example.com, ..." for sample users.
std::string personText(const Person& person);

}  // namespace causeway::auth
