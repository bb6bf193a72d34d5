#pragma once

#include "service/admin/admin_core.h"
#include "shared/api/config_json.h"

namespace causeway::admin {

/// Everything that was set, as GET /v1/config tells it.
Result<api::ConfigFile> currentConfig(AdminCore& core);

}  // namespace causeway::admin
