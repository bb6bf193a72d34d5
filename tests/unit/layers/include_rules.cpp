#include "tests/unit/layers/include_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace causeway::layers {

namespace {

using Words = std::span<const std::string_view>;

/// One row of the table. `folders`: what it may include besides itself; a name ending in '/' stands for all below it.
/// `libraries`: groups of outside headers besides the standard library.
struct Layer {
    std::string_view folder;
    Words folders;
    Words libraries;
};

constexpr std::array kNothing = std::to_array<std::string_view>({"-"});
constexpr std::array kBase = std::to_array<std::string_view>({"shared/base"});
constexpr std::array kModel = std::to_array<std::string_view>({"shared/base", "shared/model"});
constexpr std::array kProto = std::to_array<std::string_view>({"shared/base", "shared/model", "shared/proto"});
constexpr std::array kAdmin =
    std::to_array<std::string_view>({"shared/base", "shared/model", "shared/proto", "shared/api"});
constexpr std::array kService = std::to_array<std::string_view>({"shared/", "service/"});
constexpr std::array kClient = std::to_array<std::string_view>({"shared/base", "shared/model", "shared/api"});
constexpr std::array kCli = std::to_array<std::string_view>({"shared/", "console/client", "console/report"});
constexpr std::array kPresenters =
    std::to_array<std::string_view>({"shared/base", "shared/model", "console/client", "console/report"});
constexpr std::array kWidgets = std::to_array<std::string_view>({"shared/base", "shared/model", "console/presenters"});
constexpr std::array kViews =
    std::to_array<std::string_view>({"shared/base", "shared/model", "console/presenters", "console/widgets"});
constexpr std::array kConsole = std::to_array<std::string_view>({"shared/", "console/"});

constexpr std::array kIcuOpenssl = std::to_array<std::string_view>({"icu", "openssl"});
constexpr std::array kPocoJson = std::to_array<std::string_view>({"poco", "poco-json"});
constexpr std::array kNetLibraries = std::to_array<std::string_view>({"boost", "openssl", "system"});
constexpr std::array kStoreLibraries =
    std::to_array<std::string_view>({"poco", "poco-data", "sqlite", "libpq", "openssl", "system"});
constexpr std::array kAdminLibraries =
    std::to_array<std::string_view>({"poco", "poco-json", "poco-net", "poco-crypto", "poco-util", "openssl", "system"});
constexpr std::array kAppLibraries = std::to_array<std::string_view>(
    {"poco", "poco-json", "poco-net", "poco-crypto", "poco-util", "toml", "boost", "openssl", "system"});
constexpr std::array kClientLibraries =
    std::to_array<std::string_view>({"poco", "poco-json", "poco-net", "poco-crypto", "poco-util", "openssl", "system"});
constexpr std::array kCliLibraries =
    std::to_array<std::string_view>({"cli11", "poco", "poco-json", "poco-net", "poco-util", "system"});
constexpr std::array kWxLibraries = std::to_array<std::string_view>({"wx", "gtk"});
constexpr std::array kConsoleAppLibraries = std::to_array<std::string_view>({"wx", "gtk", "cli11", "system"});
constexpr std::array kAdapterLibraries = std::to_array<std::string_view>(
    {"boost", "openssl", "poco", "poco-json", "poco-net", "poco-data", "sqlite", "libpq", "system"});

constexpr std::array kLayers = std::to_array<Layer>({
    {"shared/base", kNothing, kNothing},
    {"shared/model", kBase, kNothing},
    {"shared/proto", kModel, kIcuOpenssl},
    {"shared/api", kModel, kPocoJson},
    {"service/net", kModel, kNetLibraries},
    {"service/store", kModel, kStoreLibraries},
    {"service/auth", kProto, kNothing},
    {"service/discovery", kProto, kNothing},
    {"service/search", kProto, kNothing},
    {"service/trace", kProto, kNothing},
    {"service/links", kProto, kNothing},
    {"service/domains", kProto, kNothing},
    {"service/dns", kProto, kNothing},
    {"service/xmpp", kProto, kNothing},
    {"service/files", kProto, kNothing},
    {"service/admin", kAdmin, kAdminLibraries},
    {"service/app", kService, kAppLibraries},
    {"console/client", kClient, kClientLibraries},
    {"console/report", kModel, kNothing},
    {"console/cli", kCli, kCliLibraries},
    {"console/presenters", kPresenters, kNothing},
    {"console/widgets", kWidgets, kWxLibraries},
    {"console/views", kViews, kWxLibraries},
    {"console/app", kConsole, kConsoleAppLibraries},
});

/// Folders whose adapters (files named *_io) may use sockets and outside libraries.
constexpr std::array kFeatures = std::to_array<std::string_view>({"service/auth", "service/discovery", "service/search",
                                                                  "service/trace", "service/links", "service/domains",
                                                                  "service/dns", "service/xmpp", "service/files"});

struct Library {
    std::string_view prefix;
    std::string_view name;
};
/// The first row that fits decides.
constexpr std::array kLibraries = std::to_array<Library>({
    {"Poco/JSON/", "poco-json"},
    {"Poco/Dynamic/", "poco"},
    {"Poco/Net/", "poco-net"},
    {"Poco/Crypto/", "poco-crypto"},
    {"Poco/Util/", "poco-util"},
    {"Poco/Data/", "poco-data"},
    {"Poco/", "poco"},
    {"boost/", "boost"},
    {"openssl/", "openssl"},
    {"unicode/", "icu"},
    {"wx/", "wx"},
    {"gtk/", "gtk"},
    {"gdk/", "gtk"},
    {"atk/", "gtk"},
    {"glib", "gtk"},
    {"sqlite3.h", "sqlite"},
    {"libpq-fe.h", "libpq"},
    {"toml++/", "toml"},
    {"CLI/", "cli11"},
    {"doctest/", "doctest"},
});

bool contains(Words words, std::string_view wanted) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return word == wanted || (word.ends_with('/') && wanted.starts_with(word));
    });
}

