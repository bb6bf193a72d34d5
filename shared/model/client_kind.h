#pragma once

namespace causeway {

/// Which program an IP Messenger user runs, as far as its packets tell; decides how external users can reach it.
enum class ClientKind {
    Unknown,
    Windows,  ///< IP Messenger for Windows
    Mac,      ///< IP Messenger for Mac and its forks
    Mobile,   ///< iOS and Android
    Iptux,
    Feiq,
    Other,     ///< says something, but nothing that we know
    Causeway,  ///< another Causeway service
};

}  // namespace causeway
