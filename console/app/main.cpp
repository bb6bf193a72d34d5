#include <cstdio>
#include <string_view>

#include "console/app/console_app.h"

#ifdef __WINDOWS__

wxIMPLEMENT_APP(causeway::console::ConsoleApp);

#else

wxIMPLEMENT_APP_NO_MAIN(causeway::console::ConsoleApp);

int main(int argc, char** argv) {
    // Before wx starts: it wants a screen even for these, and takes a program that ends without a window as failed.
    for (int at = 1; at < argc; ++at) {
        const std::string_view word = argv[at];
        const bool isHelp = word == "--help" || word == "-h";
        if (!isHelp && word != "--version") continue;
        std::puts((isHelp ? causeway::console::helpText() : causeway::console::versionText()).c_str());
        return 0;
    }
    return wxEntry(argc, argv);
}

#endif
