#include "shared/base/result.h"

#include <cstdio>

namespace causeway {

const char* codeText(Code code) {
    switch (code) {
        case Code::BadInput:
            return "bad-input";
        case Code::Truncated:
            return "truncated";
        case Code::TooLong:
            return "too-long";
        case Code::TooMany:
            return "too-many";
        case Code::NotFound:
            return "not-found";
        case Code::Conflict:
            return "conflict";
        case Code::Denied:
            return "denied";
        case Code::Unavailable:
            return "unavailable";
        case Code::Timeout:
            return "timeout";
        case Code::Busy:
            return "busy";
        case Code::Unsupported:
            return "unsupported";
        case Code::Corrupt:
            return "corrupt";
        case Code::NewerVersion:
            return "newer-version";
        case Code::Internal:
            return "internal";
    }
    return "internal";
}

std::string Error::text() const {
    std::string out = what;
    for (const std::string* part : {&why, &todo}) {
        if (part->empty()) continue;
        if (!out.empty()) out += ' ';
        out += *part;
    }
    return out;
}

void invariantFailed(const char* claim, const char* file, int line) {
    std::fprintf(stderr, "causeway: a promise of the program is broken: %s (%s:%d)\n", claim, file, line);
    std::abort();
}

}  // namespace causeway
