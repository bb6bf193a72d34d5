#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/admin/router.h"

namespace causeway::admin {

/// Records written by the real writers, from which the schemas are derived: so the document cannot say what the code
/// does not do. The first sample has every field filled, the others show which may be null.
struct SchemaSamples {
    const char* name;
    std::vector<std::string> samples;
};
std::vector<SchemaSamples> schemaSamples();

/// JSON schema of the samples of one record.
std::string schemaOf(const std::vector<std::string>& samples);

/// OpenAPI 3.1 document of the routes.
std::string openApiDocument(const Router& router);

}  // namespace causeway::admin
