#include "console/widgets/form_grid.h"

#include <wx/scrolwin.h>

#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

bool isWide(wxUniChar c) {
    const auto code = c.GetValue();
    return (code >= 0x2E80 && code <= 0xA4CF) || (code >= 0xAC00 && code <= 0xD7AF) ||
           (code >= 0xF900 && code <= 0xFAFF) || (code >= 0xFF00 && code <= 0xFFEF) || code >= 0x20000;
}

/// Characters that must not begin a line: closing marks and the small and long signs of Japanese.
bool isTied(wxUniChar c) {
    static const wxString tied =
        wxString::FromUTF8("、。，．・：；？！）」』】〕］｝〉》ー々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ");
    return tied.Find(c) != wxNOT_FOUND;
}

}  // namespace

wxString wrapped(const wxWindow* window, const wxString& text, int width) {
    wxString done;
    wxString line;
    const auto fits = [&](const wxString& more) { return window->GetTextExtent(line + more).x <= width; };
    const auto place = [&](wxString piece) {
        if (!line.empty() && !fits(wxString(piece).Trim())) {
            done << line.Trim() << '\n';
            line.clear();
            piece.Trim(false);
        }
        line << piece;
    };
    wxString
        piece;  // what may not be broken: a word with the blank before it, or one wide character with its tied ones
    for (const wxUniChar c : text) {
        if (c == '\n') {
            place(piece);
            piece.clear();
            done << line.Trim() << '\n';
            line.clear();
            continue;
        }
        const bool mayBreak = !piece.empty() && (c == ' ' || isWide(c) || isWide(piece.Last())) && !isTied(c);
        if (mayBreak) {
            place(piece);
            piece.clear();
        }
        piece << c;
    }
    place(piece);
    return done + line;
}

// Without wxST_NO_AUTORESIZE every new label would give the window the width of the label, and so on for ever.
void leaveWheelToForm(wxWindow* control) {
    control->Bind(wxEVT_MOUSEWHEEL, [control](wxMouseEvent& event) {
        auto* form = control->GetParent();
        while (form != nullptr && dynamic_cast<wxScrolledWindow*>(form) == nullptr)
            form = form->IsTopLevel() ? nullptr : form->GetParent();
        if (form == nullptr) return;
        wxMouseEvent passed(event);
        passed.SetEventObject(form);
        form->GetEventHandler()->ProcessEvent(passed);
    });
}

WrapText::WrapText(wxWindow* parent, const wxString& text, int firstWidth)
    : wxStaticText(parent, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_NO_AUTORESIZE),
      text_(text),
      width_(parent->FromDIP(firstWidth)) {
    rewrap();
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        const int width = event.GetSize().x;
        if (width <= FromDIP(40) || width == width_) return;
        width_ = width;
        if (isPending_) return;
        isPending_ = true;
        // Not inside the layout that gave the size: the new height needs another one.
        CallAfter([this] {
            isPending_ = false;
            rewrap();
        });
    });
}

void WrapText::setText(const wxString& text) {
    if (text == text_) return;
    text_ = text;
    rewrap();
}

void WrapText::rewrap() {
    const int before = GetMinSize().y;
    wxStaticText::SetLabel(wxControl::EscapeMnemonics(wrapped(this, text_, width_)));
    // The best size is never below the smallest one, so that one goes first; else the text could only grow.
    SetMinSize(wxDefaultSize);
    InvalidateBestSize();
    const int height = GetBestSize().y;
    SetMinSize(wxSize(FromDIP(40), height));
    if (height == before) return;
    // Every sizer above may have to give more or less room, up to one that can scroll.
    for (wxWindow* above = GetParent(); above && !above->IsTopLevel(); above = above->GetParent()) {
        above->InvalidateBestSize();
        if (auto* scrolled = dynamic_cast<wxScrolledWindow*>(above)) {
            scrolled->FitInside();
            scrolled->Layout();
            break;
        }
        above->Layout();
    }
}

