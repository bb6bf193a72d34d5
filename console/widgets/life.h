#pragma once

#include <memory>
#include <utility>

#include <wx/app.h>

namespace causeway::console {

/// Member of a window (or any object of the UI thread): tells results that come late whether it is still there.
class Life {
public:
    Life() = default;
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;
    /// Safe to copy to other threads; expired once the owner is gone.
    std::weak_ptr<void> token() const { return token_; }

private:
    std::shared_ptr<void> token_ = std::make_shared<char>();
};

/// Make it on the UI thread, call it on any thread with one result: `f(result)` runs on the UI thread, if the owner of
/// `life` still lives then.
template <class F>
auto onUi(const Life& life, F f) {
    return [alive = life.token(), f = std::move(f)](auto result) {
        wxTheApp->CallAfter([alive, f, result] {
            if (!alive.expired()) f(result);
        });
    };
}

}  // namespace causeway::console
