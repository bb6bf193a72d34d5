#include "service/auth/http_io.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <optional>

#include "service/auth/http_answer.h"
#include "service/auth/proof_run.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"
#include "shared/model/template_text.h"

namespace causeway::auth {

namespace {

constexpr std::size_t kMostAnswer = 64U << 10;
constexpr std::size_t kMostList = 8U << 20;
constexpr std::size_t kHeaderRoom = 16U << 10;
constexpr int kMostJsonDepth = 20;

Verdict cannotAsk(const Error& error, std::string failedAt) {
    Verdict verdict;
    verdict.why = error.what + (error.why.empty() ? "" : " " + error.why);
    verdict.todo = error.todo;
    verdict.failedAt = std::move(failedAt);
    return verdict;
}

std::optional<Poco::Dynamic::Var> parseJson(const std::string& text) {
    try {
        Poco::JSON::Parser parser;
        parser.setDepth(kMostJsonDepth);
        return std::make_optional<Poco::Dynamic::Var>(parser.parse(text));
    } catch (const Poco::Exception&) {
        return std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<std::string> textOf(const Poco::Dynamic::Var& value) {
    try {
        if (value.isEmpty()) return std::nullopt;
        if (value.isBoolean()) return value.convert<bool>() ? "true" : "false";
        if (value.isString() || value.isNumeric()) return value.convert<std::string>();
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    return std::nullopt;
}

/// "answer.result" leads through objects.
std::optional<std::string> fieldOf(const Poco::Dynamic::Var& root, const std::string& path) {
    auto at = root;
    for (const auto name : split(path, '.')) {
        if (at.type() != typeid(Poco::JSON::Object::Ptr)) return std::nullopt;
        const auto object = at.extract<Poco::JSON::Object::Ptr>();
        const std::string key(name);
        if (!object || !object->has(key)) return std::nullopt;
        at = object->get(key);
    }
    return textOf(at);
}

bool lists(std::string text, int status) {
    std::replace(text.begin(), text.end(), ',', ' ');
    for (const auto word : split(text, ' '))
        if (word == std::to_string(status)) return true;
    return false;
}

std::string signatureOf(const Secret& secret, const std::string& text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const auto& key = secret.reveal();
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), out, &size);
    return hexText({reinterpret_cast<const char*>(out), size});
}

Result<HttpAnswer> exchangeHttp(const WebAddress& address, const Result<std::shared_ptr<const net::TlsTrust>>& trust,
                                std::string request, std::size_t most, TimePoint deadline) {
    if (address.isTls && !trust) return trust.error();
    net::ExchangePlan plan;
    plan.host = address.host;
    plan.port = address.port;
    if (address.isTls) plan.trust = *trust;
    plan.request = std::move(request);
    plan.mostBytes = most + kHeaderRoom;
    plan.isComplete = [](const std::string& bytes) {
        const auto parsed = parseHttpAnswer(bytes, false);
        return parsed || parsed.error().code != Code::Truncated;
    };
    const auto bytes = net::askServer(plan, deadline);
    if (!bytes) return bytes.error();
    if (bytes->empty()) {
        return Error{Code::Unavailable, address.host + " closed the connection without an answer.", "",
                     "Check the port, and whether it wants https."};
    }
    return parseHttpAnswer(*bytes, true);
}

}  // namespace

struct HttpAuthenticator::Asked {
    HttpAnswer answer;
    std::string localPart;
};

HttpAuthenticator::HttpAuthenticator(const Provider& provider, const ProviderSecrets& secrets)
    : provider_(provider), secrets_(secrets), trust_(net::TlsTrust::make(std::string(trimmed(provider.value("ca"))))) {
    if (auto address = parseWebAddress(provider.value("url"))) address_ = std::move(*address);
}

std::string HttpAuthenticator::requestFor(const WebAddress& address, const char* method, const std::string& contentType,
                                          const std::string& basic, const std::string& body) const {
    const bool isBracketed = address.host.find(':') != std::string::npos;
    const bool isUsualPort = address.port == (address.isTls ? 443 : 80);
    std::string out = std::string(method) + " " + address.pathAndQuery +
                      " HTTP/1.1\r\nHost: " + (isBracketed ? "[" + address.host + "]" : address.host) +
                      (isUsualPort ? "" : ":" + std::to_string(address.port)) +
                      "\r\nConnection: close\r\nAccept: application/json\r\nUser-Agent: causeway\r\n";
    const auto proof = provider_.value("proof");
    const auto secret = secrets_.find(proof == "bearer" ? "token" : "hmac_secret");
    if (!basic.empty()) out += "Authorization: Basic " + base64Text(basic) + "\r\n";
    if (proof == "bearer" && secret != secrets_.end())
        out += "Authorization: Bearer " + secret->second.reveal() + "\r\n";
    if (proof == "hmac" && secret != secrets_.end()) {
        const auto stamp = std::to_string(epochMillis(net::EventLoop::now()) / 1000);
        const auto text = stamp + "\n" + method + "\n" + address.pathAndQuery + "\n" + body;
        out += "X-Causeway-Timestamp: " + stamp +
               "\r\nX-Causeway-Signature: sha256=" + signatureOf(secret->second, text) + "\r\n";
    }
    if (!contentType.empty()) {
        out += "Content-Type: " + contentType + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return out + "\r\n" + body;
}

Result<HttpAuthenticator::Asked> HttpAuthenticator::ask(const Credentials& credentials, TimePoint deadline) const {
    const auto fill = [&](std::string_view key, std::string (*escape)(std::string_view)) {
        return fillTemplate(provider_.value(key), [&](std::string_view name) {
            const auto value = name == "password"  ? credentials.password.reveal()
                               : name == "domain"  ? credentials.domain
                               : name == "address" ? credentials.address()
                                                   : credentials.localPart;
            return escape ? escape(value) : value;
        });
    };
    const auto format = provider_.value("format");
    std::string request;
    if (format == "basic") {
        const auto name = fill("basic_name", nullptr);
        request = requestFor(address_, "GET", "", name + ":" + credentials.password.reveal(), "");
    } else if (format == "form") {
        request = requestFor(address_, "POST", "application/x-www-form-urlencoded", "", fill("form_body", escapeForm));
    } else {
        request = requestFor(address_, "POST", "application/json", "", fill("json_body", escapeJson));
    }
    auto answer = exchangeHttp(address_, trust_, std::move(request), kMostAnswer, deadline);
    if (!answer) return answer.error();
    return Asked{std::move(*answer), credentials.localPart};
}

Verdict HttpAuthenticator::verdictOf(const Asked& asked) const {
    Verdict verdict;
    verdict.failedAt = "login";
    verdict.person.localPart = asked.localPart;
    const auto status = asked.answer.status;
    const auto json = parseJson(asked.answer.body);
    // A service that answers is there, even if it does not like this one user.
    verdict.isPersonal = status < 500;
    std::string decided;
    if (provider_.value("decide_by") == "status") {
        decided = "The service answered with status " + std::to_string(status) + ".";
        if (lists(provider_.value("right_status"), status)) {
            verdict.outcome = Outcome::Right;
        } else if (lists(provider_.value("wrong_status"), status)) {
            verdict.outcome = Outcome::WrongPassword;
        } else if (lists(provider_.value("unknown_status"), status)) {
            verdict.outcome = Outcome::UnknownUser;
        } else {
            verdict.todo = status == 404 ? "Check the path of the address."
                           : status >= 300 && status < 400
                               ? "Write the address that it leads to: redirects are not followed."
                               : "Look into the log of the service, or add the status to the settings of the provider.";
        }
    } else {
        const auto field = provider_.value("field");
        const auto value = status < 500 && json ? fieldOf(*json, field) : std::nullopt;
        if (!value) {
            verdict.why = "The answer of the service (status " + std::to_string(status) + ") has no field \"" + field +
                          "\"" + (json ? "." : " and is no JSON.");
            verdict.todo = "Check the name of the field, and the log of the service.";
            return verdict;
        }
        decided = "The service answered " + field + " = " + cleanUtf8(cutUtf8(*value, 60)) + ".";
        const auto unknown = provider_.value("unknown_value");
        if (*value == provider_.value("right_value")) {
            verdict.outcome = Outcome::Right;
        } else if (*value == provider_.value("wrong_value")) {
            verdict.outcome = Outcome::WrongPassword;
        } else if (!unknown.empty() && *value == unknown) {
            verdict.outcome = Outcome::UnknownUser;
        } else {
            verdict.todo = "Add this value to the settings of the provider, if it means right or wrong.";
        }
    }
    verdict.why = decided;
    if (verdict.outcome != Outcome::Right) return verdict;
    verdict.why.clear();
    verdict.failedAt.clear();
    const auto readInto = [&](std::string_view key, std::string& into) {
        const auto field = provider_.value(key);
        if (field.empty() || !json) return;
        into = cleanUtf8(fieldOf(*json, field).value_or(""));
    };
    readInto("name_field", verdict.person.displayName);
    readInto("mail_field", verdict.person.mail);
    return verdict;
}

Verdict HttpAuthenticator::check(const Credentials& credentials, TimePoint deadline) {
    if (credentials.password.empty()) return {Outcome::WrongPassword, "The password is empty.", "", "login"};
    const auto asked = ask(credentials, deadline);
    if (!asked) {
        return cannotAsk(asked.error(), asked.error().code == Code::Denied ? "tls" : "connect");
    }
    return verdictOf(*asked);
}

Result<std::size_t> HttpAuthenticator::list(const Take& take, TimePoint deadline) {
    const auto url = provider_.value("list_url");
    if (url.empty()) {
        return Error{Code::Unsupported, "This provider cannot list its users.", "No address of a user list is set.",
                     ""};
    }
    const auto address = parseWebAddress(url);
    if (!address) return address.error();
    const auto answer = exchangeHttp(*address, trust_, requestFor(*address, "GET", "", "", ""), kMostList, deadline);
    if (!answer) return answer.error();
    const auto json = answer->status == 200 ? parseJson(answer->body) : std::nullopt;
    if (!json || json->type() != typeid(Poco::JSON::Array::Ptr)) {
        return Error{Code::BadInput, "The user list cannot be read.",
                     "The service answered with status " + std::to_string(answer->status) +
                         (json ? " and JSON that is no list." : "."),
                     "The answer must be a JSON list of names, or of objects."};
    }
    const auto rows = json->extract<Poco::JSON::Array::Ptr>();
    std::size_t count = 0;
    for (const auto& row : *rows) {
        Person person;
        if (row.isString()) {
            person.localPart = row.convert<std::string>();
        } else {
            person.localPart = fieldOf(row, provider_.value("list_user_field")).value_or("");
            if (const auto field = provider_.value("name_field"); !field.empty()) {
                person.displayName = cleanUtf8(fieldOf(row, field).value_or(""));
            }
            if (const auto field = provider_.value("mail_field"); !field.empty()) {
                person.mail = cleanUtf8(fieldOf(row, field).value_or(""));
            }
        }
        person.localPart = cleanUtf8(person.localPart);
        if (person.localPart.empty()) continue;
        ++count;
        if (!take(person)) break;
    }
    return count;
}

ProofStep HttpAuthenticator::test(const Credentials* rehearsal, TimePoint deadline) {
    ProofRun run{"HTTP service", net::EventLoop::now};
    net::ReachPlan plan;
    plan.servers = {ServerAddress{"", address_.host, address_.port}};
    plan.standardPort = address_.port;
    plan.withTls = address_.isTls;
    plan.caPem = std::string(trimmed(provider_.value("ca")));
    plan.deadline = deadline;
    net::addReachSteps(run, plan);
    run.step("bind", "Ask about a user who does not exist", [&](ProofStep& step) {
        step.proves = "The service understands the request and refuses a wrong password.";
        Credentials nobody;
        nobody.localPart = "causeway-test";
        nobody.domain = rehearsal ? rehearsal->domain : "test.invalid";
        nobody.password = Secret{hexText(net::randomBytes(16))};
        const auto verdict = check(nobody, deadline);
        step.facts.emplace_back("Answer", wordOf(verdict.outcome));
        if (verdict.outcome == Outcome::Right) {
            fail(step, "The service accepts a user who does not exist with a password made of chance.",
                 "Check what means right: the status codes or the field.");
        } else if (verdict.outcome == Outcome::CannotAsk) {
            fail(step, verdict.why, verdict.todo);
        }
    });
    if (provider_.value("list_url").empty()) {
        run.skip("filter", "List users", "No address of a user list is set.");
    } else {
        run.step("filter", "List users", [&](ProofStep& step) {
            step.proves = "The service lists its users.";
            std::size_t samples = 0;
            const auto count = list(
                [&](const Person& person) {
                    if (++samples <= 3) step.facts.emplace_back("For example", personText(person));
                    return true;
                },
                deadline);
            if (!count) {
                step.state = ProofState::Partly;
                step.why = count.error().what + " " + count.error().why;
                step.todo = count.error().todo;
                return;
            }
            step.facts.emplace_back("People found", std::to_string(*count));
        });
    }
    addRehearsal(run, rehearsal, [&] { return check(*rehearsal, deadline); });
    return run.finish();
}

}  // namespace causeway::auth
