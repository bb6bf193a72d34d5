#pragma once

#include <memory>
#include <string>

#include <wx/app.h>

#include "console/app/certificate_question.h"
#include "console/app/wx_executor.h"
#include "console/client/certificate_pins.h"
#include "console/views/pages.h"

namespace causeway::console {

class MainFrame;

/// causeway-console [--data DIR | --connect HOST:PORT] [--page NAME] [--lang LANG]
/// What --version and --help print. No wx is needed for them.
std::string versionText();
std::string helpText();

class ConsoleApp : public wxApp {
public:
    ConsoleApp();
    ~ConsoleApp() override;
    bool OnInit() override;
    int OnExit() override;
    void OnInitCmdLine(wxCmdLineParser& parser) override;
    bool OnCmdLineParsed(wxCmdLineParser& parser) override;
    /// A broken expectation of wx is for those who mend the program: told on standard error and kept in console.log
    /// beside the settings, never shown as a question to the user.
    void OnAssertFailure(const wxChar* file, int line, const wxChar* function, const wxChar* condition,
                         const wxChar* text) override;

private:
    struct Parts;
    void chooseLanguage();
    void openConfig();
    void connectFirst();
    client::ClientOptions clientOptions();

    wxString data_;
    wxString connect_;
    wxString page_;
    wxString language_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace causeway::console
