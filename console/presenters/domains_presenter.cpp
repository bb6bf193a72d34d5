#include "console/presenters/domains_presenter.h"

#include <algorithm>
#include <map>

#include "console/presenters/text_format.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::uint32_t kLeastTtl = 5;
constexpr std::uint32_t kMostTtl = 604800;
constexpr std::uint64_t kMostPort = 65535;

/// The worse of the two dots, for a look at the whole row.
bool isInTrouble(const api::DomainRow& row) {
    const auto isBad = [](const Dot& dot) {
        return dot.state == ProofState::Broken || dot.state == ProofState::Partly;
    };
    return row.domain.isEnabled && (isBad(row.directory) || isBad(row.supernode));
}

std::string shownName(const ChatDomain& domain) {
    return domain.shown.empty() ? domain.name : domain.shown;
}

int rankOf(Mark mark) {
    switch (mark) {
        case Mark::Broken:
            return 0;
        case Mark::Partly:
            return 1;
        case Mark::Unknown:
            return 2;
        default:
            return 3;
    }
}

std::string normalName(const std::string& typed) {
    std::string name{trimmed(typed)};
    if (!name.empty() && name.back() == '.') name.pop_back();
    return foldText(name);
}

std::optional<std::uint64_t> numberOf(const std::string& text) {
    return parseUnsigned(trimmed(text));
}

/// Answer of a save, with the fields that the service names.
template <class T>
struct Saved {
    Result<T> result;
    api::ErrorDocument details;
};

}  // namespace

std::vector<FieldText> fieldTexts(const api::ErrorDocument& details) {
    constexpr std::size_t kMostLines = 6;
    std::vector<FieldText> fields;
    std::map<std::string, std::size_t> counts;
    for (const auto& problem : details.errors) {
        const auto count = ++counts[problem.field];
        if (count == 1) {
            fields.push_back({problem.field, problem.detail});
        } else if (count <= kMostLines) {
            const auto same = std::find_if(fields.begin(), fields.end(),
                                           [&](const FieldText& each) { return each.field == problem.field; });
            same->text += "\n" + problem.detail;
        }
    }
    for (auto& each : fields) {
        const auto count = counts[each.field];
        if (count > kMostLines) each.text += "\n" + trn("and %1 more", "and %1 more", count - kMostLines);
    }
    return fields;
}

DomainsTable::DomainsTable(Executor& executor, std::function<TimePoint()> clockOfService,
                           const ProvidersPresenter& providers)
    : RecordTable(executor), providers_(providers) {
    clock = std::move(clockOfService);
    setFirstSort(static_cast<std::size_t>(DomainColumn::Name), true);
}

const std::vector<Column>& DomainsTable::columns() const {
    static const std::vector<Column> kColumns{
        {"name", later("Domain"), 165},
        {"where", later("Where used"), 110},
        {"endToEnd", later("End-to-end"), 90},
        {"directory", later("Directory"), 130, false, true},
        {"supernode", later("Supernode"), 130, false, true},
        {"providers", later("Providers, in order"), 190},
        {"people", later("People"), 70, true},
        {"logins", later("Logins"), 100, false, true, false},
    };
    return kColumns;
}

std::string DomainsTable::textOfCell(const api::DomainRow& row, std::size_t column) const {
    switch (static_cast<DomainColumn>(column)) {
        case DomainColumn::Name:
            return row.domain.isEnabled ? shownName(row.domain) : fill(tr("%1 (disabled)"), {shownName(row.domain)});
        case DomainColumn::Where:
            return textOf(row.domain.reach);
        case DomainColumn::EndToEnd:
            return textOf(row.domain.endToEnd);
        case DomainColumn::Directory:
            return dotWord(row.directory.state);
        case DomainColumn::Supernode:
            return dotWord(row.supernode.state);
        case DomainColumn::Providers: {
            auto text = tr("Built-in accounts");
            for (const auto id : row.domain.providers)
                text += ", " + providers_.nameOf(id);
            return text;
        }
        case DomainColumn::People:
            return countText(row.accounts);
        case DomainColumn::Logins:
            return row.login == "open" ? tr("Open") : tr("Closed");
    }
    return {};
}

std::string DomainsTable::cell(std::size_t row, std::size_t column) const {
    return textOfCell(at(row), column);
}

