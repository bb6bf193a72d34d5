#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "console/client/api_client.h"
#include "console/client/http_response.h"

namespace causeway::client {

using Deadline = std::chrono::steady_clock::time_point;

/// One TLS 1.2+ connection to the admin interface. The certificate is checked before a byte of ours goes out: it must
/// be the pinned one, or one that the user accepts now. POCO's exceptions stop here. One thread.
class HttpsConnection {
public:
    /// Errors: Unavailable (nothing listens, wrong certificate), Timeout.
    static Result<std::unique_ptr<HttpsConnection>> open(const ServiceAddress& address, const ClientOptions& options,
                                                         Deadline deadline, const std::atomic<bool>& stop);
    ~HttpsConnection();

    struct Request {
        std::string method;
        std::string path;
        std::string body;
        std::string contentType;
        std::string ifMatch;
        std::string accept = "application/json";
        std::string lastEventId;
        Secret token;
    };
    Result<void> send(const Request& request, const ServiceAddress& address, const ClientOptions& options);
    /// Feeds what arrives next to the parser. False = nothing came until the deadline, or stop was set.
    Result<bool> receive(HttpResponseParser& into, Deadline deadline, const std::atomic<bool>& stop);

private:
    struct Impl;
    explicit HttpsConnection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::client
