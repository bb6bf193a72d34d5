#include "shared/model/ldap_filter.h"

#include "shared/model/template_text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;

namespace {

std::size_t countTests(const LdapFilter& filter) {
    std::size_t count = filter.kind == LdapFilterKind::Test ? 1 : 0;
    for (const auto& part : filter.parts)
        count += countTests(part);
    return count;
}

}  // namespace

// A filter that is read can be written and read again the same; errors point inside the text. The input as a name can
// never change the shape of a filter or add a part to a distinguished name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto filter = parseLdapFilter(input);
    if (filter) {
        const auto written = writeLdapFilter(*filter);
        const auto again = parseLdapFilter(written);
        INVARIANT(again && *again == *filter && written.size() <= input.size());
    } else {
        INVARIANT(filter.error().place && *filter.error().place <= input.size());
        INVARIANT(!filter.error().what.empty() && fuzz::isClean(filter.error().what));
    }
    if (input.size() > 2000) return 0;
    const auto filled = parseLdapFilter(fillTemplate("(&(objectClass=person)(|(uid={user})(mail={user})))",
                                                     [&](std::string_view) { return escapeFilterValue(input); }));
    INVARIANT(filled && countTests(*filled) == 3 && filled->parts[1].parts[0].attribute == "uid");
    INVARIANT(filled->parts[1].parts[0].value.find('*') == std::string::npos);
    for (const char c : {',', '+', '=', '"', '<', '>', ';'})
        INVARIANT(escapeDnValue(input).find(c) == std::string::npos);
    // Every part of a template comes back, in order and without gaps.
    std::string joined;
    for (const auto& part : templateParts(input)) {
        INVARIANT(part.column == joined.size());
        joined += part.text;
    }
    INVARIANT(joined == input);
    return 0;
}
