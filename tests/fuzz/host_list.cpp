#include "shared/proto/ipmsg/host_list.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/proto/ipmsg/packet.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::ipmsg;

namespace {

bool isName(std::string_view text) {
    return fuzz::isClean(text) && text.size() <= kMaxName;
}

bool isSame(const HostListItem& a, const HostListItem& b) {
    return a.user == b.user && a.host == b.host && a.status == b.status && a.address == b.address && a.port == b.port &&
           a.nick == b.nick && a.group == b.group;
}

}  // namespace

// Items are clean, and all pages written from them join to the same items.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto list = readHostList(input, size % 2 == 0, size % 3 == 0 ? "cp932" : "gbk");
    if (!list) {
        INVARIANT(list.error().place && *list.error().place <= size);
        return 0;
    }
    INVARIANT(list->items.size() + list->skipped <= HostListLimits{}.maxItems);
    for (const auto& item : list->items) {
        INVARIANT(isName(item.user) && isName(item.host) && isName(item.nick) && isName(item.group));
        INVARIANT(!item.user.empty() && !item.host.empty() && item.address.canBeHost() && item.port != 0);
    }
    constexpr std::size_t kPage = 200;
    std::vector<HostListItem> joined;
    std::uint32_t next = 0;
    do {
        const auto chunk = writeHostList(list->items, next, kPage);
        INVARIANT(chunk.body.size() <= kPage || chunk.written == 1);
        INVARIANT(chunk.written > 0 || list->items.empty());
        const auto page = readHostList(chunk.body, true, "");
        INVARIANT(page && page->skipped == 0 && page->items.size() == chunk.written);
        INVARIANT(page->next == chunk.next && page->count == chunk.written);
        joined.insert(joined.end(), page->items.begin(), page->items.end());
        INVARIANT(chunk.next == 0 || chunk.next > next);
        next = chunk.next;
    } while (next != 0);
    INVARIANT(std::equal(joined.begin(), joined.end(), list->items.begin(), list->items.end(), isSame));
    return 0;
}
