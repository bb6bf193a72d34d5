// Prepares each line of standard input; the oracle test compares it with another implementation.
//   jid_probe local|resource|domain     a line is hexadecimal UTF-8; answers the prepared text in hexadecimal, or "-"

#include <iostream>
#include <string>

#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

int main(int count, char** words) {
    const std::string what = count > 1 ? words[1] : "";
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto text = causeway::parseHex(line).value_or("");
        std::string out = "-";
        if (what == "domain") {
            if (const auto name = causeway::jid::parseDomain(text)) out = causeway::hexText(name->ascii);
        } else {
            const auto prepared =
                what == "local" ? causeway::jid::prepareLocal(text) : causeway::jid::prepareResource(text);
            if (prepared) out = causeway::hexText(*prepared);
        }
        std::cout << out << '\n';
    }
    return 0;
}
