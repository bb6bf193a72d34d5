#include "console/presenters/trace_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"
#include "console/report/trace_html.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostHistory = 200;

bool isRunningState(const TraceReport& report) {
    return report.state == TraceState::Running;
}

/// Only digits and dots: meant as an address.
bool looksLikeAddress(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

/// alice@chat.example.com: the trace goes the way of a login.
bool isOfDomain(const std::string& text) {
    const auto at = text.rfind('@');
    return at != std::string::npos && at > 0 && at + 1 < text.size() && text.find(' ') == std::string::npos;
}

std::string fromText(const TraceReport& report) {
    if (report.request.from.empty() && report.request.fromUser == 0) return tr("this service");
    return report.x.empty() ? report.request.from : report.x;
}

std::string toText(const TraceReport& report) {
    return report.y.empty() ? report.request.to : report.y;
}

/// Letters and digits, everything else as one hyphen.
std::string slug(const std::string& text) {
    std::string made;
    for (const char letter : lowerAscii(text)) {
        const bool isPlain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '.';
        if (isPlain) {
            made += letter;
        } else if (!made.empty() && made.back() != '-') {
            made += '-';
        }
    }
    while (!made.empty() && made.back() == '-')
        made.pop_back();
    return made.substr(0, 40);
}

std::string extentText(const TraceRequest& request) {
    if (request.isOfDomain()) return tr("the way of a login");
    if (request.only.size() == 1) return tr(infoOf(request.only.front()).title);
    if (!request.only.empty()) return trn("%1 command", "%1 commands", request.only.size());
    return request.isQuick ? tr("quick") : tr("all commands");
}

}  // namespace

TracePresenter::TracePresenter(Session& session, const UsersPresenter& users) : Presenter(session), users_(users) {}

// Whom

std::string TracePresenter::labelOf(UserId id) const {
    const auto* row = users_.user(id);
    if (row == nullptr) return {};
    auto label = row->user.displayName();
    if (!row->user.address.isAny()) label += ", " + row->user.address.text();
    if (!row->user.host.empty()) label += ", " + row->user.host;
    return label;
}

std::vector<std::string> TracePresenter::suggestions(const std::string& text, std::size_t most) const {
    std::vector<std::string> labels;
    for (const auto id : users_.findUsers(text, most))
        labels.push_back(labelOf(id));
    return labels;
}

std::optional<UserId> TracePresenter::meantBy(const std::string& text) const {
    if (text.empty()) return std::nullopt;
    constexpr std::size_t kMostLooked = 50;
    // A label comes from suggestions(); its commas are no part of what is searched.
    auto words = text;
    std::replace(words.begin(), words.end(), ',', ' ');
    for (const auto id : users_.findUsers(words, kMostLooked)) {
        if (labelOf(id) == text) return id;
    }
    const auto address = Ip4::parse(text);
    const auto folded = foldText(text);
    std::optional<UserId> found;
    for (const auto id : users_.findUsers(text, kMostLooked)) {
        const auto& user = users_.user(id)->user;
        const bool isMeant = address ? user.address == *address : foldText(user.displayName()) == folded;
        if (!isMeant) continue;
        if (found) return std::nullopt;
        found = id;
    }
    return found;
}

void TracePresenter::setEnd(TraceEnd end, const std::string& text) {
    auto& mine = ends_[indexOf(end)];
    mine.text = std::string(trimmed(text));
    mine.user = meantBy(mine.text);
    changed();
}

void TracePresenter::setUser(TraceEnd end, UserId id) {
    auto& mine = ends_[indexOf(end)];
    mine.user = id;
    mine.text = labelOf(id);
    if (onEnds) onEnds();
    changed();
}

void TracePresenter::swapEnds() {
    std::swap(ends_[0], ends_[1]);
    if (onEnds) onEnds();
    changed();
}

std::optional<UserId> TracePresenter::endUser(TraceEnd end) const {
    return ends_[indexOf(end)].user;
}

