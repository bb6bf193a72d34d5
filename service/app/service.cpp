#include "service/app/service.h"

#include <algorithm>
#include <cerrno>

#include "service/app/config_file.h"
#include "service/app/notify.h"
#include "service/store/sqlite_store.h"
#include "shared/api/json_writer.h"
#include "shared/base/text.h"

namespace causeway::app {

namespace fs = std::filesystem;

namespace {
constexpr Duration kRetryLan = 10s;
constexpr Duration kPruneEvery = 3600s;
constexpr std::uint32_t kNumberGap = 100;

/// Host and port of a checked listener setting.
std::pair<std::string, std::uint16_t> splitListener(const std::string& value) {
    const auto colon = value.rfind(':');
    return {value.substr(0, colon), static_cast<std::uint16_t>(std::stoul(value.substr(colon + 1)))};
}
}  // namespace

Service::Service(ServiceOptions options) : options_(std::move(options)), settings_(options_.overrides) {}

Service::~Service() {
    stop();
}

Result<void> Service::readFile() {
    const fs::path path = options_.configFile.value_or(options_.dataFolder / "causeway.toml");
    const auto file = readConfigFile(path.string(), options_.configFile ? FileMustExist::Yes : FileMustExist::No);
    if (!file.problems.empty()) {
        std::string all;
        for (const auto& wrong : file.problems)
            all += (all.empty() ? "" : "\n") + wrong.shown();
        return Error{Code::BadInput, all};
    }
    settings_.setFile(file.values);
    log_.setLevel(api::logLevelOf(settings_.text("log.level")).value_or(LogLevel::Info));
    return log_.setFile(settings_.text("log.file"));
}

Result<void> Service::start() {
    startedAt_ = net::EventLoop::now();
    if (auto made = makeDataFolder(options_.dataFolder); !made) return made;
    auto lock = FolderLock::take(options_.dataFolder);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    if (auto read = readFile(); !read) return read;

    std::string url = settings_.text("store.url");
    if (!url.starts_with("sqlite:")) {
        return Error{Code::Unsupported, "The store \"" + url + "\" is of a kind that this version does not have.", "",
                     "Set store.url to \"sqlite:\" or \"sqlite:/path/file.db\"."};
    }
    url.erase(0, 7);
    const fs::path database = url.empty() ? options_.dataFolder / "causeway.db" : fs::path(url);
    auto store = store::openSqliteStore(database.string(), (options_.dataFolder / "secret.key").string(), log_);
    if (!store) return store.error();
    store_ = std::move(*store);
    if (auto loaded = settings_.load(*store_); !loaded) return loaded;

    loop_ = std::make_unique<net::EventLoop>("lan", log_);
    names_ = std::make_unique<net::WorkPool>("names", net::WorkPoolLimits{}, log_);
    if (settings_.flag("lan.enabled")) {
        if (auto started = startLan(); !started) return started;
    }
    if (store_->chat() != nullptr) {
        chat_ = std::make_unique<Chat>(settings_, *store_, log_);
        if (auto started = chat_->start(); !started) return started;
        settings_.setKeyNames([this] { return chat_->dns().names(); });
    }
    if (chat_) startDomainTraces();
    startLinks();
    settings_.onChange([this](const std::vector<std::string>& keys) { settingsChanged(keys); });

    admin::AdminPorts ports;
    ports.lan = lan_.get();
    ports.search = search_.get();
    ports.traces = traces_.get();
    ports.visibility = visibility_.get();
    ports.links = links_.get();
    if (chat_) {
        ports.domains = &chat_->domains();
        ports.dns = &chat_->dns();
        ports.dnsKeys = &chat_->dns();
        ports.providers = &chat_->providers();
        ports.accounts = &chat_->providers();
        ports.certificates = &chat_->certificates();
    }
    ports.store = store_.get();
    ports.settings = &settings_;
    ports.status = this;
    ports.problems = this;
    ports.logs = &log_.ring();
    ports.now = &net::EventLoop::now;
    ports.basesChanged = [this] { loadBases(); };
    admin::AdminOptions adminOptions;
    adminOptions.listen = settings_.text("admin.listen");
    adminOptions.dataFolder = options_.dataFolder;
    adminOptions.hostName = hostName();
    admin_ = std::make_unique<admin::AdminServer>(ports, adminOptions, log_);
    if (auto opened = admin_->start(); !opened) return opened;
    if (chat_) {
        chat_->setObservers(
            {&admin_->domainsObserver(), &admin_->providersObserver(), [this] { admin_->dnsChanged(); }});
    }
    if (lan_) {
        lan_->setObserver(&admin_->lanObserver());
        search_->setObserver(&admin_->searchObserver());
        visibility_->setObserver(&admin_->visibilityObserver());
        openLan();
    }
    if (traces_) traces_->setObserver(&admin_->traceObserver());
    if (links_) links_->setObserver(&admin_->linksObserver());
    pruneTimer_ = std::make_unique<net::LoopTimer>(*loop_, "prune", [this] { prune(); });
    pruneTimer_->setAt(net::EventLoop::now() + 60s);
    loop_->start();
    isLoopRunning_ = true;
    if (visibility_) visibility_->start();
    if (auto written = writeReadyFiles(); !written) return written;
    log_.write(LogLevel::Info, "SERVICE_READY",
               "Causeway " CAUSEWAY_VERSION " is ready; admin interface on " + admin_->address() + ", data in " +
                   options_.dataFolder.string() + ".");
    notifyManager("READY=1\nSTATUS=Admin interface on " + admin_->address());
    return {};
}

Result<discovery::ServerIdentity> Service::loadIdentity() {
    auto kept = store_->secret("lan.signing-key");
    if (!kept) return kept.error();
    Result<ipmsg::SigningKey> key = *kept ? ipmsg::SigningKey::fromPem(**kept) : ipmsg::SigningKey::generate();
    if (!key) return key.error();
    if (!*kept) {
        // Clients remember this key for the name; it must be on disk before the first packet carries it.
        if (auto saved = store_->saveSecret("lan.signing-key", key->pem()); !saved) return saved.error();
    }
    return discovery::ServerIdentity{"causeway-<" + key->fingerprint() + ">", hostName(), *key};
}

void Service::startDomainTraces() {
    if (!traces_) {
        noLine_ = std::make_unique<NoChatLine>();
        traceKeeper_ = std::make_unique<StoreTraceKeeper>(*store_, log_);
        traces_ = std::make_unique<trace::TraceIo>(*noLine_, *traceKeeper_, *names_, log_);
        traces_->restore();
    }
    domainWorld_ = std::make_unique<ChatDomainWorld>(*chat_, *store_, settings_);
    traces_->setDomains(domainWorld_.get());
}

Result<void> Service::startLan() {
    auto identity = loadIdentity();
    if (!identity) return identity.error();
    auto users = store_->loadUsers();
    if (!users) return users.error();
    auto ranges = store_->loadRanges();
    if (!ranges) return ranges.error();
    auto searches = store_->loadSearches(search::SearchPolicy::kKeptSearches);
    if (!searches) return searches.error();
    auto lastUser = store_->counter("lan.user");
    auto lastSearch = store_->counter("search");
    auto lastNumber = store_->counter("lan.packet-number");
    if (!lastUser) return lastUser.error();
    if (!lastSearch) return lastSearch.error();
    if (!lastNumber) return lastNumber.error();

    const auto unixTime = static_cast<std::uint64_t>(epochMillis(startedAt_) / 1000);
    const auto firstNumber = static_cast<std::uint32_t>(std::max(unixTime, *lastNumber) + kNumberGap);
    lanKeeper_ = std::make_unique<StoreLanKeeper>(*store_);
    searchKeeper_ = std::make_unique<StoreSearchKeeper>(*store_);
    lan_ = std::make_unique<discovery::LanIo>(*loop_, log_, *lanKeeper_, std::move(*identity), settings_.lanConfig(),
                                              firstNumber);
    prober_ = std::make_unique<LanProber>(*lan_);
    search_ =
        std::make_unique<search::SearchIo>(*loop_, *names_, log_, *prober_, *searchKeeper_, settings_.searchConfig());
    search_->restore(std::move(*ranges), std::move(*searches), *lastSearch);
    UserId highest = *lastUser;
    for (const auto& user : *users)
        highest = std::max(highest, user.id);
    lan_->restore(*users, highest);
    traceLine_ = std::make_unique<LanChatLine>(*loop_, *lan_);
    traceKeeper_ = std::make_unique<StoreTraceKeeper>(*store_, log_);
    traces_ = std::make_unique<trace::TraceIo>(*traceLine_, *traceKeeper_, *names_, log_);
    traces_->restore();
    traceLine_->setTraces(traces_.get());
    lan_->setTap(traceLine_.get());
    visibilityLine_ = std::make_unique<LanVisibilityLine>(*loop_, *lan_, *search_, settings_);
    visibilityKeeper_ = std::make_unique<StoreVisibilityKeeper>(*store_, log_);
    visibility_ = std::make_unique<trace::VisibilityIo>(*visibilityLine_, *visibilityKeeper_, log_);
    visibility_->setConfig(settings_.visibilityConfig());
    traces_->setRecentLists([this](Ip4 client) { return visibility_->recentList(client); });

    lan_->onInterfaces([this](const std::vector<LanInterface>& own) {
        std::vector<Network4> networks;
        networks.reserve(own.size());
        for (const auto& interface : own)
            networks.push_back(interface.network);
        search_->policy().setOwnSegments(std::move(networks));
        interfaces_.with([&own](auto& kept) { kept = own; });
        tellLinks();
    });
    lan_->onSendFailed([this](Ip4 to, const Error& error) {
        search_->policy().notSent(to, error.why.empty() ? error.what : error.why);
    });
    lan_->onSightings([this](const std::vector<discovery::Sighting>& seen) {
        const auto now = net::EventLoop::now();
        for (const auto& sighting : seen) {
            auto user = lan_->directory().user(sighting.user, now);
            if (!user) continue;
            search::Answer answer;
            answer.address = sighting.address;
            answer.isNew = sighting.isNew;
            answer.row.user = user->id;
            answer.row.name = user->displayName();
            answer.row.userName = std::string(ipmsg::withoutFingerprint(user->user));
            answer.row.host = user->host;
            answer.row.group = user->group;
            answer.row.client = user->client;
            answer.row.roundTrip = sighting.roundTrip;
            search_->policy().answered(answer, now);
            if (sighting.isNew) store_->saveCounterLater("lan.user", user->id);
        }
        search_->pump();
    });
    lan_->onReadings([this](const std::vector<discovery::ListReading>& read) {
        for (const auto& reading : read) {
            std::vector<Ip4> addresses;
            for (const auto& item : reading.items) {
                if (!item.removes()) addresses.push_back(item.address);
            }
            search_->policy().listRead(reading.client, reading.isComplete, addresses, net::EventLoop::now());
            traces_->listRead(reading.client, reading.isComplete, addresses);
            visibility_->listRead(reading.client, reading.isComplete, std::move(addresses));
        }
        search_->pump();
    });
    search_->policy().setKnownUsers([this](const RangePlan& plan) {
        std::vector<SearchRow> rows;
        const auto now = net::EventLoop::now();
        lan_->directory().book().forEach([&](discovery::Record& record) {
            if (!record.isPresent() || !plan.contains(record.address)) return;
            auto user = lan_->directory().user(record.id, now);
            if (!user) return;
            SearchRow row;
            row.address = user->address;
            row.user = user->id;
            row.name = user->displayName();
            row.userName = std::string(ipmsg::withoutFingerprint(user->user));
            row.host = user->host;
            row.group = user->group;
            row.client = user->client;
            rows.push_back(std::move(row));
        });
        return rows;
    });
    if (auto bases = store_->bases()) lan_->setBases(std::move(*bases));
    const auto [host, port] = splitListener(settings_.text("lan.listen"));
    const auto address = Ip4::parse(host);
    if (!address) {
        return Error{Code::BadInput, "lan.listen: \"" + host + "\" is not an IPv4 address.",
                     "The LAN directory speaks IPv4, as IP Messenger clients do.",
                     "Write an address such as 0.0.0.0:2425."};
    }
    lanOptions_ = {*address, port, settings_.text("lan.excluded_interfaces")};
    retryTimer_ = std::make_unique<net::LoopTimer>(*loop_, "lan retry", [this] { openLan(); });
    return {};
}

void Service::openLan() {
    if (auto opened = lan_->open(lanOptions_); !opened) {
        Error error = opened.error();
        error.todo = "End that program, or set another port with lan.listen. The service tries again every 10 s.";
        problem("lan.listen", error, "preferences/network");
        retryTimer_->setAt(net::EventLoop::now() + kRetryLan);
        return;
    }
    problemGone("lan.listen");
    const auto& lanConfig = settings_.lanConfig();
    if (lanConfig.introductions) settingsChanged({"lan.introductions"});
    if (!isSearchStarted_) {
        isSearchStarted_ = true;
        search_->start();
    }
}

void Service::settingsChanged(const std::vector<std::string>& keys) {
    const bool isForChat = std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
        return key.starts_with("dns.") || key.starts_with("supernode.") || key.starts_with("server.");
    });
    if (chat_ && (isForChat || keys.empty())) chat_->settingsChanged();
    if (links_) links_->setListen(settings_.text("bases.link_listen"));
    if (lan_) {
        loop_->post("settings changed", [this] { applySettings(); });
    }
}