Mark DomainsTable::mark(std::size_t row, std::size_t column) const {
    const auto& record = at(row);
    switch (static_cast<DomainColumn>(column)) {
        case DomainColumn::Directory:
            return markOf(record.directory.state);
        case DomainColumn::Supernode:
            return markOf(record.supernode.state);
        case DomainColumn::Logins:
            return loginLineOf(record).mark;
        default:
            return Mark::None;
    }
}

std::string DomainsTable::keyOf(Slot slot, std::size_t column) const {
    const auto& row = record(slot);
    switch (static_cast<DomainColumn>(column)) {
        case DomainColumn::Directory:
            return numberKey(rankOf(markOf(row.directory.state)));
        case DomainColumn::Supernode:
            return numberKey(rankOf(markOf(row.supernode.state)));
        case DomainColumn::People:
            return numberKey(static_cast<std::int64_t>(row.accounts));
        default:
            return foldText(textOfCell(row, column));
    }
}

std::string DomainsTable::searchTextOf(Slot slot) const {
    const auto& row = record(slot);
    auto text = row.domain.name + "\n" + row.domain.shown + "\n" + row.domain.note;
    for (const auto id : row.domain.providers)
        text += "\n" + providers_.nameOf(id);
    return foldText(text);
}

LoginLine loginLineOf(const api::DomainRow& row) {
    // Grey is not red: nothing failed, there is only nothing to measure yet.
    if (row.login == "directory-down" && row.directory.state == ProofState::Unknown) {
        if (row.domain.providers.empty() && row.accounts == 0) {
            return {Mark::Unknown, tr("Nobody can log in yet: there is no account and no provider. Choose Accounts to "
                                      "add people, or Edit to connect a directory.")};
        }
        return {Mark::Unknown, tr("Nobody can log in yet: the directory is being measured.")};
    }
    if (row.login == "supernode-down" && row.supernode.state == ProofState::Unknown)
        return {Mark::Unknown, tr("Nobody can log in yet: the supernode is being measured.")};
    return loginLine(row.login);
}

std::vector<StripPart> stripOf(const std::vector<DotChange>& newestFirst, DotKind kind, const Dot& now, TimePoint at,
                               Duration span) {
    std::vector<DotChange> changes;
    for (const auto& change : newestFirst) {
        if (change.kind == kind && change.at <= at) changes.push_back(change);
    }
    std::sort(changes.begin(), changes.end(),
              [](const DotChange& left, const DotChange& right) { return left.at < right.at; });
    const auto begin = at - span;
    std::vector<StripPart> parts;
    const auto add = [&parts](TimePoint from, TimePoint to, Mark mark) {
        if (to <= from) return;
        if (!parts.empty() && parts.back().mark == mark) {
            parts.back().to = to;
        } else {
            parts.push_back({from, to, mark});
        }
    };
    auto mark = Mark::Unknown;
    auto from = begin;
    for (const auto& change : changes) {
        if (change.at > begin) {
            add(from, change.at, mark);
            from = change.at;
        }
        mark = markOf(change.state);
    }
    // What the dot is now counts since it is so, also if its change is not in the history yet.
    const auto since = std::clamp(now.since, from, at);
    if (markOf(now.state) != mark) {
        add(from, since, mark);
        from = since;
        mark = markOf(now.state);
    }
    add(from, at, mark);
    return parts;
}

DomainsPresenter::DomainsPresenter(Session& session, ProvidersPresenter& providers)
    : Presenter(session),
      providers_(providers),
      table_(
          session.executor(), [&session] { return session.now(); }, providers) {
    providers_.onNames = [this] { chainNamesChanged(); };
}

DomainsPresenter::~DomainsPresenter() {
    providers_.onNames = nullptr;
}

std::string DomainsPresenter::stateText() const {
    auto text = trn("%1 domain", "%1 domains", table_.totalCount());
    if (troubles_ > 0) text += ", " + trn("%1 needs a look", "%1 need a look", troubles_);
    return text;
}

std::string DomainsPresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its chat domains.");
    if (problem_) return errorLines(*problem_);
    if (!isLoaded_) return tr("Loading ...");
    if (table_.totalCount() > 0) return tr("No domain matches the filter. Use fewer letters.");
    return tr(
        "A chat domain is the part behind the @ of your people's addresses: alice@chat.example.com. Choose New domain; "
        "the assistant connects your directory and ends with two green marks.");
}

