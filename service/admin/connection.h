#pragma once

#include <Poco/Net/TCPServerConnection.h>

#include <atomic>

#include "service/admin/admin_core.h"
#include "service/admin/admin_server.h"
#include "service/admin/doorkeeper.h"
#include "service/admin/http_request.h"

namespace causeway::admin {

/// One TLS connection on one thread of the server: requests one after the other, or an event stream.
/// Every wait is cut into slices of 200 ms, after which `stopping` is looked at.
class Connection final : public Poco::Net::TCPServerConnection {
public:
    Connection(const Poco::Net::StreamSocket& socket, AdminCore& core, const AdminOptions& options,
               Doorkeeper::Ptr door, const std::atomic<bool>& stopping);
    ~Connection() override;
    void run() override;

private:
    enum class Came { Bytes, Nothing, End };
    using Deadline = std::chrono::steady_clock::time_point;

    /// One request; false = the connection ends.
    bool exchange();
    /// A valid token or a login: this one is not closed to make room for others.
    void proved();
    /// Less than usual for who has proven nothing while places are short.
    std::chrono::milliseconds patience(std::chrono::milliseconds usual) const;
    bool readHead();
    bool readBody();
    Came receive(Deadline deadline);
    bool send(std::string_view bytes);
    bool answer(const Response& response, bool keepAlive, bool withBody);
    void refuse(int status, const std::string& sentence);
    /// Until one of both ends, or the token of the reader is not valid any more.
    void stream(EventReader& reader, const HttpRequest& request, Role role);
    bool peerIsGone();
    /// Lets the peer read a refusal although it still sends: closing at once would take the answer away from it.
    void drain();

    AdminCore& core_;
    const AdminOptions& options_;
    Doorkeeper::Ptr door_;
    const std::atomic<bool>& stopping_;
    HttpRequestParser parser_;
    bool isProven_ = false;
    bool isFirst_ = true;  ///< no request of this connection has come yet
    std::string from_;
    std::string buffer_;
};

}  // namespace causeway::admin
