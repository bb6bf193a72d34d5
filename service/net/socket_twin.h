#pragma once

namespace causeway::net {

/// A second descriptor of the same socket, not inherited by programs that are started. -1 = the system has none left.
int twinOfSocket(int socket);
/// Ends both directions; whoever waits at any descriptor of the socket wakes up.
void shutSocket(int socket);
void closeSocket(int socket);

}  // namespace causeway::net
