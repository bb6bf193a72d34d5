#include "console/presenters/dns_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostResolvers = 8;

std::string endpointText(const api::DnsRow& row) {
    // "sn1" for "sn1.chat.example.com": the domain stands beside it.
    auto name = row.supernode;
    const auto end = "." + row.domain;
    if (name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0)
        name.resize(name.size() - end.size());
    if (row.address.empty()) return fill(tr("%1 (no address on this side)"), {name});
    const bool isAddress6 = row.address.find(':') != std::string::npos;
    return name + " (" + (isAddress6 ? "[" + row.address + "]" : row.address) + ":" + std::to_string(row.port) + ")";
}

std::string noticeText(const std::string& notice) {
    if (notice == "waiting") return tr("told, no answer yet");
    if (notice == "acknowledged") return tr("told and acknowledged");
    if (notice == "refused") return tr("refuses the notice");
    if (notice == "no-answer") return tr("does not answer");
    return tr("nothing to tell");
}

}  // namespace

std::string viewText(const std::string& view) {
    return view == "internet" ? tr("Internet") : tr("LAN");
}

std::string verdictText(const std::string& verdict) {
    static const std::map<std::string, const char*> kTexts{
        {"right", later("Right")},
        {"missing", later("Missing")},
        {"wrong-target", later("Wrong target")},
        {"target-is-address", later("Target is an IP address")},
        {"target-is-alias", later("Target is an alias")},
        {"target-has-no-address", later("Target has no address")},
        {"other-port", later("Other port")},
        {"other-priority", later("Other priority or weight")},
        {"wrong-address", later("Wrong address")},
        {"wrong-data", later("Wrong content")},
        {"unwanted", later("Should not be there")},
        {"stale-ttl", later("Kept too long")},
        {"no-answer", later("No answer")},
        {"refused", later("Refused")},
        {"server-failure", later("Server failure")},
    };
    const auto at = kTexts.find(verdict);
    return at == kTexts.end() ? verdict : tr(at->second);
}

DnsTable::DnsTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(DnsColumn::Domain), true);
}

const std::vector<Column>& DnsTable::columns() const {
    static const std::vector<Column> kColumns{
        {"domain", later("Domain"), 135},
        {"supernode", later("Supernode"), 150},
        {"view", later("Seen from"), 84},
        {"directory", later("Directory"), 112, false, true},
        {"supernodeMark", later("Supernode mark"), 136, false, true},
        {"state", later("In DNS"), 78, false, true},
        {"ttl", later("TTL"), 58, true},
        {"queries", later("Queries"), 68, true},
        {"lastQuery", later("Last query"), 92},
        {"serial", later("Serial"), 100, true, false, false},
    };
    return kColumns;
}

std::string DnsTable::textOfCell(const DnsLine& line, std::size_t column) const {
    switch (static_cast<DnsColumn>(column)) {
        case DnsColumn::Domain:
            return line.shown;
        case DnsColumn::Supernode:
            return endpointText(line.row);
        case DnsColumn::View:
            return viewText(line.row.view);
        case DnsColumn::Directory:
            return dotWord(line.directory);
        case DnsColumn::SupernodeMark:
            return dotWord(line.supernode);
        case DnsColumn::State:
            if (line.row.address.empty()) return tr("No address");
            if (!line.isServed) return tr("Not served");
            return line.row.isLive ? tr("Live") : tr("Withdrawn");
        case DnsColumn::Ttl:
            return durationText(std::chrono::seconds{line.row.ttl});
        case DnsColumn::Queries:
            return countText(line.row.queries);
        case DnsColumn::LastQuery:
            return line.row.lastQuery ? relativeTime(*line.row.lastQuery, now_()) : tr("never");
        case DnsColumn::Serial:
            return std::to_string(line.row.serial);
    }
    return {};
}

std::string DnsTable::cell(std::size_t row, std::size_t column) const {
    return textOfCell(at(row), column);
}

Mark DnsTable::mark(std::size_t row, std::size_t column) const {
    const auto& line = at(row);
    switch (static_cast<DnsColumn>(column)) {
        case DnsColumn::Directory:
            return markOf(line.directory);
        case DnsColumn::SupernodeMark:
            return markOf(line.supernode);
        case DnsColumn::State:
            if (line.row.address.empty()) return Mark::Unknown;
            if (!line.isServed) return Mark::Broken;
            return line.row.isLive ? Mark::Fine : Mark::Partly;
        default:
            return Mark::None;
    }
}

