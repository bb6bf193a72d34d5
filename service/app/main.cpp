// causewayd: the service.

#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "service/app/config_file.h"
#include "service/app/service.h"
#include "shared/base/data_folder.h"

namespace causeway::app {

namespace {

class Application final : public Poco::Util::ServerApplication {
protected:
    void defineOptions(Poco::Util::OptionSet& options) override {
        ServerApplication::defineOptions(options);
        using Poco::Util::Option;
        const auto add = [&](const char* name, const char* text, const char* argument) {
            Option option(name, "", text, false);
            option.repeatable(std::string_view(name) == "set");
            if (argument != nullptr) option.argument(argument);
            options.addOption(option);
        };
        add("data", "folder with everything that belongs to this service", "DIR");
        add("config", "settings file (default: causeway.toml in the data folder)", "FILE");
        add("set", "override a setting for this run; may be repeated", "KEY=VALUE");
        add("ready-file", "write this file when everything listens", "FILE");
        add("check-config", "check the settings file, say every error, and end", nullptr);
        add("version", "say the version and end", nullptr);
        add("help", "say this and end", nullptr);
    }

    void handleOption(const std::string& name, const std::string& value) override {
        if (name == "data") {
            data_ = value;
        } else if (name == "config") {
            config_ = value;
        } else if (name == "set") {
            auto read = readOverride(value);
            if (!read) {
                problems_ += read.error().text() + "\n";
            } else {
                overrides_[read->first] = read->second;
            }
        } else if (name == "ready-file") {
            ready_ = value;
        } else if (name == "check-config") {
            wantsCheck_ = true;
        } else if (name == "version") {
            wantsVersion_ = true;
        } else if (name == "help") {
            wantsHelp_ = true;
        } else {
            ServerApplication::handleOption(name, value);
        }
    }

    void initialize(Poco::Util::Application&) override {}  // settings are ours, not those of Poco's configuration files

    int main(const std::vector<std::string>& arguments) override {
        if (wantsHelp_) {
            Poco::Util::HelpFormatter help(options());
            help.setCommand("causewayd");
            help.setUsage("[options]");
            help.setHeader(
                "The Causeway service. Without options it uses the standard data folder and runs in the foreground.");
            help.setWidth(110);
            help.format(std::cout);
            return EXIT_OK;
        }
        if (wantsVersion_) {
            std::cout << "causewayd " CAUSEWAY_VERSION "\n";
            return EXIT_OK;
        }
        if (!arguments.empty())
            problems_ += "\"" + arguments.front() + "\" is no option of causewayd; see causewayd --help.\n";
        if (!problems_.empty()) {
            std::cerr << problems_;
            return kUsage;
        }
        ServiceOptions options;
        options.dataFolder = std::filesystem::absolute(dataFolder(data_));
        if (config_) options.configFile = *config_;
        if (ready_) options.readyFile = *ready_;
        options.overrides = overrides_;
        if (wantsCheck_) return checkConfig(options);
        return serve(std::move(options));
    }

private:
    static constexpr int kUsage = 2;

    static int checkConfig(const ServiceOptions& options) {
        const auto path = options.configFile.value_or(options.dataFolder / "causeway.toml");
        const auto file = readConfigFile(path.string(), options.configFile ? FileMustExist::Yes : FileMustExist::No);
        for (const auto& wrong : file.problems)
            std::cerr << wrong.shown() << "\n";
        if (!file.problems.empty()) return kUsage;
        std::cout << path.string() << ": " << file.values.size() << " settings, no errors\n";
        return EXIT_OK;
    }

    int serve(ServiceOptions options) {
#if !defined(_WIN32)
        // Blocked before the first thread exists, so that only the wait below ever sees them.
        sigset_t wanted;
        sigemptyset(&wanted);
        for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP})
            sigaddset(&wanted, number);
        pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
#endif
        Service service{std::move(options)};
        if (auto started = service.start(); !started) {
            std::cerr << "causewayd: " << started.error().text() << "\n";
            service.stop();
            return started.error().code == Code::BadInput ? kUsage : EXIT_UNAVAILABLE;
        }
#if !defined(_WIN32)
        while (true) {
            int number = 0;
            if (sigwait(&wanted, &number) != 0) continue;
            if (number != SIGHUP) break;
            service.reload();
        }
#else
        waitForTerminationRequest();
#endif
        service.stop();
        return EXIT_OK;
    }

    std::optional<std::string> data_;
    std::optional<std::string> config_;
    std::optional<std::string> ready_;
    std::map<std::string, std::string> overrides_;
    std::string problems_;
    bool wantsCheck_ = false;
    bool wantsVersion_ = false;
    bool wantsHelp_ = false;
};

}  // namespace

}  // namespace causeway::app

POCO_SERVER_MAIN(causeway::app::Application)
