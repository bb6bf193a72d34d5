#pragma once

#include <functional>

#include <wx/panel.h>
#include <wx/stattext.h>

#include "console/presenters/domains_presenter.h"
#include "console/widgets/dot_strip.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/status_mark.h"

class wxButton;

namespace causeway::console {

/// One registration dot: mark, word, sentence, since when, the last day, and the button to its proof.
class DotPanel : public wxPanel {
public:
    enum class Strip { Shown, None };
    DotPanel(wxWindow* parent, const wxString& name, const wxString& title, const wxString& proofLabel, Strip strip);
    void set(const DotView& view);
    void setStrip(std::vector<StripPart> parts);
    std::function<void()> onProof;

private:
    StatusMark* mark_;
    WrapText* sentence_;
    wxStaticText* times_;
    DotStrip* strip_ = nullptr;
    wxButton* proof_;
};

}  // namespace causeway::console
