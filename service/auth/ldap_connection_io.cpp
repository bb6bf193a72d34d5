#include "service/auth/ldap_connection_io.h"

// LDAP_DEPRECATED stays off: only the calls with controls and results are used.
#include <fcntl.h>
#include <lber.h>
#include <ldap.h>
#include <openldap.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr ber_len_t kMostAnswerBytes = 8U << 20;
constexpr std::size_t kMostValues = 2000;
constexpr const char* kActiveDirectoryCapability = "1.2.840.113556.1.4.800";

timeval timevalUntil(TimePoint deadline) {
    const auto left = std::max<std::int64_t>(0, (deadline - net::EventLoop::now()).count());
    return {left / 1000, left % 1000 * 1000};
}

std::string textOf(const berval* value) {
    return value && value->bv_val ? std::string(value->bv_val, value->bv_len) : std::string{};
}

struct Controls {
    LDAPControl** list = nullptr;
    ~Controls() {
        if (list) ldap_controls_free(list);
    }
};

struct Message {
    LDAPMessage* it = nullptr;
    ~Message() {
        if (it) ldap_msgfree(it);
    }
};

int nativeScope(LdapScope scope) {
    switch (scope) {
        case LdapScope::Base:
            return LDAP_SCOPE_BASE;
        case LdapScope::One:
            return LDAP_SCOPE_ONELEVEL;
        case LdapScope::Subtree:
            return LDAP_SCOPE_SUBTREE;
    }
    return LDAP_SCOPE_SUBTREE;
}

}  // namespace

std::string LdapEntry::first(std::string_view names) const {
    for (const auto name : split(names, ' ')) {
        const auto at = attributes.find(lowerAscii(name));
        if (at != attributes.end() && !at->second.empty() && !at->second.front().empty()) return at->second.front();
    }
    return {};
}

LdapConnection::LdapConnection(ldap* handle, int socket, std::string serverText)
    : handle_(handle), socket_(socket), serverText_(std::move(serverText)) {}

LdapConnection::~LdapConnection() {
    // Says goodbye and closes the socket; a peer that does not read must not hold us. (No watch here: the number of the
    // closed socket may be another connection's a moment later.)
    const timeval patience{0, 500'000};
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (isBroken_) ::shutdown(socket_, SHUT_RDWR);
    ldap_unbind_ext(handle_, nullptr, nullptr);
}

Result<std::unique_ptr<LdapConnection>> LdapConnection::open(const Server& server, TimePoint deadline) {
    auto socket = net::PlainSocket::connect(server.host, server.port, deadline);
    if (!socket) return socket.error();
    const int file = socket->release();
    if (file < 0) return Error{Code::Unavailable, "The connection cannot be used.", "No file handle is left.", ""};
    ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);
    const bool isBracketed = server.host.find(':') != std::string::npos;
    const auto name = isBracketed ? "[" + server.host + "]" : server.host;
    const auto url = "ldap://" + name + ":" + std::to_string(server.port);
    LDAP* handle = nullptr;
    if (const int code = ldap_init_fd(file, LDAP_PROTO_TCP, url.c_str(), &handle); code != LDAP_SUCCESS) {
        ::close(file);
        return Error{Code::Internal, "The LDAP library could not be started.", ldap_err2string(code), ""};
    }
    std::unique_ptr<LdapConnection> connection{
        new LdapConnection(handle, file, name + ":" + std::to_string(server.port))};
    const int version = LDAP_VERSION3;
    ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(handle, LDAP_OPT_RESTART, LDAP_OPT_ON);
    Sockbuf* buffer = nullptr;
    if (ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer) == LDAP_OPT_SUCCESS && buffer) {
        ber_len_t most = kMostAnswerBytes;
        ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
    }
    if (!server.withTls && !server.withStartTls) return connection;

    const int demand = LDAP_OPT_X_TLS_DEMAND;
    const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int asClient = 0;
    ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    ldap_set_option(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
    if (!server.caFile.empty()) ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, server.caFile.c_str());
    ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &asClient);  // last: makes the context of all that
    const net::WatchedSocket watched{file, deadline};
    const int code = server.withStartTls ? ldap_start_tls_s(handle, nullptr, nullptr) : ldap_install_tls(handle);
    if (code == LDAP_SUCCESS) return connection;
    connection->isBroken_ = true;
    char* diagnostic = nullptr;
    ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    const std::string said = diagnostic ? cleanUtf8(diagnostic) : std::string{};
    ldap_memfree(diagnostic);
    const bool isLate = net::EventLoop::now() >= deadline;
    return Error{isLate ? Code::Timeout : Code::Unavailable,
                 "The connection to " + connection->serverText_ + " could not be encrypted.",
                 isLate ? "The server did not answer the TLS handshake in time."
                        : "The LDAP library says: " + std::string(ldap_err2string(code)) +
                              (said.empty() ? "." : " (" + said + ")."),
                 "Test the provider: the test shows the server's certificate."};
}

