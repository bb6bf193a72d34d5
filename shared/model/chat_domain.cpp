#include "shared/model/chat_domain.h"

#include <array>
#include <utility>

namespace causeway {

namespace {

template <class E, std::size_t N>
const char* word(const std::array<std::pair<E, const char*>, N>& all, E value) {
    for (const auto& [each, text] : all)
        if (each == value) return text;
    return "";
}
template <class E, std::size_t N>
std::optional<E> valueOf(const std::array<std::pair<E, const char*>, N>& all, std::string_view wanted) {
    for (const auto& [each, text] : all)
        if (wanted == text) return each;
    return std::nullopt;
}

constexpr std::array<std::pair<DomainReach, const char*>, 2> kReaches{
    {{DomainReach::Lan, "lan"}, {DomainReach::LanAndInternet, "lan-and-internet"}}};
constexpr std::array<std::pair<EndToEnd, const char*>, 2> kPolicies{
    {{EndToEnd::Required, "required"}, {EndToEnd::Preferred, "preferred"}}};
constexpr std::array<std::pair<CertificateSource, const char*>, 2> kSources{
    {{CertificateSource::SelfSigned, "self-signed"}, {CertificateSource::Files, "files"}}};
constexpr std::array<std::pair<SupernodeOrigin, const char*>, 3> kOrigins{
    {{SupernodeOrigin::Local, "local"}, {SupernodeOrigin::Token, "token"}, {SupernodeOrigin::Hand, "hand"}}};
constexpr std::array<std::pair<DotKind, const char*>, 2> kDots{
    {{DotKind::Directory, "directory"}, {DotKind::Supernode, "supernode"}}};

}  // namespace

const char* wordOf(DomainReach reach) {
    return word(kReaches, reach);
}
const char* wordOf(EndToEnd policy) {
    return word(kPolicies, policy);
}
const char* wordOf(CertificateSource source) {
    return word(kSources, source);
}
const char* wordOf(SupernodeOrigin origin) {
    return word(kOrigins, origin);
}
const char* wordOf(DotKind kind) {
    return word(kDots, kind);
}
std::optional<DomainReach> domainReachOf(std::string_view text) {
    return valueOf(kReaches, text);
}
std::optional<EndToEnd> endToEndOf(std::string_view text) {
    return valueOf(kPolicies, text);
}
std::optional<CertificateSource> certificateSourceOf(std::string_view text) {
    return valueOf(kSources, text);
}
std::optional<SupernodeOrigin> supernodeOriginOf(std::string_view text) {
    return valueOf(kOrigins, text);
}
std::optional<DotKind> dotKindOf(std::string_view text) {
    return valueOf(kDots, text);
}

}  // namespace causeway
