#include "service/app/process.h"

#include <fstream>
#include <sstream>

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/Process.h>
#include <openssl/crypto.h>
#include <boost/version.hpp>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#endif

namespace causeway::app {

namespace fs = std::filesystem;

Result<void> makeDataFolder(const fs::path& folder) {
    std::error_code trouble;
    if (fs::is_directory(folder, trouble)) return {};
    fs::create_directories(folder, trouble);
    if (trouble) {
        return Error{Code::Denied, "The data folder " + folder.string() + " cannot be made.",
                     "The system says: " + trouble.message() + ".",
                     "Name another one with --data DIR, or make it for this user."};
    }
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, trouble);
    return {};
}

#if defined(_WIN32)
// Windows: the file itself is the lock; it is opened without sharing by the store. Kept here so that the caller is one.
Result<std::unique_ptr<FolderLock>> FolderLock::take(const fs::path&) {
    return std::unique_ptr<FolderLock>(new FolderLock(-1));
}
FolderLock::~FolderLock() = default;
#else
Result<std::unique_ptr<FolderLock>> FolderLock::take(const fs::path& folder) {
    const std::string path = (folder / "causewayd.lock").string();
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        return Error{Code::Denied, "The data folder " + folder.string() + " cannot be written.",
                     "The system says: " + std::system_category().message(errno) + ".",
                     "Start the service as the user who owns the folder, or name another one with --data DIR."};
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        std::ifstream file{path};
        std::string holder;
        file >> holder;
        close(descriptor);
        return Error{Code::Conflict, "Another causewayd uses the data folder " + folder.string() + ".",
                     holder.empty() ? "" : "It is process " + holder + ".",
                     "Stop it, or give this one its own folder with --data DIR."};
    }
    const std::string number = std::to_string(processId()) + "\n";
    if (ftruncate(descriptor, 0) == 0) (void)!write(descriptor, number.data(), number.size());
    return std::unique_ptr<FolderLock>(new FolderLock(descriptor));
}

FolderLock::~FolderLock() {
    close(descriptor_);
}
#endif

std::uint64_t residentBytes() {
#if defined(__linux__)
    std::ifstream file{"/proc/self/statm"};
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
#else
    return 0;
#endif
}

std::uint64_t processId() {
    return static_cast<std::uint64_t>(Poco::Process::id());
}

std::string hostName() {
    try {
        return Poco::Environment::nodeName();
    } catch (const Poco::Exception&) {
        return "causeway";
    }
}

std::vector<std::pair<std::string, std::string>> environmentFacts() {
    std::vector<std::pair<std::string, std::string>> facts;
    const auto add = [&facts](const char* name, std::string value) { facts.emplace_back(name, std::move(value)); };
    add("hostName", hostName());
    try {
        add("system", Poco::Environment::osDisplayName());
        add("systemVersion", Poco::Environment::osVersion());
        add("architecture", Poco::Environment::osArchitecture());
        add("processors", std::to_string(Poco::Environment::processorCount()));
    } catch (const Poco::Exception& trouble) {
        add("systemProblem", trouble.displayText());
    }
#if defined(__linux__)
    std::ifstream release{"/etc/os-release"};
    for (std::string line; std::getline(release, line);) {
        constexpr std::string_view kName = "PRETTY_NAME=";
        if (line.starts_with(kName)) add("distribution", std::string(line.substr(kName.size())));
    }
#endif
#if !defined(_WIN32)
    add("runsAsRoot", geteuid() == 0 ? "true" : "false");
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) add("openFilesLimit", std::to_string(files.rlim_cur));
#endif
    add("poco", std::to_string(Poco::Environment::libraryVersion() >> 24) + "." +
                    std::to_string((Poco::Environment::libraryVersion() >> 16) & 0xFF) + "." +
                    std::to_string((Poco::Environment::libraryVersion() >> 8) & 0xFF));
    add("openssl", OpenSSL_version(OPENSSL_VERSION));
    add("boost", BOOST_LIB_VERSION);
#if defined(__VERSION__)
    add("compiler", __VERSION__);
#endif
    return facts;
}

Result<void> writeWholeFile(const fs::path& path, const std::string& text) {
    const fs::path draft = path.string() + ".new";
    {
        std::ofstream file{draft, std::ios::binary | std::ios::trunc};
        file << text << std::flush;
        if (!file) {
            return Error{
                Code::Unavailable, "The file " + path.string() + " cannot be written.", "",
                "Check that the folder exists, that this user may write there, and that the disk is not full."};
        }
    }
    std::error_code trouble;
    fs::rename(draft, path, trouble);
    if (trouble)
        return Error{Code::Unavailable, "The file " + path.string() + " cannot be written.", trouble.message() + "."};
    return {};
}

}  // namespace causeway::app