void Service::startLinks() {
    if (store_->linkStore() == nullptr) return;
    auto identity = prepareLinkIdentity(options_.dataFolder, hostName());
    if (!identity) {
        log_.write(LogLevel::Error, "LINK_IDENTITY_DAMAGED", identity.error().text());
        problem("links.identity", identity.error(), "preferences/bases");
        return;
    }
    linkKeeper_ = std::make_unique<StoreLinkKeeper>(*store_, *store_->linkStore(), [this] { loadBases(); });
    links::LinksIo::Options options;
    options.identity = std::move(*identity);
    options.version = CAUSEWAY_VERSION;
    options.wallClockOffset = [] { return net::EventLoop::wallClockOffset(); };
    links_ = std::make_unique<links::LinksIo>(*linkKeeper_, std::move(options), log_);
    if (traces_) {
        linkBridge_ = std::make_unique<LinkBridge>(
            *links_, *traces_, [this] { return voicePortsOf(settings_.text("bases.voice_ports")); }, log_);
        links_->setDuty(linkBridge_.get());
        traces_->setPeers(linkBridge_.get());
    }
    if (auto started = links_->start(settings_.text("bases.link_listen")); !started) {
        problem("links.start", started.error(), "preferences/bases");
        return;
    }
    if (auto bases = store_->bases()) {
        bases_.with([&](auto& kept) { kept = *bases; });
        links_->setBases(std::move(*bases));
    }
    tellLinks();
}