std::string DnsTable::keyOf(Slot slot, std::size_t column) const {
    const auto& line = record(slot);
    switch (static_cast<DnsColumn>(column)) {
        case DnsColumn::Ttl:
            return numberKey(line.row.ttl);
        case DnsColumn::Queries:
            return numberKey(static_cast<std::int64_t>(line.row.queries));
        case DnsColumn::LastQuery:
            return numberKey(line.row.lastQuery ? epochMillis(*line.row.lastQuery) : 0);
        case DnsColumn::Serial:
            return numberKey(line.row.serial);
        default:
            return foldText(textOfCell(line, column) + "\n" + line.row.supernode + "\n" + line.row.view);
    }
}

std::string DnsTable::searchTextOf(Slot slot) const {
    const auto& line = record(slot);
    return foldText(line.shown + "\n" + line.row.domain + "\n" + endpointText(line.row) + "\n" +
                    viewText(line.row.view));
}

DnsPresenter::DnsPresenter(Session& session, DomainsPresenter& domains)
    : Presenter(session), domains_(domains), table_(session.executor(), [&session] { return session.now(); }) {
    follower_ = domains_.follow([this] { join(); });
}

DnsPresenter::~DnsPresenter() {
    domains_.unfollow(follower_);
}

std::string DnsPresenter::statusText() const {
    if (!isLoaded_) return {};
    const auto& status = overview_.status;
    if (!status.isOn && status.problem.empty() && status.domains == 0)
        return tr("listens as soon as there is a chat domain");
    if (!status.isOn) return tr("does not listen");
    std::string where;
    for (const auto& listener : status.listeners)
        where += (where.empty() ? "" : ", ") + listener;
    return fill(tr("listens on %1"), {where}) + ", " + trn("%1 domain", "%1 domains", status.domains) + ", " +
           trn("%1 query", "%1 queries", status.queries);
}

std::string DnsPresenter::troubleText() const {
    if (!isLoaded_) return {};
    std::string text;
    if (!overview_.status.problem.empty()) text = overview_.status.problem;
    for (const auto& warning : overview_.warnings) {
        if (!text.empty()) text += "\n";
        text += warning.domain.empty() ? "" : warning.domain + ": ";
        text += warning.what;
        if (!warning.why.empty()) text += " " + warning.why;
        if (!warning.todo.empty()) text += " " + warning.todo;
    }
    return text;
}

std::string DnsPresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its chat DNS.");
    if (problem_) return errorLines(*problem_);
    if (!isLoaded_) return tr("Loading ...");
    if (table_.totalCount() > 0) return tr("No row matches the filter. Use fewer letters.");
    return tr(
        "Chat DNS tells clients where the supernodes of each chat domain are. Rows appear here as soon as there is a "
        "chat domain: page Domains, New domain.");
}

void DnsPresenter::load() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.dns(); },
        [this](const Result<api::DnsOverview>& answer) {
            if (answer) {
                take(*answer);
                return;
            }
            problem_ = answer.error();
            changed();
        });
}

void DnsPresenter::take(api::DnsOverview overview) {
    const auto serialsOf = [this](const api::DnsOverview& of) {
        std::string text;
        for (const auto& row : of.rows) {
            if (row.domain == domain_) text += std::to_string(row.serial) + row.address + (row.isLive ? "+" : "-");
        }
        return text;
    };
    const bool haveRecordsChanged = serialsOf(overview_) != serialsOf(overview);
    problem_.reset();
    isLoaded_ = true;
    overview_ = std::move(overview);
    join();
    if (haveRecordsChanged && !domain_.empty()) loadRecords();
}

void DnsPresenter::join() {
    if (!isLoaded_) {
        changed();
        return;
    }
    std::vector<std::pair<std::uint64_t, DnsLine>> lines;
    std::vector<std::uint64_t> kept;
    for (const auto& row : overview_.rows) {
        DnsLine line;
        line.row = row;
        line.shown = row.domain;
        line.isServed = overview_.status.isOn;
        if (const auto* domain = domains_.findByName(row.domain)) {
            line.directory = domain->directory.state;
            line.supernode = domain->supernode.state;
            if (!domain->domain.shown.empty()) line.shown = domain->domain.shown;
        }
        auto& id = ids_[row.domain + "\n" + row.supernode + "\n" + row.view];
        if (id == 0) id = ids_.size();
        kept.push_back(id);
        lines.emplace_back(id, std::move(line));
    }
    std::vector<std::uint64_t> gone;
    table_.each([&](std::uint64_t id, const DnsLine&) {
        if (std::find(kept.begin(), kept.end(), id) == kept.end()) gone.push_back(id);
    });
    table_.apply(std::move(lines), gone, false);
    const auto known = domains();
    const auto isKnown = [&](const std::string& name) {
        return std::any_of(known.begin(), known.end(), [&](const Choice& choice) { return choice.name == name; });
    };
    if (!isKnown(domain_)) {
        domain_ = known.empty() ? std::string{} : known.front().name;
        loadRecords();
    }
    changed();
}

