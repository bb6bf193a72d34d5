#include "service/auth/pending_change.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace causeway::auth {

namespace {

using Does = ChainStanding::Does;

const ChainStanding& standingOf(const ChainStandings& all, std::uint64_t id) {
    static const ChainStanding kGone;
    const auto at = all.find(id);
    return at == all.end() ? kGone : at->second;
}

/// Providers that logins come to and that decide; `blocker` gets the one that stops the rest.
std::vector<std::uint64_t> decidersOf(const std::vector<std::uint64_t>& chain, const ChainStandings& standings,
                                      std::uint64_t* blocker = nullptr) {
    std::vector<std::uint64_t> out;
    for (const auto id : chain) {
        const auto does = standingOf(standings, id).does;
        if (does == Does::Blocks) {
            if (blocker != nullptr) *blocker = id;
            break;
        }
        if (does == Does::Decides) out.push_back(id);
    }
    return out;
}

bool holds(const std::vector<std::uint64_t>& ids, std::uint64_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Error corrupt() {
    return {Code::Corrupt, "What was kept of the state before a change cannot be read.", "The record is damaged.",
            "Put the provider or the chain right by hand and save it."};
}

std::optional<std::uint64_t> numberIn(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string lockOutOf(const std::string& domain, const std::vector<std::uint64_t>& chainBefore,
                      const ChainStandings& before, const std::vector<std::uint64_t>& chainAfter,
                      const ChainStandings& after) {
    std::uint64_t blocker = 0;
    const auto now = decidersOf(chainAfter, after, &blocker);
    for (const auto id : decidersOf(chainBefore, before)) {
        if (holds(now, id)) continue;
        const auto& lost = standingOf(after, id);
        const auto& name = standingOf(before, id).name;
        std::string why;
        if (!holds(chainAfter, id)) {
            why = "it is not in the chain any more.";
        } else if (lost.does == Does::Nothing) {
            why = "it is turned off.";
        } else if (lost.does == Does::Blocks) {
            why = "its test fails. " + lost.why;
        } else {
            const auto& stops = standingOf(after, blocker);
            why = stops.name + ", which is asked before it, cannot be asked. " + stops.why;
        }
        return "People of " + name + " could log in at " + domain + " before this change and cannot now: " + why;
    }
    return {};
}

std::string packed(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts)
        out += std::to_string(text.size()) + ":" + text;
    return out;
}

Result<std::vector<std::string>> unpacked(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return corrupt();
        const auto size = numberIn(text.substr(0, colon));
        if (!size || *size > text.size() - colon - 1) return corrupt();
        out.emplace_back(text.substr(colon + 1, *size));
        text.remove_prefix(colon + 1 + *size);
    }
    return out;
}

Secret packedProvider(const Provider& provider, const ProviderSecrets& secrets) {
    std::vector<std::string> texts{std::to_string(provider.id), provider.name, wordOf(provider.kind),
                                   provider.isEnabled ? "on" : "off", std::to_string(provider.settings.size())};
    for (const auto& [key, value] : provider.settings)
        texts.insert(texts.end(), {key, value});
    for (const auto& [key, value] : secrets)
        texts.insert(texts.end(), {key, value.reveal()});
    return Secret{packed(texts)};
}

Result<ProviderBefore> unpackedProvider(const Secret& text) {
    const auto texts = unpacked(text.reveal());
    if (!texts) return texts.error();
    if (texts->size() < 5 || texts->size() % 2 == 0) return corrupt();
    const auto id = numberIn(texts->at(0));
    const auto kind = providerKindOf(texts->at(2));
    const auto count = numberIn(texts->at(4));
    if (!id || !kind || !count || *count > (texts->size() - 5) / 2) return corrupt();
    ProviderBefore out;
    out.provider.id = *id;
    out.provider.name = texts->at(1);
    out.provider.kind = *kind;
    out.provider.isEnabled = texts->at(3) == "on";
    for (std::size_t i = 5; i + 1 < texts->size(); i += 2) {
        if ((i - 5) / 2 < *count) {
            out.provider.settings[texts->at(i)] = texts->at(i + 1);
        } else {
            out.secrets[texts->at(i)] = Secret{texts->at(i + 1)};
            out.provider.secretsSet.insert(texts->at(i));
        }
    }
    return out;
}

Secret packedChain(const std::vector<std::uint64_t>& chain) {
    std::vector<std::string> texts;
    for (const auto id : chain)
        texts.push_back(std::to_string(id));
    return Secret{packed(texts)};
}

Result<std::vector<std::uint64_t>> unpackedChain(const Secret& text) {
    const auto texts = unpacked(text.reveal());
    if (!texts) return texts.error();
    std::vector<std::uint64_t> chain;
    for (const auto& each : *texts) {
        const auto id = numberIn(each);
        if (!id) return corrupt();
        chain.push_back(*id);
    }
    return chain;
}

const char* wordOf(PendingKind kind) {
    return kind == PendingKind::Provider ? "provider" : "domain";
}

std::optional<PendingKind> pendingKindOf(std::string_view word) {
    if (word == "provider") return PendingKind::Provider;
    if (word == "domain") return PendingKind::Domain;
    return std::nullopt;
}

}  // namespace causeway::auth
