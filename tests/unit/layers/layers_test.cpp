#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/layers/include_rules.h"

using causeway::layers::includeProblems;

namespace {

struct Sample {
    std::string path;
    std::string line;
};

std::vector<Sample> sourceFiles(const std::filesystem::path& root) {
    std::vector<Sample> files;
    for (const char* top : {"shared", "service", "console"}) {
        if (!std::filesystem::exists(root / top)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
            const auto ending = entry.path().extension();
            if (!entry.is_regular_file() || (ending != ".h" && ending != ".cpp")) continue;
            std::ifstream in(entry.path());
            std::ostringstream text;
            text << in.rdbuf();
            files.push_back({entry.path().lexically_relative(root).generic_string(), text.str()});
        }
    }
    return files;
}

}  // namespace

TEST_CASE("layers: every include of the tree keeps to the folder table") {
    const auto files = sourceFiles(CAUSEWAY_SOURCE_DIR);
    REQUIRE(files.size() > 20);
    for (const auto& file : files) {
        for (const auto& problem : includeProblems(file.path, file.line))
            FAIL_CHECK(problem);
    }
}

TEST_CASE("layers: what the table forbids is found") {
    const std::vector<Sample> samples = {
        {"shared/base/time.cpp", "#include \"shared/model/setting.h\""},
        {"shared/base/time.cpp", "#include <Poco/Timestamp.h>"},
        {"shared/base/time.cpp", "#include <unistd.h>"},
        {"shared/model/words.cpp", "#include \"shared/proto/ipmsg/packet.h\""},
        {"shared/proto/ipmsg/packet.cpp", "#include <boost/asio.hpp>"},
        {"shared/proto/ipmsg/packet.cpp", "#include <sys/socket.h>"},
        {"shared/proto/ipmsg/packet.cpp", "#include \"service/net/udp_port.h\""},
        {"shared/api/users.cpp", "#include <Poco/Net/HTTPServer.h>"},
        {"service/net/tls.cpp", "#include <Poco/Net/Socket.h>"},
        {"service/net/tls.cpp", "#include \"service/discovery/lan_port.h\""},
        {"service/store/store.cpp", "#include \"service/net/event_loop.h\""},
        {"service/discovery/user_book.cpp", "#include \"service/net/udp_port.h\""},
        {"service/discovery/user_book.cpp", "#include <boost/asio.hpp>"},
        {"service/discovery/user_book_io.cpp", "#include \"service/search/search_port.h\""},
        {"service/discovery/user_book_io.cpp", "#include <wx/wx.h>"},
        {"service/search/sweep.cpp", "#include \"service/discovery/lan_port.h\""},
        {"service/admin/users.cpp", "#include \"service/discovery/directory.h\""},
        {"service/admin/users.cpp", "#include \"service/net/event_loop.h\""},
        {"service/admin/users.cpp", "#include <boost/asio.hpp>"},
        {"service/app/main.cpp", "#include \"console/client/client.h\""},
        {"service/admin/traces_resource.cpp", "#include \"service/trace/trace_runner.h\""},
        {"console/report/trace_html.cpp", "#include \"console/client/api_client.h\""},
        {"console/report/trace_html.cpp", "#include \"shared/api/traces_json.h\""},
        {"console/client/client.cpp", "#include <wx/string.h>"},
        {"console/client/client.cpp", "#include \"service/admin/users.h\""},
        {"console/cli/main.cpp", "#include \"console/presenters/users.h\""},
        {"console/presenters/users.cpp", "#include <wx/string.h>"},
        {"console/presenters/users.cpp", "#include \"console/views/users.h\""},
        {"console/presenters/users.cpp", "#include <Poco/JSON/Object.h>"},
        {"console/views/users.cpp", "#include \"console/client/client.h\""},
        {"console/widgets/list.cpp", "#include \"console/views/users.h\""},
        {"console/app/main.cpp", "#include \"service/app/wiring.h\""},
        {"service/app/main.cpp", "#include \"../net/event_loop.h\""},
        {"service/app/main.cpp", "#include \"service/../shared/base/time.h\""},
        {"service/app/main.cpp", "#include \"wiring.h\""},
        {"service/app/main.cpp", "  #  include   \"wiring.h\""},
        {"service/app/main.cpp", "#include WIRING_HEADER"},
        {"service/app/wiring.h", "#include <vector>"},  // no #pragma once
        {"service/other/thing.cpp", "#include <vector>"},
        {"shared/thing.cpp", "#include <vector>"},
    };
    for (const auto& sample : samples) {
        CAPTURE(sample.path);
        CAPTURE(sample.line);
        const auto problems = includeProblems(sample.path, "#include <string>\n" + sample.line + "\nint answer();\n");
        CHECK(problems.size() == 1);
    }
}

