#include <Poco/Net/Context.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "console/client/api_client.h"
#include "console/client/event_stream.h"
#include "console/client/https_connection.h"
#include "service/admin/admin_core.h"
#include "service/admin/admin_server.h"
#include "service/admin/certificate.h"
#include "tests/support/admin_fakes.h"

/// A real AdminServer on a free loopback port, driven by the client library of console and causewayctl. The features
/// behind it are mocks; the whole service is driven by the scripts beside this file.
using namespace causeway;
using namespace causeway::client;

namespace {

/// Waits until the condition holds; fails after ten seconds.
void until(const char* what, const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            const std::string sentence = std::string("never happened: ") + what;
            FAIL(sentence);
        }
        std::this_thread::yield();
    }
}

/// For connections that do what the client library never would.
Poco::Net::Context::Ptr testContext() {
    Poco::Net::initializeSSL();
    Poco::Net::Context::Params params;
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    params.loadDefaultCAs = false;
    return new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params);
}

struct House {
    Duration headPatience;
    test::AdminWorld world;
    test::TemporaryFolder folder;
    admin::AdminServer server{ports(), options(), world.log};

    explicit House(Duration patience = 10s) : headPatience(patience) {
        const auto started = server.start();
        REQUIRE_MESSAGE(started, (started ? std::string() : started.error().text()));
        world.lan.add(test::lanUser(7, "Alice", "10.1.0.21"));
        world.lan.add(test::lanUser(8, "Bob", "10.7.2.14"));
    }
    /// The ports with a clock that runs: the event hub waits by it.
    admin::AdminPorts ports() {
        auto all = world.ports();
        all.now = [start = std::chrono::steady_clock::now()] {
            return test::kNoon + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
        };
        return all;
    }
    admin::AdminOptions options() const {
        admin::AdminOptions made;
        made.listen = "127.0.0.1:0";
        made.dataFolder = folder.path();
        made.hostName = "hq-server";
        made.passwordRounds = 1000;
        made.headPatience = headPatience;
        made.heartbeat = 300ms;
        return made;
    }
    ServiceAddress local() {
        auto address = parseServiceAddress(server.address());
        REQUIRE(address);
        const auto token = admin::prepareLocalToken(folder.path());
        REQUIRE(token);
        address->token = Secret{token->token};
        address->fingerprint = server.fingerprint();
        return *address;
    }
    ServiceAddress remote() {
        auto address = parseServiceAddress(server.address());
        REQUIRE(address);
        return *address;
    }
};

}  // namespace

