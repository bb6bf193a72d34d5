#include "shared/model/setting.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace causeway;

namespace {

std::string checked(std::string_view key, std::string_view value) {
    const auto* row = findSetting(key);
    REQUIRE(row != nullptr);
    const auto result = checkSetting(*row, value);
    return result ? *result : "refused: " + result.error().text();
}

bool isRefused(std::string_view key, std::string_view value) {
    return checked(key, value).starts_with("refused: " + std::string(key) + ": ");
}

}  // namespace

TEST_CASE("the table of settings is sorted by key without doubles, and every key is found") {
    const auto rows = settingRows();
    REQUIRE(rows.size() > 20);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CAPTURE(std::string(rows[i].key));
        CHECK(rows[i - 1].key < rows[i].key);
    }
    for (const auto& row : rows) {
        CAPTURE(std::string(row.key));
        CHECK(findSetting(row.key) == &row);
    }
    CHECK(findSetting("") == nullptr);
    CHECK(findSetting("lan.nothing") == nullptr);
    CHECK(findSetting("zzz") == nullptr);
}

TEST_CASE("every default is acceptable and already in its normal form") {
    for (const auto& row : settingRows()) {
        CAPTURE(std::string(row.key));
        const auto value = checkSetting(row, row.standard);
        REQUIRE(value);
        CHECK(*value == row.standard);
    }
}

TEST_CASE("every setting is documented and its limits make sense") {
    for (const auto& row : settingRows()) {
        CAPTURE(std::string(row.key));
        CHECK(row.key.find('.') != std::string_view::npos);
        CHECK(row.sentence.size() > 20);
        CHECK(row.sentence.back() == '.');
        const bool hasLimits =
            row.type == SettingType::Number || row.type == SettingType::Seconds || row.type == SettingType::Text;
        if (hasLimits) CHECK(row.least < row.most);
        if (row.type == SettingType::Seconds) CHECK(row.unit == "s");
        CHECK((row.type == SettingType::Choice) == !row.choices.empty());
        // What is needed to start is read from the file once; only the log level can follow later.
        if (row.home == SettingHome::Store) CHECK_FALSE(row.needsRestart);
    }
}

TEST_CASE("values get their normal form") {
    struct Row {
        std::string key;
        std::string value;
        std::string normal;
    };
    for (const auto& row :
         {Row{"lan.enabled", "on", "true"}, Row{"lan.enabled", " yes ", "true"}, Row{"lan.enabled", "1", "true"},
          Row{"lan.enabled", "off", "false"}, Row{"lan.enabled", "no", "false"}, Row{"lan.enabled", "0", "false"},
          Row{"lan.probe_interval", " 060 ", "60"}, Row{"log.level", "debug", "debug"},
          Row{"lan.listen", "10.1.2.3:02425", "10.1.2.3:2425"}, Row{"lan.listen", "[::1]:0", "[::1]:0"},
          Row{"lan.name", "  Haupt-Büro ", "Haupt-Büro"}}) {
        CAPTURE(row.key);
        CAPTURE(row.value);
        CHECK(checked(row.key, row.value) == row.normal);
    }
}

TEST_CASE("wrong values are refused with a sentence that names the setting") {
    struct Row {
        std::string key;
        std::string value;
    };
    const std::vector<Row> rows{
        {"lan.enabled", "perhaps"},
        {"lan.enabled", ""},
        {"lan.probe_interval", "1"},
        {"lan.probe_interval", "3601"},
        {"lan.probe_interval", "-5"},
        {"lan.probe_interval", "60s"},
        {"lan.probe_interval", ""},
        {"lan.probe_interval", "99999999999999999999"},
        {"log.level", "loud"},
        {"log.level", ""},
        {"lan.name", ""},
        {"lan.name", std::string(61, 'n')},
        {"lan.name", "a\nb"},
        {"lan.name", "a\xff"},
        {"lan.listen", "2425"},
        {"lan.listen", ":2425"},
        {"lan.listen", "10.1.2.3:"},
        {"lan.listen", "10.1.2.3:65536"},
        {"lan.listen", "10.1.2.3:x"},
        {"lan.listen", "::1:2425"},
        {"lan.listen", "off"},
        {"lan.listen", "10.1.2.3 :2425"},
        {"lan.listen", "[::1:2425"},
        {"lan.listen", "a\xff:2425"},
        {"lan.listen", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.key);
        CAPTURE(row.value);
        CHECK(isRefused(row.key, row.value));
    }
    CHECK(checked("lan.enabled", "\xff\n") == "refused: lan.enabled: \"\uFFFD\" is neither on nor off.");
    CHECK(checked("lan.enabled", std::string(5000, 'x')).size() < 200);
    CHECK(checked("log.level", "loud").find("debug, info, warning, error") != std::string::npos);
    CHECK(checked("lan.probe_interval", "1").find("from 2 to 3600 s") != std::string::npos);
    CHECK(checked("lan.listen", "2425").find("0.0.0.0:2425") != std::string::npos);
}

TEST_CASE("a listener with an IPv6 address without brackets is told how to write it") {
    const auto* row = findSetting("admin.listen");
    REQUIRE(row != nullptr);
    for (const char* wrong : {":::", "::", "::1:8425", "fd00::5"}) {
        const auto checked = checkSetting(*row, wrong);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().what.find("brackets") != std::string::npos);
        CHECK(checked.error().what.find("[::1]:8425") != std::string::npos);
    }
    CHECK(checkSetting(*row, "[::]:8425").value() == "[::]:8425");
}
