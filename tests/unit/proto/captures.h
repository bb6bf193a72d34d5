#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/text.h"

namespace causeway::test {

/// One line of tests/data/ipmsg/captures.txt.
struct Capture {
    std::string client;
    std::string path;
    std::string meaning;
    std::string bytes;

    bool isTcpFile() const { return meaning.starts_with("file contents"); }
    bool isDict() const { return bytes.starts_with("IP2:"); }
    bool isClassic() const { return !isDict() && !isTcpFile(); }
};

inline std::vector<Capture> readCaptures() {
    std::ifstream in{std::string(CAUSEWAY_TEST_DATA) + "/ipmsg/captures.txt"};
    std::vector<Capture> out;
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line.front() == '#') continue;
        std::vector<std::string> parts;
        std::size_t at = 0;
        for (auto end = line.find(" | "); end != std::string::npos; end = line.find(" | ", at)) {
            parts.push_back(line.substr(at, end - at));
            at = end + 3;
        }
        parts.push_back(line.substr(at));
        REQUIRE_MESSAGE(parts.size() == 4, line);
        const auto bytes = parseHex(parts[3]);
        REQUIRE_MESSAGE(bytes.has_value(), line);
        out.push_back({parts[0], parts[1], parts[2], *bytes});
    }
    return out;
}

inline const std::vector<Capture>& captures() {
    static const std::vector<Capture> all = readCaptures();
    return all;
}

/// The first capture of that client whose meaning starts with the words.
inline const Capture& capture(std::string_view client, std::string_view meaning) {
    for (const auto& one : captures()) {
        if (one.client == client && one.meaning.starts_with(meaning)) return one;
    }
    FAIL("no capture of ", std::string(client), " begins with ", std::string(meaning));
    return captures().front();
}

}  // namespace causeway::test
