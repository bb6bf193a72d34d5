#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

/// Addresses of chat: local@domain/resource.
namespace causeway::jid {

/// A domain name in both writings.
struct DomainName {
    std::string ascii;  ///< as DNS and certificates have it: "xn--bcher-kva.example", lower case, no dot at the end
    std::string shown;  ///< as people read it: "bücher.example"

    friend bool operator==(const DomainName& left, const DomainName& right) { return left.ascii == right.ascii; }
};

/// A name that can be a chat domain: at least two labels, IDNA2008 (UTS 46, non-transitional), no address, no wildcard.
/// A dot at the end is dropped.
/// Shape:  1..253 bytes in ASCII form, labels of 1..63.
/// Errors: BadInput with a sentence that says what the text looks like (address, URL, host without domain, person);
///         `place` is the byte in the text if one character is the cause.
/// Source: RFC 5891, UTS 46, RFC 7622 3.2.
Result<DomainName> parseDomain(std::string_view text);

/// The part left of the @ in the form in which it is compared and stored.
/// Shape:  1..1023 bytes of UTF-8 behind the preparation.
/// Errors: BadInput; `place` is the byte of the first character that is not allowed.
/// Source: RFC 7622 3.3, RFC 8265 3.3 (UsernameCaseMapped), RFC 8264.
Result<std::string> prepareLocal(std::string_view text);

/// The part behind the slash.
/// Shape:  1..1023 bytes. Case is kept.
/// Source: RFC 7622 3.4, RFC 8265 4.2 (OpaqueString).
Result<std::string> prepareResource(std::string_view text);

/// Password as it is compared: OpaqueString, 1..1024 bytes. Source: RFC 8265 4.2.
Result<std::string> preparePassword(std::string_view text);

struct Jid {
    std::string local;     ///< prepared; empty for a domain alone
    std::string domain;    ///< ASCII form
    std::string resource;  ///< prepared; empty for a bare address

    std::string bare() const;
    std::string text() const;
    friend bool operator==(const Jid&, const Jid&) = default;
};

/// "alice@chat.example.com/phone". The first slash ends the address, the first @ before it the local part. The domain
/// may be one label or an address here: peers choose theirs, only chat domains of ours must be more.
Result<Jid> parseJid(std::string_view text);

}  // namespace causeway::jid
