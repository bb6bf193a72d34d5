#include "shared/proto/ipmsg/entry.h"

#include <array>

#include "shared/base/text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::ipmsg;

namespace {

void checkSame(const Entry& entry, const Entry& again, Mode mode) {
    const auto isKept = [](const std::string& before, const std::string& after) {
        // An empty user or host field cannot be sent.
        return after == (before.empty() ? "-" : before);
    };
    INVARIANT(isKept(entry.user, again.user) && isKept(entry.host, again.host));
    INVARIANT(again.versionField == entry.versionField && again.flags == entry.flags);
    if (mode == Mode::BrExit && entry.isIptuxLayout) return;
    INVARIANT(again.nick == entry.nick && again.group == entry.group);
    INVARIANT(again.isIptuxLayout == entry.isIptuxLayout);
    if (entry.isIptuxLayout) {
        INVARIANT(again.icon == (entry.icon.empty() ? "icon-tux.png" : entry.icon));
    } else {
        INVARIANT(again.versionLine == entry.versionLine);
    }
}

}  // namespace

// Whatever a packet says, the record is clean and bounded, and its introduction is read as the same user.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array kCharsets{"cp932", "gb18030", "", "windows-1252"};
    const auto input = fuzz::inputOf(data, size);
    const auto packet = parsePacket(input);
    if (!packet) return 0;
    const auto entry = readEntry(*packet, kCharsets[size % kCharsets.size()]);
    if (!entry) return 0;
    for (const auto* name : {&entry->user, &entry->host, &entry->nick, &entry->group, &entry->icon}) {
        INVARIANT(fuzz::isClean(*name) && name->size() <= kMaxName);
    }
    INVARIANT(fuzz::isClean(entry->versionLine) && entry->versionLine.size() <= 39);
    INVARIANT(entry->user.find(':') == std::string::npos && entry->host.find(':') == std::string::npos);
    INVARIANT(!entry->configuredMaster || entry->configuredMaster->canBeHost());
    const auto client = classifyClient(entry->versionField, entry->versionLine, packet->body);
    INVARIANT(fuzz::isClean(client.text) && client.text.size() <= 160);
    INVARIANT(entry->user.starts_with(withoutFingerprint(entry->user)));
    for (const auto mode : {Mode::BrEntry, Mode::AnsEntry, Mode::BrExit}) {
        const auto introduced = parsePacket(introductionPacket(*entry, mode, 7));
        INVARIANT(introduced && introduced->mode() == mode && introduced->number == 7);
        const auto again = readEntry(*introduced, "cp932");
        INVARIANT(again);
        checkSame(*entry, *again, mode);
    }
    return 0;
}
