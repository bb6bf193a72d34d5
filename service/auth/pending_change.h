#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/model/provider.h"

/// Changes that would lock people out are in force at once, but go back unless somebody confirms them. Pure.
namespace causeway::auth {

enum class PendingKind { Provider, Domain };

/// A change that waits to be confirmed, as it is kept over restarts.
struct PendingChange {
    PendingKind kind = PendingKind::Provider;
    std::uint64_t id = 0;
    TimePoint revertsAt{};
    std::string sentence;
    Secret before;  ///< packed: a provider with its secrets, or the chain of a domain
};

/// What a provider of a chain does to a login.
struct ChainStanding {
    enum class Does {
        Nothing,  ///< turned off or gone: the next one is asked
        Decides,
        Blocks,  ///< cannot be asked, which ends every login that comes to it
    };
    Does does = Does::Nothing;
    std::string name;
    std::string why{};  ///< for Blocks
};
using ChainStandings = std::map<std::uint64_t, ChainStanding>;

/// The sentence of the first provider that decided logins before and is not come to any more; empty: nobody loses.
std::string lockOutOf(const std::string& domain, const std::vector<std::uint64_t>& chainBefore,
                      const ChainStandings& before, const std::vector<std::uint64_t>& chainAfter,
                      const ChainStandings& after);

/// Texts in one text and back; any bytes. Errors: Corrupt.
std::string packed(const std::vector<std::string>& texts);
Result<std::vector<std::string>> unpacked(std::string_view text);

struct ProviderBefore {
    Provider provider;
    ProviderSecrets secrets;
};
Secret packedProvider(const Provider& provider, const ProviderSecrets& secrets);
Result<ProviderBefore> unpackedProvider(const Secret& text);
Secret packedChain(const std::vector<std::uint64_t>& chain);
Result<std::vector<std::uint64_t>> unpackedChain(const Secret& text);

const char* wordOf(PendingKind kind);  ///< "provider", "domain"
std::optional<PendingKind> pendingKindOf(std::string_view word);

}  // namespace causeway::auth
