#include "shared/api/bases_json.h"

#include <algorithm>

#include "service/admin/admin_core.h"
#include "service/admin/base_check.h"
#include "shared/base/secret.h"
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
    if (core.ports().links != nullptr) {
        for (const auto& link : core.ports().links->links().links) {
            if (link.base == before->id && link.state != LinkState::Invited)
                return problemResponse({Code::Conflict, "The base \"" + before->name + "\" is linked.",
                                        "Its service is trusted as long as the link is there.", "Unlink it first."});
        }
    }
    auto removed = core.ports().store->removeBase(before->id);
    if (removed) {
        core.audit(request, "bases.remove", before->name, baseText(*before), "");
        core.basesChanged();
    }
    return answer(removed);
}

Response linksAreOff() {
    return problemResponse({Code::Unavailable, "This service cannot be linked with others.",
                            "Its link certificate or its store cannot be used.",
                            "Look at the problems on the Overview page and at the log."});
}

/// The base of that name, made with these segments if there is none; segments that another base has are left out. A
/// base without segments gets these. Errors: those of the store, BadInput.
Result<BaseSite> baseFor(AdminCore& core, const Request& request, const std::string& name,
                         const std::vector<Network4>& segments) {
    const auto writing = core.writing();
    const auto bases = core.ports().store->bases();
    if (!bases) return bases.error();
    BaseSite base;
    base.name = trimmed(name);
    for (const auto& each : *bases)
        if (lowerAscii(each.name) == lowerAscii(base.name)) base = each;
    const auto before = base;
    if (base.segments.empty()) {
        for (const auto& segment : segments) {
            const bool isTaken = std::any_of(bases->begin(), bases->end(), [&](const BaseSite& each) {
                return std::find(each.segments.begin(), each.segments.end(), segment) != each.segments.end();
            });
            if (!isTaken && std::find(base.segments.begin(), base.segments.end(), segment) == base.segments.end())
                base.segments.push_back(segment);
        }
    }
    if (base.id != 0 && base.segments == before.segments) return base;
    if (const auto trouble = baseTrouble(base, *bases); !trouble.sentence.empty())
        return Error{trouble.code, "The base was not saved.", trouble.sentence, "Name another base (--base)."};
    auto saved = core.ports().store->saveBase(base);
    if (!saved) return saved.error();
    core.audit(request, before.id == 0 ? "bases.add" : "bases.change", saved->name,
               before.id == 0 ? "" : baseText(before), baseText(*saved));
    core.basesChanged();
    return *saved;
}

Response invite(AdminCore& core, const Request& request) {
    auto* links = core.ports().links;
    if (links == nullptr) return linksAreOff();
    auto body = readBody<api::InvitationRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wish = std::get<api::InvitationRequest>(body);
    if (links->links().listen.empty())
        return problemResponse({Code::Unavailable, "No invitation was made.",
                                "No other service can connect to this one: bases.link_listen is empty.",
                                "Set it, for example: causewayctl settings set bases.link_listen 0.0.0.0:8426"});
    const auto base = baseFor(core, request, wish.name, {});
    if (!base) return problemResponse(base.error());
    auto invitation = links->invite(base->id, base->name, std::chrono::minutes{wish.minutes}, wish.address);
    if (invitation)
        core.audit(request, "bases.invite", base->name, "",
                   "an invitation until " + isoText(invitation->endsAt) + ", " + Secret::shown());
    return answer(invitation, 201);
}

Response linkBase(AdminCore& core, const Request& request) {
    auto* links = core.ports().links;
    if (links == nullptr) return linksAreOff();
    auto body = readBody<api::LinkRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wish = std::get<api::LinkRequest>(body);
    if (wish.name.size() > 60 || cleanUtf8(wish.name) != wish.name)
        return fieldRefusal({"name", "The name is longer than 60 bytes or holds characters that cannot be shown."});
    const auto meeting = links->meet(wish.invitation);
    if (!meeting) return problemResponse(meeting.error());
    auto name = trimmed(wish.name);
    if (name.empty()) name = trimmed(cutUtf8(meeting->base.empty() ? meeting->service : meeting->base, 60));
    const auto base =
        baseFor(core, request, name.empty() ? std::string("linked base") : std::string(name), meeting->segments);
    if (!base) return problemResponse(base.error());
    auto link = links->keep(base->id, *meeting);
    if (link)
        core.audit(request, "bases.link", base->name, "",
                   "linked with " + meeting->service + " at " + link->address + ", certificate " + link->fingerprint);
    return answer(link, 201);
}

Response unlinkBase(AdminCore& core, const Request& request) {
    auto* links = core.ports().links;
    if (links == nullptr) return linksAreOff();
    const auto all = links->links().links;
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const BaseLink& each) { return each.base == request.id(); });
    auto unlinked = links->unlink(request.id());
    if (unlinked && known != all.end())
        core.audit(request, "bases.unlink", known->baseName,
                   known->fingerprint.empty() ? "an open invitation" : "certificate " + known->fingerprint, "");
    return answer(unlinked);
}

}  // namespace

void addBasesRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/v1/bases/links", Access::Viewer, "Links to the services of other bases", "", "LinkList", 200,
                [&core](const Request&) {
                    if (core.ports().links == nullptr) return linksAreOff();
                    return jsonResponse(api::toJson(core.ports().links->links()));
                }});
    router.add({"POST", "/v1/bases/invitations", Access::Admin,
                "Makes an invitation, good once, for the service of another base", "InvitationRequest", "Invitation",
                201, [&core](const Request& request) { return invite(core, request); }});
    router.add({"POST",
                "/v1/bases/links",
                Access::Admin,
                "Uses an invitation: both services are linked from then on",
                "LinkRequest",
                "Link",
                201,
                [&core](const Request& request) { return linkBase(core, request); },
                {},
                false,
                Pace::Slow});
    router.add({"DELETE", "/v1/bases/links/{id}", Access::Admin, "Takes the link of that base away", "", "", 204,
                [&core](const Request& request) { return unlinkBase(core, request); }});
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
