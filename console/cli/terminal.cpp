#include "console/cli/terminal.h"

#include <iostream>

#ifdef _WIN32
#include <windows.h>
#else
#include <termios.h>
#include <unistd.h>
#endif

namespace causeway::cli {

namespace {

/// Keeps what is typed off the screen while it lives.
class NoEcho {
public:
#ifdef _WIN32
    NoEcho() : input_(GetStdHandle(STD_INPUT_HANDLE)) {
        isSet_ = GetConsoleMode(input_, &before_) != 0 && SetConsoleMode(input_, before_ & ~ENABLE_ECHO_INPUT) != 0;
    }
    ~NoEcho() {
        if (isSet_) SetConsoleMode(input_, before_);
    }

private:
    HANDLE input_;
    DWORD before_ = 0;
#else
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        auto quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        isSet_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~NoEcho() {
        if (isSet_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }

private:
    termios before_{};
#endif
    bool isSet_ = false;

public:
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
};

}  // namespace

Result<Secret> Terminal::askPassword(const std::string& prompt) {
    std::string line;
    if (!std::getline(in_, line)) {
        return Error{Code::BadInput, "There is no password.", "\"" + prompt + "\" was not answered on standard input.",
                     "Run the command on a terminal, or give the password as a line of standard input."};
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return Secret{std::move(line)};
}

bool Terminal::askYesNo(const std::string&) {
    return false;
}

RealTerminal::RealTerminal() : Terminal(std::cin, std::cout, std::cerr) {}

bool RealTerminal::isInteractive() const {
#ifdef _WIN32
    DWORD mode = 0;
    return GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) != 0;
#else
    return isatty(STDIN_FILENO) == 1;
#endif
}

Result<Secret> RealTerminal::askPassword(const std::string& prompt) {
    if (!isInteractive()) return Terminal::askPassword(prompt);
    err() << prompt << ": " << std::flush;
    const NoEcho quiet;
    auto password = Terminal::askPassword(prompt);
    err() << "\n";
    return password;
}

bool RealTerminal::askYesNo(const std::string& question) {
    if (!isInteractive()) return false;
    err() << question << " [y/N] " << std::flush;
    std::string line;
    return static_cast<bool>(std::getline(in(), line)) && (line == "y" || line == "Y" || line == "yes");
}

}  // namespace causeway::cli
