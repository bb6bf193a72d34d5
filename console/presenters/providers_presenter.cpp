#include "console/presenters/providers_presenter.h"

#include <algorithm>

#include "console/presenters/domain_words.h"
#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

bool isInTrouble(const ProviderView& view) {
    return view.provider.isEnabled && view.health.breaker == "open";
}

}  // namespace

ProvidersTable::ProvidersTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(ProviderColumn::Name), true);
}

const std::vector<Column>& ProvidersTable::columns() const {
    static const std::vector<Column> kColumns{
        {"name", later("Name"), 150},
        {"kind", later("Kind"), 170},
        {"address", later("Address"), 200},
        {"state", later("State"), 220, false, true},
        {"answerTime", later("Answer time"), 100, true},
        {"lastError", later("Last error"), 260},
        {"usedBy", later("Used by"), 180},
    };
    return kColumns;
}

std::string ProvidersTable::textOfCell(const ProviderView& view, std::size_t column) const {
    switch (static_cast<ProviderColumn>(column)) {
        case ProviderColumn::Name:
            return view.provider.name;
        case ProviderColumn::Kind:
            return textOf(view.provider.kind);
        case ProviderColumn::Address:
            return view.address;
        case ProviderColumn::State:
            return breakerLine(view, now_()).text;
        case ProviderColumn::AnswerTime:
            return view.health.answerTime ? durationText(*view.health.answerTime) : std::string{};
        case ProviderColumn::LastError:
            return view.health.lastError;
        case ProviderColumn::UsedBy:
            return joined(view.usedBy);
    }
    return {};
}

std::string ProvidersTable::cell(std::size_t row, std::size_t column) const {
    return textOfCell(at(row), column);
}

Mark ProvidersTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(ProviderColumn::State)) return Mark::None;
    const auto& view = at(row);
    return breakerLine(view, now_()).mark;
}

std::string ProvidersTable::keyOf(Slot slot, std::size_t column) const {
    const auto& view = record(slot);
    if (column == static_cast<std::size_t>(ProviderColumn::AnswerTime))
        return numberKey(view.health.answerTime ? view.health.answerTime->count() : -1);
    return foldText(textOfCell(view, column));
}

std::string ProvidersTable::searchTextOf(Slot slot) const {
    const auto& view = record(slot);
    return foldText(view.provider.name + "\n" + textOf(view.provider.kind) + "\n" + view.address + "\n" +
                    view.health.lastError + "\n" + joined(view.usedBy));
}

std::string WaitingChange::text(TimePoint now) const {
    const auto left = std::max(Duration{0}, Duration{std::chrono::ceil<std::chrono::seconds>(at - now)});
    return fill(tr("The change of \"%1\" goes back in %2 unless you keep it."), {name, durationText(left)}) +
           (sentence.empty() ? "" : "\n" + sentence);
}

ProvidersPresenter::ProvidersPresenter(Session& session)
    : Presenter(session), table_(session.executor(), [&session] { return session.now(); }) {}

std::string ProvidersPresenter::stateText() const {
    auto text = trn("%1 provider", "%1 providers", table_.totalCount());
    if (troubles_ > 0) text += ", " + trn("%1 is not asked now", "%1 are not asked now", troubles_);
    return text;
}

std::string ProvidersPresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its providers.");
    if (problem_) return errorLines(*problem_);
    if (!isLoaded_) return tr("Loading ...");
    if (table_.totalCount() > 0) return tr("No provider matches the filter. Use fewer letters.");
    return tr(
        "A provider is where passwords are checked: the company's LDAP or Active Directory, a RADIUS server, a web "
        "service or a database. Choose New provider; the built-in accounts of each domain work without one.");
}

std::string ProvidersPresenter::whyReadOnly() const {
    if (!session_.hasService()) return tr("No service is connected.");
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    return session_.mayChange() ? std::string{}
                                : tr("Your role may only look. Ask for the role admin to change providers.");
}

std::vector<std::pair<std::uint64_t, std::string>> ProvidersPresenter::names() const {
    std::vector<std::pair<std::uint64_t, std::string>> all;
    table_.each([&all](std::uint64_t id, const ProviderView& view) { all.emplace_back(id, view.provider.name); });
    std::sort(all.begin(), all.end(),
              [](const auto& left, const auto& right) { return foldText(left.second) < foldText(right.second); });
    return all;
}

std::string ProvidersPresenter::nameOf(std::uint64_t id) const {
    const auto* view = find(id);
    return view ? view->provider.name : fill(tr("provider %1"), {std::to_string(id)});
}

void ProvidersPresenter::select(std::optional<std::uint64_t> id) {
    if (selected_ == id) return;
    selected_ = id;
    changed();
}

