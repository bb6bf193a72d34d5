#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "service/admin/admin_server.h"
#include "service/app/chat.h"
#include "service/app/domain_trace.h"
#include "service/app/keepers.h"
#include "service/app/link_bridge.h"
#include "service/app/log_sink.h"
#include "service/app/process.h"
#include "service/app/settings.h"
#include "service/app/trace_line.h"
#include "service/app/visibility_line.h"
#include "service/discovery/lan_io.h"
#include "service/net/event_loop.h"
#include "service/net/work_pool.h"
#include "service/search/search_io.h"
#include "service/store/store_port.h"
#include "service/trace/trace_io.h"

namespace causeway::app {

struct ServiceOptions {
    std::filesystem::path dataFolder;
    std::optional<std::filesystem::path> configFile;  ///< else causeway.toml in the data folder, if there
    std::optional<std::filesystem::path> readyFile;
    std::map<std::string, std::string> overrides;  ///< --set
};

/// All parts of causewayd and how they are connected: the one place that knows every one of them.
class Service final : public admin::StatusPort, public admin::ProblemsPort {
public:
    explicit Service(ServiceOptions options);
    ~Service() override;

    /// Opens the store, the LAN and the admin interface, then writes the ready file. Errors are sentences for the
    /// person who starts the service. A LAN port in use is no error: the service runs, says so everywhere, and tries
    /// again.
    Result<void> start();
    /// Goodbyes, drain, close; at most two seconds.
    void stop();
    /// Reads the settings file again and opens the log file anew. What needs a restart is logged.
    void reload();

    LogSink& log() { return log_; }

    // StatusPort, ProblemsPort
    admin::ServiceFacts facts() override;
    std::vector<std::pair<std::string, std::string>> environment() override { return environmentFacts(); }
    std::vector<Problem> problems() override;

private:
    Result<void> readFile();
    Result<discovery::ServerIdentity> loadIdentity();
    Result<void> startLan();
    /// Lets traces go to chat domains, also where the LAN directory is off.
    void startDomainTraces();
    void openLan();
    void settingsChanged(const std::vector<std::string>& keys);
    void loadBases();
    /// Opens the links to other bases; what fails is a problem, not an error: everything else goes on.
    void startLinks();
    /// Tells the links who we are: interfaces and the base that holds them.
    void tellLinks();
    void applySettings();
    void prune();
    Result<void> writeReadyFiles();
    void problem(const std::string& id, const Error& error, const std::string& page);
    void problemGone(const std::string& id);

    ServiceOptions options_;
    LogSink log_;
    Settings settings_;
    TimePoint startedAt_{};
    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<store::StorePort> store_;
    std::unique_ptr<net::EventLoop> loop_;
    std::unique_ptr<net::WorkPool> names_;
    std::unique_ptr<StoreLanKeeper> lanKeeper_;
    std::unique_ptr<StoreSearchKeeper> searchKeeper_;
    std::unique_ptr<discovery::LanIo> lan_;
    std::unique_ptr<LanProber> prober_;
    std::unique_ptr<search::SearchIo> search_;
    std::unique_ptr<LanChatLine> traceLine_;
    std::unique_ptr<StoreTraceKeeper> traceKeeper_;
    std::unique_ptr<NoChatLine> noLine_;  ///< in the place of traceLine_ where the LAN directory is off
    std::unique_ptr<ChatDomainWorld> domainWorld_;
    std::unique_ptr<trace::TraceIo> traces_;
    std::unique_ptr<LanVisibilityLine> visibilityLine_;
    std::unique_ptr<StoreVisibilityKeeper> visibilityKeeper_;
    std::unique_ptr<trace::VisibilityIo> visibility_;
    std::unique_ptr<StoreLinkKeeper> linkKeeper_;
    std::unique_ptr<links::LinksIo> links_;
    std::unique_ptr<LinkBridge> linkBridge_;
    Guarded<std::vector<LanInterface>> interfaces_;
    Guarded<std::vector<BaseSite>> bases_;
    std::unique_ptr<net::LoopTimer> retryTimer_;
    std::unique_ptr<net::LoopTimer> pruneTimer_;
    std::unique_ptr<Chat> chat_;
    std::unique_ptr<admin::AdminServer> admin_;
    discovery::LanIo::Options lanOptions_;
    bool isSearchStarted_ = false;
    bool isLoopRunning_ = false;
    Guarded<std::map<std::string, Problem>> problems_;
};

}  // namespace causeway::app
