#include "console/presenters/presenter.h"

#include "console/presenters/words.h"

namespace causeway::console {

Error Presenter::notConnected() {
    return Error{Code::Unavailable, tr("No service is connected."), "", tr("Connect to a service first.")};
}

}  // namespace causeway::console
