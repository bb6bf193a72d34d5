#pragma once

#include <wx/scrolwin.h>

#include "console/presenters/visibility_presenter.h"

namespace causeway::console {

/// What is known about the chosen block or finding: verdict, what backs it, its story, what to do.
class VisibilityCardView : public wxScrolledWindow {
public:
    VisibilityCardView(wxWindow* parent, const wxString& name);
    void set(const VisibilityCard& card);

private:
    void build();
    VisibilityCard card_;
    bool isBuilt_ = false;
};

}  // namespace causeway::console
