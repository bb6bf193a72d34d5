#include "service/net/port_holder.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <vector>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::net {

namespace {

namespace fs = std::filesystem;

struct HeldSocket {
    std::string inode;
    std::string address;
};

/// Lines of /proc/net/udp and its kin: "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ...",
/// addresses as hex words in the byte order of the machine, ":" and the port in hex.
std::vector<HeldSocket> socketsOn(const char* table, bool isListenTable, Ip4 listen, std::uint16_t port) {
    std::vector<HeldSocket> found;
    std::ifstream in{table};
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream words{line};
        std::string slot;
        std::string local;
        std::string remote;
        std::string state;
        std::string queues;
        std::string timer;
        std::string retransmits;
        std::string owner;
        std::string timeout;
        std::string inode;
        words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> owner >> timeout >> inode;
        const auto colon = local.find(':');
        if (!words || colon == std::string::npos) continue;
        if (parseUnsigned(local.substr(colon + 1), 16) != port) continue;
        if (isListenTable && state != "0A") continue;
        if (colon != 8) {
            // IPv6: only the wildcard address also takes the IPv4 port.
            if (local.find_first_not_of('0') < colon) continue;
            found.push_back({inode, "[::]"});
            continue;
        }
        const auto word = parseUnsigned(local.substr(0, 8), 16);
        if (!word) continue;
        const auto raw = static_cast<std::uint32_t>(*word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        const Ip4 held{raw};
#else
        const Ip4 held{(raw << 24) | ((raw & 0xFF00U) << 8) | ((raw >> 8) & 0xFF00U) | (raw >> 24)};
#endif
        if (!held.isAny() && !listen.isAny() && held != listen) continue;
        found.push_back({inode, held.text()});
    }
    return found;
}

std::optional<std::string> programOf(const std::string& inode) {
    const auto wanted = "socket:[" + inode + "]";
    std::error_code failed;
    for (fs::directory_iterator process{"/proc", failed}, end; !failed && process != end; process.increment(failed)) {
        const auto id = process->path().filename().string();
        if (!parseUnsigned(id)) continue;
        std::error_code unreadable;
        for (fs::directory_iterator open{process->path() / "fd", unreadable}; !unreadable && open != end;
             open.increment(unreadable)) {
            std::error_code gone;
            if (fs::read_symlink(open->path(), gone).string() != wanted || gone) continue;
            std::string name;
            std::ifstream{process->path() / "comm"} >> name;
            if (name.empty()) name = "a program";
            return cleanUtf8(name) + " (process " + id + ")";
        }
    }
    return std::nullopt;
}

}  // namespace

std::string portHolderSentence(Transport transport, Ip4 listen, std::uint16_t port) {
    const bool isTcp = transport == Transport::Tcp;
    const auto begin = std::string(isTcp ? "TCP" : "UDP") + " port " + std::to_string(port) + " on ";
    for (const char* table :
         isTcp ? std::vector{"/proc/net/tcp", "/proc/net/tcp6"} : std::vector{"/proc/net/udp", "/proc/net/udp6"}) {
        for (const auto& held : socketsOn(table, isTcp, listen, port)) {
            const auto program = programOf(held.inode);
            return begin + held.address + " is held by " + program.value_or("another program");
        }
    }
    return begin + listen.text() + " is held by another program";
}

}  // namespace causeway::net
