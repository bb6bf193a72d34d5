#include "service/auth/authenticator_port.h"

namespace causeway::auth {

const char* wordOf(Outcome outcome) {
    switch (outcome) {
        case Outcome::Right:
            return "right";
        case Outcome::WrongPassword:
            return "wrong-password";
        case Outcome::UnknownUser:
            return "unknown-user";
        case Outcome::Disabled:
            return "disabled";
        case Outcome::Expired:
            return "expired";
        case Outcome::MustChange:
            return "must-change";
        case Outcome::LockedByDirectory:
            return "locked-by-directory";
        case Outcome::NotAllowed:
            return "not-allowed";
        case Outcome::CannotAsk:
            return "cannot-ask";
        case Outcome::Busy:
            return "busy";
        case Outcome::Throttled:
            return "throttled";
    }
    return "cannot-ask";
}

bool isRefusal(Outcome outcome) {
    switch (outcome) {
        case Outcome::WrongPassword:
        case Outcome::UnknownUser:
        case Outcome::Disabled:
        case Outcome::Expired:
        case Outcome::MustChange:
        case Outcome::LockedByDirectory:
        case Outcome::NotAllowed:
            return true;
        case Outcome::Right:
        case Outcome::CannotAsk:
        case Outcome::Busy:
        case Outcome::Throttled:
            return false;
    }
    return false;
}

Result<bool> Authenticator::knows(const std::string&, const std::string&, TimePoint) {
    return Error{Code::Unsupported, "This provider cannot be asked for a name.", "", ""};
}

}  // namespace causeway::auth
