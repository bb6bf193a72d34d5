#include "console/widgets/theme.h"

#include <algorithm>

#include <wx/settings.h>

#ifdef __WXGTK__
#include <gtk/gtk.h>
#include <wx/dataview.h>
#endif

namespace causeway::console {

namespace {

wxColour mixed(const wxColour& from, const wxColour& to, double share) {
    auto part = [&](unsigned char a, unsigned char b) {
        return static_cast<unsigned char>(static_cast<double>(a) + (static_cast<double>(b) - a) * share);
    };
    return {part(from.Red(), to.Red()), part(from.Green(), to.Green()), part(from.Blue(), to.Blue())};
}

wxColour system(wxSystemColour which) {
    return wxSystemSettings::GetColour(which);
}

}  // namespace

Theme::Theme() {
    read();
}

void Theme::read() {
    isDark_ = wxSystemSettings::GetAppearance().IsUsingDarkBackground();
}

wxColour Theme::colour(Ink ink) const {
    const wxColour text = system(wxSYS_COLOUR_WINDOWTEXT);
    const wxColour window = system(wxSYS_COLOUR_BTNFACE);
    const wxColour base = system(wxSYS_COLOUR_LISTBOX);
    const wxColour accent = system(wxSYS_COLOUR_HIGHLIGHT);
    switch (ink) {
        case Ink::Text:
            return text;
        case Ink::Muted:
            return mixed(text, window, 0.36);
        case Ink::Accent:
            return accent;
        case Ink::OnAccent:
            return system(wxSYS_COLOUR_HIGHLIGHTTEXT);
        case Ink::Line:
            return mixed(window, text, isDark_ ? 0.22 : 0.16);
        case Ink::Window:
            return window;
        case Ink::Base:
            return base;
        case Ink::Side:
            return mixed(window, base, 0.35);
        case Ink::Fresh:
            return mixed(base, accent, isDark_ ? 0.35 : 0.18);
        case Ink::InfoFill:
            return mixed(window, accent, isDark_ ? 0.22 : 0.10);
        case Ink::WarningFill:
            return mixed(window, wxColour(0xE5, 0xA5, 0x0A), isDark_ ? 0.24 : 0.18);
        case Ink::ErrorText:
            return isDark_ ? wxColour(0xFF, 0x8A, 0x80) : wxColour(0xB3, 0x1D, 0x28);
        case Ink::Fine:
            return isDark_ ? wxColour(0x57, 0xC7, 0x85) : wxColour(0x1E, 0x8A, 0x4C);
        case Ink::Partly:
            return isDark_ ? wxColour(0xF2, 0xB8, 0x3A) : wxColour(0xB8, 0x6E, 0x00);
        case Ink::Broken:
            return isDark_ ? wxColour(0xFF, 0x7B, 0x72) : wxColour(0xC4, 0x2B, 0x33);
        case Ink::Unknown:
            return mixed(text, window, 0.45);
        case Ink::ChartLine:
            return isDark_ ? mixed(accent, wxColour(255, 255, 255), 0.25) : accent;
        case Ink::ChartFill:
            return mixed(base, accent, 0.16);
    }
    return text;
}

wxColour Theme::colour(Mark mark) const {
    switch (mark) {
        case Mark::Fine:
            return colour(Ink::Fine);
        case Mark::Partly:
            return colour(Ink::Partly);
        case Mark::Broken:
            return colour(Ink::Broken);
        case Mark::None:
        case Mark::Unknown:
            break;
    }
    return colour(Ink::Unknown);
}

void Theme::watch(wxWindow* owner, std::function<void()> apply) {
    apply();
    const bool isNew =
        std::none_of(watchers_.begin(), watchers_.end(), [owner](const Watcher& each) { return each.owner == owner; });
    watchers_.push_back({owner, std::move(apply)});
    if (!isNew) return;
    owner->Bind(wxEVT_DESTROY, [this, owner](wxWindowDestroyEvent& event) {
        event.Skip();
        if (event.GetEventObject() != owner) return;  // a child of it
        std::erase_if(watchers_, [owner](const Watcher& each) { return each.owner == owner; });
    });
}

void Theme::systemColoursChanged() {
    read();
    const auto now = watchers_;
    for (const Watcher& each : now)
        each.apply();
}

Theme& theme() {
    static Theme one;
    return one;
}

int gap(const wxWindow* window, int steps) {
    return window->FromDIP(8 * steps);
}

int halfGap(const wxWindow* window) {
    return window->FromDIP(4);
}

wxFont titleFont(const wxWindow* window) {
    return window->GetFont().Scaled(1.45F).Bold();
}

wxFont headFont(const wxWindow* window) {
    return window->GetFont().Bold();
}

wxFont smallFont(const wxWindow* window) {
    return window->GetFont().Scaled(0.92F);
}

#ifdef __WXGTK__
namespace {

AtkObject* accessibleOf(wxWindow* window) {
    GtkWidget* widget = window->GetHandle();
    if (auto* list = dynamic_cast<wxDataViewCtrl*>(window)) widget = list->GtkGetTreeView();
    return widget ? gtk_widget_get_accessible(widget) : nullptr;
}

/// Controls such as wxSearchCtrl put their entry inside other widgets: the part that takes the focus carries the name.
void nameFocusable(GtkWidget* widget, gpointer name) {
    if (gtk_widget_get_can_focus(widget)) {
        if (AtkObject* object = gtk_widget_get_accessible(widget))
            atk_object_set_name(object, static_cast<const char*>(name));
    }
    if (GTK_IS_CONTAINER(widget)) gtk_container_forall(GTK_CONTAINER(widget), nameFocusable, name);
}

}  // namespace

void setAccessibleName(wxWindow* window, const wxString& name) {
    const wxString plain = wxControl::RemoveMnemonics(name);
    const wxScopedCharBuffer bytes = plain.utf8_str();
    if (AtkObject* object = accessibleOf(window)) atk_object_set_name(object, bytes.data());
    if (!dynamic_cast<wxPanel*>(window) && !dynamic_cast<wxDataViewCtrl*>(window)) {
        std::string copy(bytes.data(), bytes.length());
        nameFocusable(window->GetHandle(), copy.data());
    }
}

void setAccessibleDescription(wxWindow* window, const wxString& text) {
    const wxScopedCharBuffer bytes = text.utf8_str();
    if (AtkObject* object = accessibleOf(window)) atk_object_set_description(object, bytes.data());
}

void setAccessibleDialog(wxWindow* dialog) {
    if (AtkObject* object = accessibleOf(dialog)) atk_object_set_role(object, ATK_ROLE_DIALOG);
}
#else
void setAccessibleName(wxWindow* window, const wxString& name) {
    // Windows and macOS take the label before a control, and its name where there is none.
    window->SetName(wxControl::RemoveMnemonics(name));
}

void setAccessibleDescription(wxWindow* window, const wxString& text) {
    window->SetHelpText(text);
}

void setAccessibleDialog(wxWindow*) {}
#endif

}  // namespace causeway::console