std::string TracePresenter::endHint(TraceEnd end) const {
    const auto& mine = ends_[indexOf(end)];
    if (mine.text.empty()) {
        return end == TraceEnd::From ? tr("Empty: this service stands for the user who complains.")
                                     : tr("Who is not seen: a name, an address or a host.");
    }
    if (const auto* row = mine.user ? users_.user(*mine.user) : nullptr) {
        auto hint = presenceText(row->user.presence);
        for (const auto& part : {row->user.base, row->user.group, row->user.client})
            if (!part.empty()) hint += ", " + part;
        return hint;
    }
    if (end == TraceEnd::To && isOfDomain(mine.text))
        return tr("An address of a chat domain: the trace goes the way of a login, from DNS to the directory.");
    if (looksLikeAddress(mine.text)) {
        const auto address = Ip4::parse(mine.text);
        if (!address || !address->canBeHost())
            return fill(tr("\"%1\" is not the address of a computer. Write it like 10.7.2.14."), {mine.text});
        return tr("An address; no single user of the directory has it.");
    }
    const auto matches = users_.findUsers(mine.text, 100).size();
    if (matches == 0) return tr("Nobody in the directory matches; the name service is asked.");
    return trn("%1 user matches: press Down to choose. Else the name service is asked.",
               "%1 users match: press Down to choose. Else the name service is asked.", matches);
}

// How

void TracePresenter::setReadLists(bool isAllowed) {
    readsLists_ = isAllowed;
    changed();
}

void TracePresenter::setRepeatMinutes(std::uint32_t minutes) {
    repeatMinutes_ = std::min(minutes, TraceRequest::kMostRepeatMinutes);
    changed();
}

bool TracePresenter::isRunning() const {
    return isStarting_ || (shown_ && isRunningState(*shown_));
}

std::string TracePresenter::whyNotAsk() const {
    if (session_.connection() != Connection::Live) return tr("No service answers now. The trace needs one.");
    if (!session_.mayOperate()) return tr("Your role may only look. Ask for the role operator to run traces.");
    if (isStarting_) return tr("The trace starts ...");
    if (isRunning()) return tr("A trace runs. Wait for its end or stop it.");
    return {};
}

std::string TracePresenter::whyNotRun() const {
    if (auto why = whyNotAsk(); !why.empty()) return why;
    for (const auto end : {TraceEnd::To, TraceEnd::From}) {
        const auto& mine = ends_[indexOf(end)];
        if (mine.text.empty() && end == TraceEnd::To)
            return tr("Choose To: the user, address or name that is not seen.");
        if (mine.user || !looksLikeAddress(mine.text)) continue;
        const auto address = Ip4::parse(mine.text);
        if (!address || !address->canBeHost()) return endHint(end);
    }
    if (isOfDomain(ends_[indexOf(TraceEnd::To)].text)) {
        if (!ends_[indexOf(TraceEnd::From)].text.empty())
            return tr("Leave From empty: the way of a login begins at this service.");
        return {};
    }
    const bool isOneUser = ends_[0].user && ends_[0].user == ends_[1].user;
    if (isOneUser || ends_[0].text == ends_[1].text)
        return tr("From and To are the same. Choose two, or leave From empty.");
    return {};
}

std::string TracePresenter::whyNotRunOnly(TraceStep step) const {
    if (auto why = whyNotRun(); !why.empty()) return why;
    if (isOfDomain(ends_[indexOf(TraceEnd::To)].text))
        return tr("The trace of a login runs as a whole: press Run all.");
    if (step == TraceStep::Verdict) return tr("The verdict follows from the other commands: run those.");
    if (step == TraceStep::Lists && !readsLists_) return tr("Tick \"Read both user lists\" first.");
    if (step == TraceStep::Repeat && repeatMinutes_ == 0) return tr("Choose first how long to repeat.");
    return {};
}

TraceRequest TracePresenter::request() const {
    TraceRequest wanted;
    const auto& [from, to] = ends_;
    if (isOfDomain(to.text)) {
        wanted.user = to.text;
        return wanted;
    }
    wanted.from = from.text;
    wanted.to = to.text;
    // The name alone, so that the service can look it up again should the user be gone.
    if (const auto* row = from.user ? users_.user(*from.user) : nullptr) {
        wanted.fromUser = *from.user;
        wanted.from = row->user.displayName();
    }
    if (const auto* row = to.user ? users_.user(*to.user) : nullptr) {
        wanted.toUser = *to.user;
        wanted.to = row->user.displayName();
    }
    wanted.readLists = readsLists_;
    return wanted;
}

