#include "console/widgets/icons.h"

#include <map>
#include <tuple>

#include <wx/ffile.h>
#include <wx/filename.h>
#include <wx/stdpaths.h>
#include <wx/utils.h>

#include "console/widgets/strings.h"

namespace causeway::console {

namespace {

bool holdsIcons(const wxString& folder) {
    return wxFileName::FileExists(folder + "/icons/causeway.svg");
}

wxString findAssets() {
    wxString folder;
    if (wxGetEnv("CAUSEWAY_ASSETS", &folder) && holdsIcons(folder)) return folder;
    wxFileName program(wxStandardPaths::Get().GetExecutablePath());
    const wxString beside = program.GetPath() + "/../share/causeway";
    if (holdsIcons(beside)) return beside;
#ifdef CAUSEWAY_SOURCE_ASSETS
    if (holdsIcons(CAUSEWAY_SOURCE_ASSETS)) return CAUSEWAY_SOURCE_ASSETS;
#endif
    return {};
}

std::string sourceOf(const wxString& name) {
    static std::map<wxString, std::string> sources;
    const auto known = sources.find(name);
    if (known != sources.end()) return known->second;
    std::string text;
    const wxString path = assetsFolder() + "/icons/" + name + ".svg";
    if (!assetsFolder().empty() && wxFileName::FileExists(path)) {
        wxFFile file(path, "rb");
        wxString content;
        if (file.IsOpened() && file.ReadAll(&content, wxConvUTF8)) text = fromWx(content);
    }
    if (text.empty()) {
        text = R"(<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" )"
               R"(stroke="currentColor" stroke-width="1.5"><rect x="6" y="6" width="12" height="12" rx="2"/></svg>)";
    }
    return sources[name] = text;
}

wxBitmapBundle coloured(const wxString& name, int dip, const wxColour& colour) {
    static std::map<std::tuple<wxString, int, wxString>, wxBitmapBundle> made;
    const wxString hex = colour.GetAsString(wxC2S_HTML_SYNTAX);
    auto& bundle = made[{name, dip, hex}];
    if (bundle.IsOk()) return bundle;
    std::string text = sourceOf(name);
    const std::string wanted = "currentColor";
    const std::string value = fromWx(hex);
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + value.size())) {
        text.replace(at, wanted.size(), value);
    }
    bundle = wxBitmapBundle::FromSVG(text.c_str(), wxSize(dip, dip));
    return bundle;
}

}  // namespace

wxString assetsFolder() {
    static const wxString folder = findAssets();
    return folder;
}

wxBitmapBundle icon(const wxString& name, int dip, Theme::Ink ink) {
    return coloured(name, dip, theme().colour(ink));
}

wxBitmapBundle markIcon(Mark mark, int dip) {
    const char* name = "mark-unknown";
    switch (mark) {
        case Mark::Fine:
            name = "mark-fine";
            break;
        case Mark::Partly:
            name = "mark-partly";
            break;
        case Mark::Broken:
            name = "mark-broken";
            break;
        case Mark::None:
        case Mark::Unknown:
            break;
    }
    return coloured(name, dip, theme().colour(mark));
}

}  // namespace causeway::console
