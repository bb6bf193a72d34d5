#pragma once

#include <wx/window.h>

#include "console/views/pages.h"

namespace causeway::console {

/// Name, what it is for, versions of console and service.
void showAboutDialog(wxWindow* parent, AppContext& app);

}  // namespace causeway::console
