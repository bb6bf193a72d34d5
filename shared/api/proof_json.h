#pragma once

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/proof.h"

/// Proof trees of dots and graded tests. The record is ProofStep of shared/model.
namespace causeway::api {

void writeJson(JsonWriter& out, const ProofStep& step);
void readJson(JsonFields& in, ProofStep& step);

}  // namespace causeway::api
