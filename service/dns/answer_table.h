#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/dns/counters.h"
#include "service/dns/zone.h"

namespace causeway::dns {

/// One served domain with what belongs to it.
struct ServedZone {
    std::shared_ptr<const Zone> zone;
    std::vector<std::shared_ptr<const Zone>> older;  ///< former versions for IXFR, newest last
    std::shared_ptr<ZoneCounters> counters;
};

/// A question name ready for look-up: lower case, with the places of its labels.
struct LookupName {
    /// Reads the name at `offset` of a query. False: it does not end inside the query, is too long or is compressed.
    bool read(std::string_view query, std::size_t offset);

    std::string_view wire() const { return {bytes.data(), size}; }

    alignas(8) std::array<char, 264> bytes;  ///< zeroes behind the name, up to a whole word
    std::size_t size = 0;
    std::array<std::uint8_t, 128> labels;  ///< where each label begins, the root excluded
    std::size_t labelCount = 0;
};

/// The bytes of a response behind its question. Compression pointers are right for a question at byte 12.
struct Prepared {
    std::string_view body;              ///< points into the table
    std::size_t withoutAdditional = 0;  ///< size of the body up to the additional section
    std::uint16_t answers = 0;
    std::uint16_t authorities = 0;
    std::uint16_t additionals = 0;
    std::uint8_t rcode = 0;
    Type type = Type::A;
};

/// The SOA of a negative answer. It was made for the domain itself as the question: for a longer name, all pointers
/// move by the difference.
struct Negative {
    std::string_view body;
    std::vector<std::uint16_t> pointers;  ///< offsets in the body
};

/// All responses of all domains, made in advance; immutable. Look-ups allocate nothing and take no lock.
class AnswerTable {
public:
    explicit AnswerTable(std::vector<ServedZone> zones);
    AnswerTable(const AnswerTable&) = delete;
    AnswerTable& operator=(const AnswerTable&) = delete;

    struct Answer {
        const ServedZone* zone = nullptr;  ///< nullptr: not ours, or not for this client: REFUSED
        const Prepared* prepared = nullptr;
        const Negative* negative = nullptr;  ///< instead of prepared: NODATA or NXDOMAIN
        bool nameExists = false;
        std::size_t apexOffset = 0;  ///< where the name of the domain begins in the question name
    };
    Answer find(const LookupName& name, Type type, const IpAddress& client) const;

    /// The domain with exactly this name, whoever asks; nullptr if there is none.
    const ServedZone* zone(const Name& apex) const;
    const std::vector<ServedZone>& zones() const { return zones_; }

private:
    struct Node {
        std::uint64_t hash = 0;
        std::string_view name;
        std::uint32_t zone = 0;
        bool isApex = false;
        struct Part {
            bool exists = false;
            std::vector<Prepared> prepared;  ///< type 0, always the last: for every other type (alias)
        };
        std::array<Part, kViews> parts;
    };
    struct Network {
        std::uint32_t address = 0;
        std::uint32_t mask = 0;
    };
    /// The client subnets of a domain, quick for IPv4.
    struct Access {
        std::vector<Network> lan4;
        std::vector<Subnet> lan6;
        bool servesInternet = false;
        std::array<Negative, kViews> negative;
    };
    class Compiler;

    const Node* findNode(std::string_view name, std::uint64_t hash) const;
    bool isLan(const Access& access, const IpAddress& client) const;

    std::vector<ServedZone> zones_;
    std::vector<Access> access_;  ///< by zone
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> slots_;  ///< index of the node + 1; a power of two of them, at most half full
    std::size_t leastLabels_ = 128;     ///< of the names of domains
    std::size_t mostLabels_ = 0;
    std::vector<std::unique_ptr<std::string>> bodies_;
};

}  // namespace causeway::dns
