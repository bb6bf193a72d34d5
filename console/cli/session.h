#pragma once

#include <memory>
#include <optional>
#include <string>

#include "console/cli/terminal.h"
#include "console/client/api_client.h"

namespace causeway::cli {

/// What the process answers to the shell.
enum class Exit { Yes = 0, Negative = 1, Usage = 2, Unreachable = 3 };

/// Options that every command knows.
struct CommonOptions {
    std::optional<std::string> data;
    std::string connect;
    std::string user;         ///< for --connect
    std::string tokenFile;    ///< for --connect
    std::string fingerprint;  ///< for --connect: the only certificate that is accepted
    bool json = false;
};

/// The connection of one command, its output and its way to end.
class Session {
public:
    Session(CommonOptions options, Terminal& terminal) : options_(std::move(options)), terminal_(terminal) {}
    /// Ends a login that this command made.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Null after it has told why; then the command ends with failed().
    client::ApiClient* client();
    Exit failed() const { return exit_; }
    /// Tells an error and gives its exit code: 3 if the service was not reached, else 1.
    Exit fail(const Error& error);
    Exit usage(const std::string& sentence);
    /// What fail() told last.
    const std::optional<Error>& lastError() const { return lastError_; }

    bool json() const { return options_.json; }
    std::ostream& out() { return terminal_.out(); }
    std::ostream& err() { return terminal_.err(); }
    Terminal& terminal() { return terminal_; }
    /// Wall clock, for "2 min ago".
    static TimePoint now();

    /// The JSON text of a record, or what `show` writes.
    template <class T, class F>
    Exit print(const T& record, F show) {
        if (json()) {
            out() << api::toJson(record) << "\n";
        } else {
            show();
        }
        return Exit::Yes;
    }
    /// After a change: the record in JSON, or one sentence.
    template <class T>
    Exit done(const T& record, const std::string& sentence) {
        return print(record, [&] { out() << sentence << "\n"; });
    }
    Exit done(const std::string& sentence);

    /// Text of a file, "-" = standard input. At most 4 MiB; a byte order mark of UTF-8 is left out.
    /// Errors: NotFound, BadInput (a folder, UTF-16), TooLong.
    Result<std::string> readFile(const std::string& name);
    /// Errors: Denied with the reason that the system gives.
    static Result<void> writeFile(const std::string& name, const std::string& text);

private:
    Result<void> connectRemote();
    Result<client::ServiceAddress> findLocal() const;
    /// The remedy for a token that the service does not accept; empty if none was used.
    std::string tokenRemedy() const;

    CommonOptions options_;
    Terminal& terminal_;
    std::unique_ptr<client::ApiClient> client_;
    bool hasLoggedIn_ = false;
    Exit exit_ = Exit::Unreachable;
    std::optional<Error> lastError_;
};

}  // namespace causeway::cli