std::string DomainsPresenter::whyReadOnly() const {
    if (!session_.hasService()) return tr("No service is connected.");
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    return session_.mayChange() ? std::string{}
                                : tr("Your role may only look. Ask for the role admin to change chat domains.");
}

const api::DomainRow* DomainsPresenter::findByName(const std::string& name) const {
    const api::DomainRow* found = nullptr;
    table_.each([&](std::uint64_t, const api::DomainRow& row) {
        if (row.domain.name == name || row.domain.shown == name) found = &row;
    });
    return found;
}

std::vector<std::uint64_t> DomainsPresenter::idsByName() const {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    table_.each(
        [&all](std::uint64_t id, const api::DomainRow& row) { all.emplace_back(foldText(shownName(row.domain)), id); });
    std::sort(all.begin(), all.end());
    std::vector<std::uint64_t> ids;
    ids.reserve(all.size());
    for (const auto& entry : all)
        ids.push_back(entry.second);
    return ids;
}

void DomainsPresenter::select(std::optional<std::uint64_t> id) {
    if (selected_ == id) return;
    selected_ = id;
    changes_.clear();
    if (id) loadDetails(*id);
    if (onDetails) onDetails();
}

void DomainsPresenter::watch(std::uint64_t id) {
    watched_ = id;
    if (id != 0) loadDetails(id);
}

DotView DomainsPresenter::dotOf(std::uint64_t id, DotKind kind) const {
    DotView view;
    const auto* row = find(id);
    if (!row) return view;
    const auto& dot = kind == DotKind::Directory ? row->directory : row->supernode;
    const auto now = session_.now();
    view.mark = markOf(dot.state);
    view.word = dotWord(dot.state);
    view.sentence = dot.sentence;
    if (view.sentence.empty() && dot.state == ProofState::Unknown)
        view.sentence = row->domain.isEnabled ? tr("It is measured soon.") : tr("A disabled domain is not measured.");
    if (dot.since != TimePoint{}) view.times = fill(tr("since %1"), {timeText(dot.since, now)});
    if (dot.checkedAt) {
        const auto ago = agoText(*dot.checkedAt, now);
        view.times += (view.times.empty() ? "" : ", ") +
                      (ago == tr("now") ? tr("checked now") : fill(tr("checked %1 ago"), {ago}));
    }
    return view;
}

LoginLine DomainsPresenter::loginOf(std::uint64_t id) const {
    const auto* row = find(id);
    return row ? loginLineOf(*row) : LoginLine{};
}

CertificateView DomainsPresenter::certificateOf(std::uint64_t id) const {
    const auto* row = find(id);
    CertificateView view;
    if (!row) return view;
    if (row->certificate) return viewOf(*row->certificate);
    view.sentence = row->domain.isEnabled ? tr("The certificate is not known yet.")
                                          : tr("A disabled domain shows no certificate to anybody.");
    return view;
}

std::vector<Fact> DomainsPresenter::facts() const {
    const auto* row = selectedRow();
    if (!row) return {};
    const auto& domain = row->domain;
    std::vector<Fact> facts;
    facts.push_back({tr("Where used"), textOf(domain.reach)});
    facts.push_back({tr("End-to-end"), textOf(domain.endToEnd), explanationOf(domain.endToEnd)});
    facts.push_back({tr("Certificate"), domain.certificate == CertificateSource::SelfSigned ? textOf(domain.certificate)
                                                                                            : domain.certificateFile});
    facts.push_back({tr("Must carry the name"), domain.name,
                     tr("The certificate names the domain, not the host that DNS leads to.")});
    if (domain.shown != domain.name && !domain.shown.empty()) facts.push_back({tr("Name in DNS"), domain.name});
    facts.push_back({tr("People"), countText(row->accounts), tr("Built-in accounts of this domain.")});
    facts.push_back({tr("TTL"), durationText(std::chrono::seconds{domain.ttl})});
    facts.push_back({tr("Created"), relativeTime(domain.createdAt, session_.now()), exactTime(domain.createdAt)});
    if (!domain.note.empty()) facts.push_back({tr("Note"), domain.note});
    return facts;
}

