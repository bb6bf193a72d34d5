#include "shared/base/text.h"
#include "shared/model/setting.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;

// Input: KEY=VALUE; without a known key the length chooses the setting. A normal form stays when it is checked again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto mark = input.find('=');
    const auto value = mark == std::string_view::npos ? input : input.substr(mark + 1);
    const auto* named = mark == std::string_view::npos ? nullptr : findSetting(input.substr(0, mark));
    const auto& row = named != nullptr ? *named : settingRows()[size % settingRows().size()];
    const auto normal = checkSetting(row, value);
    if (!normal) {
        const auto text = normal.error().text();
        INVARIANT(text.starts_with(row.key) && text.size() < 400 && fuzz::isClean(text));
        return 0;
    }
    INVARIANT(fuzz::isClean(*normal));
    const auto again = checkSetting(row, *normal);
    INVARIANT(again && *again == *normal);
    return 0;
}
