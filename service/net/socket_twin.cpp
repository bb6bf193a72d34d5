#include "service/net/socket_twin.h"

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace causeway::net {

#if defined(_WIN32)
int twinOfSocket(int socket) {
    WSAPROTOCOL_INFOW about{};
    if (WSADuplicateSocketW(static_cast<SOCKET>(socket), GetCurrentProcessId(), &about) != 0) return -1;
    const SOCKET twin = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &about, 0,
                                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    // Handles of Windows fit in 31 bits, also in 64-bit programs.
    return twin == INVALID_SOCKET ? -1 : static_cast<int>(twin);
}

void shutSocket(int socket) {
    ::shutdown(static_cast<SOCKET>(socket), SD_BOTH);
}

void closeSocket(int socket) {
    ::closesocket(static_cast<SOCKET>(socket));
}
#else
int twinOfSocket(int socket) {
    return ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void shutSocket(int socket) {
    ::shutdown(socket, SHUT_RDWR);
}

void closeSocket(int socket) {
    ::close(socket);
}
#endif

}  // namespace causeway::net
