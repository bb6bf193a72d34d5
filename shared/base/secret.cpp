#include "shared/base/secret.h"

namespace causeway {

bool equalInConstantTime(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned>(static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]));
    }
    return difference == 0;
}

Secret::~Secret() {
    // The volatile pointer keeps the compiler from dropping the wipe as a dead store.
    volatile char* at = value_.data();
    for (std::size_t i = 0; i < value_.size(); ++i)
        at[i] = 0;
}

}  // namespace causeway
