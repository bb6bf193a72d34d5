#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/auth/authenticator_port.h"

namespace causeway::auth {

/// Result codes of RFC 4511 that are told apart.
enum LdapCode : int {
    kLdapSuccess = 0,
    kLdapTimeLimit = 3,
    kLdapSizeLimit = 4,
    kLdapStrongAuthRequired = 8,
    kLdapReferral = 10,
    kLdapConfidentialityRequired = 13,
    kLdapConstraintViolation = 19,
    kLdapNoSuchObject = 32,
    kLdapInvalidDn = 34,
    kLdapInappropriateAuth = 48,
    kLdapInvalidCredentials = 49,
    kLdapInsufficientAccess = 50,
    kLdapBusy = 51,
    kLdapUnavailable = 52,
    kLdapUnwilling = 53,
    kLdapOperationsError = 1,
};

/// The number behind "data" in what Active Directory writes beside code 49:
/// "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563" gives 0x52e.
std::optional<unsigned> activeDirectorySubCode(std::string_view diagnostic);

/// Errors of the password policy control (draft-behera-ldap-password-policy-10 6.2).
enum class PasswordPolicyError {
    Expired = 0,
    Locked = 1,
    MustChange = 2,
    None = 65535,
};

/// What the server's answer to a user's bind means. Code 0 is Right unless the policy says that the password must be
/// changed first.
Verdict verdictOfBind(int code, std::string_view diagnostic, PasswordPolicyError policy);

/// What a refused bind of the service account means, as a sentence with what to do.
Error errorOfServiceBind(int code, std::string_view diagnostic);

/// "no such entry (LDAP code 32)" and so on; with the server's own words if there are any.
std::string ldapCodeText(int code, std::string_view diagnostic = {});

}  // namespace causeway::auth