TEST_CASE("every typed call of the client works against the real server") {
    House house;
    ApiClient client{house.local()};
    CHECK(client.capabilities()->product == "causeway");
    CHECK(client.me()->name == "local");
    CHECK(client.status()->serverName == "hq-server");
    CHECK(client.status()->certificateFingerprint == house.server.fingerprint());
    CHECK(client.status()->listeners.front().address == house.server.address());
    CHECK(client.metrics()->find("causeway_info") != std::string::npos);

    house.world.problems.all = {{"lan.x:1", Severity::Warning, "what", "why", "todo", "users", test::kNoon}};
    CHECK(client.problems()->size() == 1);
    CHECK(client.muteProblem("lan.x:1", house.world.now() + 1h).has_value());
    CHECK(client.problems()->front().mutedUntil.has_value());

    api::UsersQuery query;
    query.scope = api::UserScope::External;
    CHECK(client.users(query)->items.front().user.nick == "Bob");
    CHECK(client.allUsers({})->size() == 2);
    CHECK(client.user(7)->user.nick == "Alice");
    CHECK(client.user(7)->isLocal);
    CHECK_FALSE(client.user(7, "10.7.2.0/24")->isLocal);
    CHECK(client.userHistory(7)->size() == 1);
    CHECK(client.probeUser(7).has_value());
    CHECK(client.ignoreUser(7, std::nullopt).has_value());
    CHECK(client.forgetUser(7).error().code == Code::Conflict);
    CHECK(client.segments()->size() == 2);

    const auto range = client.addRange("10.7.2.*  # osaka", true);
    REQUIRE(range);
    CHECK(range->comment == "osaka");
    api::ErrorDocument details;
    CHECK_FALSE(client.addRange("10.7.999.*", true, &details));
    CHECK_FALSE(details.errors.empty());
    CHECK(client.changeRange(range->range.id, {std::nullopt, false})->range.isEnabled == false);
    const auto ranges = client.ranges();
    REQUIRE(ranges);
    CHECK(client.replaceRanges("10.7.2.*\n10.8.1.1-9", ranges->revision)->items.size() == 2);
    CHECK(client.replaceRanges("", ranges->revision).error().code == Code::Conflict);
    CHECK(client.previewRanges("10.9.9.*\nnonsense!")->problems.size() == 1);
    CHECK(client
              .previewRanges("\xEF\xBB\xBF"
                             "10.9.9.*\n")
              ->problems.empty());
    CHECK(client.exportRanges().value() == "10.7.2.*\n10.8.1.1-9\n");
    CHECK(client.removeRange(client.ranges()->items.front().range.id).has_value());

    const auto search = client.startSearch({});
    REQUIRE(search);
    CHECK(client.startSearch({}).error().code == Code::Conflict);
    CHECK(client.search(search->id)->startedBy == "local");
    house.world.search.found.resize(3);
    CHECK(client.searchRows(search->id, 0, 2)->next == 2);
    CHECK(client.stopSearch(search->id)->state == SearchState::Stopped);
    CHECK(client.searches()->size() == 1);

    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    const auto trace = client.startTrace(wanted);
    REQUIRE(trace);
    CHECK(trace->by == "local");
    CHECK(client.trace(trace->id)->state == TraceState::Running);
    CHECK(client.removeTrace(trace->id).error().code == Code::Conflict);
    CHECK(client.stopTrace(trace->id)->state == TraceState::Stopped);
    CHECK(client.traces()->size() == 1);
    CHECK(*client.tracePackets(trace->id) == house.world.traces.packets);
    CHECK(client.traceSteps()->size() == kTraceSteps + kDomainSteps);
    CHECK(client.removeTrace(trace->id).has_value());
    CHECK(client.trace(trace->id).error().code == Code::NotFound);
    api::ErrorDocument refusal;
    CHECK_FALSE(client.startTrace({}, &refusal));
    REQUIRE(refusal.errors.size() == 1);
    CHECK(refusal.errors.front().field == "to");

    const auto settings = client.settings();
    REQUIRE(settings);
    CHECK(client.changeSettings({{{"lan.name", "HQ"}}}, settings->revision)->revision == settings->revision + 1);
    CHECK(client.changeSettings({{{"lan.name", "X"}}}, settings->revision).error().code == Code::Conflict);
    CHECK_FALSE(client.changeSettings({{{"lan.nothing", "X"}}}, std::nullopt, &details));
    CHECK(details.field == "lan.nothing");

    auto base = client.addBase({0, "hq", {*Network4::parse("10.1.0.0/24")}, ""});
    REQUIRE(base);
    base->note = "first floor";
    CHECK(client.changeBase(*base)->note == "first floor");
    CHECK(client.bases()->size() == 1);
    CHECK(client.removeBase(base->id).has_value());

    const auto root = client.addAdmin({"root", Role::Admin, {}, Secret{"very secret pw"}});
    REQUIRE(root);
    CHECK(client.addAdmin({"vera", Role::Viewer, {}, Secret{"very secret pw"}}).has_value());
    CHECK(client.changeAdmin(root->id, {"Root", {}, {}, {}})->name == "Root");
    CHECK(client.admins()->size() == 2);
    CHECK(client.removeAdmin(root->id).error().code == Code::Conflict);
    const auto token = client.addToken({"backup", Role::Operator, {}});
    REQUIRE(token);
    CHECK(client.tokens()->size() == 1);
    ApiClient script{house.local()};
    script.setToken(token->token);
    CHECK(script.me()->kind == api::IdentityKind::Token);
    CHECK(script.settings().has_value());
    CHECK(script.removeToken(token->record.id).error().code == Code::Denied);
    CHECK(script.lastStatus() == 403);
    CHECK(client.removeToken(token->record.id).has_value());
    CHECK_FALSE(script.me());
    CHECK(script.lastStatus() == 401);

    CHECK(client.audit().value().items.size() > 10);
    house.world.logs.add({test::kNoon, LogLevel::Info, "X", "text"});
    CHECK(client.logs()->size() == 1);
    const auto config = client.exportConfig();
    REQUIRE(config);
    CHECK(client.checkConfig(*config)->isValid);
    CHECK(client.importConfig(*config).has_value());
    CHECK_FALSE(client.importConfig("{", &details));
    CHECK(details.errors.front().line == 1);
}