TEST_CASE("layers: what the table allows passes") {
    const std::vector<Sample> samples = {
        {"shared/base/time.cpp", "#include <chrono>"},
        {"shared/proto/ipmsg/packet.cpp", "#include \"shared/model/client_kind.h\""},
        {"shared/proto/ipmsg/packet.cpp", "#include <openssl/evp.h>"},
        {"shared/proto/ipmsg/charset.cpp", "#include <unicode/ucnv.h>"},
        {"shared/api/users.cpp", "#include <Poco/JSON/Object.h>"},
        {"service/net/udp_port.cpp", "#include <sys/socket.h>"},
        {"service/net/reach.cpp", "#include <Poco/Net/StreamSocket.h>"},
        {"service/discovery/lan_io.cpp", "#include \"service/net/udp_port.h\""},
        {"service/admin/users.cpp", "#include \"service/discovery/lan_port.h\""},
        {"service/admin/users.cpp", "#include \"service/store/store_port.h\""},
        {"service/admin/traces_resource.cpp", "#include \"service/trace/trace_port.h\""},
        {"console/cli/trace_commands.cpp", "#include \"console/report/trace_html.h\""},
        {"console/presenters/trace.cpp", "#include \"console/report/trace_html.h\""},
        {"service/app/main.cpp", "#include \"service/discovery/directory.h\""},
        {"console/cli/main.cpp", "#include \"shared/base/time.h\""},
        {"console/cli/main.cpp", "#include \"console/client/client.h\""},
        {"console/views/users.cpp", "#include <wx/dataview.h>"},
        {"console/views/users.cpp", "// #include \"service/app/wiring.h\""},
    };
    for (const auto& sample : samples) {
        CAPTURE(sample.path);
        CAPTURE(sample.line);
        const auto problems = includeProblems(sample.path, sample.line + "\n");
        CHECK(problems.empty());
    }
}

TEST_CASE("layers: a problem names file, line and header") {
    const auto problems = includeProblems("shared/base/time.cpp", "#include <chrono>\n\n#include <wx/wx.h>\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems[0] == "shared/base/time.cpp:3: wx/wx.h: shared/base may not use wx");
}

TEST_CASE("layers: every message id of the log is explained to administrators") {
    std::ifstream in(std::filesystem::path(CAUSEWAY_SOURCE_DIR) / "docs/admin/messages.md");
    std::ostringstream page;
    page << in.rdbuf();
    const std::regex id(R"re("((?:ADMIN|AUTH|CONFIG|DNS|LAN|NET|SERVICE|STORE|XMPP)_[A-Z_]+)")re");
    std::set<std::string> found;
    for (const auto& file : sourceFiles(CAUSEWAY_SOURCE_DIR)) {
        // Its examples are not lines of the log.
        if (!file.path.starts_with("service/") || file.path.ends_with("openapi.cpp")) continue;
        for (std::sregex_iterator each(file.line.begin(), file.line.end(), id), end; each != end; ++each)
            found.insert((*each)[1]);
    }
    REQUIRE(found.size() > 20);
    for (const auto& each : found) {
        CAPTURE(each);
        CHECK(page.str().find("| " + each + " |") != std::string::npos);
    }
}
