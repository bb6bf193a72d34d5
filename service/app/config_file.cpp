#include "service/app/config_file.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "service/app/link_bridge.h"
#include "service/dns/dns_options.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/model/setting.h"
#include "shared/proto/ipmsg/charset.h"

namespace causeway::app {

namespace {

/// The key that is meant by a misspelt one: the one with the fewest differing letters, if they are few.
std::string nearestKey(const std::string& wrong) {
    std::size_t best = 4;
    std::string nearest;
    for (const auto& row : settingRows()) {
        const std::string key{row.key};
        std::vector<std::size_t> costs(key.size() + 1);
        for (std::size_t i = 0; i <= key.size(); ++i)
            costs[i] = i;
        for (std::size_t i = 1; i <= wrong.size(); ++i) {
            std::size_t diagonal = costs[0];
            costs[0] = i;
            for (std::size_t j = 1; j <= key.size(); ++j) {
                const std::size_t change = diagonal + (wrong[i - 1] == key[j - 1] ? 0U : 1U);
                diagonal = costs[j];
                costs[j] = std::min({costs[j] + 1, costs[j - 1] + 1, change});
            }
        }
        if (costs[key.size()] < best) {
            best = costs[key.size()];
            nearest = key;
        }
    }
    return nearest;
}

std::string unknownKeyText(const std::string& key) {
    const std::string nearest = nearestKey(key);
    return "there is no setting \"" + key + "\"." +
           (nearest.empty() ? " List the settings with: causewayctl settings list"
                            : " Did you mean \"" + nearest + "\"?");
}

class Reader {
public:
    Reader(ConfigFile& out, std::string file) : out_(out), file_(std::move(file)) {}

    void table(const toml::table& table, const std::string& prefix) {
        for (const auto& [name, node] : table) {
            const std::string key = prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
            if (const auto* inner = node.as_table()) {
                this->table(*inner, key);
                continue;
            }
            const std::size_t line = node.source().begin.line;
            const auto* row = findSetting(key);
            if (row == nullptr) {
                problem(line, unknownKeyText(key));
                continue;
            }
            std::string text;
            if (const auto flagValue = node.value_exact<bool>()) {
                text = *flagValue ? "true" : "false";
            } else if (const auto number = node.value_exact<std::int64_t>()) {
                text = std::to_string(*number);
            } else if (const auto words = node.value_exact<std::string>()) {
                text = *words;
            } else {
                problem(line, key + ": a text in quotes, a whole number, or true or false is wanted here.");
                continue;
            }
            auto checked = checkSetting(*row, text);
            if (!checked) {
                problem(line, checked.error().text());
                continue;
            }
            if (auto trouble = valueTrouble(key, *checked); !trouble.empty()) {
                problem(line, trouble);
                continue;
            }
            out_.values[key] = *checked;
            lines_[key] = line;
        }
    }

    /// What can only be seen when everything is read.
    void finish() {
        const auto valueOf = [this](const char* key) {
            const auto at = out_.values.find(key);
            return at == out_.values.end() ? std::string(findSetting(key)->standard) : at->second;
        };
        const auto trouble = timesTrouble(valueOf("lan.gone_after"), valueOf("lan.probe_interval"));
        if (trouble.empty()) return;
        const auto line = lines_.contains("lan.gone_after") ? lines_["lan.gone_after"] : lines_["lan.probe_interval"];
        problem(line, trouble);
    }