std::vector<SupernodeLine> DomainsPresenter::supernodes() const {
    std::vector<SupernodeLine> lines;
    const auto* row = selectedRow();
    if (!row) return lines;
    const auto now = session_.now();
    for (const auto& each : row->supernodes) {
        const auto& node = each.node;
        std::string state = each.isLive ? tr("Told by DNS") : tr("Withdrawn");
        if (!node.isEnabled) state = tr("Switched off");
        if (node.origin == SupernodeOrigin::Token && !each.isLive && node.isEnabled) {
            state = node.lastHeartbeat ? fill(tr("Withdrawn, silent for %1"), {agoText(*node.lastHeartbeat, now)})
                                       : tr("Waits for its first heartbeat");
        }
        auto ports = std::to_string(node.port);
        if (node.tlsPort != 0) ports += ", " + std::to_string(node.tlsPort);
        lines.push_back({node.id,
                         node.origin,
                         {node.name, textOf(node.origin), state, node.lanAddress, node.internetAddress, ports,
                          std::to_string(node.priority), std::to_string(node.weight)}});
    }
    return lines;
}

std::vector<Fact> DomainsPresenter::history() const {
    std::vector<Fact> lines;
    const auto now = session_.now();
    for (const auto& change : changes_) {
        lines.push_back({timeText(change.at, now),
                         textOf(change.kind) + ": " + dotWord(change.state) +
                             (change.sentence.empty() ? "" : ". " + change.sentence),
                         exactTime(change.at), markOf(change.state)});
    }
    return lines;
}

std::vector<StripPart> DomainsPresenter::strip(DotKind kind) const {
    const auto* row = selectedRow();
    if (!row) return {};
    return stripOf(changes_, kind, kind == DotKind::Directory ? row->directory : row->supernode, session_.now(),
                   kStripSpan);
}

const DomainsPresenter::Proofs* DomainsPresenter::proofsOf(std::uint64_t id) const {
    const auto at = std::find_if(proofs_.begin(), proofs_.end(), [id](const Proofs& each) { return each.id == id; });
    return at == proofs_.end() ? nullptr : &*at;
}

const ProofStep* DomainsPresenter::proof(std::uint64_t id, DotKind kind) const {
    const auto* proofs = proofsOf(id);
    if (!proofs) return nullptr;
    return kind == DotKind::Directory ? &proofs->directory : &proofs->supernode;
}

void DomainsPresenter::checkNow(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.checkDots(id); }, std::move(done));
}

void DomainsPresenter::testLogin(std::uint64_t id, const std::string& name, Secret password, LoginTested done) {
    if (!session_.hasService()) {
        done(notConnected());
        return;
    }
    session_.ask(
        life(),
        [id, request = api::LoginTestRequest{name, std::move(password), {}}](client::ApiClient& service) {
            return service.testLogin(id, request);
        },
        std::move(done));
}

void DomainsPresenter::setEnabled(std::uint64_t id, bool isEnabled, Done done) {
    const auto* row = find(id);
    if (!row || !session_.hasService()) {
        if (done) done(notConnected());
        return;
    }
    api::DomainRequest change;
    change.isEnabled = isEnabled;
    session_.ask(
        life(),
        [id, change, revision = row->domain.revision](client::ApiClient& service) {
            return service.changeDomain(id, change, revision);
        },
        [this, done = std::move(done)](const Result<api::DomainRow>& result) {
            if (result) put({*result}, {}, true);
            if (done) done(result ? Result<void>{} : Result<void>{result.error()});
        });
}

std::string DomainsPresenter::lossText(std::uint64_t id) const {
    const auto* row = find(id);
    if (!row) return {};
    auto text =
        fill(tr("Nobody can log in as name@%1 any more."), {shownName(row->domain)}) + "\n" +
        trn("%1 built-in account is deleted with it.", "%1 built-in accounts are deleted with it.", row->accounts) +
        "\n" + trn("%1 supernode is taken out of DNS.", "%1 supernodes are taken out of DNS.", row->supernodes.size()) +
        "\n";
    return text + tr("The history of its marks goes too. Providers and their directories stay.");
}

bool DomainsPresenter::isTypedName(std::uint64_t id, const std::string& typed) const {
    const auto* row = find(id);
    const auto name = normalName(typed);
    return row && !name.empty() && (name == foldText(row->domain.shown) || name == foldText(row->domain.name));
}

