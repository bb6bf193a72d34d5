#include "service/store/private_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace causeway::store {

namespace {

namespace fs = std::filesystem;

Error fileError(const std::string& what, const std::error_code& error) {
    const bool isDenied = error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
                          error == std::errc::read_only_file_system;
    return {isDenied ? Code::Denied : Code::Unavailable, what, "The system says: " + error.message() + ".",
            isDenied ? "Give the user of the service write access there, or choose another data folder with --data."
                     : "Look at the path and at the free space of the disk."};
}

}  // namespace

Result<void> makeDataFolder(const std::string& path) {
    std::error_code error;
    if (path.empty() || fs::is_directory(path, error)) return {};
    fs::create_directories(path, error);
    if (error) return fileError("The data folder " + path + " could not be made.", error);
    fs::permissions(path, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, error);
    return {};
}

Result<void> writeNewPrivateFile(const std::string& path, std::string_view bytes) {
    const auto what = "The file " + path + " could not be written.";
#if defined(_WIN32)
    std::ofstream out{path, std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return fileError(what, std::make_error_code(std::errc::io_error));
    return {};
#else
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        const std::error_code error{errno, std::system_category()};
        if (error == std::errc::file_exists) {
            return Error{Code::Conflict, what, "It exists already.", "Look who made it."};
        }
        return fileError(what, error);
    }
    std::error_code failed;
    while (!bytes.empty() && !failed) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (written == 0 || errno != EINTR) {
            failed = {written == 0 ? ENOSPC : errno, std::system_category()};
        }
    }
    if (!failed && ::fsync(file) != 0) failed = {errno, std::system_category()};
    if (::close(file) != 0 && !failed) failed = {errno, std::system_category()};
    if (failed) {
        ::unlink(path.c_str());  // half a key would be worse than none
        return fileError(what, failed);
    }
    return {};
#endif
}

bool othersMayUse(const std::string& path) {
#if defined(_WIN32)
    static_cast<void>(path);
    return false;
#else
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
#endif
}

void takeRightsFromOthers(const std::string& path) {
    std::error_code ignored;
    fs::permissions(path, fs::perms::group_all | fs::perms::others_all, fs::perm_options::remove, ignored);
}

}  // namespace causeway::store