bool LdapConnection::waitFor(int message, ldapmsg** answer, TimePoint deadline) {
    const net::WatchedSocket watched{socket_, deadline};
    timeval left = timevalUntil(deadline);
    const int type = ldap_result(handle_, message, LDAP_MSG_ONE, &left, answer);
    if (type > 0) return true;
    isBroken_ = true;
    return false;
}

Error LdapConnection::broken(const std::string& doing, TimePoint deadline) {
    isBroken_ = true;
    if (net::EventLoop::now() >= deadline) {
        return Error{Code::Timeout, serverText_ + " does not answer.", "No answer to " + doing + " came in time.",
                     "Check whether the directory is overloaded or hangs."};
    }
    int code = 0;
    ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
    return Error{Code::Unavailable, "The connection to " + serverText_ + " broke during " + doing + ".",
                 std::string("The LDAP library says: ") + ldap_err2string(code) + ".",
                 "Check the directory's log: the server closed the connection or sent what is no LDAP."};
}

Result<LdapConnection::BindAnswer> LdapConnection::bind(const std::string& name, const Secret& password,
                                                        TimePoint deadline) {
    LDAPControl policy{};
    char policyOid[] = LDAP_CONTROL_PASSWORDPOLICYREQUEST;
    policy.ldctl_oid = policyOid;
    LDAPControl* controls[] = {&policy, nullptr};
    std::string secret = password.reveal();
    berval credentials{secret.size(), secret.data()};
    int message = 0;
    int code = LDAP_SUCCESS;
    {
        const net::WatchedSocket watched{socket_, deadline};
        code = ldap_sasl_bind(handle_, name.c_str(), LDAP_SASL_SIMPLE, &credentials, controls, nullptr, &message);
    }
    const Secret wiped{std::move(secret)};
    if (code != LDAP_SUCCESS) return broken("the login", deadline);
    Message answer;
    if (!waitFor(message, &answer.it, deadline)) return broken("the login", deadline);
    BindAnswer out;
    char* diagnostic = nullptr;
    Controls returned;
    if (ldap_parse_result(handle_, answer.it, &out.code, nullptr, &diagnostic, nullptr, &returned.list, 0) !=
        LDAP_SUCCESS) {
        return broken("the login", deadline);
    }
    if (diagnostic) out.diagnostic = diagnostic;
    ldap_memfree(diagnostic);
    if (auto* found = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, returned.list, nullptr)) {
        ber_int_t expires = 0;
        ber_int_t grace = 0;
        LDAPPasswordPolicyError error = PP_noError;
        if (ldap_parse_passwordpolicy_control(handle_, found, &expires, &grace, &error) == LDAP_SUCCESS) {
            if (error == PP_passwordExpired) out.policy = PasswordPolicyError::Expired;
            if (error == PP_accountLocked) out.policy = PasswordPolicyError::Locked;
            if (error == PP_changeAfterReset) out.policy = PasswordPolicyError::MustChange;
        }
    }
    return out;
}

LdapEntry LdapConnection::entryOf(ldapmsg* message) {
    LdapEntry entry;
    if (char* dn = ldap_get_dn(handle_, message)) {
        entry.dn = dn;
        ldap_memfree(dn);
    }
    BerElement* place = nullptr;
    for (char* name = ldap_first_attribute(handle_, message, &place); name != nullptr;
         name = ldap_next_attribute(handle_, message, place)) {
        // "jpegPhoto;binary" and "member;range=0-1499" are the attribute itself.
        auto& values = entry.attributes[lowerAscii(std::string_view(name).substr(0, std::string_view(name).find(';')))];
        if (berval** found = ldap_get_values_len(handle_, message, name)) {
            for (std::size_t i = 0; found[i] != nullptr && values.size() < kMostValues; ++i)
                values.push_back(textOf(found[i]));
            ldap_value_free_len(found);
        }
        ldap_memfree(name);
    }
    if (place) ber_free(place, 0);
    return entry;
}

Error LdapConnection::searchError(int code, std::string_view diagnostic, const LdapSearch& search) {
    const auto said = "The directory says: " + ldapCodeText(code, diagnostic) + ".";
    const auto base = search.base.empty() ? std::string("the root") : "\"" + cleanUtf8(search.base) + "\"";
    switch (code) {
        case kLdapNoSuchObject:
        case kLdapReferral:
            return Error{Code::NotFound, "The search base " + base + " is not there.", said,
                         "Check its spelling; a service account without the right to see it gets the same answer."};
        case kLdapInvalidDn:
            return Error{Code::BadInput, "The search base " + base + " is not well formed.", said,
                         "Write it as ou=people,dc=example,dc=com."};
        case kLdapSizeLimit:
            return Error{Code::TooMany, "The directory gives no more entries of " + base + ".", said,
                         "Raise its size limit for the service account, or set a smaller page size."};
        case kLdapTimeLimit:
            return Error{Code::Timeout, "The search in " + base + " took the directory too long.", said,
                         "Add an index for the attributes of the filter."};
        case kLdapInsufficientAccess:
        case kLdapOperationsError:
        case kLdapStrongAuthRequired:
        case kLdapConfidentialityRequired:
            return Error{Code::Denied, "The search in " + base + " is not allowed.", said,
                         "Give a service account that may search there."};
        default:
            return Error{Code::Unavailable, "The search in " + base + " failed.", said,
                         "Look into the directory's log."};
    }
}

