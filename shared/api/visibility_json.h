#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/visibility.h"

/// /v1/visibility and below. The records are those of shared/model/visibility.h.
namespace causeway::api {

/// GET /v1/visibility: where the collection stands, and the map of bases.
struct VisibilityOverview {
    VisibilityStatus status;
    VisibilityMap map;
};
struct VisibilityFindings {
    std::vector<VisibilityFinding> items;  ///< open ones first, widest first
};

/// What the findings need of earlier runs; only in the store, under number 0.
struct VisibilityPast {
    struct Note {
        TimePoint at{};
        std::string text;
        UserId user = 0;
        std::optional<Network4> segment{};
        bool isRestart = false;
    };
    TimePoint finishedAt{};
    std::vector<VisibilityChange> fine;  ///< place and when it was fine last
    std::vector<Note> changes;           ///< oldest first
};

void writeJson(JsonWriter& out, const VisibilityStatus& status);
void readJson(JsonFields& in, VisibilityStatus& status);
void writeJson(JsonWriter& out, const VisibilityGroup& group);
void readJson(JsonFields& in, VisibilityGroup& group);
void writeJson(JsonWriter& out, const VisibilityBlock& block);
void readJson(JsonFields& in, VisibilityBlock& block);
void writeJson(JsonWriter& out, const VisibilityMap& map);
void readJson(JsonFields& in, VisibilityMap& map);
void writeJson(JsonWriter& out, const VisibilityPc& pc);
void readJson(JsonFields& in, VisibilityPc& pc);
void writeJson(JsonWriter& out, const VisibilityCells& cells);
void readJson(JsonFields& in, VisibilityCells& cells);
void writeJson(JsonWriter& out, const VisibilityChange& change);
void readJson(JsonFields& in, VisibilityChange& change);
void writeJson(JsonWriter& out, const VisibilityFinding& finding);
void readJson(JsonFields& in, VisibilityFinding& finding);
void writeJson(JsonWriter& out, const VisibilityOverview& overview);
void readJson(JsonFields& in, VisibilityOverview& overview);
void writeJson(JsonWriter& out, const VisibilityFindings& findings);
void readJson(JsonFields& in, VisibilityFindings& findings);
/// Body of POST /v1/visibility/collect; both empty: everybody.
void writeJson(JsonWriter& out, const VisibilityScope& scope);
void readJson(JsonFields& in, VisibilityScope& scope);

void writeJson(JsonWriter& out, const VisibilityPast::Note& note);
void readJson(JsonFields& in, VisibilityPast::Note& note);
void writeJson(JsonWriter& out, const VisibilityPast& past);
void readJson(JsonFields& in, VisibilityPast& past);

}  // namespace causeway::api
