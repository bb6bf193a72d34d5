#include "service/store/store_file.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "service/store/database.h"
#include "service/store/migrations.h"
#include "service/store/private_file.h"
#include "shared/base/text.h"

namespace causeway::store {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kChangeCounterAt = 24;
constexpr std::size_t kPageCountAt = 28;
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::size_t kCountedAtChangeAt = 92;

std::uint32_t bigEndian32(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

bool haveSameBytes(const fs::path& left, const fs::path& right) {
    std::error_code error;
    if (fs::file_size(left, error) != fs::file_size(right, error) || error) return false;
    std::ifstream one{left, std::ios::binary};
    std::ifstream other{right, std::ios::binary};
    std::array<char, 65536> oneRoom{};
    std::array<char, 65536> otherRoom{};
    while (one && other) {
        one.read(oneRoom.data(), oneRoom.size());
        other.read(otherRoom.data(), otherRoom.size());
        if (one.gcount() != other.gcount()) return false;
        if (!std::equal(oneRoom.begin(), oneRoom.begin() + one.gcount(), otherRoom.begin())) return false;
    }
    return one.eof() && other.eof();
}

/// "20261122-010203", UTC, for a file name.
std::string stamp() {
    auto iso = isoText(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
    std::string text;
    for (const char c : iso.substr(0, 19)) {
        if (c == 'T') {
            text += '-';
        } else if (c != '-' && c != ':') {
            text += c;
        }
    }
    return text;
}

/// A service manager may start us again and again: the same bytes are kept once.
std::optional<std::string> earlierCopy(const std::string& path) {
    const fs::path file{path};
    const auto prefix = file.filename().string() + ".corrupt-";
    const auto folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
    std::error_code error;
    for (fs::directory_iterator each{folder, error}, end; !error && each != end; each.increment(error)) {
        const auto name = each->path().filename().string();
        if (name.compare(0, prefix.size(), prefix) != 0 || name.ends_with("-wal")) continue;
        if (haveSameBytes(each->path(), file)) return each->path().string();
    }
    return std::nullopt;
}

Result<std::string> keepAside(const std::string& path) {
    if (auto copy = earlierCopy(path)) return *copy;
    const auto copy = path + ".corrupt-" + stamp();
    std::error_code error;
    fs::copy_file(path, copy, error);
    if (error) {
        fs::remove(copy, error);
        return Error{Code::Unavailable, "No copy could be made."};
    }
    takeRightsFromOthers(copy);
    // Recent changes may be in the log that belongs to the file.
    std::error_code noLog;
    if (fs::file_size(path + "-wal", noLog) > 0 && !noLog) {
        fs::copy_file(path + "-wal", copy + "-wal", noLog);
        takeRightsFromOthers(copy + "-wal");
    }
    return copy;
}

Error damaged(const std::string& path, const std::string& reason, Log& log) {
    const auto copy = keepAside(path);
    Error error{Code::Corrupt, "The store " + path + " is damaged, so the service did not start.",
                reason + " The file was left as it is" +
                    (copy ? ", and a copy is kept as " + *copy + "." : "; no copy of it could be made."),
                "Restore " + path +
                    " from a backup. Without one, move it away to begin with an empty store, and "
                    "import the exported configuration."};
    log.write(LogLevel::Error, "STORE_CORRUPT", error.text());
    return error;
}

/// SQLite takes the missing end of a last page for zeros. The count in the header is only meant if it was made at the
/// last change; with a log beside the file, a kill during the copying of the log leaves a file that is still short.
bool isCutOff(const std::string& path, std::string_view header) {
    std::error_code error;
    if (fs::file_size(path + "-wal", error) > 0 && !error) return false;
    if (bigEndian32(header, kChangeCounterAt) != bigEndian32(header, kCountedAtChangeAt)) return false;
    const auto written = bigEndian32(header, kPageSizeAt) >> 16;
    const std::uint64_t pageSize = written == 1 ? 65536 : written;
    const auto size = fs::file_size(path, error);
    return !error && size < pageSize * bigEndian32(header, kPageCountAt);
}

Error newer(const std::string& path, std::int64_t version) {
    return {Code::NewerVersion,
            "The store " + path + " was written by a newer version of Causeway, so the service did not start.",
            "It has format " + std::to_string(version) + ", and this version knows formats up to " +
                std::to_string(newestVersion()) + ". The file was not changed.",
            "Install the newer version again, or restore the backup of the data folder from before the upgrade."};
}

Error foreign(const std::string& path) {
    return {Code::Unsupported, "The store " + path + " cannot be used, so the service did not start.",
            "It is an SQLite database of another program. The file was not changed.",
            "Choose another data folder with --data, or move that file away."};
}

/// What the first bytes of the file tell, before SQLite touches anything.
Result<void> inspectHeader(const std::string& path, Log& log) {
    std::string header(kHeaderBytes, '\0');
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return Error{Code::Denied, "The store " + path + " cannot be read.", "The system does not allow it.",
                     "Give the user of the service access to the data folder and its files."};
    }
    in.read(header.data(), kHeaderBytes);
    if (static_cast<std::size_t>(in.gcount()) < kHeaderBytes || !header.starts_with(kMagic)) {
        return damaged(path, "It is not a database.", log);
    }
    const auto application = bigEndian32(header, kApplicationIdAt);
    const auto version = bigEndian32(header, kUserVersionAt);
    if (application != kApplicationId && application != 0) return foreign(path);
    if (application == kApplicationId && version > static_cast<std::uint32_t>(newestVersion())) {
        return newer(path, version);
    }
    if (isCutOff(path, header)) return damaged(path, "Its end is missing.", log);
    return {};
}

Result<void> inspectContent(const std::string& path, Log& log) {
    try {
        Database database{path};
        database.leaveFileAlone();
        const auto version = database.number("PRAGMA user_version");
        const bool isOurs = database.number("PRAGMA application_id") == kApplicationId;
        if (!isOurs && (version != 0 || database.number("SELECT COUNT(*) FROM sqlite_master") > 0)) {
            return foreign(path);
        }
        // The header may be older than the log beside it.
        if (version > newestVersion()) return newer(path, version);
        const auto verdict = database.text("PRAGMA quick_check(1)");
        if (verdict != "ok") return damaged(path, "The check says: " + cleanUtf8(cutUtf8(verdict, 200)) + ".", log);
        return {};
    } catch (...) {
        if (kindOfCurrentException() == FailureKind::Damaged) {
            return damaged(path, "It cannot be read as a database.", log);
        }
        return errorOfCurrentException("The store " + path + " could not be opened.");
    }
}

}  // namespace

Result<void> inspectStoreFile(const std::string& path, Log& log) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error == std::errc::no_such_file_or_directory) return writeNewPrivateFile(path, "");
    if (error || !fs::is_regular_file(path, error)) {
        return Error{Code::Unavailable, "The store " + path + " cannot be opened.",
                     error ? "The system says: " + error.message() + "." : "It is not a file.",
                     "Look at the data folder and its rights."};
    }
    if (size == 0) return {};  // made by us a moment before a crash
    if (auto header = inspectHeader(path, log); !header) return header;
    return inspectContent(path, log);
}

}  // namespace causeway::store
