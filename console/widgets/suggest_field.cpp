#include "console/widgets/suggest_field.h"

#include <wx/textcompleter.h>

#include "console/widgets/theme.h"

#ifdef __WXGTK__
#include <gtk/gtk.h>
#endif

namespace causeway::console {

class SuggestField::Completer : public wxTextCompleter {
public:
    explicit Completer(SuggestField& field) : field_(field) {}
    bool Start(const wxString& prefix) override {
        entries_ = field_.suggest ? field_.suggest(prefix) : std::vector<wxString>{};
        at_ = 0;
        return !entries_.empty();
    }
    wxString GetNext() override { return at_ < entries_.size() ? entries_[at_++] : wxString(); }

private:
    SuggestField& field_;
    std::vector<wxString> entries_;
    std::size_t at_ = 0;
};

SuggestField::SuggestField(wxWindow* parent, const wxString& name, const wxString& accessibleName, const wxString& hint)
    : wxTextCtrl(parent, wxID_ANY, {}, wxDefaultPosition, parent->FromDIP(wxSize(180, -1)), 0, wxDefaultValidator,
                 name) {
    setAccessibleName(this, accessibleName);
    SetHint(hint);
    Bind(wxEVT_TEXT, [this](wxCommandEvent& event) {
        event.Skip();
        isTyped_ = true;
        if (onText) onText(GetValue());
    });
    AutoComplete(new Completer(*this));
#ifdef __WXGTK__
    // The entries were chosen by us already: GTK alone would only show those that begin with the text.
    if (auto* completion = gtk_entry_get_completion(GTK_ENTRY(GetHandle()))) {
        gtk_entry_completion_set_match_func(
            completion,
            [](GtkEntryCompletion*, const gchar*, GtkTreeIter*, gpointer self) -> gboolean {
                return static_cast<SuggestField*>(self)->isTyped_ ? TRUE : FALSE;
            },
            this, nullptr);
        gtk_entry_completion_set_popup_single_match(completion, TRUE);
    }
#endif
}

void SuggestField::put(const wxString& text) {
    if (GetValue() == text) return;
    // Nobody typed: no list opens.
    isTyped_ = false;
    ChangeValue(text);
}

}  // namespace causeway::console
