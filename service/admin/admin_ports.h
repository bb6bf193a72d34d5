#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/auth/providers_port.h"
#include "service/discovery/lan_port.h"
#include "service/dns/dns_port.h"
#include "service/domains/domains_port.h"
#include "service/links/links_port.h"
#include "service/search/search_port.h"
#include "service/store/store_port.h"
#include "service/trace/trace_port.h"
#include "service/trace/visibility_port.h"
#include "service/xmpp/certificates_port.h"
#include "shared/api/logs_json.h"
#include "shared/api/status_json.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/admin.h"
#include "shared/model/setting.h"

/// What the admin interface needs from the application; service/app implements these. Any thread, all of them.
namespace causeway::admin {

struct SettingsNow {
    std::vector<SettingValue> values;  ///< every row of settingRows(), in its order
    std::uint64_t revision = 0;        ///< grows with every change; never 0
    /// What cannot be changed here, with the sentence why: home File, or given with --set for this run.
    std::map<std::string, std::string> fixed{};
};

struct SettingProblem {
    std::string key;
    std::string text;
};

class SettingsPort {
public:
    using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;  ///< nullopt = the default

    virtual ~SettingsPort() = default;
    virtual SettingsNow settings() = 0;
    /// Everything that change() would refuse, each with its key; change() refuses nothing else but a failing store.
    virtual std::vector<SettingProblem> check(const Changes& changes) = 0;
    /// All or none. The admin interface has checked every value with checkSetting already; what depends on the rest of
    /// the service (is the folder there?) is checked here. `expected`: Conflict if the revision is another one.
    /// Answers the keys that take effect only after a restart. A change of a File setting is written to causeway.toml.
    virtual Result<std::vector<std::string>> change(const Changes& changes, std::optional<std::uint64_t> expected) = 0;
};

/// What only the application knows of the process.
struct ServiceFacts {
    std::string serverName;
    std::string version;
    TimePoint startedAt{};
    Duration wallClockOffset{};
    std::string dataFolder;
    std::uint64_t residentBytes = 0;
    std::vector<api::ListenerStatus> listeners;  ///< without "admin": the admin server adds itself
};
class StatusPort {
public:
    virtual ~StatusPort() = default;
    virtual ServiceFacts facts() = 0;
    /// Operating system, libraries and the like for a bug report: names in the manner of JSON and their values.
    virtual std::vector<std::pair<std::string, std::string>> environment() { return {}; }
};

class ProblemsPort {
public:
    virtual ~ProblemsPort() = default;
    /// What is wrong now, in any order. Muting is the admin interface's business: mutedUntil is ignored.
    virtual std::vector<Problem> problems() = 0;
};

/// Told on the thread that logs; must not block and must not log.
class LogObserver {
public:
    virtual ~LogObserver() = default;
    virtual void logged(const api::LogLine& line) = 0;
};
class LogsPort {
public:
    virtual ~LogsPort() = default;
    /// The last lines of at least this level, oldest first, at most `most`.
    virtual std::vector<api::LogLine> last(LogLevel least, std::size_t most) = 0;
    /// One observer; nullptr takes it away. When this returns, the old one is not called any more.
    virtual void observe(LogObserver* observer) = 0;
};

/// Keys that chat DNS shares with secondaries (TSIG, HMAC-SHA256), and why it does not listen.
class DnsKeysPort {
public:
    virtual ~DnsKeysPort() = default;
    struct Key {
        std::string name;
        Secret secret;  ///< Base64
    };
    virtual std::vector<std::string> names() = 0;
    /// The secrets of all keys in Base64, so that a bug report can be searched for them; never shown.
    virtual std::vector<Secret> secrets() { return {}; }
    /// Makes a secret if none is given. Errors: BadInput (no name, or the secret is not Base64 of 16..64 bytes),
    /// Conflict (there is a key of that name), TooMany.
    virtual Result<Key> add(const std::string& name, const std::optional<Secret>& secret) = 0;
    /// Errors: NotFound, Conflict (a secondary is listed with it).
    virtual Result<void> remove(const std::string& name) = 0;
    /// Empty if chat DNS listens, or if nobody wants it to.
    virtual std::string trouble() = 0;
};

/// Everything that the admin server talks to. `lan`, `search` and `traces` may be null (lan.enabled off): their
/// resources answer 503 with a sentence. All others are needed and must outlive the server.
struct AdminPorts {
    discovery::LanPort* lan = nullptr;
    search::SearchPort* search = nullptr;
    trace::TracePort* traces = nullptr;           ///< null with `lan`
    trace::VisibilityPort* visibility = nullptr;  ///< null with `lan`
    links::LinksPort* links = nullptr;            ///< may be null: links cannot be kept here
    domains::DomainsPort* domains = nullptr;      ///< may be null: chat domains are off
    auth::ProvidersPort* providers = nullptr;     ///< may be null, with the chat domains
    auth::AccountsPort* accounts = nullptr;       ///< the same
    dns::DnsPort* dns = nullptr;                  ///< the same, with dnsKeys
    DnsKeysPort* dnsKeys = nullptr;
    xmpp::CertificatesPort* certificates = nullptr;  ///< the same
    store::StorePort* store = nullptr;
    SettingsPort* settings = nullptr;
    StatusPort* status = nullptr;
    ProblemsPort* problems = nullptr;
    LogsPort* logs = nullptr;
    std::function<TimePoint()> now;  ///< net::EventLoop::now
    std::function<void()>
        basesChanged{};  ///< tells the features that the bases in the store are other ones; may be empty
};

}  // namespace causeway::admin
