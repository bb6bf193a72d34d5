#include "console/client/zip_file.h"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include <Poco/DateTime.h>
#include <Poco/Exception.h>
#include <Poco/Path.h>
#include <Poco/Zip/Compress.h>

namespace causeway::client {

namespace fs = std::filesystem;

namespace {

Error cannotWrite(const fs::path& path, const std::string& reason) {
    return {Code::Denied, "The file " + path.string() + " cannot be written.", reason + ".",
            "Choose another folder or name, or check that the disk is not full."};
}

}  // namespace

Result<std::uint64_t> writeZip(const fs::path& path, const std::vector<ReportFile>& files, Existing existing) {
    std::error_code trouble;
    if (fs::is_directory(path, trouble))
        return Error{Code::BadInput, path.string() + " is a folder.", "", "Write the name of a file in it."};
    if (existing == Existing::Refuse && fs::exists(path, trouble)) {
        return Error{Code::Conflict, "There is a file " + path.string() + " already.", "Nothing was written.",
                     "Choose another name, or say that it is to be replaced."};
    }
    const fs::path draft = path.string() + ".new";
    errno = 0;
    {
        std::ofstream out{draft, std::ios::binary | std::ios::trunc};
        const auto reason = std::generic_category().message(errno);
        if (!out) return cannotWrite(path, reason);
        fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write, trouble);
        try {
            Poco::Zip::Compress zip{out, true};
            for (const auto& file : files) {
                std::istringstream in{file.content};
                zip.addFile(in, Poco::DateTime(), Poco::Path(file.name, Poco::Path::PATH_UNIX));
            }
            zip.close();
        } catch (const Poco::Exception& failed) {
            out.close();
            fs::remove(draft, trouble);
            return cannotWrite(path, failed.displayText());
        }
        out.flush();
        if (!out) {
            out.close();
            fs::remove(draft, trouble);
            return cannotWrite(path, "The disk did not take everything");
        }
    }
    fs::rename(draft, path, trouble);
    if (trouble) {
        const auto reason = trouble.message();
        fs::remove(draft, trouble);
        return cannotWrite(path, reason);
    }
    return static_cast<std::uint64_t>(fs::file_size(path, trouble));
}

}  // namespace causeway::client
