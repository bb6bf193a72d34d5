#include "service/admin/admin_core.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "shared/base/cursor.h"
#include "shared/base/ip.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

api::LanFigures figuresOf(const discovery::LanStatus& status) {
    api::LanFigures figures;
    figures.isListening = status.isListening;
    figures.listen = status.listen;
    figures.problem = status.problem;
    figures.canIntroduce = status.canIntroduce;
    figures.introductionsOn = status.introductionsOn;
    figures.users = status.users;
    figures.present = status.present;
    figures.silent = status.silent;
    figures.gone = status.gone;
    figures.unconfirmed = status.unconfirmed;
    figures.unstable = status.unstable;
    figures.rumours = status.rumours;
    figures.packetsIn = status.packetsIn;
    figures.packetsOut = status.packetsOut;
    figures.bytesIn = status.bytesIn;
    figures.bytesOut = status.bytesOut;
    figures.packetsIgnored = status.packetsIgnored;
    figures.listsSent = status.listsSent;
    figures.introductionsSent = status.introductionsSent;
    figures.introductionsQueued = status.introductionsQueued;
    figures.serverUser = status.serverUser;
    figures.fingerprint = status.fingerprint;
    figures.interfaces = status.interfaces;
    return figures;
}

}  // namespace

AdminCore::AdminCore(AdminPorts ports, Log& log, Options options)
    : ports_(std::move(ports)),
      log_(log),
      accounts_(
          *ports_.store, log,
          {ports_.now,
           [this] {
               return Duration{std::chrono::minutes{parseUnsigned(setting("admin.session_minutes")).value_or(480)}};
           },
           options.passwordRounds}),
      events_(ports_, {[this] {
                           api::HelloEvent hello;
                           hello.serverName = serverName();
                           hello.version = ports_.status->facts().version;
                           return hello;
                       },
                       [this] { return status(); }, [this] { return problems(); }, ports_.now}) {
    if (ports_.lan != nullptr) users_ = std::make_unique<UsersView>(*ports_.lan, *ports_.store, ports_.now);
    addStatusRoutes(router_, *this);
    addLoginRoutes(router_, *this);
    addUsersRoutes(router_, *this);
    addRangesRoutes(router_, *this);
    addSearchesRoutes(router_, *this);
    addTracesRoutes(router_, *this);
    addVisibilityRoutes(router_, *this);
    addDomainsRoutes(router_, *this);
    addDnsRoutes(router_, *this);
    addProvidersRoutes(router_, *this);
    addAccountsRoutes(router_, *this);
    addSettingsRoutes(router_, *this);
    addBasesRoutes(router_, *this);
    addAdminsRoutes(router_, *this);
    addTokensRoutes(router_, *this);
    addAuditRoutes(router_, *this);
    addLogsRoutes(router_, *this);
    addConfigRoutes(router_, *this);
    addBugReportRoutes(router_, *this);
    addEventsRoutes(router_, *this);
}

AdminCore::~AdminCore() {
    stop();
}

Result<void> AdminCore::start() {
    if (auto loaded = accounts_.load(); !loaded) return loaded;
    ports_.logs->observe(&events_);
    events_.start();
    return {};
}

void AdminCore::stop() {
    ports_.logs->observe(nullptr);
    events_.stop();
}

void AdminCore::setListener(const api::ListenerStatus& admin) {
    const std::lock_guard hold{listenerLock_};
    listener_ = admin;
}

void AdminCore::setCertificate(const std::string& fingerprint) {
    const std::lock_guard hold{listenerLock_};
    certificateFingerprint_ = fingerprint;
}

std::string AdminCore::listenAddress() const {
    const std::lock_guard hold{listenerLock_};
    return listener_.address;
}

std::string AdminCore::bearerOf(const HttpRequest& http) {
    const auto header = http.header("authorization").value_or("");
    if (header.size() < 7 || lowerAscii(std::string_view{header}.substr(0, 7)) != "bearer ") return {};
    return std::string(trimmed(std::string_view{header}.substr(7)));
}

std::optional<Identity> AdminCore::identify(const HttpRequest& http) {
    const auto token = bearerOf(http);
    return token.empty() ? std::nullopt : accounts_.identify(token);
}

Response AdminCore::serve(const HttpRequest& http, const std::optional<Identity>& identity, const std::string& from) {
    Response response;
    try {
        response = router_.serve(http, identity, from);
    } catch (const std::exception& trouble) {
        // Nothing here throws by design; running out of memory must cost one request, not the service.
        log_.write(LogLevel::Error, "ADMIN_HANDLER_FAILED",
                   http.method + " " + cleanUtf8(http.target) + ": " + trouble.what());
        response = problemResponse(500, {Code::Internal, "The service failed to answer this request.", trouble.what(),
                                         "Try again; if it stays like this, send a bug report."});
    }
    ++counters_.requests;
    if (response.status == 401 || response.status == 403) ++counters_.refused;
    if (response.status >= 500) ++counters_.failed;
    return response;
}

