#include "console/cli/commands.h"

int main(int count, char** words) {
    causeway::cli::RealTerminal terminal;
    return causeway::cli::run(count, words, terminal);
}
