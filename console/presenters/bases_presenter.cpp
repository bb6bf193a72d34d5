#include "console/presenters/bases_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostNameBytes = 60;

/// Segments as typed: one a line, or separated by commas or blanks. Sentences go into `problems`.
std::vector<Network4> readSegments(const std::string& text, std::vector<std::string>& problems) {
    std::string plain = text;
    for (auto& letter : plain) {
        if (letter == ',' || letter == ';' || letter == '\n' || letter == '\r' || letter == '\t') letter = ' ';
    }
    std::vector<Network4> networks;
    for (const auto word : split(plain, ' ')) {
        if (word.empty()) continue;
        const std::string typed(word);
        if (const auto network = Network4::parse(word)) {
            networks.push_back(*network);
            continue;
        }
        // The usual slip: host bits are set. Say what was meant.
        const auto slash = typed.find('/');
        const auto address = Ip4::parse(typed.substr(0, slash));
        int prefix = -1;
        if (slash != std::string::npos && typed.size() - slash <= 3 && typed.size() - slash > 1) {
            prefix = 0;
            for (const char digit : typed.substr(slash + 1)) {
                if (digit < '0' || digit > '9') {
                    prefix = -1;
                    break;
                }
                prefix = prefix * 10 + (digit - '0');
            }
        }
        if (address && prefix >= 0 && prefix <= 32) {
            problems.push_back(fill(tr("\"%1\" is an address inside a segment. Write the segment: %2."),
                                    {typed, Network4::of(*address, prefix).text()}));
        } else {
            problems.push_back(fill(tr("\"%1\" is not a segment. Write it like 10.1.0.0/24."), {typed}));
        }
    }
    return networks;
}

}  // namespace

BasesPresenter::BasesPresenter(Session& session) : Presenter(session) {}

bool BasesPresenter::isEditable() const {
    return whyReadOnly().empty();
}

std::string BasesPresenter::whyReadOnly() const {
    if (!session_.hasService()) return tr("No service is connected.");
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    return session_.mayChange() ? std::string{}
                                : tr("Your role may only look. Ask for the role admin to change bases.");
}

std::string BasesPresenter::emptyText() const {
    if (problem_) return errorLines(*problem_);
    return tr(
        "There are no bases yet. A base is a site of the company with its segments; users are then shown with the name "
        "of their base. Choose Add.");
}

std::string BasesPresenter::segmentsText(const BaseSite& base) {
    std::string text;
    for (const auto& segment : base.segments)
        text += (text.empty() ? "" : ", ") + segment.text();
    return text;
}

BaseForm BasesPresenter::formOf(std::uint64_t id) const {
    BaseForm form;
    for (const auto& base : bases_) {
        if (base.id != id) continue;
        form.id = id;
        form.name = base.name;
        for (const auto& segment : base.segments)
            form.segments += (form.segments.empty() ? "" : "\n") + segment.text();
        form.note = base.note;
    }
    return form;
}

std::vector<FieldText> BasesPresenter::check(const BaseForm& form) const {
    std::vector<FieldText> found;
    const auto name = trimmed(form.name);
    if (name.empty()) found.push_back({"name", tr("Give the base a name, such as the name of the town.")});
    if (name.size() > kMostNameBytes) found.push_back({"name", tr("The name is too long. Use at most 60 letters.")});
    for (const auto& base : bases_) {
        if (base.id != form.id && foldText(base.name) == foldText(name))
            found.push_back({"name", fill(tr("There is a base \"%1\" already. Choose another name."), {base.name})});
    }
    std::vector<std::string> problems;
    const auto segments = readSegments(form.segments, problems);
    for (auto& problem : problems)
        found.push_back({"segments", std::move(problem)});
    if (problems.empty() && segments.empty())
        found.push_back({"segments", tr("Give at least one segment, such as 10.1.0.0/24.")});
    for (const auto& segment : segments) {
        for (const auto& base : bases_) {
            if (base.id == form.id) continue;
            if (std::find(base.segments.begin(), base.segments.end(), segment) != base.segments.end())
                found.push_back(
                    {"segments", fill(tr("%1 belongs to the base \"%2\" already. Take it away there first."),
                                      {segment.text(), base.name})});
        }
    }
    return found;
}

void BasesPresenter::save(const BaseForm& form,
                          std::function<void(const Result<void>&, const std::vector<FieldText>&)> done) {
    auto found = check(form);
    if (!found.empty()) {
        if (done) done(Error{Code::BadInput, found.front().text}, found);
        return;
    }
    if (!session_.hasService()) {
        if (done) done(notConnected(), {});
        return;
    }
    BaseSite base;
    base.id = form.id;
    base.name = std::string(trimmed(form.name));
    base.note = std::string(trimmed(form.note));
    std::vector<std::string> ignored;
    base.segments = readSegments(form.segments, ignored);
    struct Answer {
        Result<BaseSite> base;
        api::ErrorDocument details;
    };
    session_.ask(
        life(),
        [base](client::ApiClient& service) {
            api::ErrorDocument details;
            auto saved = base.id == 0 ? service.addBase(base, &details) : service.changeBase(base, &details);
            return Answer{std::move(saved), std::move(details)};
        },
        [this, done = std::move(done)](const Answer& answer) {
            if (answer.base) {
                load();
                if (done) done(Result<void>{}, {});
                return;
            }
            std::vector<FieldText> fields;
            for (const auto& problem : answer.details.errors)
                fields.push_back({problem.field, problem.detail});
            if (done) done(answer.base.error(), fields);
        });
}