std::vector<Fact> ProvidersPresenter::details() const {
    const auto* view = selected_ ? find(*selected_) : nullptr;
    if (!view) return {};
    const auto now = session_.now();
    const auto state = breakerLine(*view, now);
    const auto& health = view->health;
    std::vector<Fact> facts;
    facts.push_back({tr("State"), state.text, {}, state.mark});
    facts.push_back({tr("Kind"), textOf(view->provider.kind), explanationOf(view->provider.kind)});
    if (!view->address.empty()) facts.push_back({tr("Address"), view->address});
    facts.push_back({tr("Last answer"), relativeTime(health.lastAnswerAt, now), exactTime(health.lastAnswerAt)});
    if (health.answerTime) facts.push_back({tr("Answer time"), durationText(*health.answerTime)});
    facts.push_back({tr("Used by"), view->usedBy.empty() ? tr("no chat domain yet") : joined(view->usedBy)});
    facts.push_back({tr("Logins finished"), countText(health.finished)});
    facts.push_back({tr("Asked now, waiting"), countText(health.running) + ", " + countText(health.queued)});
    facts.push_back({tr("Too slow"), countText(health.timedOut)});
    facts.push_back({tr("Refused because too many waited"), countText(health.refused)});
    if (health.remembered > 0) facts.push_back({tr("Could log in during an outage"), countText(health.remembered)});
    if (!health.lastError.empty()) {
        facts.push_back({tr("Last error"), relativeTime(health.lastErrorAt, now) + ": " + health.lastError,
                         exactTime(health.lastErrorAt) + "\n" + health.lastError});
    }
    return facts;
}

std::string ProvidersPresenter::warnings() const {
    const auto* view = selected_ ? find(*selected_) : nullptr;
    std::string text;
    if (!view) return text;
    for (const auto& warning : view->warnings)
        text += (text.empty() ? "" : "\n") + warning.text;
    return text;
}

std::optional<WaitingChange> ProvidersPresenter::waiting() const {
    std::optional<WaitingChange> first;
    table_.each([&first](std::uint64_t id, const ProviderView& view) {
        if (!view.revert || (first && first->at <= view.revert->at)) return;
        first = WaitingChange{id, view.provider.name, view.revert->at, view.revert->sentence};
    });
    return first;
}

void ProvidersPresenter::keep(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.confirmProvider(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            load();
            if (done) done(result);
        });
}

void ProvidersPresenter::undo(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.revertProvider(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            load();
            if (done) done(result);
        });
}

std::string ProvidersPresenter::lossText(std::uint64_t id) const {
    const auto* view = find(id);
    if (!view) return {};
    if (!view->usedBy.empty()) {
        return fill(tr("%1 asks this provider. Take it out of the domain first: page Domains, Edit."),
                    {joined(view->usedBy)});
    }
    return tr("Its settings and secrets are deleted. The directory itself is not touched.");
}

void ProvidersPresenter::remove(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeProvider(id); },
        [this, id, done = std::move(done)](const Result<void>& result) {
            if (result) put({}, {id}, true);
            if (done) done(result);
        });
}

void ProvidersPresenter::setEnabled(std::uint64_t id, bool isEnabled, Done done) {
    const auto* view = find(id);
    if (!view || !session_.hasService()) {
        if (done) done(notConnected());
        return;
    }
    api::ProviderRequest change;
    change.isEnabled = isEnabled;
    session_.ask(
        life(),
        [id, change, revision = view->provider.revision](client::ApiClient& service) {
            return service.changeProvider(id, change, revision);
        },
        [this, done = std::move(done)](const Result<ProviderView>& result) {
            if (result) put({*result}, {}, true);
            if (done) done(result ? Result<void>{} : Result<void>{result.error()});
        });
}

void ProvidersPresenter::people(std::uint64_t id, const std::string& filter,
                                std::function<void(const Result<api::PeopleList>&)> done) {
    if (!session_.hasService()) {
        done(notConnected());
        return;
    }
    session_.ask(
        life(), [id, filter](client::ApiClient& service) { return service.providerUsers(id, kMostPeople, filter); },
        std::move(done));
}

void ProvidersPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        table_.clear();
        isLoaded_ = false;
        problem_.reset();
        selected_.reset();
        troubles_ = 0;
    }
    changed();
}

void ProvidersPresenter::providersChanged(const api::ProvidersEvent& event) {
    put(event.changed, event.removed, true);
}

void ProvidersPresenter::domainsChanged(const api::DomainsEvent&) {
    if (isLoaded_) load();
}

void ProvidersPresenter::load() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.providers(); },
        [this](const Result<std::vector<ProviderView>>& answer) {
            if (answer) {
                take(*answer);
                return;
            }
            problem_ = answer.error();
            changed();
        });
}

void ProvidersPresenter::take(std::vector<ProviderView> all) {
    problem_.reset();
    isLoaded_ = true;
    std::vector<std::uint64_t> gone;
    table_.each([&](std::uint64_t id, const ProviderView&) {
        if (std::none_of(all.begin(), all.end(), [id](const ProviderView& view) { return view.provider.id == id; }))
            gone.push_back(id);
    });
    put(std::move(all), gone, false);
}

void ProvidersPresenter::put(std::vector<ProviderView> views, const std::vector<std::uint64_t>& removed, bool areNews) {
    std::vector<std::pair<std::uint64_t, ProviderView>> rows;
    rows.reserve(views.size());
    for (auto& view : views) {
        const auto id = view.provider.id;
        rows.emplace_back(id, std::move(view));
    }
    table_.apply(std::move(rows), removed, areNews);
    troubles_ = 0;
    table_.each([this](std::uint64_t, const ProviderView& view) { troubles_ += isInTrouble(view) ? 1 : 0; });
    if (selected_ && !find(*selected_)) selected_.reset();
    if (onNames) onNames();
    changed();
}

}  // namespace causeway::console