void DomainsPresenter::remove(std::uint64_t id, const std::string& typed, Done done) {
    const auto* row = find(id);
    if (!row || !isTypedName(id, typed)) {
        if (done) done(Error{Code::BadInput, tr("The name is not the one of the domain.")});
        return;
    }
    act([id, name = row->domain.name](client::ApiClient& service) { return service.removeDomain(id, name); },
        [this, id, done = std::move(done)](const Result<void>& result) {
            if (result) put({}, {id}, true);
            if (done) done(result);
        });
}

std::optional<WaitingChange> DomainsPresenter::waiting() const {
    std::optional<WaitingChange> first;
    table_.each([&first](std::uint64_t id, const api::DomainRow& row) {
        if (!row.revert || (first && first->at <= row.revert->at)) return;
        first = WaitingChange{id, shownName(row.domain), row.revert->at, row.revert->sentence};
    });
    return first;
}

void DomainsPresenter::keep(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.confirmDomain(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            load();
            if (done) done(result);
        });
}

void DomainsPresenter::undo(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.revertDomain(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            load();
            if (done) done(result);
        });
}

DomainForm DomainsPresenter::formOf(std::uint64_t id) const {
    DomainForm form;
    const auto* row = find(id);
    if (!row) return form;
    const auto& domain = row->domain;
    form.id = id;
    form.revision = domain.revision;
    form.name = shownName(domain);
    form.reach = domain.reach;
    form.endToEnd = domain.endToEnd;
    form.providers = domain.providers;
    form.certificate = domain.certificate;
    form.certificateFile = domain.certificateFile;
    form.keyFile = domain.keyFile;
    form.ttl = std::to_string(domain.ttl);
    form.extraRecords = domain.extraRecords;
    form.note = domain.note;
    return form;
}

std::vector<ChainEntry> DomainsPresenter::chainOf(const std::vector<std::uint64_t>& chosen) const {
    std::vector<ChainEntry> entries;
    const auto add = [&](std::uint64_t id, bool isChosen) {
        const auto* view = providers_.find(id);
        if (view && view->provider.kind == ProviderKind::BuiltIn) return;
        auto hint = view ? textOf(view->provider.kind) : tr("removed meanwhile");
        if (view && !view->address.empty()) hint += ", " + view->address;
        if (view && !view->provider.isEnabled) hint += ", " + tr("Switched off");
        entries.push_back({id, providers_.nameOf(id), std::move(hint), isChosen});
    };
    for (const auto id : chosen)
        add(id, true);
    for (const auto& [id, name] : providers_.names()) {
        if (std::find(chosen.begin(), chosen.end(), id) == chosen.end()) add(id, false);
    }
    return entries;
}

std::vector<FieldText> DomainsPresenter::check(const DomainForm& form) const {
    std::vector<FieldText> found;
    if (trimmed(form.name).empty()) found.push_back({"name", tr("Write the domain, such as chat.example.com.")});
    if (form.certificate == CertificateSource::Files) {
        if (trimmed(form.certificateFile).empty())
            found.push_back({"certificateFile", tr("Name the PEM file with the certificate.")});
        if (trimmed(form.keyFile).empty()) found.push_back({"keyFile", tr("Name the PEM file with the private key.")});
    }
    const auto ttl = numberOf(form.ttl);
    if (!ttl || *ttl < kLeastTtl || *ttl > kMostTtl)
        found.push_back({"ttl", tr("Write seconds from 5 to 604,800 (7 days).")});
    return found;
}