void FormField::setError(const wxString& text) const {
    error->setText(text);
    error->Show(!text.empty());
    if (control) setAccessibleDescription(control, text.empty() && help ? help->GetLabelText() : text);
    if (wxWindow* parent = error->GetParent()) parent->Layout();
}

FormGrid::FormGrid(wxWindow* parent) : parent_(parent), grid_(new wxFlexGridSizer(2, 0, gap(parent))) {
    grid_->AddGrowableCol(1);
}

FormField FormGrid::row(const wxString& label, const std::function<wxWindow*(wxWindow*)>& make, const wxString& help,
                        Fit fit) {
    auto* text = new wxStaticText(parent_, wxID_ANY, label);
    wxWindow* control = make(parent_);
    wxString name = wxControl::RemoveMnemonics(label);
    if (name.EndsWith(":")) name.RemoveLast();
    setAccessibleName(control, name);
    return add(text, control, help, fit);
}

FormField FormGrid::plain(const std::function<wxWindow*(wxWindow*)>& make, const wxString& help) {
    return add(nullptr, make(parent_), help, Fit::Own);
}

FormField FormGrid::add(wxStaticText* label, wxWindow* control, const wxString& help, Fit fit) {
    FormField field;
    field.label = label;
    field.control = control;
    const int controlHeight = control->GetBestSize().y;
    if (label) {
        // The label sits at the first line of its control, also if the control is tall.
        auto* holder = new wxBoxSizer(wxVERTICAL);
        const int shift = std::max(0, (std::min(controlHeight, parent_->FromDIP(36)) - label->GetBestSize().y) / 2);
        holder->AddSpacer(shift);
        holder->Add(label, wxSizerFlags().Right());
        grid_->Add(holder, wxSizerFlags().Right().Top());
        field.labelBox = holder;
    } else {
        grid_->AddSpacer(0);
    }
    auto* column = new wxBoxSizer(wxVERTICAL);
    column->Add(control, fit == Fit::Stretch ? wxSizerFlags().Expand() : wxSizerFlags().Left());
    if (!help.empty()) {
        field.help = new WrapText(parent_, help);
        field.help->SetFont(smallFont(parent_));
        WrapText* text = field.help;
        theme().watch(text, [text] { text->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
        column->Add(text, wxSizerFlags().Expand().Border(wxTOP, parent_->FromDIP(2)));
        setAccessibleDescription(control, help);
    }
    field.error = new WrapText(parent_, {});
    field.error->SetFont(smallFont(parent_));
    WrapText* error = field.error;
    theme().watch(error, [error] { error->SetForegroundColour(theme().colour(Theme::Ink::ErrorText)); });
    error->Hide();
    column->Add(error, wxSizerFlags().Expand().Border(wxTOP, parent_->FromDIP(2)));
    column->AddSpacer(gap(parent_));
    grid_->Add(column, wxSizerFlags(1).Expand());
    field.box = column;
    return field;
}

void FormField::show(bool isShown) const {
    if (labelBox) labelBox->ShowItems(isShown);
    if (!box) return;
    box->ShowItems(isShown);
    if (isShown && error->GetLabel().empty()) error->Hide();
}

wxStaticText* FormGrid::head(const wxString& text) {
    auto* label = new wxStaticText(parent_, wxID_ANY, text);
    label->SetFont(headFont(parent_));
    grid_->Add(label, wxSizerFlags().Left().Border(wxTOP | wxBOTTOM, halfGap(parent_)));
    grid_->AddSpacer(0);
    return label;
}

wxStaticText* FormGrid::fact(const wxString& label, const wxString& value) {
    auto* text = new wxStaticText(parent_, wxID_ANY, label);
    theme().watch(text, [text] { text->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    auto* shown = new wxStaticText(parent_, wxID_ANY, wxControl::EscapeMnemonics(value));
    grid_->Add(text, wxSizerFlags().Right().Top());
    grid_->Add(shown, wxSizerFlags(1).Expand().Border(wxBOTTOM, halfGap(parent_)));
    return shown;
}

}  // namespace causeway::console
