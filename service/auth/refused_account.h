#pragma once

#include <mutex>
#include <optional>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::auth {

/// Keeps a service account from being locked by its directory: a name and password that were refused once are not sent
/// again for 5, 10, 20, then each 30 minutes, whoever asks. Lives as long as the settings it guards: a saved provider
/// has a new one. Any thread.
class RefusedAccount {
public:
    /// The refusal that still stands, with the time of the next try; none: it may be tried.
    std::optional<Error> standing(TimePoint now) const;
    void refused(const Error& error, TimePoint now);
    void accepted();

private:
    mutable std::mutex lock_;
    std::optional<Error> error_;
    TimePoint nextTry_{};
    Duration pause_{};
};

}  // namespace causeway::auth
