#include "console/app/console_app.h"

#include <array>
#include <filesystem>
#include <mutex>
#include <optional>
#include <sstream>
#include <string_view>

#include <wx/cmdline.h>
#include <wx/datetime.h>
#include <wx/file.h>
#include <wx/fileconf.h>
#include <wx/filename.h>
#include <wx/msgout.h>
#include <wx/stackwalk.h>
#include <wx/stdpaths.h>
#include <wx/translation.h>
#include <wx/uilocale.h>

#include "console/presenters/connection_presenter.h"
#include "console/presenters/domain_assistant.h"
#include "console/presenters/overview_presenter.h"
#include "console/presenters/palette_presenter.h"
#include "console/presenters/settings_presenter.h"
#include "console/presenters/unstable_presenter.h"
#include "console/presenters/users_presenter.h"
#include "console/presenters/words.h"
#include "console/views/main_frame.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "shared/base/data_folder.h"

namespace causeway::console {

namespace {

/// What the command line takes besides --help and --version.
struct ValueOption {
    const char* name;
    const char* value;
    const char* text;
};
constexpr std::array kValueOptions{
    ValueOption{"data", "FOLDER", "Open the service of this data folder."},
    ValueOption{"connect", "HOST:PORT", "Open the service at this address."},
    ValueOption{
        "page", "PAGE",
        "Begin with this page: overview, users, unstable, search, domains, providers, chat-dns, log, preferences."},
    ValueOption{"lang", "LANGUAGE", "Language, such as en, de or ja."},
};

wxString settingsFolder() {
    wxStandardPaths::Get().SetFileLayout(wxStandardPaths::FileLayout_XDG);
#ifdef __WXGTK__
    return wxStandardPaths::Get().GetUserConfigDir() + "/causeway";
#else
    return wxStandardPaths::Get().GetUserDataDir();
#endif
}

#if wxUSE_STACKWALKER
/// Names of the functions that led to an assertion, innermost first.
class CallNames : public wxStackWalker {
public:
    wxString text() {
        constexpr std::size_t kSkipped = 3;  // the handler itself and what wx puts in between
        constexpr std::size_t kDeepest = 24;
        Walk(kSkipped, kDeepest);
        return text_;
    }

protected:
    void OnStackFrame(const wxStackFrame& frame) override {
        const wxString name = frame.GetName();
        text_ << "    " << (name.empty() ? wxString::Format("%p", frame.GetAddress()) : name) << "\n";
    }

private:
    wxString text_;
};
#endif

wxString logFile() {
    return settingsFolder() + "/console.log";
}

/// One entry of console.log; a file that grew large begins again.
void keepInLog(const wxString& entry) {
    constexpr wxFileOffset kLargest = wxFileOffset{256} * 1024;
    const wxLogNull quiet;
    const wxString path = logFile();
    wxFile file;
    const bool isLarge = wxFileName::GetSize(path) != wxInvalidSize && wxFileName::GetSize(path) > kLargest;
    if (file.Open(path, isLarge ? wxFile::write : wxFile::write_append)) file.Write(entry);
}

}  // namespace

/// Everything that lives as long as the program, in the order in which it depends on each other.
struct ConsoleApp::Parts {
    Parts()
        : pins(std::make_shared<client::CertificatePins>(
              std::filesystem::path(fromWx(settingsFolder() + "/known_services")))),
          question(std::make_shared<CertificateQuestion>(executor, pins)) {}

