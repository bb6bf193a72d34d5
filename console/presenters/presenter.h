#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "console/presenters/session.h"
#include "console/presenters/table.h"

namespace causeway::console {

/// One line of a detail pane: label, value, what hovering tells.
struct Fact {
    std::string label;
    std::string value;
    std::string hint{};
    Mark mark = Mark::None;
};

/// A sentence at one field of a form.
struct FieldText {
    std::string field;
    std::string text;
};

using Done = std::function<void(const Result<void>&)>;

/// Base of the presenters: listens to the session as long as it lives; answers that come later are dropped.
/// UI thread only. Callbacks `on...` are set by the view and may be empty; a view clears them before it goes.
class Presenter : public SessionListener {
public:
    explicit Presenter(Session& session) : session_(session) { session_.add(*this); }
    ~Presenter() override { session_.remove(*this); }
    Presenter(const Presenter&) = delete;
    Presenter& operator=(const Presenter&) = delete;

    /// Something that the view shows is different now.
    std::function<void()> onChanged;

protected:
    std::weak_ptr<void> life() const { return life_; }
    void changed() const {
        if (onChanged) onChanged();
    }
    /// Runs an action whose answer is only yes or a reason; without a service the reason comes at once.
    template <class Call>
    void act(Call call, Done done) {
        if (!session_.hasService()) {
            if (done) done(notConnected());
            return;
        }
        session_.ask(life(), std::move(call), [done = std::move(done)](const Result<void>& result) {
            if (done) done(result);
        });
    }
    static Error notConnected();
    Session& session_;

private:
    std::shared_ptr<void> life_ = std::make_shared<int>(0);
};

}  // namespace causeway::console