TEST_CASE("a configuration goes between services whose listeners stand in their files") {
    House house;
    house.world.settings.filesAreFixed = true;
    house.world.settings.set = {
        {"admin.listen", "127.0.0.1:9000"}, {"lan.listen", "10.1.0.5:2425"}, {"lan.name", "HQ"}};
    ApiClient client{house.local()};
    const auto file = client.exportConfig();
    REQUIRE(file);
    CHECK(file->find("lan.name") != std::string::npos);
    CHECK(file->find("lan.listen") == std::string::npos);
    CHECK(file->find("admin.listen") == std::string::npos);

    // Its own file, an empty one and one of an older version: check and import say the same, listeners stay.
    const auto with = [](const std::string& settings) {
        return "{\"product\":\"causeway\",\"format\":1,\"settings\":" + settings + "}";
    };
    for (const auto& text : {*file, with("{}"), with(R"({"lan.listen":"0.0.0.0:2425","lan.name":"Osaka"})")}) {
        CAPTURE(text);
        const auto verdict = client.checkConfig(text);
        REQUIRE(verdict);
        CHECK(verdict->isValid);
        const auto applied = client.importConfig(text);
        REQUIRE_MESSAGE(applied, (applied ? std::string() : applied.error().text()));
        CHECK(applied->notes == verdict->notes);
        CHECK(house.world.settings.set.at("lan.listen") == "10.1.0.5:2425");
        CHECK(house.world.settings.set.at("admin.listen") == "127.0.0.1:9000");
    }
    CHECK(house.world.settings.set.at("lan.name") == "Osaka");
    const auto verdict = client.checkConfig(with(R"({"lan.listen":"0.0.0.0:2425"})"));
    REQUIRE(verdict);
    REQUIRE(verdict->notes.size() == 1);
    CHECK(verdict->notes.front().find("lan.listen stays as it is") != std::string::npos);

    // What the import would refuse, the check refuses with the same words.
    api::ErrorDocument details;
    const auto bad = with(R"({"lan.charset":"klingon"})");
    const auto told = client.checkConfig(bad);
    REQUIRE(told);
    CHECK_FALSE(told->isValid);
    REQUIRE(told->errors.size() == 1);
    CHECK_FALSE(client.importConfig(bad, &details));
    REQUIRE(details.errors.size() == 1);
    CHECK(details.errors.front().detail == told->errors.front().detail);
    CHECK(details.errors.front().line == told->errors.front().line);
}

TEST_CASE("a person logs in from another machine: the certificate is asked about once, No is the default") {
    House house;
    ApiClient local{house.local()};
    REQUIRE(local.addAdmin({"alice", Role::Operator, {}, Secret{"very secret pw"}}));

    ApiClient refused{house.remote()};
    const auto no = refused.login("alice", Secret{"very secret pw"});
    REQUIRE_FALSE(no);
    CHECK(no.error().code == Code::Unavailable);
    CHECK(no.error().what.find("not trusted") != std::string::npos);

    ClientOptions options;
    options.pins = std::make_shared<CertificatePins>();
    int asked = 0;
    options.ask = [&](const CertificateInfo& info) {
        ++asked;
        CHECK(info.fingerprint == house.server.fingerprint());
        CHECK(info.trustedBefore.empty());
        return true;
    };
    ApiClient client{house.remote(), options};
    CHECK(client.login("alice", Secret{"wrong password"}).error().code == Code::Denied);
    CHECK(client.lastStatus() == 401);
    const auto login = client.login("alice", Secret{"very secret pw"});
    REQUIRE(login);
    CHECK(login->role == Role::Operator);
    CHECK(client.me()->kind == api::IdentityKind::Session);
    CHECK(asked == 1);
    CHECK(client.logout().has_value());
    CHECK_FALSE(client.me());

    // Another certificate at a place that was trusted before is asked about with both.
    REQUIRE(options.pins->remember(house.remote().text(), std::string(64, 'a')));
    options.ask = [&](const CertificateInfo& info) {
        ++asked;
        CHECK(info.trustedBefore == std::string(64, 'a'));
        return false;
    };
    ApiClient wary{house.remote(), options};
    CHECK_FALSE(wary.capabilities());
    CHECK(asked == 2);
}

TEST_CASE("the local client accepts exactly the certificate of the data folder") {
    House house;
    auto address = house.local();
    address.fingerprint = std::string(64, 'b');
    ApiClient client{address};
    const auto refused = client.status();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("Another program answers") != std::string::npos);
    CHECK(client.lastStatus() == 0);
}

