#pragma once

#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/base_link.h"
#include "shared/model/base_site.h"

/// /v1/bases and below. The records are BaseSite and BaseLink of shared/model.
namespace causeway::api {

struct BaseList {
    std::vector<BaseSite> items;
};
void writeJson(JsonWriter& out, const BaseList& list);
void readJson(JsonFields& in, BaseList& list);
void writeJson(JsonWriter& out, const BaseSite& base);
void readJson(JsonFields& in, BaseSite& base);

/// Body of POST /v1/bases/invitations.
struct InvitationRequest {
    std::string name;            ///< of the base that is invited; made if there is none
    std::uint32_t minutes = 60;  ///< 1..10080
    std::string address;         ///< under which the other side reaches this service; may be empty
};
/// Body of POST /v1/bases/links.
struct LinkRequest {
    std::string invitation;  ///< the line of the other side
    std::string name;        ///< how its base is called here; empty: as it calls itself
};
void writeJson(JsonWriter& out, const LinkHouse& house);
void readJson(JsonFields& in, LinkHouse& house);
void writeJson(JsonWriter& out, const BaseLink& link);
void readJson(JsonFields& in, BaseLink& link);
void writeJson(JsonWriter& out, const LinkInvitation& invitation);
void readJson(JsonFields& in, LinkInvitation& invitation);
void writeJson(JsonWriter& out, const InvitationRequest& request);
void readJson(JsonFields& in, InvitationRequest& request);
void writeJson(JsonWriter& out, const LinkRequest& request);
void readJson(JsonFields& in, LinkRequest& request);

}  // namespace causeway::api