std::string AdminCore::serverName() {
    return ports_.status->facts().serverName;
}

api::ServiceStatus AdminCore::status() {
    const auto facts = ports_.status->facts();
    api::ServiceStatus status;
    status.serverName = facts.serverName;
    status.version = facts.version;
    status.startedAt = facts.startedAt;
    status.now = now();
    status.uptime = status.now - facts.startedAt;
    status.dataFolder = facts.dataFolder;
    status.wallClockOffset = facts.wallClockOffset;
    status.residentBytes = facts.residentBytes;
    status.storeTrouble = ports_.store->trouble();
    {
        const std::lock_guard hold{listenerLock_};
        status.listeners.push_back(listener_);
        status.certificateFingerprint = certificateFingerprint_;
    }
    status.listeners.insert(status.listeners.end(), facts.listeners.begin(), facts.listeners.end());
    if (ports_.lan == nullptr) {
        status.lan.problem = "The LAN directory is switched off (setting lan.enabled).";
    } else if (const auto lan = ports_.lan->status()) {
        status.lan = figuresOf(*lan);
        status.revision = lan->revision;
        // Counting goes through all users, so the figures of the last half minute are good enough here.
        if (const auto rows = users_->segments(30s)) {
            for (const auto& row : *rows)
                (row.isOwn ? status.lan.local : status.lan.external) += row.users;
        }
    } else {
        status.lan.problem = lan.error().text();
    }
    for (const auto& problem : problems()) {
        if (problem.mutedUntil) continue;
        switch (problem.severity) {
            case Severity::Notice:
                ++status.problems.notices;
                break;
            case Severity::Warning:
                ++status.problems.warnings;
                break;
            case Severity::Problem:
                ++status.problems.problems;
                break;
        }
    }
    return status;
}

std::vector<Problem> AdminCore::problems() {
    auto all = ports_.problems->problems();
    const auto muted = ports_.store->mutedProblems();
    const auto at = now();
    for (auto& problem : all) {
        problem.mutedUntil.reset();
        if (!muted) continue;
        for (const auto& [id, until] : *muted) {
            if (id == problem.id && until > at) problem.mutedUntil = until;
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Problem& left, const Problem& right) {
        if (left.mutedUntil.has_value() != right.mutedUntil.has_value()) return !left.mutedUntil.has_value();
        if (left.severity != right.severity) return left.severity > right.severity;
        return left.since < right.since;
    });
    return all;
}

void AdminCore::audit(const Request& request, const std::string& action, const std::string& subject,
                      const std::string& before, const std::string& after) {
    AuditEntry entry;
    entry.at = now();
    entry.who = request.identity.who();
    entry.from = request.from;
    entry.action = action;
    entry.subject = subject;
    entry.before = before;
    entry.after = after;
    if (auto added = ports_.store->addAudit(entry); !added) {
        log_.write(LogLevel::Error, "ADMIN_AUDIT_FAILED",
                   "The change \"" + action + " " + cleanUtf8(subject) + "\" by " + entry.who +
                       " could not be written to the audit log: " + added.error().text());
    }
}

void AdminCore::basesChanged() {
    if (ports_.basesChanged) ports_.basesChanged();
    events_.basesChanged();
}

std::string AdminCore::setting(std::string_view key) {
    const auto now = ports_.settings->settings();
    for (const auto& value : now.values) {
        if (value.key == key) return value.value;
    }
    return {};
}

std::string AdminCore::listenTrouble(const std::string& listen) {
    if (isLoopbackListener(listen) || accounts_.canServeRemotely()) return {};
    return "The admin interface cannot listen on " + listen +
           " yet, because nobody could log in there. Add an enabled administrator of role admin with a password "
           "first (causewayctl admins add).";
}

bool isLoopbackListener(std::string_view listen) {
    const auto colon = listen.rfind(':');
    auto host = listen.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost" || host == "::1") return true;
    const auto address = Ip4::parse(host);
    return address && address->isLoopback();
}

Response lanIsOff() {
    return problemResponse({Code::Unavailable, "The LAN directory is switched off.", "The setting lan.enabled is off.",
                            "Switch it on and restart the service."});
}

Result<std::uint64_t> numberOf(const Request& request, const char* name, std::uint64_t standard) {
    const auto text = request.http.queryValue(name);
    if (!text) return standard;
    const auto number = parseUnsigned(*text);
    if (!number) {
        return Error{Code::BadInput,
                     std::string(name) + ": \"" + cleanUtf8(cutUtf8(*text, 60)) + "\" is not a whole number."};
    }
    return *number;
}

Result<std::size_t> limitOf(const Request& request, std::size_t standard, std::size_t most) {
    const auto number = numberOf(request, "limit", standard);
    if (!number) return number.error();
    if (*number < 1 || *number > most)
        return Error{Code::BadInput, "limit: a number from 1 to " + std::to_string(most) + " is expected."};
    return static_cast<std::size_t>(*number);
}

}  // namespace causeway::admin