Result<std::size_t> LdapConnection::search(const LdapSearch& search, const std::function<bool(const LdapEntry&)>& take,
                                           TimePoint deadline) {
    std::vector<std::string> names = search.attributes;
    if (names.empty()) names.emplace_back(LDAP_NO_ATTRS);
    std::vector<char*> wanted;
    for (auto& name : names)
        wanted.push_back(name.data());
    wanted.push_back(nullptr);

    std::size_t count = 0;
    std::string cookie;
    while (true) {
        LDAPControl* page = nullptr;
        berval sent{cookie.size(), cookie.data()};
        if (search.pageSize > 0 && ldap_create_page_control(handle_, search.pageSize, cookie.empty() ? nullptr : &sent,
                                                            'F', &page) != LDAP_SUCCESS) {
            return Error{Code::Internal, "The search could not be made.", "The LDAP library refused it.", ""};
        }
        LDAPControl* controls[] = {page, nullptr};
        timeval limit = timevalUntil(deadline);
        limit.tv_sec = std::max<decltype(limit.tv_sec)>(1, limit.tv_sec);
        int message = 0;
        int code = LDAP_SUCCESS;
        {
            const net::WatchedSocket watched{socket_, deadline};
            code = ldap_search_ext(handle_, search.base.c_str(), nativeScope(search.scope), search.filter.c_str(),
                                   wanted.data(), search.attributes.empty() ? 1 : 0, page ? controls : nullptr, nullptr,
                                   &limit, search.sizeLimit, &message);
        }
        if (page) ldap_control_free(page);
        if (code == LDAP_FILTER_ERROR) {
            return Error{Code::BadInput, "The filter is not understood by the LDAP library.", "", "Check the filter."};
        }
        if (code != LDAP_SUCCESS) return broken("the search", deadline);
        cookie.clear();
        while (true) {
            Message answer;
            if (!waitFor(message, &answer.it, deadline)) return broken("the search", deadline);
            const int type = ldap_msgtype(answer.it);
            if (type == LDAP_RES_SEARCH_ENTRY) {
                ++count;
                if (!take(entryOf(answer.it))) {
                    ldap_abandon_ext(handle_, message, nullptr, nullptr);
                    return count;
                }
                continue;
            }
            if (type != LDAP_RES_SEARCH_RESULT) continue;  // references to other servers are not followed
            char* diagnostic = nullptr;
            Controls returned;
            const int parsed =
                ldap_parse_result(handle_, answer.it, &code, nullptr, &diagnostic, nullptr, &returned.list, 0);
            const std::string said = diagnostic ? diagnostic : "";
            ldap_memfree(diagnostic);
            if (parsed != LDAP_SUCCESS) return broken("the search", deadline);
            if (code == LDAP_SIZELIMIT_EXCEEDED && search.sizeLimit > 0 && count > 0) return count;
            if (code != LDAP_SUCCESS) return searchError(code, said, search);
            if (auto* found = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, returned.list, nullptr)) {
                ber_int_t estimate = 0;
                berval next{};
                if (ldap_parse_pageresponse_control(handle_, found, &estimate, &next) == LDAP_SUCCESS) {
                    cookie = textOf(&next);
                    ldap_memfree(next.bv_val);
                }
            }
            break;
        }
        if (cookie.empty()) return count;
    }
}

Result<bool> LdapConnection::isActiveDirectory(TimePoint deadline) {
    if (activeDirectory_ < 0) {
        bool isIt = false;
        const LdapSearch root{"", LdapScope::Base, "(objectClass=*)", {"supportedCapabilities"}, 0, 0};
        const auto asked = search(
            root,
            [&](const LdapEntry& entry) {
                const auto at = entry.attributes.find("supportedcapabilities");
                if (at != entry.attributes.end()) {
                    isIt =
                        std::find(at->second.begin(), at->second.end(), kActiveDirectoryCapability) != at->second.end();
                }
                return true;
            },
            deadline);
        if (!asked && isBroken_) return asked.error();
        activeDirectory_ = isIt ? 1 : 0;
    }
    return activeDirectory_ == 1;
}

std::string normalDn(const std::string& dn) {
    LDAPDN parts = nullptr;
    if (ldap_str2dn(dn.c_str(), &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return lowerAscii(dn);
    char* text = nullptr;
    std::string out = lowerAscii(dn);
    if (ldap_dn2str(parts, &text, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && text) out = lowerAscii(text);
    ldap_memfree(text);
    ldap_dnfree(parts);
    return out;
}

}  // namespace causeway::auth