void TracePresenter::run(TraceExtent extent, Done done) {
    if (const auto why = whyNotRun(); !why.empty()) {
        if (done) done(Error{Code::Conflict, why});
        return;
    }
    auto wanted = request();
    wanted.isQuick = extent == TraceExtent::Quick;
    if (extent == TraceExtent::All && !wanted.isOfDomain()) wanted.repeatMinutes = repeatMinutes_;
    start(wanted, std::nullopt, std::move(done));
}

void TracePresenter::runOnly(TraceStep step, Done done) {
    if (const auto why = whyNotRunOnly(step); !why.empty()) {
        if (done) done(Error{Code::Conflict, why});
        return;
    }
    auto wanted = request();
    wanted.only = {step};
    if (step == TraceStep::Repeat) wanted.repeatMinutes = repeatMinutes_;
    start(wanted, std::nullopt, std::move(done));
}

void TracePresenter::runDownTo(TraceStep step, Done done) {
    if (const auto why = whyNotRun(); !why.empty()) {
        if (done) done(Error{Code::Conflict, why});
        return;
    }
    auto wanted = request();
    if (wanted.isOfDomain()) return start(wanted, std::nullopt, std::move(done));
    for (const auto& info : traceSteps()) {
        if (info.step > step || info.step == TraceStep::Verdict) break;
        if (info.step == TraceStep::Repeat && repeatMinutes_ == 0) continue;
        wanted.only.push_back(info.step);
    }
    if (step >= TraceStep::Repeat) wanted.repeatMinutes = repeatMinutes_;
    start(wanted, std::nullopt, std::move(done));
}

void TracePresenter::start(const TraceRequest& wanted, std::optional<Retest> again, Done done) {
    isStarting_ = true;
    changed();
    session_.ask(
        life(), [wanted](client::ApiClient& service) { return service.startTrace(wanted); },
        [this, again, done = std::move(done)](const Result<TraceReport>& answer) {
            isStarting_ = false;
            if (answer) {
                if (again) {
                    auto mine = *again;
                    mine.id = answer->id;
                    retests_.push_back(mine);
                }
                readsLists_ = false;  // the consent was for this run
                // Events may have told more of it already.
                const auto known = std::find_if(history_.begin(), history_.end(),
                                                [&answer](const TraceReport& each) { return each.id == answer->id; });
                const bool isNewer = known != history_.end() && known->revision >= answer->revision;
                show(isNewer ? TraceReport(*known) : *answer);
                take(*answer);
            }
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
            changed();
        });
}

void TracePresenter::stop(Done done) {
    if (!shown_ || !isRunningState(*shown_)) {
        if (done) done(Error{Code::NotFound, tr("No trace runs.")});
        return;
    }
    session_.ask(
        life(), [id = shown_->id](client::ApiClient& service) { return service.stopTrace(id); },
        [this, done = std::move(done)](const Result<TraceReport>& answer) {
            if (answer) take(*answer);
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
            changed();
        });
}

// What is shown

TraceCard TracePresenter::card() const {
    if (shown_) return cardOf(*shown_);
    TraceCard empty;
    empty.title = tr("No trace yet");
    empty.sentence =
        tr("Packet trace finds out why one user does not see another. Choose both, press Run quick (about 15 s), and "
           "the verdict stands here: what is wrong, how sure that is, and what to do. Run all measures more, among it "
           "the path, the packet sizes and broadcasts.");
    return empty;
}

std::string TracePresenter::stateText() const {
    if (!shown_) return {};
    auto text = fill(tr("From %1 to %2: %3, %4"),
                     {fromText(*shown_), toText(*shown_), extentText(shown_->request), textOf(shown_->state)});
    text += ", " + timeText(shown_->startedAt, session_.now());
    text += ", " +
            fill(tr("%1 packets sent, %2 came"), {countText(shown_->packetsSent), countText(shown_->packetsReceived)});
    return text;
}

