#include "service/auth/ldap_words.h"

#include <charconv>
#include <utility>

#include "shared/base/text.h"

namespace causeway::auth {

namespace {

std::string shown(std::string_view diagnostic) {
    while (diagnostic.ends_with('\0'))
        diagnostic.remove_suffix(1);
    return cleanUtf8(cutUtf8(trimmed(diagnostic), 300));
}

const char* nameOf(int code) {
    switch (code) {
        case kLdapOperationsError:
            return "operations error";
        case kLdapTimeLimit:
            return "time limit of the server exceeded";
        case kLdapSizeLimit:
            return "size limit of the server exceeded";
        case kLdapStrongAuthRequired:
            return "the server wants a stronger login or encryption";
        case kLdapReferral:
            return "the server refers to another server";
        case kLdapConfidentialityRequired:
            return "the server wants encryption";
        case kLdapConstraintViolation:
            return "a rule of the server is broken";
        case kLdapNoSuchObject:
            return "no such entry";
        case kLdapInvalidDn:
            return "the distinguished name is not well formed";
        case kLdapInappropriateAuth:
            return "this entry cannot be used to log in";
        case kLdapInvalidCredentials:
            return "invalid credentials";
        case kLdapInsufficientAccess:
            return "not enough rights";
        case kLdapBusy:
            return "the server is busy";
        case kLdapUnavailable:
            return "the server is not available";
        case kLdapUnwilling:
            return "the server is unwilling";
        default:
            return "the server refused";
    }
}

Verdict refusal(Outcome outcome, std::string why, std::string todo = {}) {
    Verdict verdict;
    verdict.outcome = outcome;
    verdict.why = std::move(why);
    verdict.todo = std::move(todo);
    verdict.failedAt = "login";
    return verdict;
}

/// Source: Microsoft, "LDAP wiki: common Active Directory bind errors"; winerror.h values in hexadecimal.
std::optional<Verdict> verdictOfSubCode(unsigned code) {
    switch (code) {
        case 0x525:
            return refusal(Outcome::UnknownUser, "Active Directory knows no such user (525).");
        case 0x52e:
            return refusal(Outcome::WrongPassword, "The password is wrong (Active Directory: 52e).");
        case 0x530:
            return refusal(Outcome::NotAllowed, "The user may not log in at this hour (Active Directory: 530).",
                           "Change the logon hours of the user, if he should.");
        case 0x531:
            return refusal(Outcome::NotAllowed, "The user may not log in from this computer (Active Directory: 531).",
                           "Add the domain controller's view of this machine to \"Log On To\" of the user.");
        case 0x532:
            return refusal(Outcome::Expired, "The password has expired (Active Directory: 532).",
                           "The user sets a new password at his Windows computer.");
        case 0x533:
            return refusal(Outcome::Disabled, "The account is disabled (Active Directory: 533).",
                           "Enable it in Active Directory, if it should log in.");
        case 0x568:
            return refusal(Outcome::NotAllowed, "The user is in too many groups (Active Directory: 568).",
                           "Take the user out of groups that he does not need.");
        case 0x701:
            return refusal(Outcome::Expired, "The account has expired (Active Directory: 701).",
                           "Move its expiry date in Active Directory, if it should log in.");
        case 0x773:
            return refusal(Outcome::MustChange,
                           "The password must be changed before the first login (Active Directory: "
                           "773).",
                           "The user sets a new password at his Windows computer.");
        case 0x775:
            return refusal(Outcome::LockedByDirectory,
                           "The account is locked after too many wrong passwords (Active "
                           "Directory: 775).",
                           "Unlock it in Active Directory, or wait until it unlocks itself.");
        default:
            return std::nullopt;
    }
}

bool mentions(std::string_view diagnostic, std::string_view word) {
    return lowerAscii(diagnostic).find(word) != std::string::npos;
}

}  // namespace

std::optional<unsigned> activeDirectorySubCode(std::string_view diagnostic) {
    constexpr std::string_view kMark = ", data ";
    const auto at = diagnostic.find(kMark);
    if (at == std::string_view::npos) return std::nullopt;
    const auto digits = diagnostic.substr(at + kMark.size());
    unsigned code = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (status != std::errc{} || end == digits.data()) return std::nullopt;
    return code;
}

Verdict verdictOfBind(int code, std::string_view diagnostic, PasswordPolicyError policy) {
    switch (policy) {
        case PasswordPolicyError::Expired:
            return refusal(Outcome::Expired, "The password has expired.", "The user sets a new password.");
        case PasswordPolicyError::Locked:
            return refusal(Outcome::LockedByDirectory, "The account is locked by the directory's password policy.",
                           "Unlock it there, or wait until it unlocks itself.");
        case PasswordPolicyError::MustChange:
            return refusal(Outcome::MustChange, "The password must be changed before the next login.",
                           "The user sets a new password.");
        case PasswordPolicyError::None:
            break;
    }
    switch (code) {
        case kLdapSuccess: {
            Verdict right;
            right.outcome = Outcome::Right;
            return right;
        }
        case kLdapInvalidCredentials:
            if (const auto subCode = activeDirectorySubCode(diagnostic)) {
                if (auto verdict = verdictOfSubCode(*subCode)) return *verdict;
            }
            return refusal(Outcome::WrongPassword, "The directory refused the password.");
        case kLdapNoSuchObject:
            return refusal(Outcome::UnknownUser, "The directory has no such entry.");
        case kLdapInappropriateAuth:
            return refusal(Outcome::WrongPassword, "The entry has no password in the directory.",
                           "Set one, if this user should log in.");
        case kLdapInvalidDn:
            return refusal(Outcome::UnknownUser, "The bind name made from the login name is not well formed.",
                           "Check the bind name template.");
        case kLdapConstraintViolation:
            return refusal(
                Outcome::LockedByDirectory,
                "The directory refuses further tries for this account: " + ldapCodeText(code, diagnostic) + ".",
                "Unlock it there, or wait until it unlocks itself.");
        case kLdapUnwilling:
            if (mentions(diagnostic, "inactivated") || mentions(diagnostic, "disabled") ||
                mentions(diagnostic, "account") || mentions(diagnostic, "locked")) {
                return refusal(Outcome::Disabled, "The directory says: " + shown(diagnostic) + ".",
                               "Enable the account there, if it should log in.");
            }
            break;
        case kLdapInsufficientAccess:
            return refusal(Outcome::NotAllowed,
                           "The directory does not let this user log in: " + ldapCodeText(code, diagnostic) + ".",
                           "Check the access rules of the directory (\"auth\" right on the password).");
        default:
            break;
    }
    auto verdict =
        refusal(Outcome::CannotAsk, "The directory did not judge the password: " + ldapCodeText(code, diagnostic) + ".",
                "Look into the directory's log.");
    return verdict;
}

Error errorOfServiceBind(int code, std::string_view diagnostic) {
    const std::string said = ldapCodeText(code, diagnostic) + ".";
    switch (code) {
        case kLdapInvalidCredentials: {
            std::string why =
                "The name or the password is wrong, or the directory has locked the account: it does not tell which.";
            if (const auto subCode = activeDirectorySubCode(diagnostic)) {
                if (const auto verdict = verdictOfSubCode(*subCode)) why = verdict->why;
            }
            return Error{Code::Denied, "The service account was refused.", why,
                         "Type its name and password again, and look in the directory whether it is locked. The name "
                         "is a distinguished name, or name@domain for "
                         "Active Directory."};
        }
        case kLdapNoSuchObject:
        case kLdapInvalidDn:
            return Error{Code::Denied, "The service account was refused.", "Its name is not in the directory: " + said,
                         "Write its distinguished name, such as cn=causeway,ou=services,dc=example,dc=com."};
        case kLdapInappropriateAuth:
            return Error{Code::Denied, "The server lets nobody search without a name.", said,
                         "Give the name and password of a service account."};
        case kLdapStrongAuthRequired:
        case kLdapConfidentialityRequired:
            return Error{Code::Denied, "The server refuses a login without encryption.", said,
                         "Choose StartTLS or LDAPS."};
        case kLdapUnwilling:
            return Error{Code::Denied, "The server refuses this kind of login.", said,
                         "If no service account is set, give one: the server may not allow a search without a name."};
        case kLdapBusy:
        case kLdapUnavailable:
            return Error{Code::Unavailable, "The directory is busy or starting.", said, "Try again in a moment."};
        default:
            return Error{Code::Unavailable, "The login of the service account failed.", said,
                         "Look into the directory's log."};
    }
}

std::string ldapCodeText(int code, std::string_view diagnostic) {
    auto text = std::string(nameOf(code)) + " (LDAP code " + std::to_string(code) + ")";
    if (const auto words = shown(diagnostic); !words.empty()) text += ", \"" + words + "\"";
    return text;
}

}  // namespace causeway::auth
