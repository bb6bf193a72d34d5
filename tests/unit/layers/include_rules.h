#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace causeway::layers {

/// What one source file includes against the folder table of STYLE.md section 1.
/// Shape:  path from the project root ("service/net/tls.h"), text of the file.
/// Errors: one sentence for each include that the table does not allow, with path and line; empty = fine.
std::vector<std::string> includeProblems(std::string_view path, std::string_view text);

}  // namespace causeway::layers
