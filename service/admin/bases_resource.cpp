#include "shared/api/bases_json.h"

#include <algorithm>

#include "service/admin/admin_core.h"
#include "service/admin/base_check.h"
#include "shared/base/text.h"

/// /v1/bases and below
namespace causeway::admin {

BaseTrouble baseTrouble(const BaseSite& base, const std::vector<BaseSite>& others) {
    constexpr std::size_t kMostSegments = 1000;
    const auto name = trimmed(base.name);
    if (name.empty()) return {"name", "The name must not be empty."};
    if (name.size() > 60 || cleanUtf8(name) != name)
        return {"name", "The name is longer than 60 bytes or holds characters that cannot be shown."};
    if (base.note.size() > 400) return {"note", "The note is longer than 400 bytes."};
    if (base.segments.size() > kMostSegments)
        return {"segments", "A base has at most " + std::to_string(kMostSegments) + " segments."};
    for (std::size_t i = 0; i < base.segments.size(); ++i) {
        if (std::find(base.segments.begin(), base.segments.begin() + static_cast<std::ptrdiff_t>(i),
                      base.segments[i]) != base.segments.begin() + static_cast<std::ptrdiff_t>(i))
            return {"segments", base.segments[i].text() + " is there twice."};
    }
    for (const auto& other : others) {
        if (other.id == base.id && base.id != 0) continue;
        if (lowerAscii(other.name) == lowerAscii(name))
            return {"name", "There is a base of the name \"" + other.name + "\" already.", Code::Conflict};
        for (const auto& segment : base.segments) {
            if (std::find(other.segments.begin(), other.segments.end(), segment) != other.segments.end())
                return {"segments", segment.text() + " belongs to the base \"" + other.name + "\" already.",
                        Code::Conflict};
        }
    }
    return {};
}

std::string baseText(const BaseSite& base) {
    std::string text = base.name + ":";
    for (const auto& segment : base.segments)
        text += " " + segment.text();
    if (!base.note.empty()) text += " (" + base.note + ")";
    return text;
}

namespace {

Response fieldRefusal(const BaseTrouble& trouble) {
    return problemResponse(api::httpStatusOf(trouble.code),
                           {trouble.code, "The base was not saved.", trouble.sentence, "Mend it and try again."},
                           {{trouble.field, 0, 0, trouble.sentence}});
}

Error unknownBase(std::uint64_t id) {
    return Error{Code::NotFound, "There is no base " + std::to_string(id) + ".", "It may have been removed meanwhile.",
                 "Load the list again."};
}

const BaseSite* findBase(const std::vector<BaseSite>& bases, std::uint64_t id) {
    const auto found = std::find_if(bases.begin(), bases.end(), [id](const BaseSite& base) { return base.id == id; });
    return found == bases.end() ? nullptr : &*found;
}

/// POST (id 0) and PUT.
Response saveBase(AdminCore& core, const Request& request, std::uint64_t id) {
    auto body = readBody<BaseSite>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    auto base = std::get<BaseSite>(std::move(body));
    base.id = id;
    base.name = trimmed(base.name);
    const auto writing = core.writing();
    const auto bases = core.ports().store->bases();
    if (!bases) return problemResponse(bases.error());
    const auto* before = id == 0 ? nullptr : findBase(*bases, id);
    if (id != 0 && before == nullptr) return problemResponse(unknownBase(id));
    if (const auto trouble = baseTrouble(base, *bases); !trouble.sentence.empty()) return fieldRefusal(trouble);
    auto saved = core.ports().store->saveBase(base);
    if (!saved) return problemResponse(saved.error());
    core.audit(request, before == nullptr ? "bases.add" : "bases.change", saved->name,
               before == nullptr ? "" : baseText(*before), baseText(*saved));
    core.basesChanged();
    return jsonResponse(api::toJson(*saved), before == nullptr ? 201 : 200);
}

Response removeBase(AdminCore& core, const Request& request) {
    const auto writing = core.writing();
    const auto bases = core.ports().store->bases();
    if (!bases) return problemResponse(bases.error());
    const auto* before = findBase(*bases, request.id());
    if (before == nullptr) return problemResponse(unknownBase(request.id()));
    auto removed = core.ports().store->removeBase(before->id);
    if (removed) {
        core.audit(request, "bases.remove", before->name, baseText(*before), "");
        core.basesChanged();
    }
    return answer(removed);
}

}  // namespace

void addBasesRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/v1/bases", Access::Viewer, "Bases: sites of the company", "", "BaseList", 200,
                [&core](const Request&) {
                    auto bases = core.ports().store->bases();
                    if (!bases) return problemResponse(bases.error());
                    return jsonResponse(api::toJson(api::BaseList{std::move(*bases)}));
                }});
    router.add({"POST", "/v1/bases", Access::Admin, "Adds a base", "Base", "Base", 201,
                [&core](const Request& request) { return saveBase(core, request, 0); }});
    router.add({"GET", "/v1/bases/{id}", Access::Viewer, "One base", "", "Base", 200, [&core](const Request& request) {
                    auto bases = core.ports().store->bases();
                    if (!bases) return problemResponse(bases.error());
                    const auto* base = findBase(*bases, request.id());
                    return base == nullptr ? problemResponse(unknownBase(request.id()))
                                           : jsonResponse(api::toJson(*base));
                }});
    router.add({"PUT", "/v1/bases/{id}", Access::Admin, "Replaces a base", "Base", "Base", 200,
                [&core](const Request& request) {
                    // An id that is no number is 0, which would be a new base.
                    return request.id() == 0 ? problemResponse(unknownBase(0)) : saveBase(core, request, request.id());
                }});
    router.add({"DELETE", "/v1/bases/{id}", Access::Admin, "Removes a base", "", "", 204,
                [&core](const Request& request) { return removeBase(core, request); }});
}

}  // namespace causeway::admin
