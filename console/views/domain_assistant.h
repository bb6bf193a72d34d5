#pragma once

#include <cstdint>

class wxWindow;

namespace causeway::console {

struct AppContext;

/// From a name to a chat domain with two green marks. Answers the id of the domain that was made, 0 if none was.
std::uint64_t runDomainAssistant(wxWindow* parent, AppContext& app);

}  // namespace causeway::console
