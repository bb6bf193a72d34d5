#pragma once

#include <wx/bmpbndl.h>

#include "console/presenters/table.h"
#include "console/widgets/theme.h"

namespace causeway::console {

/// Folder that holds icons/ and locale/: $CAUSEWAY_ASSETS, else ../share/causeway next to the program, else the source
/// folder of a development build. Empty if none exists.
wxString assetsFolder();

/// assets/icons/NAME.svg with its currentColor replaced; kept, so asking again is cheap. An icon that is not there is a
/// hollow square, so that nothing shifts. `dip` is the edge length.
wxBitmapBundle icon(const wxString& name, int dip = 16, Theme::Ink ink = Theme::Ink::Text);
/// The status mark as a picture: filled circle, triangle, cross in a circle, hollow circle.
wxBitmapBundle markIcon(Mark mark, int dip = 16);

}  // namespace causeway::console