TEST_CASE("a service that is not there is told as such") {
    auto address = parseServiceAddress("127.0.0.1:1");
    ApiClient client{*address};
    const auto refused = client.capabilities();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Unavailable);
    CHECK(refused.error().what.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("the document of the contract is what the running service does") {
    House house;
    house.world.problems.all = {{"lan.x", Severity::Warning, "what", "why", "todo", "users", test::kNoon}};
    house.world.logs.add({test::kNoon, LogLevel::Info, "X", "text"});
    house.world.search.found.resize(1);
    auto& alice = house.world.lan.users[7];
    alice.instability = Instability{};
    ApiClient client{house.local()};
    REQUIRE(client.addRange("10.7.2.*", true));
    REQUIRE(client.addBase({0, "hq", {*Network4::parse("10.1.0.0/24")}, ""}));
    REQUIRE(client.addAdmin({"root", Role::Admin, {}, Secret{"very secret pw"}}));
    REQUIRE(client.addToken({"backup", Role::Operator, {}}));
    api::AccountRequest account;
    account.localPart = "ann";
    account.password = Secret{"very secret pw"};
    REQUIRE(client.addAccount(1, account));
    const auto search = client.startSearch({});
    REQUIRE(search);
    const auto base = client.bases()->front().id;
    TraceRequest traced;
    traced.to = "10.7.2.14";
    house.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::PathFilterUdp); };
    const auto trace = client.startTrace(traced);
    REQUIRE(trace);

    const auto text = client.raw({"GET", "/v1/openapi.json", {}, {}});
    REQUIRE(text);
    const auto document = api::JsonDocument::parse(*text);
    REQUIRE(document);
    const auto root = document->root();
    const auto schemas = root.find("components").find("schemas");

    /// Every documented field is there and has a documented type; nothing undocumented is there.
    const std::function<void(const api::JsonValue&, const api::JsonValue&, const std::string&)> compare =
        [&](const api::JsonValue& schema, const api::JsonValue& value, const std::string& where) {
            CAPTURE(where);
            const auto type = schema.find("type");
            const auto typeFits = [&value](std::string_view word) {
                switch (value.kind()) {
                    case api::JsonKind::Null:
                        return word == "null";
                    case api::JsonKind::True:
                    case api::JsonKind::False:
                        return word == "boolean";
                    case api::JsonKind::Number:
                        return word == "integer" || word == "number";
                    case api::JsonKind::Text:
                        return word == "string";
                    case api::JsonKind::Array:
                        return word == "array";
                    case api::JsonKind::Object:
                        return word == "object";
                }
                return false;
            };
            bool fits = type.isArray() ? false : typeFits(type.text());
            for (auto word = type.first(); word; word = word.next())
                fits = fits || typeFits(word.text());
            CHECK(fits);
            if (value.isObject()) {
                const auto properties = schema.find("properties");
                // A verdict has only the parameters that are set.
                const bool isPart = where.ends_with(".parameters");
                for (auto property = properties.first(); property; property = property.next()) {
                    const auto name = std::string(property.name());
                    CAPTURE(name);
                    const auto member = value.find(name);
                    if (isPart && !member) continue;
                    REQUIRE(member);
                    compare(property, member, where + "." + name);
                }
                // Names of settings are content, not fields.
                const bool isMap = where.ends_with(".settings");
                if (!isMap && !isPart) CHECK(value.count() == properties.count());
            }
            if (value.isArray()) {
                for (auto item = value.first(); item; item = item.next())
                    compare(schema.find("items"), item, where + "[]");
            }
        };

    std::size_t compared = 0;
    for (auto path = root.find("paths").first(); path; path = path.next()) {
        for (auto operation = path.first(); operation; operation = operation.next()) {
            std::string target{path.name()};
            std::string method{operation.name()};
            for (char& c : method)
                c = static_cast<char>(c - 'a' + 'A');
            const auto line = method + " " + target;
            CAPTURE(line);
            if (target == "/v1/events") continue;
            // This house keeps no links; tests/unit/admin/links_test.cpp has some.
            if (target == "/v1/bases/links" && method == "GET") continue;
            if (const auto at = target.find("{id}"); at != std::string::npos) {
                const auto id = target.starts_with("/v1/users")      ? std::string("7")
                                : target.starts_with("/v1/searches") ? std::to_string(search->id)
                                : target.starts_with("/v1/traces")   ? std::to_string(trace->id)
                                : target.starts_with("/v1/domains")  ? std::string("1")
                                : target.starts_with("/v1/providers") || target.starts_with("/v1/accounts")
                                    ? std::string("1")
                                : target.starts_with("/v1/bases") ? std::to_string(base)
                                                                  : std::string("999");
                target.replace(at, 4, id);
            }
            if (method != "GET") {
                // An empty object is wrong for most, but the address must be known: never 404 for the path, never 405.
                const auto refused = client.raw({method == "DELETE" ? "PUT" : method, target, "{}", "*"});
                if (method != "DELETE") CHECK(client.lastStatus() != 405);
                static_cast<void>(refused);
                continue;
            }
            if (target == "/v1/dns/records" || target == "/v1/dns/text") target += "?domain=chat.example.com";
            if (target == "/v1/visibility/cells") target += "?from=10.1.0.0/24&to=10.2.0.0/24";
            const auto body = client.raw({"GET", target, {}, {}});
            REQUIRE(body);
            const auto content = operation.find("responses").find("200").find("content").find("application/json");
            if (!content || target == "/v1/openapi.json") continue;
            const auto reference = std::string(content.find("schema").find("$ref").text());
            const auto schema = schemas.find(reference.substr(reference.rfind('/') + 1));
            REQUIRE(schema);
            const auto answer = api::JsonDocument::parse(*body);
            REQUIRE(answer);
            compare(schema, answer->root(), std::string(path.name()));
            ++compared;
        }
    }
    CHECK(compared >= 19);
}

