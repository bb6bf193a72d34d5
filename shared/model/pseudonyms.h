#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/bug_report.h"

namespace causeway {

/// Replaces names and addresses in texts that leave the company, the same name by the same word everywhere:
/// "user-3", "host-1", "group-2", "domain-1", "net-2.host-5", "mac-1". What belongs together stays visible, so that
/// somebody else can still read the report.
/// Replaced: every name given, without regard to the case of A-Z, as a whole word; IPv4 and IPv6 addresses, MAC
/// addresses, mail addresses. Of an IPv4 address the network (its first three numbers) and the host have numbers; .0,
/// .255 and * stay. Kept: loopback, 0.0.0.0 and masks.
/// Not replaced: names of one character, numbers below four digits, a few words such as "admin" that say nothing; names
/// that nobody gave; fingerprints of keys.
/// Numbers are given in the order in which names come up. One thread.
class Pseudonyms {
public:
    explicit Pseudonyms(const std::vector<ReportName>& names);

    std::string replace(std::string_view text);
    void replace(ReportFile& file);

    /// Those of the names given that occur in the text; each once, in no special order.
    std::vector<ReportName> found(std::string_view text) const;

private:
    struct Entry {
        std::string folded;
        std::size_t index = 0;  ///< in names_
    };
    struct Match {
        std::size_t length = 0;
        std::size_t index = 0;
    };
    Match nameAt(std::string_view folded, std::size_t at) const;
    std::string wordFor(NameKind kind, std::string_view name);
    std::string wordForAddress(std::string_view address);
    std::string mailAt(std::string_view text, std::size_t at, std::size_t& length);
    std::string addressAt(std::string_view text, std::size_t at, std::size_t& length);
    std::size_t numberOf(const std::string& kind, const std::string& name);

    std::vector<ReportName> names_;
    std::vector<Entry> entries_;  ///< sorted by text
    std::map<std::string, std::map<std::string, std::size_t, std::less<>>, std::less<>> numbers_;
};

}  // namespace causeway
