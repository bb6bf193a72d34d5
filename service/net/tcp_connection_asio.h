#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "service/net/tcp_connection.h"

namespace causeway::net {

/// For TcpListener and connectTcp(): a connection on a connected socket of the same loop. Loop thread.
std::shared_ptr<TcpConnection> makeTcpConnection(EventLoop& loop, boost::asio::ip::tcp::socket socket,
                                                 const TcpLimits& limits);

}  // namespace causeway::net