TEST_CASE("changes reach the event stream, and the stream resumes by itself when the connection breaks") {
    House house;
    ApiClient client{house.local()};
    std::mutex lock;
    std::vector<std::string> heard;
    std::set<UserId> changed;
    StreamState state = StreamState::Stopped;
    EventCallbacks callbacks;
    callbacks.onState = [&](const StreamStatus& status) {
        const std::lock_guard hold{lock};
        state = status.state;
    };
    callbacks.onAny = [&](const SseEvent& event) {
        const std::lock_guard hold{lock};
        heard.push_back(event.name);
    };
    callbacks.onUsers = [&](const api::UsersEvent& event) {
        const std::lock_guard hold{lock};
        for (const auto& row : event.changed)
            changed.insert(row.user.id);
    };
    bool isResynced = false;
    callbacks.onResync = [&] {
        const std::lock_guard hold{lock};
        isResynced = true;
    };
    const auto check = [&](auto condition) {
        return [&lock, condition] {
            const std::lock_guard hold{lock};
            return condition();
        };
    };
    EventStream stream{client, callbacks};
    stream.start();
    until("live", check([&] { return state == StreamState::Live && isResynced; }));
    const std::array first{UserId{7}};
    house.server.lanObserver().usersChanged(first);
    until("the change of user 7", check([&] { return changed.contains(7); }));
    until("status", check([&] { return std::find(heard.begin(), heard.end(), "status") != heard.end(); }));
    stream.stop();
    {
        const std::lock_guard hold{lock};
        isResynced = false;
    }
    // Started again it goes on behind its last event: what happened meanwhile comes, without a resync.
    const std::array second{UserId{8}};
    house.server.lanObserver().usersChanged(second);
    stream.start();
    until("the change of user 8", check([&] { return changed.contains(8); }));
    CHECK_FALSE(isResynced);
    house.server.stop();
    until("not answering", check([&] { return state == StreamState::NotAnswering; }));
    stream.stop();
}

TEST_CASE("a stream with a token that is not valid is refused and says so") {
    House house;
    auto address = house.local();
    address.token = Secret{"wrong"};
    ApiClient client{address};
    std::mutex lock;
    std::optional<StreamStatus> last;
    EventCallbacks callbacks;
    callbacks.onState = [&](const StreamStatus& status) {
        const std::lock_guard hold{lock};
        last = status;
    };
    EventStream stream{client, callbacks};
    stream.start();
    until("refused", [&] {
        const std::lock_guard hold{lock};
        return last && last->state == StreamState::Refused;
    });
    stream.stop();
    CHECK(last->problem.code == Code::Denied);
}

TEST_CASE("a stream that says nothing counts as lost, and is made again") {
    House house;
    ClientOptions options;
    options.silence = 100ms;
    ApiClient client{house.local(), options};
    std::mutex lock;
    std::vector<StreamStatus> states;
    EventCallbacks callbacks;
    callbacks.onState = [&](const StreamStatus& status) {
        const std::lock_guard hold{lock};
        states.push_back(status);
    };
    EventStream stream{client, callbacks};
    stream.start();
    const auto count = [&](StreamState state) {
        const std::lock_guard hold{lock};
        return std::count_if(states.begin(), states.end(),
                             [state](const StreamStatus& status) { return status.state == state; });
    };
    until("lost and live again",
          [&] { return count(StreamState::NotAnswering) >= 1 && count(StreamState::Live) >= 2; });
    stream.stop();
    for (const auto& status : states) {
        if (status.state != StreamState::NotAnswering) continue;
        CHECK(status.problem.code == Code::Timeout);
        CHECK(status.since > TimePoint{});
    }
}