void Service::tellLinks() {
    if (!links_) return;
    const auto interfaces = interfaces_.with([](const auto& kept) { return kept; });
    const auto bases = bases_.with([](const auto& kept) { return kept; });
    links::OwnSide own;
    own.service = settings_.text("server.name").empty() ? hostName() : settings_.text("server.name");
    const BaseSite* ours = nullptr;
    int longest = -1;
    for (const auto& interface : interfaces) {
        if (interface.isLoopback) continue;
        if (own.address.isAny()) own.address = interface.address;
        own.segments.push_back(interface.network);
        for (const auto& base : bases) {
            for (const auto& segment : base.segments) {
                if (!segment.contains(interface.address) || segment.prefix <= longest) continue;
                longest = segment.prefix;
                ours = &base;
            }
        }
    }
    if (ours != nullptr) {
        own.base = ours->name;
        for (const auto& segment : ours->segments) {
            if (std::find(own.segments.begin(), own.segments.end(), segment) == own.segments.end())
                own.segments.push_back(segment);
        }
    }
    if (const auto address = Ip4::parse(settings_.text("server.lan_address"))) own.address = *address;
    links_->setOwn(std::move(own));
}

void Service::applySettings() {
    lan_->setConfig(settings_.lanConfig(), settings_.text("lan.excluded_interfaces"));
    search_->setConfig(settings_.searchConfig());
    visibility_->setConfig(settings_.visibilityConfig());
}