    void problem(std::size_t line, std::string text) { out_.problems.push_back({file_, line, std::move(text)}); }

private:
    ConfigFile& out_;
    std::string file_;
    std::map<std::string, std::size_t> lines_;
};

}  // namespace

std::string ConfigProblem::shown() const {
    return file + ":" + (line == 0 ? "" : std::to_string(line) + ":") + " " + text;
}

namespace {

/// The same for what chat domains need.
std::string chatTrouble(const std::string& key, const std::string& value) {
    const auto told = [&key](const auto& result) {
        return result ? std::string() : key + ": " + result.error().text();
    };
    if (key == "dns.listen") return told(dns::parseListeners(value));
    if (key == "dns.lan_subnets") return told(dns::parseSubnets(value));
    if (key == "dns.secondaries") return told(dns::parseSecondaries(value));
    if (key == "dns.caa") return told(dns::parseIssuers(value));
    if (key == "dns.contact") return told(dns::checkContact(value));
    if (key == "server.lan_address" || key == "server.internet_address") return told(dns::parseHostAddress(value));
    if (key == "supernode.listen") return told(dns::parseAddresses(value));
    return {};
}

}  // namespace

std::string valueTrouble(const std::string& key, const std::string& value) {
    if (key == "lan.charset" && !value.empty() && !ipmsg::isKnownCharset(value)) {
        return "lan.charset: there is no character set \"" + cleanUtf8(value) +
               "\". Write cp932, gb18030, big5, euc-kr, windows-1252 or another name that ICU knows.";
    }
    if (key == "store.url" && !value.starts_with("sqlite:")) {
        return "store.url: the store \"" + cleanUtf8(value) +
               "\" is of a kind that this version does not have. Write \"sqlite:\" or \"sqlite:/path/file.db\".";
    }
    if (key == "bases.link_listen" && !value.empty()) {
        const SettingRow row{key, SettingType::Listener, SettingHome::Store, "0.0.0.0:8426", 0, 0, "", "", "", false};
        const auto checked = checkSetting(row, value);
        if (!checked) return checked.error().text();
        if (!Ip4::parse(checked->substr(0, checked->rfind(':'))))
            return "bases.link_listen: the address must be an IPv4 address, such as 0.0.0.0:8426.";
    }
    if (key == "bases.voice_ports" && voicePortsOf(value).first == 0) {
        return "bases.voice_ports: \"" + cleanUtf8(value) +
               "\" is no range of at most 16 ports above 1023. Write first and last, such as 22224-22227.";
    }
    return chatTrouble(key, value);
}

std::string timesTrouble(const std::string& goneAfter, const std::string& probeInterval) {
    constexpr std::uint64_t kAnswerTime = 6;
    const auto gone = parseUnsigned(goneAfter).value_or(0);
    const auto probe = parseUnsigned(probeInterval).value_or(0);
    const auto least = 2 * probe + kAnswerTime;
    if (gone >= least) return {};
    return "lan.gone_after: " + std::to_string(gone) + " s is too short for a lan.probe_interval of " +
           std::to_string(probe) + " s. A user must miss two probes before he counts as gone: write at least " +
           std::to_string(least) + ", or probe more often.";
}

ConfigFile readConfigFile(const std::string& path, FileMustExist mustExist) {
    ConfigFile out;
    Reader reader{out, path};
    std::error_code trouble;
    if (!std::filesystem::exists(path, trouble)) {
        if (mustExist == FileMustExist::Yes) {
            reader.problem(0, "the settings file does not exist. Create it, or start without --config.");
        }
        return out;
    }
    try {
        const toml::table parsed = toml::parse_file(path);
        reader.table(parsed, "");
        reader.finish();
    } catch (const toml::parse_error& error) {
        reader.problem(error.source().begin.line, "this is not valid TOML: " + std::string(error.description()) + ".");
    } catch (const std::exception& error) {
        reader.problem(0, std::string("the settings file cannot be read: ") + error.what() + ".");
    }
    std::stable_sort(out.problems.begin(), out.problems.end(),
                     [](const ConfigProblem& left, const ConfigProblem& right) { return left.line < right.line; });
    return out;
}

Result<std::pair<std::string, std::string>> readOverride(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
        return Error{Code::BadInput, "--set wants KEY=VALUE, and \"" + text + "\" has no \"=\"."};
    }
    const std::string key = text.substr(0, equals);
    const auto* row = findSetting(key);
    if (row == nullptr) return Error{Code::BadInput, "--set: " + unknownKeyText(key)};
    auto checked = checkSetting(*row, text.substr(equals + 1));
    if (!checked) return checked.error();
    if (auto trouble = valueTrouble(key, *checked); !trouble.empty()) return Error{Code::BadInput, "--set: " + trouble};
    return std::pair{key, *checked};
}

}  // namespace causeway::app