    WxExecutor executor;
    std::shared_ptr<client::CertificatePins> pins;
    std::shared_ptr<CertificateQuestion> question;
    Session session{executor};
    ConnectionPresenter connection{session};
    OverviewPresenter overview{session};
    UsersPresenter users{session};
    UnstablePresenter unstable{session, users};
    SettingsPresenter settings{session};
    ProvidersPresenter providers{session};
    DomainsPresenter domains{session, providers};
    DomainAssistantPresenter assistant{session, domains, providers};
    PalettePresenter palette{users, settings};
    AppContext context{session,  executor, theme(),   connection, overview,  users,
                       unstable, settings, providers, domains,    assistant, palette};
};

std::string versionText() {
    return "causeway-console " CAUSEWAY_VERSION;
}

std::string helpText() {
    std::ostringstream text;
    const auto add = [&text](std::string_view name, std::string_view value, std::string_view what) {
        constexpr std::size_t kWidth = 24;
        const std::size_t used = name.size() + value.size();
        text << "\n  " << name << value << std::string(used < kWidth ? kWidth - used : 1, ' ') << what;
    };
    text << versionText() << "\nUsage: causeway-console [OPTION ...]";
    add("-h, --help", "", "Show this help.");
    add("--version", "", "Show the version.");
    for (const ValueOption& option : kValueOptions)
        add(std::string("--").append(option.name), std::string("=").append(option.value), option.text);
    return text.str();
}

ConsoleApp::ConsoleApp() = default;
ConsoleApp::~ConsoleApp() = default;

void ConsoleApp::OnInitCmdLine(wxCmdLineParser& parser) {
    // Not the options of wx itself: these are all.
    parser.SetLogo(toWx(versionText()));
    parser.AddSwitch("h", "help", "Show this help.", wxCMD_LINE_OPTION_HELP);
    parser.AddSwitch("", "version", "Show the version.");
    for (const ValueOption& option : kValueOptions)
        parser.AddOption("", option.name, option.text);
}

bool ConsoleApp::OnCmdLineParsed(wxCmdLineParser& parser) {
    if (parser.Found("version")) {
        wxMessageOutput::Get()->Output(toWx(versionText()));
        return false;
    }
    parser.Found("data", &data_);
    parser.Found("connect", &connect_);
    parser.Found("page", &page_);
    parser.Found("lang", &language_);
    if (!data_.empty() && !connect_.empty()) {
        wxMessageOutputStderr().Output(
            "--data and --connect cannot be used together: the first names a service of this "
            "computer, the second one that is reached over the network.");
        return false;
    }
    return true;
}

void ConsoleApp::chooseLanguage() {
    wxUILocale::UseDefault();
    auto* translations = new wxTranslations;
    wxTranslations::Set(translations);
    const wxString beside = wxFileName(wxStandardPaths::Get().GetExecutablePath()).GetPath() + "/../share/locale";
    wxFileTranslationsLoader::AddCatalogLookupPathPrefix(beside);
    if (!language_.empty()) translations->SetLanguage(language_);
    translations->AddStdCatalog();
    translations->AddCatalog("causeway");
    setTranslators([](const char* text) { return fromWx(translated(text)); },
                   [](const char* one, const char* many, std::uint64_t count) {
                       return fromWx(wxGetTranslation(wxString::FromUTF8(one), wxString::FromUTF8(many),
                                                      static_cast<unsigned>(std::min<std::uint64_t>(count, 1000000))));
                   });
}

void ConsoleApp::openConfig() {
    const wxString folder = settingsFolder();
    wxFileName::Mkdir(folder, wxS_DIR_DEFAULT, wxPATH_MKDIR_FULL);
    wxConfigBase::Set(new wxFileConfig("causeway-console", {}, folder + "/console.conf", {}, wxCONFIG_USE_LOCAL_FILE));
}

bool ConsoleApp::OnInit() {
    SetAppName("causeway-console");
    SetAppDisplayName("Causeway");
    SetClassName("causeway-console");
    if (!wxApp::OnInit()) return false;
    openConfig();
    chooseLanguage();
    parts_ = std::make_unique<Parts>();
    parts_->context.logFile = logFile;
    auto& parts = *parts_;
    if (const auto loaded = parts.pins->load(); !loaded) {
        wxMessageOutputStderr().Output(toWx(loaded.error().text()));
    }
    auto* frame = new MainFrame(parts.context, [this] {
        parts_->question->forgetRefusals();
        return clientOptions();
    });
    SetTopWindow(frame);
    frame->Show();
    if (!page_.empty()) parts.context.go(fromWx(page_));
    // The window first; a service that does not answer must not hold it back.
    CallAfter([this] { connectFirst(); });
    return true;
}

client::ClientOptions ConsoleApp::clientOptions() {
    client::ClientOptions options;
    options.pins = parts_->pins;
    options.ask = parts_->question->asker();
    options.userAgent = "causeway-console/" CAUSEWAY_VERSION;
    return options;
}

void ConsoleApp::connectFirst() {
    auto& connection = parts_->connection;
    if (connect_.empty()) {
        const std::filesystem::path folder =
            dataFolder(data_.empty() ? std::nullopt : std::optional<std::string>(fromWx(data_)));
        connection.connectLocal(folder, clientOptions());
        return;
    }
    if (const std::string problem = connection.connectRemote(fromWx(connect_), clientOptions()); !problem.empty()) {
        parts_->context.tell(Error{Code::BadInput, problem});
    }
}

void ConsoleApp::OnAssertFailure(const wxChar* file, int line, const wxChar* function, const wxChar* condition,
                                 const wxChar* text) {
    static std::recursive_mutex one;
    static bool isReporting = false;
    static int reported = 0;
    constexpr int kMostReports = 50;  // one that comes with every drawing must not fill the disk
    const std::lock_guard guard(one);
    if (isReporting || reported >= kMostReports) return;
    isReporting = true;
    ++reported;
    wxString entry = wxDateTime::UNow().FormatISOCombined(' ') + " wx assertion: ";
    entry << (text ? text : condition) << " (" << condition << ") in " << function << ", "
          << wxFileName(file).GetFullName() << ":" << line << "\n";
#if wxUSE_STACKWALKER
    entry << CallNames().text();
#endif
    wxMessageOutputStderr().Output(entry);
    keepInLog(entry);
    isReporting = false;
}

int ConsoleApp::OnExit() {
    if (parts_) {
        parts_->question->close();
        parts_->session.disconnect();
        parts_->executor.stop();
        parts_.reset();
    }
    delete wxConfigBase::Set(nullptr);
    return wxApp::OnExit();
}

}  // namespace causeway::console