void Service::loadBases() {
    auto bases = store_->bases();
    if (!bases) return;
    bases_.with([&](auto& kept) { kept = *bases; });
    if (links_) links_->setBases(*bases);
    tellLinks();
    if (!lan_) return;
    loop_->post("bases changed", [this, all = std::move(*bases)] { lan_->setBases(all); });
}

void Service::prune() {
    const auto now = net::EventLoop::now();
    const auto before = [&](const char* key) { return now - std::chrono::hours(24) * settings_.number(key); };
    store_->pruneLater(before("retention.audit_days"), before("retention.event_days"), before("retention.search_days"));
    pruneTimer_->setAt(now + kPruneEvery);
}

Result<void> Service::writeReadyFiles() {
    api::JsonWriter out;
    out.beginObject();
    out.field("pid", processId());
    out.field("version", CAUSEWAY_VERSION);
    out.field("startedAt", isoText(startedAt_));
    out.field("admin", admin_->address());
    out.key("listeners");
    out.beginObject();
    out.field("admin", admin_->address());
    if (lan_) {
        // Asked of the loop: the port may have been 0.
        if (auto status = lan_->status(); status && status->isListening) out.field("lan", status->listen);
    }
    if (links_) {
        if (const auto house = links_->links(); !house.listen.empty() && house.problem.empty())
            out.field("link", house.listen);
    }
    out.endObject();
    out.key("problems");
    out.beginArray();
    for (const auto& trouble : problems_.with([](const auto& all) { return all; })) {
        const auto& known = trouble.second;
        out.value(Error{Code::Internal, known.what, known.why, known.todo}.text());
    }
    out.endArray();
    out.endObject();
    const std::string text = out.take() + "\n";
    if (auto written = writeWholeFile(options_.dataFolder / "service.json", text); !written) return written;
    if (options_.readyFile) return writeWholeFile(*options_.readyFile, text);
    return {};
}