TEST_CASE("a stream ends when its token is not valid any more") {
    House house;
    ApiClient client{house.local()};
    const auto token = client.addToken({"watcher", Role::Viewer, {}});
    REQUIRE(token);
    ApiClient watcher{house.local()};
    watcher.setToken(token->token);
    std::atomic<StreamState> state{StreamState::Stopped};
    EventCallbacks callbacks;
    callbacks.onState = [&state](const StreamStatus& status) { state = status.state; };
    EventStream stream{watcher, callbacks};
    stream.start();
    until("live", [&state] { return state == StreamState::Live; });
    REQUIRE(client.removeToken(token->record.id));
    until("refused", [&state] { return state == StreamState::Refused; });
    stream.stop();
}

TEST_CASE("the server stops within a second although streams are open, and gives the port free") {
    House house;
    ApiClient client{house.local()};
    std::vector<std::unique_ptr<EventStream>> streams;
    std::atomic<int> live{0};
    for (int i = 0; i < 5; ++i) {
        EventCallbacks callbacks;
        callbacks.onHello = [&live](const api::HelloEvent&) { ++live; };
        streams.push_back(std::make_unique<EventStream>(client, callbacks));
        streams.back()->start();
    }
    until("five streams", [&live] { return live == 5; });
    const auto before = std::chrono::steady_clock::now();
    house.server.stop();
    CHECK(std::chrono::steady_clock::now() - before < 2s);
    for (auto& stream : streams)
        stream->stop();
    auto options = house.options();
    options.listen = house.server.address();
    admin::AdminServer again{house.ports(), options, house.world.log};
    CHECK(again.start().has_value());
    // The certificate of the folder stays, so that nobody is asked again.
    CHECK(again.fingerprint() == house.server.fingerprint());
}

TEST_CASE("the thirteenth stream gets 503 with a sentence, and the API still answers") {
    House house;
    ApiClient client{house.local()};
    std::vector<std::unique_ptr<EventStream>> streams;
    std::atomic<std::size_t> live{0};
    for (std::size_t i = 0; i < admin::EventHub::kMostReaders; ++i) {
        EventCallbacks callbacks;
        callbacks.onHello = [&live](const api::HelloEvent&) { ++live; };
        streams.push_back(std::make_unique<EventStream>(client, callbacks));
        streams.back()->start();
    }
    until("twelve streams", [&live] { return live == admin::EventHub::kMostReaders; });
    const auto refused = client.raw({"GET", "/v1/events", {}, {}});
    REQUIRE_FALSE(refused);
    CHECK(client.lastStatus() == 503);
    CHECK(refused.error().text().find("At most 12") != std::string::npos);
    CHECK(client.status().has_value());
    // The stream of the client says the sentence of the service, and not that no service runs.
    std::mutex lock;
    std::optional<StreamStatus> told;
    EventCallbacks callbacks;
    callbacks.onState = [&](const StreamStatus& status) {
        const std::lock_guard hold{lock};
        if (status.state != StreamState::Connecting) told = status;
    };
    EventStream late{client, callbacks};
    late.start();
    until("the thirteenth is told", [&] {
        const std::lock_guard hold{lock};
        return told.has_value();
    });
    late.stop();
    CHECK(told->state == StreamState::Refused);
    CHECK(told->problem.what == "Too many consoles watch this service.");
    CHECK(told->problem.todo.find("Close a console") != std::string::npos);
    streams.clear();
    until("the places are free again", [&house] { return house.server.core().events().readers() == 0; });
}

TEST_CASE("viewers whose connection is reset give their places back at once") {
    House house;
    ApiClient client{house.local()};
    const auto address = house.local();
    const std::string ask =
        "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + address.token.reveal() + "\r\n\r\n";
    const auto metric = [&client] {
        const auto text = client.metrics();
        REQUIRE(text);
        const std::string name = "\ncauseway_admin_event_streams ";
        const auto at = text->find(name);
        REQUIRE(at != std::string::npos);
        return std::stoi(text->substr(at + name.size()));
    };
    for (int i = 0; i < 20; ++i) {
        {
            Poco::Net::SecureStreamSocket viewer{Poco::Net::SocketAddress{address.host, address.port}, testContext()};
            viewer.sendBytes(ask.data(), static_cast<int>(ask.size()));
            std::array<char, 64> first{};
            REQUIRE(viewer.receiveBytes(first.data(), static_cast<int>(first.size())) > 0);
            // Killed: the kernel sends a reset instead of an orderly end of TLS and TCP.
            const linger noLinger{1, 0};
            REQUIRE(::setsockopt(viewer.impl()->sockfd(), SOL_SOCKET, SO_LINGER, &noLinger, sizeof noLinger) == 0);
            viewer.abort();
        }
        // A change that waits makes the server write into the broken connection.
        const std::array some{UserId{7}};
        house.server.lanObserver().usersChanged(some);
        // Every third one is looked after only together with the others: 12 places must do for 20 viewers.
        if (i % 3 == 0) until("its place is free", [&] { return metric() == 0; });
    }
    until("all places are free", [&] { return metric() == 0; });
    CHECK(house.server.core().events().readers() == 0);
    std::atomic<bool> isLive{false};
    EventCallbacks callbacks;
    callbacks.onHello = [&isLive](const api::HelloEvent&) { isLive = true; };
    EventStream stream{client, callbacks};
    stream.start();
    until("a new viewer watches", [&isLive] { return isLive.load(); });
    CHECK(metric() == 1);
    stream.stop();
}

