#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/api/json_document.h"
#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::api {

/// More problems than this are not told: nobody mends a hundred mistakes in one go.
constexpr std::size_t kMostProblems = 100;

/// Tolerant reader of one JSON object with strict types: an unknown member is ignored, a missing one or null keeps the
/// value that the record had, another type is a problem with the full name of the field, line and column.
/// All problems are collected, so that a person can mend them in one go.
class JsonFields {
public:
    JsonFields(JsonValue object, std::vector<FieldProblem>& problems) : JsonFields(object, nullptr, "", problems) {}

    bool has(std::string_view name);  ///< the member is there and is not null
    bool hasMember(std::string_view name) { return static_cast<bool>(find(name)); }  ///< there, null counts
    JsonValue member(std::string_view name) { return find(name); }
    /// A problem if the member is missing or null.
    void require(std::string_view name);
    void problem(std::string_view name, std::string detail);

    void read(std::string_view name, std::string& into);
    void read(std::string_view name, bool& into);
    void read(std::string_view name, double& into);
    void read(std::string_view name, TimePoint& into);
    void read(std::string_view name, Duration& into);
    void read(std::string_view name, Ip4& into);
    void read(std::string_view name, Network4& into);
    void read(std::string_view name, std::vector<std::string>& into);
    template <std::integral T>
    requires(!std::same_as<T, bool>) void read(std::string_view name, T& into) {
        const auto found = find(name);
        if (!found || found.isNull()) return;
        if (!expect(found, JsonKind::Number)) return;
        const auto digits = found.text();
        T number{};
        const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (status != std::errc{} || end != digits.data() + digits.size()) {
            problem(found, "\"" + shortened(digits) + "\" is not a whole number of the allowed size.");
            return;
        }
        into = number;
    }
    template <std::integral T>
    requires(!std::same_as<T, bool>) void read(std::string_view name, std::vector<T>& into) {
        const auto found = find(name);
        if (!found || found.isNull() || !expect(found, JsonKind::Array)) return;
        into.clear();
        for (auto item = found.first(); item; item = item.next()) {
            T number{};
            const auto digits = item.text();
            const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (item.kind() != JsonKind::Number || status != std::errc{} || end != digits.data() + digits.size()) {
                problem(found, "Each item must be a whole number.");
                return;
            }
            into.push_back(number);
        }
    }
    /// null empties it, a missing member keeps it.
    template <class T>
    void read(std::string_view name, std::optional<T>& into) {
        const auto found = find(name);
        if (!found) return;
        if (found.isNull()) {
            into.reset();
            return;
        }
        T value{};
        const auto before = problems_->size();
        read(name, value);
        if (problems_->size() == before) into = std::move(value);
    }
    /// A word of an enumeration; a word that this version does not know keeps the value (answers of a newer service).
    template <class T>
    void readWord(std::string_view name, T& into, std::optional<T> (*valueOf)(std::string_view)) {
        std::string word;
        read(name, word);
        if (const auto value = valueOf(word)) into = *value;
    }
    /// The same for requests: an unknown word is a problem that tells the known ones.
    template <class T>
    void readKnownWord(std::string_view name, T& into, std::optional<T> (*valueOf)(std::string_view),
                       const char* choices) {
        const auto found = find(name);
        if (!found || found.isNull() || !expect(found, JsonKind::Text)) return;
        if (const auto value = valueOf(found.text())) {
            into = *value;
        } else {
            problem(found, "\"" + shortened(found.text()) + "\" is not one of " + choices + ".");
        }
    }
    /// Calls read(JsonFields&) with the object of that name; nothing if it is missing or null.
    template <class F>
    void inside(std::string_view name, F use) {
        const auto found = find(name);
        if (!found || found.isNull() || !expect(found, JsonKind::Object)) return;
        JsonFields inner{found, this, std::string(name), *problems_};
        use(inner);
    }
    /// Calls use(JsonFields&) for each object of the list of that name.
    template <class F>
    void each(std::string_view name, F use) {
        const auto found = find(name);
        if (!found || found.isNull() || !expect(found, JsonKind::Array)) return;
        eachOf(found, name, use);
    }
    template <class T>
    void readList(std::string_view name, std::vector<T>& into) {
        const auto found = find(name);
        if (!found || found.isNull() || !expect(found, JsonKind::Array)) return;
        into.clear();
        eachOf(found, name, [&into](JsonFields& item) { readJson(item, into.emplace_back()); });
    }
    template <class T>
    void readObject(std::string_view name, T& into) {
        inside(name, [&into](JsonFields& inner) { readJson(inner, into); });
    }

    JsonValue object() const { return object_; }
    /// Full name of a member, "ranges[3].text".
    std::string pathOf(std::string_view name) const;

private:
    JsonFields(JsonValue object, const JsonFields* parent, std::string name, std::vector<FieldProblem>& problems);
    template <class F>
    void eachOf(JsonValue list, std::string_view name, F use) {
        std::size_t index = 0;
        for (auto item = list.first(); item; item = item.next(), ++index) {
            JsonFields inner{item, this, {}, *problems_};
            inner.listName_ = name;
            inner.index_ = index;
            if (inner.checkObject()) use(inner);
        }
    }
    JsonValue find(std::string_view name);
    bool expect(JsonValue found, JsonKind kind);
    bool checkObject();
    void problem(JsonValue at, std::string detail);
    static std::string shortened(std::string_view text);
    std::string ownPath() const;

    JsonValue object_;
    JsonValue hint_;  ///< where the last member was found: readers ask in the order of the writers
    const JsonFields* parent_ = nullptr;
    std::string name_;
    std::string_view listName_;
    std::size_t index_ = 0;
    std::vector<FieldProblem>* problems_;
};

/// fromJson<UserRow>(text) for every record of the contract; the readJson overloads are beside the records.
/// Errors: BadInput with the first problem in the sentence; all of them go to `problems` if given.
template <class T>
Result<T> fromJson(std::string_view text, std::vector<FieldProblem>* problems = nullptr,
                   const JsonLimits& limits = {}) {
    auto document = JsonDocument::parse(text, limits);
    if (!document) {
        if (problems != nullptr) {
            const auto [line, column] = JsonDocument::lineAndColumn(text, document.error().place.value_or(0));
            problems->push_back({"", line, column, document.error().what});
        }
        return document.error();
    }
    std::vector<FieldProblem> found;
    T record{};
    JsonFields fields{document->root(), found};
    if (found.empty()) readJson(fields, record);
    if (found.empty()) return record;
    const auto& first = found.front();
    Error error{Code::BadInput, (first.field.empty() ? "" : "\"" + first.field + "\": ") + first.detail};
    if (problems != nullptr) *problems = std::move(found);
    return error;
}

}  // namespace causeway::api
