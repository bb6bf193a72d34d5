#include "console/presenters/palette_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

int fuzzyScore(const std::string& wanted, const std::string& text) {
    if (wanted.empty()) return 0;
    if (const auto at = text.find(wanted); at != std::string::npos) {
        const bool isWordStart = at == 0 || text[at - 1] == ' ' || text[at - 1] == '-';
        return 1000 +
               (at == 0       ? 300
                : isWordStart ? 200
                              : 0) -
               static_cast<int>(std::min<std::size_t>(text.size(), 100));
    }
    // Letters in order; those at the start of a word and those that follow each other count more.
    int score = 0;
    std::size_t at = 0;
    std::size_t lastHit = std::string::npos;
    for (const char letter : wanted) {
        if (letter == ' ') continue;
        const auto hit = text.find(letter, at);
        if (hit == std::string::npos) return -1;
        const bool isWordStart = hit == 0 || text[hit - 1] == ' ' || text[hit - 1] == '-';
        const bool isNext = lastHit != std::string::npos && hit == lastHit + 1;
        score += isWordStart ? 20 : isNext ? 12 : 1;
        lastHit = hit;
        at = hit + 1;
    }
    return score;
}

PalettePresenter::PalettePresenter(const UsersPresenter& users, const SettingsPresenter& settings)
    : users_(users), settings_(settings) {}

std::vector<PaletteHit> PalettePresenter::find(const std::string& text, std::size_t most) const {
    const auto wanted = foldText(trimmed(text));
    std::vector<PaletteHit> hits;
    for (const auto& page : pages_) {
        const auto title = fuzzyScore(wanted, foldText(page.title));
        const auto words = wanted.empty() ? -1 : fuzzyScore(wanted, foldText(page.keywords));
        // Other words of a page count only if they are really there, not as scattered letters.
        const auto score = std::max(title, words >= 900 ? words - 150 : -1);
        if (score < 0) continue;
        // Pages come first among equals.
        hits.push_back({HitKind::Page, page.title, tr("page"), page.id, 0, {}, score + 50});
    }
    if (!wanted.empty()) {
        for (const auto group : SettingsPresenter::groups()) {
            for (const auto& setting : settings_.settings(group)) {
                auto score = std::max(fuzzyScore(wanted, foldText(setting.label)), fuzzyScore(wanted, setting.key));
                if (score < 900) {
                    // Scattered letters of long texts would match everything.
                    score = foldText(setting.sentence).find(wanted) != std::string::npos ? 700 : -1;
                }
                if (score < 0) continue;
                hits.push_back({HitKind::Setting, setting.label, setting.sentence,
                                "preferences/" + SettingsPresenter::groupId(group), 0, setting.key, score});
            }
        }
        int rank = 0;
        for (const auto id : users_.findUsers(wanted, most)) {
            const auto* row = users_.user(id);
            if (!row) continue;
            const auto& user = row->user;
            auto hint = user.group;
            hint += (hint.empty() ? "" : ", ") + user.address.text();
            if (!user.base.empty()) hint += ", " + user.base;
            const auto name = foldText(user.displayName());
            const int base = name.rfind(wanted, 0) == 0 ? 1250 : 950;
            hits.push_back({HitKind::User, user.displayName(), hint, "users", id, {}, base - rank++});
        }
    }
    std::stable_sort(hits.begin(), hits.end(),
                     [](const PaletteHit& a, const PaletteHit& b) { return a.score > b.score; });
    if (hits.size() > most) hits.resize(most);
    return hits;
}

}  // namespace causeway::console
