#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "console/presenters/settings_presenter.h"
#include "console/presenters/users_presenter.h"

namespace causeway::console {

enum class HitKind { Page, User, Setting };
struct PaletteHit {
    HitKind kind = HitKind::Page;
    std::string title;
    std::string hint;  ///< "page", "Sales, 10.1.0.21", sentence of the setting
    std::string page;  ///< page id to open; for a setting "preferences/network"
    UserId user = 0;
    std::string settingKey{};
    int score = 0;
};
struct PageEntry {
    std::string id;
    std::string title;     ///< as shown, translated
    std::string keywords;  ///< other words that administrators use for it
};

/// Higher is better, -1 = the letters of `wanted` do not come in this order in `text`. Both folded.
int fuzzyScore(const std::string& wanted, const std::string& text);

/// Ctrl+K: pages, users and settings by what is typed.
class PalettePresenter {
public:
    PalettePresenter(const UsersPresenter& users, const SettingsPresenter& settings);
    void setPages(std::vector<PageEntry> pages) { pages_ = std::move(pages); }
    /// Best first, at most `most`; for an empty text all pages.
    std::vector<PaletteHit> find(const std::string& text, std::size_t most = 30) const;

private:
    const UsersPresenter& users_;
    const SettingsPresenter& settings_;
    std::vector<PageEntry> pages_;
};

}  // namespace causeway::console
