#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/bug_report.h"

namespace causeway::client {

enum class Existing { Refuse, Replace };

/// Writes the files into one zip file that only its owner can read (0600); answers its size in bytes. It is written
/// beside and renamed, so that there is never half a file of that name.
/// Errors: Conflict (a file of that name is there and Existing::Refuse), BadInput (a folder), Denied with the reason.
Result<std::uint64_t> writeZip(const std::filesystem::path& path, const std::vector<ReportFile>& files,
                               Existing existing);

}  // namespace causeway::client
