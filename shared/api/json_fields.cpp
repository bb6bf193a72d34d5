#include "shared/api/json_fields.h"

#include <utility>

#include "shared/base/text.h"

namespace causeway::api {

JsonFields::JsonFields(JsonValue object, const JsonFields* parent, std::string name,
                       std::vector<FieldProblem>& problems)
    : object_(object), parent_(parent), name_(std::move(name)), problems_(&problems) {
    if (parent_ == nullptr) checkObject();
    hint_ = object_.isObject() ? object_.first() : JsonValue{};
}

bool JsonFields::checkObject() {
    if (object_.isObject()) return true;
    if (problems_->size() >= kMostProblems) return false;
    problems_->push_back({ownPath(), object_.line(), object_.column(),
                          std::string("An object is expected, but ") + nameOf(object_.kind()) + " is there."});
    return false;
}

JsonValue JsonFields::find(std::string_view name) {
    if (!object_.isObject()) return {};
    const auto found = object_.find(name, hint_ ? hint_ : object_.first());
    if (found) hint_ = found;
    return found;
}

bool JsonFields::has(std::string_view name) {
    const auto found = find(name);
    return found && !found.isNull();
}

void JsonFields::require(std::string_view name) {
    if (!has(name)) problem(name, "This field is needed.");
}

void JsonFields::problem(std::string_view name, std::string detail) {
    if (const auto found = find(name)) {
        problem(found, std::move(detail));
        return;
    }
    if (problems_->size() < kMostProblems)
        problems_->push_back({pathOf(name), object_.line(), object_.column(), std::move(detail)});
}

void JsonFields::problem(JsonValue at, std::string detail) {
    if (problems_->size() < kMostProblems)
        problems_->push_back({pathOf(at.name()), at.line(), at.column(), std::move(detail)});
}

bool JsonFields::expect(JsonValue found, JsonKind kind) {
    if (found.kind() == kind) return true;
    std::string wanted = nameOf(kind);
    wanted.front() = static_cast<char>(wanted.front() - 'a' + 'A');
    problem(found, wanted + " is expected, but " + nameOf(found.kind()) + " is there.");
    return false;
}

std::string JsonFields::shortened(std::string_view text) {
    return cleanUtf8(cutUtf8(text, 60));
}

std::string JsonFields::ownPath() const {
    if (parent_ == nullptr) return name_;
    if (!listName_.empty()) return parent_->pathOf(listName_) + "[" + std::to_string(index_) + "]";
    return parent_->pathOf(name_);
}

std::string JsonFields::pathOf(std::string_view name) const {
    auto path = ownPath();
    if (!path.empty()) path += '.';
    return path += shortened(name);
}

void JsonFields::read(std::string_view name, std::string& into) {
    const auto found = find(name);
    if (found && !found.isNull() && expect(found, JsonKind::Text)) into = found.text();
}

void JsonFields::read(std::string_view name, bool& into) {
    const auto found = find(name);
    if (!found || found.isNull()) return;
    if (found.kind() == JsonKind::False) {
        into = false;
    } else if (expect(found, JsonKind::True)) {
        into = true;
    }
}

void JsonFields::read(std::string_view name, double& into) {
    const auto found = find(name);
    if (!found || found.isNull() || !expect(found, JsonKind::Number)) return;
    const auto digits = found.text();
    double number = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (status != std::errc{} || end != digits.data() + digits.size()) {
        problem(found, "\"" + shortened(digits) + "\" is too large for a number.");
        return;
    }
    into = number;
}

void JsonFields::read(std::string_view name, TimePoint& into) {
    const auto found = find(name);
    if (!found || found.isNull() || !expect(found, JsonKind::Text)) return;
    if (const auto when = parseIso(found.text())) {
        into = *when;
    } else {
        problem(found, "\"" + shortened(found.text()) + "\" is not a time such as 2026-11-22T01:02:03.004Z.");
    }
}

void JsonFields::read(std::string_view name, Duration& into) {
    std::int64_t millis = into.count();
    read(name, millis);
    into = Duration{millis};
}

void JsonFields::read(std::string_view name, Ip4& into) {
    const auto found = find(name);
    if (!found || found.isNull() || !expect(found, JsonKind::Text)) return;
    if (const auto address = Ip4::parse(found.text())) {
        into = *address;
    } else {
        problem(found, "\"" + shortened(found.text()) + "\" is not an address such as 10.1.0.7.");
    }
}

void JsonFields::read(std::string_view name, Network4& into) {
    const auto found = find(name);
    if (!found || found.isNull() || !expect(found, JsonKind::Text)) return;
    if (const auto network = Network4::parse(found.text())) {
        into = *network;
    } else {
        problem(found, "\"" + shortened(found.text()) +
                           "\" is not a segment such as 10.1.0.0/24; the host part must be zero.");
    }
}

void JsonFields::read(std::string_view name, std::vector<std::string>& into) {
    const auto found = find(name);
    if (!found || found.isNull() || !expect(found, JsonKind::Array)) return;
    into.clear();
    for (auto item = found.first(); item; item = item.next()) {
        if (item.kind() != JsonKind::Text) {
            problem(found, "Each item must be text.");
            return;
        }
        into.emplace_back(item.text());
    }
}

}  // namespace causeway::api