std::vector<DnsPresenter::Choice> DnsPresenter::domains() const {
    std::vector<Choice> all;
    for (const auto id : domains_.idsByName()) {
        if (const auto* row = domains_.find(id)) {
            const auto& domain = row->domain;
            all.push_back({domain.name, domain.shown.empty() ? domain.name : domain.shown});
        }
    }
    return all;
}

void DnsPresenter::choose(const std::string& domain, const std::string& view) {
    if (domain == domain_ && view == view_) return;
    if (domain != domain_) {
        zone_.clear();
        reports_.reset();
        checkProblem_.reset();
        ++checkRun_;
        isChecking_ = false;
        if (onCheck) onCheck();
    }
    domain_ = domain;
    view_ = view;
    loadRecords();
    changed();
}

const std::vector<std::string>& DnsPresenter::forms() {
    static const std::vector<std::string> kForms{"bind", "windows", "dnsmasq", "unbound"};
    return kForms;
}

std::string DnsPresenter::formText(const std::string& form) {
    if (form == "windows") return tr("Windows DNS (PowerShell)");
    if (form == "dnsmasq") return "dnsmasq";
    if (form == "unbound") return "Unbound";
    return tr("BIND and other zone files");
}

std::string DnsPresenter::formHelp(const std::string& form) {
    if (form == "windows") return tr("Run these commands in PowerShell as an administrator of the DNS server.");
    if (form == "dnsmasq") return tr("Append these lines to dnsmasq.conf, then restart dnsmasq.");
    if (form == "unbound") return tr("Put these lines into the server part of unbound.conf, then reload Unbound.");
    return tr("Paste these lines into the zone file, raise its serial, then reload the zone.");
}

void DnsPresenter::setForm(const std::string& form, const std::string& zone) {
    const std::string plain{trimmed(zone)};
    if (form == form_ && plain == zone_) return;
    form_ = form;
    zone_ = plain;
    loadRecords();
}

void DnsPresenter::loadRecords() {
    const auto run = ++textRun_;
    hasText_ = false;
    if (domain_.empty() || !session_.hasService()) {
        text_.clear();
        if (onRecords) onRecords();
        return;
    }
    session_.ask(
        life(),
        [domain = domain_, view = view_, form = form_, zone = zone_](client::ApiClient& service) {
            return service.dnsText(domain, view, form, zone);
        },
        [this, run](const Result<std::string>& answer) {
            if (run != textRun_) return;
            hasText_ = answer.has_value();
            text_ = answer ? *answer : errorLines(answer.error());
            if (onRecords) onRecords();
        });
}

std::vector<std::string> DnsPresenter::resolversOf(const std::string& text) const {
    std::string plain = text;
    for (auto& letter : plain) {
        if (letter == ',' || letter == ';' || letter == '\n' || letter == '\r' || letter == '\t') letter = ' ';
    }
    std::vector<std::string> all;
    for (const auto word : split(plain, ' ')) {
        if (!word.empty()) all.emplace_back(word);
    }
    return all;
}

std::string DnsPresenter::resolversProblem(const std::string& text) const {
    const auto all = resolversOf(text);
    if (all.size() > kMostResolvers) return tr("At most 8 resolvers can be asked at once.");
    for (const auto& each : all) {
        const auto isOfAddress = [](char letter) {
            return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
                   (letter >= 'A' && letter <= 'F') || letter == '.' || letter == ':' || letter == '[' || letter == ']';
        };
        const bool isAddress =
            std::all_of(each.begin(), each.end(), isOfAddress) && each.find_first_of(".:") != std::string::npos;
        if (!isAddress)
            return fill(tr("\"%1\" is not an address. Write it like 192.0.2.53 or 192.0.2.53:5353."), {each});
    }
    return {};
}

void DnsPresenter::check(const std::string& resolvers) {
    if (isChecking_ || domain_.empty()) return;
    checkProblem_.reset();
    reports_.reset();
    if (!session_.hasService()) {
        checkProblem_ = notConnected();
        if (onCheck) onCheck();
        return;
    }
    isChecking_ = true;
    const auto run = ++checkRun_;
    api::DnsCheckRequest request{domain_, view_, resolversOf(resolvers)};
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.checkDns(request); },
        [this, run](const Result<std::vector<api::DnsCheckReport>>& answer) {
            if (run != checkRun_) return;
            isChecking_ = false;
            if (answer) {
                takeCheck(*answer);
                return;
            }
            checkProblem_ = answer.error();
            if (onCheck) onCheck();
        });
    if (onCheck) onCheck();
}