std::string TracePresenter::evidence(TraceStep step) const {
    if (!shown_) return tr("What was measured stands here, once a trace ran: packets, times, method.");
    if (auto text = evidenceText(*shown_, step); !text.empty()) return text;
    if (step == TraceStep::Verdict) return tr("The verdict comes after the last command.");
    return tr("This command was not part of the trace.");
}

std::vector<HopLine> TracePresenter::hops() const {
    return shown_ ? hopLines(*shown_) : std::vector<HopLine>{};
}

std::string TracePresenter::hopsHint() const {
    const auto hasPath = shown_ && std::any_of(shown_->rows.begin(), shown_->rows.end(), [](const TraceRow& row) {
                             return row.step == TraceStep::Path && row.path;
                         });
    if (hasPath) return {};
    return tr(
        "The routers on the way stand here after the command Path, measured with ICMP, UDP and TCP side by side. "
        "Run all includes it.");
}

// Retest

std::string TracePresenter::whyNotRetest() const {
    if (auto why = whyNotAsk(); !why.empty()) return why;
    if (!shown_) return tr("Nothing was traced yet.");
    return {};
}

void TracePresenter::retest(Done done) {
    if (const auto why = whyNotRetest(); !why.empty()) {
        if (done) done(Error{Code::Conflict, why});
        return;
    }
    Retest again;
    again.before = shown_->verdict() ? shown_->verdict()->code : VerdictCode::NotEnoughEvidence;
    again.beforeAt = shown_->startedAt;
    start(shown_->request, again, std::move(done));
}

std::string TracePresenter::retestText() const {
    if (!shown_) return {};
    const auto again =
        std::find_if(retests_.begin(), retests_.end(), [this](const Retest& each) { return each.id == shown_->id; });
    if (again == retests_.end()) return {};
    const auto before = fill(tr("\"%1\" of %2"), {titleOf(again->before), timeText(again->beforeAt, session_.now())});
    if (isRunningState(*shown_)) return fill(tr("Retest of %1 runs ..."), {before});
    const auto* verdict = shown_->verdict();
    if (verdict == nullptr) return fill(tr("Retest of %1: no verdict. Nothing is proven; test again."), {before});
    if (verdict->code == VerdictCode::Ok) return fill(tr("Retest passed: %1 is mended."), {before});
    if (verdict->code == again->before) return fill(tr("Retest not passed: still %1."), {before});
    return fill(tr("Retest not passed: instead of %1 there is now \"%2\"."), {before, titleOf(verdict->code)});
}

Mark TracePresenter::retestMark() const {
    if (!shown_ || retestText().empty() || isRunningState(*shown_) || shown_->verdict() == nullptr)
        return Mark::Unknown;
    return markOf(*shown_->verdict());
}

// Export

std::string TracePresenter::fileName(const std::string& extension) const {
    if (!shown_) return "trace." + extension;
    std::string when;
    for (const char letter : exactTime(shown_->startedAt).substr(0, 16)) {
        if (letter >= '0' && letter <= '9') when += letter;
        if (letter == ' ') when += '-';
    }
    auto name = std::string("trace");
    for (const auto& part : {slug(fromText(*shown_)), slug(toText(*shown_)), when})
        if (!part.empty()) name += "-" + part;
    return name + "." + extension;
}

std::string TracePresenter::reportJson() const {
    return shown_ ? api::toJson(*shown_) + "\n" : std::string{};
}

std::string TracePresenter::reportHtml() const {
    return shown_ ? report::traceHtml(*shown_) : std::string{};
}

void TracePresenter::packets(std::function<void(const Result<std::string>&)> done) {
    if (!shown_ || !session_.hasService()) {
        if (done) done(notConnected());
        return;
    }
    session_.ask(
        life(), [id = shown_->id](client::ApiClient& service) { return service.tracePackets(id); },
        [done = std::move(done)](const Result<std::string>& answer) {
            if (done) done(answer);
        });
}

// Earlier ones