void Service::stop() {
    if (!loop_) return;
    notifyManager("STOPPING=1");
    log_.write(LogLevel::Info, "SERVICE_STOPPING", "The service stops.");
    std::error_code ignored;
    fs::remove(options_.dataFolder / "service.json", ignored);
    if (options_.readyFile) fs::remove(*options_.readyFile, ignored);
    if (admin_) admin_->stop();
    if (chat_) chat_->stop();  // what a domain trace waits for ends with it
    if (visibility_) visibility_->stopAll();
    if (links_) links_->hangUp();
    if (traces_) traces_->stopAll();
    linkBridge_.reset();
    if (lan_ && isLoopRunning_) {
        const auto closed = loop_->ask("close", 1500ms, [this] {
            if (search_) search_->stop();
            if (pruneTimer_) pruneTimer_->cancel();
            if (retryTimer_) retryTimer_->cancel();
            lan_->close();
        });
        if (!closed) log_.write(LogLevel::Warning, "SERVICE_STOP_SLOW", closed.error().text());
    }
    names_.reset();
    loop_->stop();
    isLoopRunning_ = false;
    pruneTimer_.reset();
    retryTimer_.reset();
    admin_.reset();
    settings_.setKeyNames({});
    links_.reset();
    linkKeeper_.reset();
    chat_.reset();
    visibility_.reset();
    visibilityLine_.reset();
    visibilityKeeper_.reset();
    traces_.reset();
    traceLine_.reset();
    traceKeeper_.reset();
    search_.reset();
    prober_.reset();
    lan_.reset();
    if (store_) {
        if (auto flushed = store_->flush(); !flushed)
            log_.write(LogLevel::Error, "STORE_FLUSH_FAILED", flushed.error().text());
        store_.reset();
    }
    loop_.reset();
    lock_.reset();
}

void Service::reload() {
    notifyManager("RELOADING=1");
    if (auto read = readFile(); !read) {
        log_.write(LogLevel::Error, "CONFIG_RELOAD_FAILED", read.error().text() + " The settings stay as they were.");
    } else {
        settingsChanged({});
        log_.write(LogLevel::Info, "CONFIG_RELOADED",
                   "The settings file was read again; listeners change with a restart.");
    }
    notifyManager("READY=1");
}

admin::ServiceFacts Service::facts() {
    admin::ServiceFacts facts;
    facts.serverName = settings_.text("server.name").empty() ? hostName() : settings_.text("server.name");
    facts.version = CAUSEWAY_VERSION;
    facts.startedAt = startedAt_;
    facts.wallClockOffset = net::EventLoop::wallClockOffset();
    facts.dataFolder = options_.dataFolder.string();
    facts.residentBytes = residentBytes();
    api::ListenerStatus lan{"lan-udp", settings_.text("lan.listen"), api::ListenerState::Off, ""};
    if (lan_) {
        if (auto status = lan_->status()) {
            lan.address = status->listen;
            lan.state = status->isListening ? api::ListenerState::Listening : api::ListenerState::Failed;
            lan.problem = status->problem;
        }
    }
    facts.listeners.push_back(std::move(lan));
    if (chat_) {
        for (auto& listener : chat_->listeners())
            facts.listeners.push_back(std::move(listener));
    }
    return facts;
}

