#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/model/client_kind.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::ipmsg {

/// What an entry packet (NOOPERATION, BR_ENTRY, BR_EXIT, ANSENTRY, BR_ABSENCE) says of its sender.
struct Entry {
    std::string user;  ///< clean UTF-8, of the field or the UN line, ';' for ':'; keep the fingerprint in lists
    std::string host;
    std::string nick;                     ///< clean UTF-8; empty if the packet had none
    std::string group;                    ///< clean UTF-8
    std::uint32_t flags = 0;              ///< without mode and without UTF8OPT, which speaks of one packet only
    std::string versionField;             ///< raw first field, "1", "1_iptux 0.8.3", "1_lbt6_0#128#..."
    std::string versionLine;              ///< VS line, "00010002:4:99:103", empty if none
    bool isIptuxLayout = false;           ///< third and fourth part present, fourth is "utf-8"
    std::string icon;                     ///< third part of the iptux layout
    std::optional<Ip4> configuredMaster;  ///< SVADR of the IP line
    bool onBehalfOfMaster = false;        ///< DRB=1
    bool masterStarted = false;           ///< UPT=0 present
    bool isAbsent = false;                ///< ABSENCEOPT, not counted for iptux which always sets it
};

/// Errors: BadInput if the packet is none of the entry modes. Missing parts are empty, unknown lines are ignored,
/// nothing in the body makes it fail. Names are cut to 79 bytes, versionLine to 39.
/// Source: facts 4.1 (Windows), 4.2 (iptux), 4.3 (charsets).
Result<Entry> readEntry(const Packet& packet, std::string_view legacyCharset);

/// The body of a Windows style entry: nick NUL group NUL LF UN/HN/NN/GN/VS lines, no final NUL. Text is UTF-8.
/// `utf8Classic` false: the classic part is ASCII only ('?' for the rest), the lines carry the names.
struct EntryBody {
    std::string body;  ///< Packet::body
    std::string ext;   ///< Packet::ext
};
EntryBody windowsEntryBody(const Entry& entry, bool utf8Classic);
/// nick NUL group NUL icon NUL "utf-8" NUL
EntryBody iptuxEntryBody(const Entry& entry);

/// A datagram that introduces `who` to a client (facts 8.3): same layout as his own client uses, so that the packet of
/// a user with ASCII names is byte for byte his own; other names are UTF-8 in the classic part and marked by UTF8OPT.
/// `mode` BrEntry (the receiver answers him), AnsEntry (it does not) or BrExit (takes him back).
std::string introductionPacket(const Entry& who, Mode mode, std::uint32_t number);

/// Kind and display text ("iptux 0.8.3", "IP Messenger 4.99r3 (Windows 64-bit)") from the version field, the VS line
/// and optionally the SENDINFO text. Source: facts 3.1, 4.1, 16.7.
struct ClientInfo {
    ClientKind kind = ClientKind::Unknown;
    std::string text;
};
ClientInfo classifyClient(std::string_view versionField, std::string_view versionLine, std::string_view infoText);

/// "taro-<3ad520c2bb732945>" -> "taro"; other names unchanged. For display only.
std::string_view withoutFingerprint(std::string_view user);
/// The 16 hex digits, empty if the name has none.
std::string_view fingerprintOf(std::string_view user);

}  // namespace causeway::ipmsg
