#pragma once

#include <wx/scrolwin.h>

#include "console/presenters/trace_words.h"
#include "console/views/pages.h"

namespace causeway::console {

/// The verdict of a trace: mark, title, certainty, sentence, and what to do in numbered steps, each command with a
/// button that copies it. Scrolls. Made anew only when the card says something else.
class TraceCardView : public wxScrolledWindow {
public:
    TraceCardView(wxWindow* parent, AppContext& app, const wxString& name);
    void set(const TraceCard& card, Mark retestMark, const std::string& retest);

private:
    void build();
    void addCommand(wxSizer* column, const wxString& command, std::size_t number);
    AppContext& app_;
    TraceCard card_;
    Mark retestMark_ = Mark::None;
    std::string retest_;
    bool isBuilt_ = false;
};

}  // namespace causeway::console