std::vector<Problem> Service::problems() {
    std::vector<Problem> all;
    for (const auto& [id, known] : problems_.with([](const auto& kept) { return kept; }))
        all.push_back(known);
    if (const auto trouble = store_->trouble(); !trouble.empty()) {
        all.push_back({"store", Severity::Problem, "Records cannot be saved.", trouble,
                       "Make room on the disk, or correct the rights of the data folder.", "log", net::EventLoop::now(),
                       std::nullopt});
    }
    if (chat_) {
        for (auto& known : chat_->problems())
            all.push_back(std::move(known));
    }
    if (links_) {
        const auto house = links_->links();
        if (!house.problem.empty()) {
            all.push_back({"bases.link_listen", Severity::Problem,
                           "Services of other bases cannot connect to this one.", house.problem,
                           "Free the port, or set another one: bases.link_listen.", "preferences/bases", startedAt_,
                           std::nullopt});
        }
        for (const auto& link : house.links) {
            if (link.state == LinkState::Linked || link.state == LinkState::Invited) continue;
            all.push_back({"link:" + std::to_string(link.base), Severity::Warning,
                           "The service of the base \"" + link.baseName + "\" takes no part in packet traces.",
                           link.sentence, link.todo, "preferences/bases", link.since, std::nullopt});
        }
    }
    if (!lan_) return all;
    for (auto& known : lan_->problems())
        all.push_back(std::move(known));
    const auto status = lan_->status();
    if (!status) return all;
    if (status->isListening && status->introductionsOn && !status->canIntroduce) {
        all.push_back({"lan.introductions-denied", Severity::Problem,
                       "Introductions are on, but this service may not send them.",
                       "The process lacks the right CAP_NET_RAW.",
                       "Start it by the installed systemd unit, or run: setcap cap_net_raw+ep causewayd. Until then "
                       "iptux users need the ranges in their own scan settings.",
                       "preferences/network", startedAt_, std::nullopt});
    }
    if (status->isListening && status->interfaces.empty() && !lanOptions_.listen.isLoopback()) {
        all.push_back({"lan.no-interface", Severity::Problem, "No network interface takes part in the LAN directory.",
                       "No interface is up with an IPv4 address, or all are excluded.",
                       "Check the cable and lan.excluded_interfaces.", "preferences/network", startedAt_,
                       std::nullopt});
    }
    if (const auto seen = visibility_->status(); seen.openFindings > 0) {
        const auto findings = visibility_->findings();
        const auto& widest = findings.front();
        // Single pairs and computers are the business of the page; whole roads are that of everybody.
        if (widest.isOpen() && (widest.kind == FaultKind::SegmentDark || widest.kind == FaultKind::SiteLink ||
                                widest.kind == FaultKind::OneWay)) {
            all.push_back({"visibility", Severity::Warning, "Some computers do not see each other.", widest.sentence,
                           widest.todo, "visibility", widest.firstSeen, std::nullopt});
        }
    }
    for (const auto& range : search_->ranges().value_or({})) {
        if (!range.isEnabled) continue;
        const std::string name = "\"" + range.text + "\"";
        if (!range.problem.empty()) {
            all.push_back({"range.name:" + std::to_string(range.id), Severity::Warning,
                           "The remote range " + name + " cannot be asked.", range.problem,
                           "Correct the name, or write its addresses.", "preferences/network",
                           range.lastRun.value_or(startedAt_), std::nullopt});
        } else if (range.silentSince && range.lastAnswer) {
            all.push_back({"range.silent:" + std::to_string(range.id), Severity::Warning,
                           "Nobody answers any more in the remote range " + name + ".",
                           "The last answer came at " + isoText(*range.lastAnswer) + ".",
                           "Check the way there: UDP port 2425 must pass in both directions.", "preferences/network",
                           *range.silentSince, std::nullopt});
        }
    }
    return all;
}

void Service::problem(const std::string& id, const Error& error, const std::string& page) {
    problems_.with([&](auto& all) {
        const auto since = all.contains(id) ? all[id].since : net::EventLoop::now();
        all[id] = {id, Severity::Problem, error.what, error.why, error.todo, page, since, std::nullopt};
    });
}

void Service::problemGone(const std::string& id) {
    problems_.with([&](auto& all) { all.erase(id); });
}

}  // namespace causeway::app
