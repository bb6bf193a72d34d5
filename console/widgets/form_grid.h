#pragma once

#include <functional>

#include <wx/sizer.h>
#include <wx/stattext.h>

namespace causeway::console {

/// Text that wraps to the width it gets, instead of pushing its window wide.
/// `text` broken into lines that fit into `width` pixels in the font of `window`: at blanks, and between characters of
/// scripts that have none (wxStaticText::Wrap() leaves Japanese in one line, which is then cut).
wxString wrapped(const wxWindow* window, const wxString& text, int width);

class WrapText : public wxStaticText {
public:
    WrapText(wxWindow* parent, const wxString& text, int firstWidth = 320);
    void setText(const wxString& text);

private:
    void rewrap();
    wxString text_;
    int width_ = 0;
    bool isPending_ = false;
};

/// The wheel over a choice scrolls the form; it does not change a value that somebody scrolls past.
void leaveWheelToForm(wxWindow* control);

/// One row of a form; keep it to show an error at the field.
struct FormField {
    wxStaticText* label = nullptr;
    wxWindow* control = nullptr;
    WrapText* help = nullptr;     ///< null if there is none
    WrapText* error = nullptr;    ///< hidden while empty
    wxSizer* labelBox = nullptr;  ///< null if there is no label
    wxSizer* box = nullptr;
    /// Empty clears it. Lays the form out again.
    void setError(const wxString& text) const;
    /// Hides or shows the whole row; the caller lays out.
    void show(bool isShown) const;
};

/// Rows of label, control and help text: labels right aligned, each created just before its control so that mnemonics
/// and Tab order are right; help below the field in small muted text, errors in red below that.
///     FormGrid form(this);
///     auto name = form.row(_("&Name:"), [](wxWindow* p) { return new wxTextCtrl(p, wxID_ANY); }, _("Shown to all."));
///     sizer->Add(form.sizer(), wxSizerFlags().Expand());
class FormGrid {
public:
    explicit FormGrid(wxWindow* parent);
    wxFlexGridSizer* sizer() const { return grid_; }

    enum class Fit { Own, Stretch };
    /// `label` ends with a colon and has an & key; it also becomes the accessible name. `make` creates the control.
    FormField row(const wxString& label, const std::function<wxWindow*(wxWindow*)>& make, const wxString& help = {},
                  Fit fit = Fit::Stretch);
    /// A check box or anything that carries its own label: stands in the column of the controls.
    FormField plain(const std::function<wxWindow*(wxWindow*)>& make, const wxString& help = {});
    /// A head over the rows that follow, both columns wide.
    wxStaticText* head(const wxString& text);
    /// Label and a selectable value; returns the value's control.
    wxStaticText* fact(const wxString& label, const wxString& value);

private:
    FormField add(wxStaticText* label, wxWindow* control, const wxString& help, Fit fit);
    wxWindow* parent_;
    wxFlexGridSizer* grid_;
};

}  // namespace causeway::console
