#pragma once

#include <functional>
#include <map>
#include <string>

#include <wx/dataview.h>

#include "console/presenters/table.h"

namespace causeway::console {

/// The pages in their groups, with a count behind each. A data view, because other trees are invisible to assistive
/// programs on GTK.
class Navigation : public wxDataViewCtrl {
public:
    explicit Navigation(wxWindow* parent);
    /// Marks the page that is shown; calls nothing.
    void choose(const std::string& page);
    /// Text behind the title; empty for none.
    void setCount(const std::string& page, const std::string& count, Mark mark = Mark::None);
    std::function<void(const std::string& page)> onChosen;

private:
    class Model;
    wxObjectDataPtr<Model> model_;
    std::string chosen_;
};

}  // namespace causeway::console
