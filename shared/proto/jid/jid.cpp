#include "shared/proto/jid/jid.h"

#include <unicode/idna.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "shared/base/ip.h"
#include "shared/base/text.h"
#include "shared/proto/jid/precis.h"

namespace causeway::jid {

namespace {

constexpr std::size_t kMostPart = 1023;
constexpr std::size_t kMostDomain = 253;
constexpr std::size_t kMostPassword = 1024;

constexpr PrecisProfile kUserName{StringClass::Identifier, CaseRule::Lower, WidthRule::Narrow, false, true};
constexpr PrecisProfile kOpaque{StringClass::Freeform, CaseRule::Keep, WidthRule::Keep, true, false};

Error bad(std::string what, std::string todo = "") {
    return Error{Code::BadInput, std::move(what), "", std::move(todo)};
}

const icu::IDNA& idna() {
    static const std::unique_ptr<icu::IDNA> made = [] {
        UErrorCode error = U_ZERO_ERROR;
        std::unique_ptr<icu::IDNA> all(icu::IDNA::createUTS46Instance(
            UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_CHECK_CONTEXTO |
                UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
            error));
        INVARIANT(all != nullptr && U_SUCCESS(error));
        return all;
    }();
    return *made;
}

std::string idnaTrouble(std::uint32_t errors) {
    if ((errors & UIDNA_ERROR_EMPTY_LABEL) != 0) return "There are two dots in a row, or a dot at the start.";
    if ((errors & UIDNA_ERROR_LABEL_TOO_LONG) != 0) return "A part between two dots is longer than 63 bytes.";
    if ((errors & UIDNA_ERROR_DOMAIN_NAME_TOO_LONG) != 0) return "The name is longer than 253 bytes.";
    if ((errors & (UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN)) != 0) {
        return "A part between two dots begins or ends with a hyphen.";
    }
    if ((errors & UIDNA_ERROR_HYPHEN_3_4) != 0)
        return "A part has hyphens at the third and fourth place without being \"xn--\".";
    if ((errors & (UIDNA_ERROR_PUNYCODE | UIDNA_ERROR_INVALID_ACE_LABEL)) != 0) {
        return "A part that begins with \"xn--\" is not valid Punycode.";
    }
    if ((errors & UIDNA_ERROR_BIDI) != 0) {
        return "Letters that run from right to left are mixed with others in a way that names may not have.";
    }
    return "It has a character that names may not have.";
}

/// Byte of the first ASCII character that no name may have.
std::optional<std::size_t> badAscii(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char each = text[i];
        const bool isFine = static_cast<unsigned char>(each) >= 0x80 || (each >= 'a' && each <= 'z') ||
                            (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') || each == '-' || each == '.';
        if (!isFine) return i;
    }
    return std::nullopt;
}

/// IDNA of any name, also of one label.
Result<DomainName> toNames(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty()) return bad("The name is empty.", "Write a name such as chat.example.com.");
    if (!isValidUtf8(text)) return bad("The name is not valid UTF-8.");
    if (text.size() > 4 * kMostDomain) return bad("The name is longer than 253 bytes.");
    const auto given = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    DomainName name;
    icu::IDNAInfo info;
    icu::UnicodeString out;
    UErrorCode error = U_ZERO_ERROR;
    idna().nameToASCII(given, out, info, error);
    if (U_FAILURE(error) || info.hasErrors()) {
        auto refusal = bad("\"" + cleanUtf8(cutUtf8(text, 80)) + "\" cannot be a domain name.",
                           "Write a name such as chat.example.com.");
        refusal.why = idnaTrouble(info.getErrors());
        refusal.place = badAscii(text);
        return refusal;
    }
    out.toUTF8String(name.ascii);
    if (name.ascii.size() > kMostDomain) return bad("The name is longer than 253 bytes.");
    icu::IDNAInfo shownInfo;
    icu::UnicodeString shown;
    idna().nameToUnicode(given, shown, shownInfo, error);
    if (U_SUCCESS(error) && !shownInfo.hasErrors()) {
        shown.toUTF8String(name.shown);
    } else {
        name.shown = name.ascii;
    }
    return name;
}

bool isAllDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; });
}

