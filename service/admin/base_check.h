#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/base_site.h"

namespace causeway::admin {

/// Empty if the base may stand beside the others (itself left out by id), else the sentence: a name of 1..60
/// characters that no other has, at most 1,000 segments, each in one base only.
struct BaseTrouble {
    std::string field;
    std::string sentence;
    Code code = Code::BadInput;  ///< Conflict: another base has it
};
BaseTrouble baseTrouble(const BaseSite& base, const std::vector<BaseSite>& others);
/// "hq: 10.1.0.0/24 10.1.1.0/24 (note)" for the audit log.
std::string baseText(const BaseSite& base);

}  // namespace causeway::admin
