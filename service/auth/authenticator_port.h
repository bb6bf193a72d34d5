#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/model/proof.h"

namespace causeway::auth {

/// What came of asking a provider. Only UnknownUser lets a chain ask the next one.
enum class Outcome {
    Right,
    WrongPassword,
    UnknownUser,
    Disabled,
    Expired,            ///< the account or its password is past its day
    MustChange,         ///< a new password must be set first, elsewhere
    LockedByDirectory,  ///< too many wrong passwords there
    NotAllowed,         ///< right password, but not in an allowed group, or not at this hour or computer
    CannotAsk,          ///< no answer that could decide: never told as a wrong password
    Busy,               ///< too many logins wait for this provider
    Throttled,          ///< this address tried too often; no provider was asked
};
const char* wordOf(Outcome outcome);  ///< "right", "wrong-password", ...
/// The client is told "not authorized" for these; CannotAsk, Busy and Throttled are "try again later".
bool isRefusal(Outcome outcome);

/// What a provider knows of a person.
struct Person {
    std::string localPart;  ///< as the provider spells it
    std::string reference;  ///< where it was found: a distinguished name, "row 1"; for administrators
    std::string displayName;
    std::string mail;
    std::string department;
    std::string photo;  ///< bytes of the picture, at most 100 kB
    bool isDisabled = false;

    friend bool operator==(const Person&, const Person&) = default;
};

struct Verdict {
    Outcome outcome = Outcome::CannotAsk;
    std::string why{};   ///< for administrators: what was found, a sentence; no secret in it
    std::string todo{};  ///< what to do about it
    std::string
        failedAt{};   ///< id of the step, as in graded tests: "connect", "tls", "bind", "filter", "group", "login"
    Person person{};  ///< for Right; else what is known
    bool isPersonal = false;  ///< CannotAsk for this user only, such as a name found twice: no sign of an outage
};

struct Credentials {
    std::string localPart;  ///< prepared (RFC 7622), UTF-8, 1..1023 bytes
    std::string domain;     ///< chat domain, ASCII form
    Secret password;
    std::string from;  ///< address of the client, for the provider's own log

    std::string address() const { return localPart + "@" + domain; }
};

/// A provider as the chain sees it. Any thread, several at a time. Calls block, but not beyond the deadline by more
/// than half a second: they run on workers.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    virtual Verdict check(const Credentials& credentials, TimePoint deadline) = 0;

    /// Calls `take` for each person until it returns false; gives how many. Errors: Unsupported (this kind or these
    /// settings cannot list), Unavailable, Denied, Timeout.
    using Take = std::function<bool(const Person& person)>;
    virtual Result<std::size_t> list(const Take& take, TimePoint deadline) = 0;

    /// Whether there is anybody of this name, without a password. Errors: Unsupported (this kind or these settings
    /// cannot tell), Unavailable, Denied, Timeout.
    virtual Result<bool> knows(const std::string& localPart, const std::string& domain, TimePoint deadline);

    /// The graded test: one child a step, in order; after a broken step the rest is Unknown. With `rehearsal` a login
    /// is tried too. Never throws.
    virtual ProofStep test(const Credentials* rehearsal, TimePoint deadline) = 0;
};

/// Hashes of remembered passwords (survive an outage). Blocks for some 50 ms.
class PasswordHasher {
public:
    virtual ~PasswordHasher() = default;
    virtual Result<std::string> hash(const Secret& password) = 0;
    virtual bool fits(const Secret& password, const std::string& encoded) = 0;
};

}  // namespace causeway::auth