/// "service/net" of "service/net/tls.h"; folders below a layer belong to it.
std::string_view layerOf(std::string_view path) {
    const auto first = path.find('/');
    if (first == std::string_view::npos) return {};
    const auto second = path.find('/', first + 1);
    return second == std::string_view::npos ? std::string_view{} : path.substr(0, second);
}

const Layer* findLayer(std::string_view folder) {
    const auto at = std::find_if(kLayers.begin(), kLayers.end(), [&](const Layer& l) { return l.folder == folder; });
    return at == kLayers.end() ? nullptr : &*at;
}

bool hasStem(std::string_view path, std::string_view ending) {
    const auto dot = path.rfind('.');
    return dot != std::string_view::npos && path.substr(0, dot).ends_with(ending);
}

bool isAdapter(std::string_view path) {
    return contains(kFeatures, layerOf(path)) && hasStem(path, "_io");
}

/// Blocking sockets for work pools are POCO's; the event loops have nothing to do with them.
bool isReach(std::string_view path) {
    return path == "service/net/reach.h" || path == "service/net/reach.cpp";
}

std::string_view libraryOf(std::string_view header) {
    for (const auto& row : kLibraries) {
        if (header.starts_with(row.prefix)) return row.name;
    }
    // Standard headers have neither folder nor ending: <vector>, <cstring>.
    const bool isStandard = header.find_first_of("./") == std::string_view::npos;
    return isStandard ? "std" : "system";
}

std::optional<std::string> quotedProblem(std::string_view path, const Layer& layer, std::string_view header) {
    if (header.find("../") != std::string_view::npos) return "the path has ../ in it";
    const auto target = layerOf(header);
    if (!findLayer(target)) return "the path does not start at the project root with a folder of the table";
    if (target == layer.folder || contains(layer.folders, target)) return std::nullopt;
    if (isAdapter(path) && target == "service/net") return std::nullopt;
    if (layer.folder == "service/admin" && header.starts_with("service/") && hasStem(header, "_port")) {
        return std::nullopt;
    }
    return std::string(layer.folder) + " may not include " + std::string(target);
}

std::optional<std::string> angledProblem(std::string_view path, const Layer& layer, std::string_view header) {
    const auto library = libraryOf(header);
    if (library == "std" || contains(layer.libraries, library)) return std::nullopt;
    if (isAdapter(path) && contains(kAdapterLibraries, library)) return std::nullopt;
    if (isReach(path) && (library == "poco" || library == "poco-net")) return std::nullopt;
    return std::string(layer.folder) + " may not use " + std::string(library);
}

}  // namespace

std::vector<std::string> includeProblems(std::string_view path, std::string_view text) {
    std::vector<std::string> problems;
    const auto blame = [&](std::size_t line, std::string_view header, const std::string& why) {
        problems.push_back(std::string(path) + ":" + std::to_string(line) + ": " + std::string(header) + ": " + why);
    };
    const auto* layer = findLayer(layerOf(path));
    if (!layer) {
        blame(1, layerOf(path), "this folder is not in the table of STYLE.md section 1");
        return problems;
    }
    bool hasPragma = false;
    std::size_t line = 0;
    while (!text.empty()) {
        ++line;
        const auto end = text.find('\n');
        auto row = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (row.starts_with("#pragma once")) hasPragma = true;
        row.remove_prefix(std::min(row.find_first_not_of(" \t"), row.size()));
        if (!row.starts_with('#')) continue;
        row.remove_prefix(1);
        row.remove_prefix(std::min(row.find_first_not_of(" \t"), row.size()));
        if (!row.starts_with("include")) continue;
        const auto open = row.find_first_of("\"<");
        if (open == std::string_view::npos) {
            blame(line, row, "the included file is not written out");
            continue;
        }
        const bool isAngled = row[open] == '<';
        const auto close = row.find(isAngled ? '>' : '"', open + 1);
        const auto header = row.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
        const auto problem = isAngled ? angledProblem(path, *layer, header) : quotedProblem(path, *layer, header);
        if (problem) blame(line, header, *problem);
    }
    if (path.ends_with(".h") && !hasPragma) blame(1, path, "a header begins with #pragma once");
    return problems;
}

}  // namespace causeway::layers
