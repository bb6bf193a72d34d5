#pragma once

#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/base_site.h"

/// /v1/bases and below. The record is BaseSite of shared/model.
namespace causeway::api {

struct BaseList {
    std::vector<BaseSite> items;
};
void writeJson(JsonWriter& out, const BaseList& list);
void readJson(JsonFields& in, BaseList& list);
void writeJson(JsonWriter& out, const BaseSite& base);
void readJson(JsonFields& in, BaseSite& base);

}  // namespace causeway::api