bool looksLikeAddress(std::string_view text) {
    return text.find(':') != std::string_view::npos || text.starts_with('[') || isAllDigits(split(text, '.').back());
}

Result<std::string> preparePart(const PrecisProfile& profile, std::string_view text, const char* part) {
    if (text.empty()) return bad(std::string("The ") + part + " is empty.");
    // Preparation can shorten, but not by so much.
    if (text.size() > 8 * kMostPart) return bad(std::string("The ") + part + " is longer than 1023 bytes.");
    auto prepared = enforce(profile, text);
    if (!prepared) return prepared;
    if (prepared->empty()) return bad(std::string("The ") + part + " is empty.");
    if (prepared->size() > kMostPart) return bad(std::string("The ") + part + " is longer than 1023 bytes.");
    return prepared;
}

}  // namespace

Result<DomainName> parseDomain(std::string_view text) {
    text = trimmed(text);
    if (text.find("://") != std::string_view::npos) {
        return bad("This is a web address.", "Write only the name, such as chat.example.com.");
    }
    if (text.find('@') != std::string_view::npos) {
        return bad("This is the address of a person.", "Write only the part behind the @.");
    }
    if (text.starts_with("*.") || text == "*") {
        return bad("A chat domain has exactly one name; wildcards are not possible.",
                   "Write a name such as chat.example.com.");
    }
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(':') == colon && isAllDigits(text.substr(colon + 1)) &&
        !isAllDigits(split(text.substr(0, colon), '.').back())) {
        return bad("A chat domain has no port.", "Write only the name; the port is told by DNS.");
    }
    const auto bare = text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
    if (!bare.empty() && looksLikeAddress(bare)) {
        return bad("This is an address, not a domain.",
                   "Write the name that stands behind the @ of people's chat addresses, such as chat.example.com; the "
                   "address of the computer comes later.");
    }
    auto name = toNames(text);
    if (!name) return name;
    if (name->ascii.find('.') == std::string::npos) {
        return bad("\"" + name->shown + "\" is a host name without a domain.",
                   "Clients find a chat domain by DNS, so that it needs at least two parts, such as chat." +
                       name->shown + ".com.");
    }
    return name;
}

Result<std::string> prepareLocal(std::string_view text) {
    auto prepared = preparePart(kUserName, text, "name");
    if (!prepared) return prepared;
    constexpr std::string_view kExcluded = "\"&'/:<>@";
    const auto at = prepared->find_first_of(kExcluded);
    if (at != std::string::npos) {
        auto refusal = bad(std::string("\"") + (*prepared)[at] + "\" is not allowed in a name.");
        refusal.place = at;
        return refusal;
    }
    return prepared;
}

Result<std::string> prepareResource(std::string_view text) {
    return preparePart(kOpaque, text, "resource");
}

Result<std::string> preparePassword(std::string_view text) {
    if (text.empty()) return bad("The password is empty.");
    if (text.size() > kMostPassword) return bad("The password is longer than 1024 bytes.");
    return enforce(kOpaque, text);
}

std::string Jid::bare() const {
    return local.empty() ? domain : local + "@" + domain;
}

std::string Jid::text() const {
    return resource.empty() ? bare() : bare() + "/" + resource;
}

Result<Jid> parseJid(std::string_view text) {
    Jid jid;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        auto resource = prepareResource(text.substr(slash + 1));
        if (!resource) return resource.error();
        jid.resource = std::move(*resource);
        text = text.substr(0, slash);
    }
    const auto at = text.find('@');
    if (at != std::string_view::npos) {
        auto local = prepareLocal(text.substr(0, at));
        if (!local) return local.error();
        jid.local = std::move(*local);
        text = text.substr(at + 1);
    }
    if (Ip4::parse(text) || (text.starts_with('[') && text.ends_with(']'))) {
        jid.domain = lowerAscii(text);
        return jid;
    }
    auto domain = toNames(text);
    if (!domain) return domain.error();
    jid.domain = std::move(domain->ascii);
    return jid;
}

}  // namespace causeway::jid