TEST_CASE("110 silent connections of one address lock nobody out") {
    struct Lines final : Log {
        std::mutex lock;
        std::vector<std::string> full;
        void write(LogLevel, std::string_view id, std::string_view text) override {
            const std::lock_guard hold{lock};
            if (id == "ADMIN_CONNECTIONS_FULL") full.emplace_back(text);
        }
    } lines;
    House house;
    house.server.stop();
    admin::AdminServer server{house.ports(), house.options(), lines};
    REQUIRE(server.start());
    auto address = parseServiceAddress(server.address());
    REQUIRE(address);
    const auto token = admin::prepareLocalToken(house.folder.path());
    REQUIRE(token);

    const auto connectFrom = [&address](const char* from) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        REQUIRE(fd >= 0);
        const Poco::Net::SocketAddress own{from, 0};
        REQUIRE(::bind(fd, own.addr(), own.length()) == 0);
        const Poco::Net::SocketAddress service{address->host, address->port};
        REQUIRE(::connect(fd, service.addr(), service.length()) == 0);
        return Poco::Net::StreamSocket{new Poco::Net::StreamSocketImpl{fd}};
    };
    std::vector<Poco::Net::StreamSocket> silent;
    silent.reserve(110);
    for (int i = 0; i < 110; ++i)
        silent.push_back(connectFrom("127.0.9.9"));

    // From 127.0.0.1, as causewayctl on the computer of the service.
    const auto before = std::chrono::steady_clock::now();
    ServiceAddress local = *address;
    local.token = Secret{token->token};
    local.fingerprint = server.fingerprint();
    ApiClient client{local};
    REQUIRE(client.status());

    // From an address that nobody here knows yet.
    Poco::Net::SecureStreamSocket other{Poco::Net::SecureStreamSocket::attach(connectFrom("127.0.5.5"), testContext())};
    other.setReceiveTimeout(Poco::Timespan{5, 0});
    const std::string ask = "GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token->token + "\r\n\r\n";
    other.sendBytes(ask.data(), static_cast<int>(ask.size()));
    std::array<char, 64> answer{};
    REQUIRE(other.receiveBytes(answer.data(), static_cast<int>(answer.size())) > 0);
    CHECK(std::string_view{answer.data(), 15} == "HTTP/1.1 200 OK");
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before).count();
    MESSAGE("both callers got their answers in " << took << " ms");
    CHECK(took < 5000);

    const auto metrics = client.metrics();
    REQUIRE(metrics);
    CHECK(metrics->find("causeway_admin_connections_closed_total 94") != std::string::npos);
    const std::lock_guard hold{lines.lock};
    REQUIRE(lines.full.size() == 1);
    CHECK(lines.full.front().find("127.0.9.9") != std::string::npos);
}

