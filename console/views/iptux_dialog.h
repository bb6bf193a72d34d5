#pragma once

#include <wx/dialog.h>

#include "console/presenters/iptux_scan.h"
#include "console/views/pages.h"

namespace causeway::console {

/// The text to paste into iptux, where introductions are off or not possible.
class IptuxDialog : public wxDialog {
public:
    IptuxDialog(wxWindow* parent, AppContext& app, const IptuxScan& scan);
};

}  // namespace causeway::console