void DomainsPresenter::save(const DomainForm& form, SaveDone done) {
    if (const auto found = check(form); !found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    api::DomainRequest request;
    if (form.id == 0) request.name = std::string(trimmed(form.name));
    request.reach = form.reach;
    request.endToEnd = form.endToEnd;
    request.providers = form.providers;
    request.certificate = form.certificate;
    request.certificateFile = std::string(trimmed(form.certificateFile));
    request.keyFile = std::string(trimmed(form.keyFile));
    request.ttl = static_cast<std::uint32_t>(*numberOf(form.ttl));
    request.extraRecords = form.extraRecords;
    request.note = std::string(trimmed(form.note));
    session_.ask(
        life(),
        [request, id = form.id, revision = form.revision](client::ApiClient& service) {
            api::ErrorDocument details;
            auto saved =
                id == 0 ? service.addDomain(request, &details) : service.changeDomain(id, request, revision, &details);
            return Saved<api::DomainRow>{std::move(saved), std::move(details)};
        },
        [this, done = std::move(done)](const Saved<api::DomainRow>& answer) {
            if (answer.result) put({*answer.result}, {}, true);
            if (!done) return;
            if (answer.result) {
                done(Result<void>{}, {});
            } else {
                done(answer.result.error(), fieldTexts(answer.details));
            }
        });
}

SupernodeForm DomainsPresenter::formOfSupernode(std::uint64_t id) const {
    SupernodeForm form;
    if (selected_) form.domain = *selected_;
    table_.each([&](std::uint64_t domain, const api::DomainRow& row) {
        for (const auto& each : row.supernodes) {
            if (each.node.id != id) continue;
            const auto& node = each.node;
            form = {node.id,
                    domain,
                    node.origin,
                    node.name,
                    node.isEnabled,
                    node.lanAddress,
                    node.internetAddress,
                    std::to_string(node.port),
                    std::to_string(node.tlsPort),
                    std::to_string(node.priority),
                    std::to_string(node.weight)};
        }
    });
    return form;
}

std::vector<FieldText> DomainsPresenter::check(const SupernodeForm& form) const {
    std::vector<FieldText> found;
    if (trimmed(form.name).empty()) found.push_back({"name", tr("Give it a short name, such as sn2.")});
    const auto number = [&found](const char* field, const std::string& text, std::uint64_t least, std::uint64_t most) {
        const auto value = numberOf(text);
        if (!value || *value < least || *value > most) {
            found.push_back({field, fill(tr("Write a whole number from %1 to %2."),
                                         {std::to_string(least), std::to_string(most)})});
        }
    };
    number("port", form.port, 1, kMostPort);
    number("tlsPort", form.tlsPort, 0, kMostPort);
    number("priority", form.priority, 0, kMostPort);
    number("weight", form.weight, 0, kMostPort);
    const auto* row = find(form.domain);
    if (form.origin == SupernodeOrigin::Hand && trimmed(form.lanAddress).empty() &&
        trimmed(form.internetAddress).empty())
        found.push_back({"lanAddress", tr("Write the address under which clients reach the supernode.")});
    if (row) {
        for (const auto& each : row->supernodes) {
            if (each.node.id != form.id && foldText(each.node.name) == foldText(trimmed(form.name)))
                found.push_back({"name", tr("The domain has a supernode of that name already.")});
        }
    }
    return found;
}

void DomainsPresenter::saveSupernode(const SupernodeForm& form, SaveDone done) {
    if (const auto found = check(form); !found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    const auto port = [](const std::string& text) { return static_cast<std::uint16_t>(numberOf(text).value_or(0)); };
    api::SupernodeRequest request;
    if (form.id == 0) request.origin = form.origin;
    request.name = std::string(trimmed(form.name));
    request.isEnabled = form.isEnabled;
    request.lanAddress = std::string(trimmed(form.lanAddress));
    request.internetAddress = std::string(trimmed(form.internetAddress));
    request.port = port(form.port);
    request.tlsPort = port(form.tlsPort);
    request.priority = port(form.priority);
    request.weight = port(form.weight);
    session_.ask(
        life(),
        [request, id = form.id, domain = form.domain](client::ApiClient& service) {
            Saved<api::SupernodeCreated> answer{Result<api::SupernodeCreated>{api::SupernodeCreated{}}, {}};
            if (id == 0) {
                answer.result = service.addSupernode(domain, request, &answer.details);
                return answer;
            }
            auto saved = service.changeSupernode(id, request, &answer.details);
            if (saved) {
                answer.result = api::SupernodeCreated{*saved, {}};
            } else {
                answer.result = saved.error();
            }
            return answer;
        },
        [this, done = std::move(done)](const Saved<api::SupernodeCreated>& answer) {
            if (answer.result) {
                newToken_ = answer.result->token;
                load();
            }
            if (!done) return;
            if (answer.result) {
                done(Result<void>{}, {});
            } else {
                done(answer.result.error(), fieldTexts(answer.details));
            }
        });
}

void DomainsPresenter::removeSupernode(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeSupernode(id); },
        [this, done = std::move(done)](const Result<void>& result) {
            if (result) load();
            if (done) done(result);
        });
}

void DomainsPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        table_.clear();
        isLoaded_ = false;
        problem_.reset();
        selected_.reset();
        watched_ = 0;
        changes_.clear();
        proofs_.clear();
        troubles_ = 0;
        newToken_ = {};
    }
    changed();
}

void DomainsPresenter::domainsChanged(const api::DomainsEvent& event) {
    put(event.changed, event.removed, true);
    for (const auto& row : event.changed) {
        if (row.domain.id == selected_ || row.domain.id == watched_) loadDetails(row.domain.id);
    }
}

void DomainsPresenter::load() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.domains(); },
        [this](const Result<std::vector<api::DomainRow>>& answer) {
            if (answer) {
                take(*answer);
                return;
            }
            problem_ = answer.error();
            changed();
        });
}

void DomainsPresenter::take(std::vector<api::DomainRow> all) {
    problem_.reset();
    isLoaded_ = true;
    std::vector<std::uint64_t> gone;
    table_.each([&](std::uint64_t id, const api::DomainRow&) {
        if (std::none_of(all.begin(), all.end(), [id](const api::DomainRow& row) { return row.domain.id == id; }))
            gone.push_back(id);
    });
    put(std::move(all), gone, false);
    if (selected_) loadDetails(*selected_);
}

void DomainsPresenter::put(std::vector<api::DomainRow> rows, const std::vector<std::uint64_t>& removed, bool areNews) {
    std::vector<std::pair<std::uint64_t, api::DomainRow>> pairs;
    pairs.reserve(rows.size());
    for (auto& row : rows) {
        const auto id = row.domain.id;
        pairs.emplace_back(id, std::move(row));
    }
    table_.apply(std::move(pairs), removed, areNews);
    troubles_ = 0;
    table_.each([this](std::uint64_t, const api::DomainRow& row) { troubles_ += isInTrouble(row) ? 1 : 0; });
    std::erase_if(proofs_, [this](const Proofs& each) { return !find(each.id); });
    if (selected_ && !find(*selected_)) {
        selected_.reset();
        changes_.clear();
    }
    changed();
    if (onDetails) onDetails();
    tellFollowers();
}

int DomainsPresenter::follow(std::function<void()> follower) {
    followers_[++lastFollower_] = std::move(follower);
    return lastFollower_;
}

void DomainsPresenter::tellFollowers() const {
    // One may unfollow while it is told.
    const auto copy = followers_;
    for (const auto& [key, follower] : copy) {
        if (followers_.contains(key)) follower();
    }
}

void DomainsPresenter::loadDetails(std::uint64_t id) {
    struct Details {
        Result<api::DomainRow> row;
        Result<std::vector<DotChange>> changes;
    };
    session_.ask(
        life(),
        [id](client::ApiClient& service) {
            auto row = service.domain(id);
            return Details{std::move(row), service.dotHistory(id)};
        },
        [this, id](const Details& details) {
            if (!details.row || (selected_ != id && watched_ != id)) return;
            takeDetails(*details.row, details.changes.value_or({}));
        });
}

void DomainsPresenter::takeDetails(const api::DomainRow& row, std::vector<DotChange> changes) {
    const auto id = row.domain.id;
    std::erase_if(proofs_, [this, id](const Proofs& each) {
        return each.id == id || (each.id != watched_ && std::optional(each.id) != selected_);
    });
    proofs_.push_back({id, row.directory.proof, row.supernode.proof});
    if (selected_ == id) {
        std::sort(changes.begin(), changes.end(),
                  [](const DotChange& left, const DotChange& right) { return left.at > right.at; });
        changes_ = std::move(changes);
    }
    put({row}, {}, false);
}

void DomainsPresenter::chainNamesChanged() {
    // The column of providers and its order follow their names.
    std::vector<std::pair<std::uint64_t, api::DomainRow>> all;
    table_.each([&all](std::uint64_t id, const api::DomainRow& row) { all.emplace_back(id, row); });
    if (!all.empty()) table_.apply(std::move(all), {}, false);
    changed();
    tellFollowers();
}

}  // namespace causeway::console