void BasesPresenter::remove(std::uint64_t id, Done done) {
    act([id](client::ApiClient& service) { return service.removeBase(id); }, std::move(done));
}

namespace {

const BaseLink* findLink(const LinkHouse& house, std::uint64_t base) {
    for (const auto& link : house.links)
        if (link.base == base) return &link;
    return nullptr;
}

std::string clockWords(const ClockOffset& clock) {
    const auto size = clock.offset < Duration{0} ? -clock.offset : clock.offset;
    if (size <= clock.bound) return fill(tr("agrees (to %1 ms)"), {std::to_string(clock.bound.count())});
    return fill(clock.offset < Duration{0} ? tr("%1 ms behind (to %2 ms)") : tr("%1 ms ahead (to %2 ms)"),
                {std::to_string(size.count()), std::to_string(clock.bound.count())});
}

}  // namespace

BasesPresenter::LinkWords BasesPresenter::linkOf(std::uint64_t base) const {
    const auto* link = findLink(house_, base);
    if (link == nullptr) return {};
    LinkWords words;
    switch (link->state) {
        case LinkState::Invited:
            words.mark = Mark::Unknown;
            words.word = tr("Invited");
            break;
        case LinkState::Linked:
            words.mark = Mark::Fine;
            words.word = tr("Linked");
            break;
        case LinkState::NotAnswering:
            words.mark = Mark::Broken;
            words.word = tr("Not answering");
            break;
        case LinkState::OtherVersion:
            words.mark = Mark::Partly;
            words.word = tr("Other version");
            break;
        case LinkState::Refused:
            words.mark = Mark::Broken;
            words.word = tr("Refused");
            break;
    }
    if (link->clock) words.clock = clockWords(*link->clock);
    words.version = link->version;
    words.sentence = link->sentence + (link->todo.empty() ? "" : "\n" + link->todo);
    return words;
}

bool BasesPresenter::isLinked(std::uint64_t base) const {
    return findLink(house_, base) != nullptr;
}

std::string BasesPresenter::listenTrouble() const {
    if (!house_.problem.empty()) return house_.problem;
    if (!house_.listen.empty()) return {};
    return tr(
        "No other service can connect to this one. Set bases.link_listen first, for example to 0.0.0.0:8426 "
        "(causewayctl settings set bases.link_listen 0.0.0.0:8426), or link from this side with an invitation of the "
        "other.");
}

void BasesPresenter::invite(const std::string& name, const std::string& address,
                            std::function<void(const Result<LinkInvitation>&)> done) {
    if (!session_.hasService()) return done(notConnected());
    api::InvitationRequest request;
    request.name = std::string(trimmed(name));
    request.address = std::string(trimmed(address));
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.inviteBase(request); },
        [this, done = std::move(done)](const Result<LinkInvitation>& made) {
            load();
            done(made);
        });
}

void BasesPresenter::link(const std::string& invitation, const std::string& name,
                          std::function<void(const Result<BaseLink>&)> done) {
    if (!session_.hasService()) return done(notConnected());
    api::LinkRequest request;
    request.invitation = std::string(trimmed(invitation));
    request.name = std::string(trimmed(name));
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.linkBase(request); },
        [this, done = std::move(done)](const Result<BaseLink>& linked) {
            load();
            done(linked);
        });
}

void BasesPresenter::unlink(std::uint64_t base, Done done) {
    act([base](client::ApiClient& service) { return service.unlinkBase(base); },
        [this, done = std::move(done)](const Result<void>& result) {
            load();
            if (done) done(result);
        });
}

void BasesPresenter::takeLinks(LinkHouse house) {
    house_ = std::move(house);
    changed();
}

void BasesPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        bases_.clear();
        house_ = {};
        isLoaded_ = false;
        problem_.reset();
    }
    changed();
}

void BasesPresenter::resync() {
    load();
}

void BasesPresenter::basesChanged() {
    load();
}

void BasesPresenter::load() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.bases(); },
        [this](const Result<std::vector<BaseSite>>& answer) {
            if (answer) {
                problem_.reset();
                take(*answer);
            } else {
                problem_ = answer.error();
                changed();
            }
        });
    // A service of last year has no links: then there are none to show.
    session_.ask(
        life(), [](client::ApiClient& service) { return service.links(); },
        [this](const Result<LinkHouse>& answer) {
            if (answer) takeLinks(*answer);
        });
}

void BasesPresenter::take(std::vector<BaseSite> bases) {
    bases_ = std::move(bases);
    isLoaded_ = true;
    std::sort(bases_.begin(), bases_.end(),
              [](const BaseSite& a, const BaseSite& b) { return foldText(a.name) < foldText(b.name); });
    changed();
}

}  // namespace causeway::console
