#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/result.h"

namespace causeway::app {

/// One service a data folder: held as long as the object lives. Errors: Conflict, naming the other process.
class FolderLock {
public:
    static Result<std::unique_ptr<FolderLock>> take(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Creates the folder with its parents, 0750. Errors: Denied, Unavailable.
Result<void> makeDataFolder(const std::filesystem::path& folder);
std::uint64_t residentBytes();
std::uint64_t processId();
std::string hostName();
/// Operating system, libraries and limits of this process, for a bug report. No variable of the environment is in it.
std::vector<std::pair<std::string, std::string>> environmentFacts();
/// Written beside and renamed, so that a reader never sees a half file; 0644.
Result<void> writeWholeFile(const std::filesystem::path& path, const std::string& text);

}  // namespace causeway::app
