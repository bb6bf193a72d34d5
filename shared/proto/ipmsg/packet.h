#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

/// IP Messenger wire format (UDP/TCP 2425), draft 14 and what real clients do. Pure: bytes in, records out.
namespace causeway::ipmsg {

constexpr std::uint16_t kPort = 2425;
/// The Windows client's receive buffer; anything longer is dropped.
constexpr std::size_t kMaxDatagram = 32767;
/// Names (user, host, nick, group) are cut to this in records, as the Windows client cuts them.
constexpr std::size_t kMaxName = 79;

/// Low 8 bits of the command number.
enum class Mode : std::uint8_t {
    NoOperation = 0x00,
    BrEntry = 0x01,
    BrExit = 0x02,
    AnsEntry = 0x03,
    BrAbsence = 0x04,
    BrIsGetList = 0x10,
    OkGetList = 0x11,
    GetList = 0x12,
    AnsList = 0x13,
    AnsListDict = 0x14,
    BrIsGetList2 = 0x18,
    SendMsg = 0x20,
    RecvMsg = 0x21,
    ReadMsg = 0x30,
    DelMsg = 0x31,
    AnsReadMsg = 0x32,
    GetInfo = 0x40,
    SendInfo = 0x41,
    GetAbsenceInfo = 0x50,
    SendAbsenceInfo = 0x51,
    GetFileData = 0x60,
    ReleaseFiles = 0x61,
    GetDirFiles = 0x62,
    GetPubKey = 0x72,
    AnsPubKey = 0x73,
    DirPoll = 0xb0,
    DirPollAgent = 0xb1,
    DirBroadcast = 0xb2,
    DirAnsBroad = 0xb3,
    DirPacket = 0xb4,
    DirRequest = 0xb5,
    DirAgentPacket = 0xb6,
    DirEvBroad = 0xb7,
    DirAgentReject = 0xb8,
    IptuxSendSign = 0xfc,
    IptuxSendIcon = 0xfe,
    IptuxAskShared = 0xff,
};

/// High 24 bits. The same bit means different things per command: kEntry* on entry commands 0..4, kMsg* on messages.
namespace flag {
constexpr std::uint32_t kAbsence = 0x00000100, kServer = 0x00000200, kDialUp = 0x00010000, kFileAttach = 0x00200000,
                        kEncrypt = 0x00400000, kUtf8 = 0x00800000, kCapUtf8 = 0x01000000, kCapIpDict = 0x02000000,
                        kDirMaster = 0x10000000;
constexpr std::uint32_t kSendCheck = 0x00000100, kBroadcast = 0x00000400, kAutoReturn = 0x00002000, kRetry = 0x00004000,
                        kReadCheck = 0x00100000;
}  // namespace flag

/// One classic (format 1) packet. Fields are the bytes of the wire, in the sender's charset.
struct Packet {
    std::string version = "1";  ///< raw version field; leading integer is 1
    std::uint32_t number = 0;   ///< packet number
    std::string user;           ///< never with ':' NUL LF BEL; opaque (a fingerprint may end it)
    std::string host;
    std::uint32_t command = 0;  ///< mode in the low byte, flags above
    std::string body;           ///< after the fifth colon up to the first NUL
    std::string ext;            ///< after that NUL to the end, raw (may hold NUL); empty if there was none

    Mode mode() const { return static_cast<Mode>(command & 0xFFU); }
    std::uint32_t flags() const { return command & 0xFFFFFF00U; }
    bool has(std::uint32_t bit) const { return (command & bit) != 0; }
};

/// True for datagrams that start with "IP2:": they are dictionaries (ipdict.h), never classic packets.
bool isIpDict(std::string_view datagram);

/// Shape:  version ":" number ":" user ":" host ":" command ":" [body] [NUL ext]; the final NUL may be missing.
/// Bounds: at most kMaxDatagram bytes; user and host at most 255 bytes each; version field at most 127.
/// Errors: Truncated (fewer than five colons), BadInput (version not 1, number or command not decimal, empty user or
///         host), TooLong. `place` is the byte offset.
/// COMPAT: command numbers are read modulo 2^32 with an optional minus sign, as the Windows client prints and reads.
/// Source: protocol text draft 14; facts/ipmsg section 3.
Result<Packet> parsePacket(std::string_view datagram);

/// Forbidden bytes in user and host (':', NUL, LF, BEL) become ';' or are dropped, an empty field becomes "-".
/// Body and ext are written as they are; a NUL stands between them, and behind the body if `ext` is empty.
std::string writePacket(const Packet& packet);

}  // namespace causeway::ipmsg