void DnsPresenter::takeCheck(std::vector<api::DnsCheckReport> reports) {
    reports_ = std::move(reports);
    if (onCheck) onCheck();
}

LoginLine DnsPresenter::checkLine() const {
    if (isChecking_) return {Mark::Unknown, tr("Asking the resolvers; at most 6 s ...")};
    if (checkProblem_) return {Mark::Broken, checkProblem_->text()};
    if (!reports_)
        return {Mark::Unknown,
                tr("Not checked yet. This server, the resolver of its system and those above are asked.")};
    std::size_t right = 0;
    for (const auto& report : *reports_)
        right += report.isRight ? 1 : 0;
    if (right == reports_->size())
        return {Mark::Fine, trn("%1 resolver shows every record.", "All %1 resolvers show every record.", right)};
    const auto wrong = reports_->size() - right;
    return {right == 0 ? Mark::Broken : Mark::Partly,
            trn("%1 resolver does not show what clients need: see the rows.",
                "%1 resolvers do not show what clients need: see the rows.", wrong)};
}

std::vector<DnsCheckLine> DnsPresenter::checkLines() const {
    std::vector<DnsCheckLine> lines;
    if (!reports_) return lines;
    const auto nameOf = [](const api::DnsCheckReport& report) {
        auto name = report.resolver;
        if (name == "this server") name = tr("This server");
        if (name == "system") name = tr("Resolver of the service's system");
        if (!report.address.empty() && report.address != report.resolver) name += " (" + report.address + ")";
        return name;
    };
    for (const auto& report : *reports_) {
        bool isFirst = true;
        for (const auto& row : report.rows) {
            DnsCheckLine line;
            if (isFirst) line.resolver = nameOf(report);
            isFirst = false;
            line.mark = row.verdict == "right" ? Mark::Fine : row.isNeeded ? Mark::Broken : Mark::Partly;
            line.record = row.name + " " + row.type;
            line.result = verdictText(row.verdict);
            line.wanted = row.wanted;
            line.found = row.found;
            line.why = row.reason;
            line.todo = row.todo;
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

std::vector<std::vector<std::string>> DnsPresenter::secondaries() const {
    std::vector<std::vector<std::string>> rows;
    const auto now = session_.now();
    for (const auto& each : overview_.secondaries) {
        auto notice = noticeText(each.notice);
        if (!each.detail.empty()) notice += ": " + each.detail;
        auto taken = each.takenSerial == 0
                         ? tr("nothing since the start")
                         : fill(tr("serial %1"), {std::to_string(each.takenSerial)}) +
                               (each.takenAt ? ", " + relativeTime(*each.takenAt, now) : std::string{});
        rows.push_back({each.domain, each.endpoint, notice, taken});
    }
    return rows;
}

void DnsPresenter::addKey(const std::string& name,
                          std::function<void(const Result<void>&, const std::vector<FieldText>&)> done) {
    if (trimmed(name).empty()) {
        const auto text =
            tr("Give the key a name, such as secondary1. The secondary must know it under the same name.");
        done(Error{Code::BadInput, text}, {{"name", text}});
        return;
    }
    if (!session_.hasService()) {
        done(notConnected(), {});
        return;
    }
    struct Made {
        Result<api::DnsKeyCreated> key;
        api::ErrorDocument details;
    };
    session_.ask(
        life(),
        [name = std::string(trimmed(name))](client::ApiClient& service) {
            api::ErrorDocument details;
            auto key = service.addDnsKey({name, std::nullopt}, &details);
            return Made{std::move(key), std::move(details)};
        },
        [this, done = std::move(done)](const Made& answer) {
            if (!answer.key) {
                done(answer.key.error(), fieldTexts(answer.details));
                return;
            }
            newKey_ = answer.key->secret;
            load();
            done(Result<void>{}, {});
        });
}

void DnsPresenter::removeKey(const std::string& name, Done done) {
    act([name](client::ApiClient& service) { return service.removeDnsKey(name); },
        [this, done = std::move(done)](const Result<void>& result) {
            if (result) load();
            if (done) done(result);
        });
}

void DnsPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        table_.clear();
        overview_ = {};
        isLoaded_ = false;
        problem_.reset();
        reports_.reset();
        text_.clear();
        hasText_ = false;
        newKey_ = {};
    }
    changed();
}

}  // namespace causeway::console