std::vector<TraceHistoryRow> TracePresenter::historyRows() const {
    std::vector<TraceHistoryRow> rows;
    for (const auto& trace : history_) {
        TraceHistoryRow row;
        row.id = trace.id;
        row.when = exactTime(trace.startedAt);
        row.from = fromText(trace);
        row.to = toText(trace);
        row.by = trace.by;
        if (const auto* verdict = trace.verdict()) {
            row.mark = markOf(*verdict);
            row.verdict = titleOf(verdict->code);
        } else {
            row.verdict = textOf(trace.state);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

void TracePresenter::open(std::uint64_t id) {
    const auto known =
        std::find_if(history_.begin(), history_.end(), [id](const TraceReport& each) { return each.id == id; });
    if (known != history_.end()) {
        show(TraceReport(*known));
        setEndsOf(*known);
    }
    load(id);
    changed();
}

void TracePresenter::remove(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeTrace(id); }, std::move(done));
}

void TracePresenter::setEndsOf(const TraceReport& report) {
    const auto set = [this](End& end, UserId id, const std::string& typed) {
        end.user = id != 0 && users_.user(id) != nullptr ? std::optional(id) : std::nullopt;
        end.text = end.user ? labelOf(id) : typed;
    };
    set(ends_[0], report.request.fromUser, report.request.from);
    const auto& wanted = report.request;
    set(ends_[1], wanted.toUser,
        wanted.user.empty() ? (wanted.domain.empty() ? wanted.to : wanted.domain) : wanted.user);
    if (onEnds) onEnds();
}

void TracePresenter::show(const TraceReport& report) {
    shown_ = report;
}

void TracePresenter::load(std::uint64_t id) {
    isLoading_ = true;
    session_.ask(
        life(), [id](client::ApiClient& service) { return service.trace(id); },
        [this, id](const Result<TraceReport>& answer) {
            isLoading_ = false;
            const bool isShown = shown_ && shown_->id == id;
            if (answer) {
                problem_.reset();
                // Opened before the list came.
                if (!isShown) setEndsOf(*answer);
                show(*answer);
                take(*answer);
            } else if (isShown) {
                problem_ = answer.error();
            }
            changed();
        });
}

void TracePresenter::loadHistory() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.traces(); },
        [this](const Result<std::vector<TraceReport>>& answer) {
            if (!answer) {
                problem_ = answer.error();
                changed();
                return;
            }
            problem_.reset();
            takeHistory(*answer);
        });
}

void TracePresenter::takeHistory(std::vector<TraceReport> traces) {
    history_ = std::move(traces);
    if (shown_) {
        const auto id = shown_->id;
        const bool isKept =
            std::any_of(history_.begin(), history_.end(), [id](const TraceReport& each) { return each.id == id; });
        if (isKept) load(id);
    } else {
        const auto running = std::find_if(history_.begin(), history_.end(), isRunningState);
        if (running != history_.end()) open(running->id);
    }
    if (onHistory) onHistory();
    changed();
}

void TracePresenter::take(const TraceReport& report) {
    const auto known = std::find_if(history_.begin(), history_.end(),
                                    [&report](const TraceReport& each) { return each.id == report.id; });
    if (known == history_.end()) {
        history_.insert(history_.begin(), report);
        if (history_.size() > kMostHistory) history_.pop_back();
    } else if (known->revision <= report.revision) {
        *known = report;
    }
    if (shown_ && shown_->id == report.id && shown_->revision <= report.revision) shown_ = report;
    if (onHistory) onHistory();
    changed();
}

void TracePresenter::traceChanged(const api::TraceEvent& event) {
    if (event.trace) take(*event.trace);
    if (event.removed) {
        std::erase_if(history_, [&event](const TraceReport& each) { return each.id == *event.removed; });
        if (shown_ && shown_->id == *event.removed) shown_.reset();
        if (onHistory) onHistory();
        changed();
    }
}

void TracePresenter::usersChanged(const api::UsersEvent& event) {
    static_cast<void>(event);
    // The hints tell who is meant, and whether he is there.
    if (!ends_[0].text.empty() || !ends_[1].text.empty()) changed();
}

void TracePresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        history_.clear();
        shown_.reset();
        retests_.clear();
        problem_.reset();
        isStarting_ = isLoading_ = false;
        if (onHistory) onHistory();
    }
    changed();
}

void TracePresenter::resync() {
    loadHistory();
}

}  // namespace causeway::console