TEST_CASE("too large requests are refused before they are read, and more is allowed with a token") {
    House house;
    ApiClient stranger{house.local()};
    stranger.setToken(Secret{});
    const std::string big(40'000, 'x');
    api::ErrorDocument details;
    CHECK_FALSE(stranger.raw({"POST", "/v1/login", "\"" + big + "\"", {}}, &details));
    CHECK(stranger.lastStatus() == 413);
    CHECK(details.error.text().find("32768") != std::string::npos);
    ApiClient known{house.local()};
    CHECK_FALSE(known.checkConfig("\"" + big + "\"")->isValid);
    CHECK_FALSE(known.checkConfig(std::string(5'000'000, ' ')));
    CHECK(known.lastStatus() == 413);
    // A stranger's body is not read at all where a token is needed.
    CHECK_FALSE(stranger.raw({"PUT", "/v1/config", std::string(1'000'000, ' '), "*"}));
    CHECK(stranger.lastStatus() == 401);
}

TEST_CASE("what is no HTTP and who says nothing does not hold a place for long") {
    House house{500ms};
    std::atomic<bool> stop{false};
    const auto patience = [] { return std::chrono::steady_clock::now() + 10s; };
    ClientOptions options;
    auto connection = HttpsConnection::open(house.local(), options, patience(), stop);
    REQUIRE(connection);
    HttpResponseParser silence{1000};
    // Nothing is sent: the server closes after its patience.
    const auto end = (*connection)->receive(silence, patience(), stop);
    CHECK((!end || !silence.failure().empty()));

    connection = HttpsConnection::open(house.local(), options, patience(), stop);
    REQUIRE(connection);
    HttpsConnection::Request nonsense;
    nonsense.method = "GET /";
    REQUIRE((*connection)->send(nonsense, house.local(), options));
    HttpResponseParser answer{10'000};
    while (!answer.isDone() && answer.failure().empty()) {
        const auto more = (*connection)->receive(answer, patience(), stop);
        REQUIRE(more);
        REQUIRE(*more);
    }
    CHECK(answer.status() == 400);
    CHECK(answer.header("content-type") == "application/problem+json");

    // A plain TCP client that speaks no TLS.
    const auto address = house.local();
    Poco::Net::StreamSocket plain{Poco::Net::SocketAddress{address.host, address.port}};
    plain.sendBytes("GET / HTTP/1.1\r\n\r\n", 18);
    ApiClient client{house.local()};
    CHECK(client.status().has_value());
}

TEST_CASE("a port in use and an address of another machine are clear sentences") {
    House house;
    auto options = house.options();
    options.listen = house.server.address();
    admin::AdminServer second{house.ports(), options, house.world.log};
    auto refused = second.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Unavailable);
    CHECK(refused.error().text().find("in use") != std::string::npos);
    CHECK(refused.error().text().find(options.listen) != std::string::npos);

    options.listen = "0.0.0.0:0";
    admin::AdminServer open{house.ports(), options, house.world.log};
    refused = open.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Denied);
    CHECK(refused.error().text().find("nobody could log in") != std::string::npos);
}

TEST_CASE("twenty clients at a time all get their answers") {
    House house;
    for (UserId id = 100; id < 2100; ++id)
        house.world.lan.add(test::lanUser(id, "User", "10.7.2.14"));
    ApiClient client{house.local()};
    std::atomic<int> right{0};
    std::mutex lock;
    std::string troubles;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            api::UsersQuery query;
            query.sort = api::UserSort::Name;
            query.limit = 500;
            const auto all = client.allUsers(query);
            if (all && all->size() == 2002) {
                ++right;
            } else {
                const std::lock_guard hold{lock};
                troubles += (all ? std::to_string(all->size()) + " users" : all.error().text()) + "\n";
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    CAPTURE(troubles);
    CHECK(right.load() == 20);
}

TEST_CASE("forty slow calls at once: eight run, the others are refused at once, and quick calls are answered") {
    House house;
    std::mutex lock;
    std::condition_variable changed;
    std::size_t hanging = 0;
    bool mayGo = false;
    house.world.providers.isFine = true;
    house.world.providers.duringTest = [&] {
        std::unique_lock hold{lock};
        ++hanging;
        changed.notify_all();
        changed.wait(hold, [&] { return mayGo; });
    };
    const auto address = house.local();
    const auto test = [&address] {
        ApiClient client{address};
        return client.raw({"POST", "/v1/providers/test", R"({"id":1})", "*"});
    };
    std::atomic<int> finished{0};
    std::vector<std::thread> first;
    for (std::size_t i = 0; i < admin::kSlowPlaces; ++i) {
        first.emplace_back([&] {
            if (test()) ++finished;
        });
    }
    {
        std::unique_lock hold{lock};
        REQUIRE(changed.wait_for(hold, 10s, [&] { return hanging == admin::kSlowPlaces; }));
    }
    // All slow places are held until this test lets them go; everything below is answered meanwhile.
    std::atomic<int> refused{0};
    std::vector<std::thread> others;
    for (int i = 0; i < 32; ++i) {
        others.emplace_back([&] {
            ApiClient client{address};
            if (client.raw({"POST", "/v1/providers/test", R"({"id":1})", "*"})) return;
            if (client.lastStatus() == 429) ++refused;
        });
    }
    for (auto& each : others)
        each.join();
    CHECK(refused == 32);
    ApiClient quick{address};
    CHECK(quick.status().has_value());
    CHECK(quick.providers().has_value());
    CHECK(finished == 0);
    {
        const std::lock_guard hold{lock};
        CHECK(hanging == admin::kSlowPlaces);
        mayGo = true;
    }
    changed.notify_all();
    for (auto& each : first)
        each.join();
    CHECK(finished == static_cast<int>(admin::kSlowPlaces));
    CHECK(test().has_value());
}
