#include "service/dns/answer_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>

#include "shared/proto/dns/message.h"

namespace causeway::dns {

namespace {

constexpr Type kEveryOther{0};
constexpr int kMostAliases = 8;
constexpr std::size_t kMostQuestion = kMaxName + 4;

/// Lower case of eight bytes at once. Bytes over 127 and the length bytes of labels (up to 63) stay.
std::uint64_t lowerWord(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    const auto low = word & (kOnes * 0x7F);
    const auto fromA = low + kOnes * (0x80 - 'A');        // the top bit says: >= 'A'
    const auto behindZ = low + kOnes * (0x80 - 'Z' - 1);  // the top bit says: > 'Z'
    const auto isUpper = fromA & ~behindZ & ~word & (kOnes * 0x80);
    return word | (isUpper >> 2);  // 0x80 -> 0x20
}

/// The names in the table are those of the administrator, so nobody outside can choose colliding ones.
std::uint64_t hashOf(std::string_view name) {
    std::uint64_t hash = name.size() * 0x9E3779B97F4A7C15ULL;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * 0xD6E8FEB86659FD93ULL;
        hash ^= hash >> 32;
    };
    std::size_t at = 0;
    std::uint64_t word = 0;
    for (; at + 8 <= name.size(); at += 8) {
        std::memcpy(&word, name.data() + at, 8);
        mix(word);
    }
    word = 0;
    if (at < name.size()) std::memcpy(&word, name.data() + at, name.size() - at);
    mix(word);
    return hash;
}

using Sets = std::map<Type, std::vector<const Record*>>;

}  // namespace

bool LookupName::read(std::string_view query, std::size_t offset) {
    labelCount = 0;
    std::size_t at = offset;
    while (true) {
        if (at >= query.size()) return false;
        const auto length = static_cast<unsigned char>(query[at]);
        if (length == 0) break;
        if (length > kMaxLabel || at + 1 + length - offset >= kMaxName) return false;
        labels[labelCount++] = static_cast<std::uint8_t>(at - offset);
        at += 1U + length;
    }
    size = at + 1 - offset;
    const auto words = (size + 7) / 8;
    // The last word is cleared first, so that nothing behind the name is left in it.
    std::memset(bytes.data() + (words - 1) * 8, 0, 8);
    std::memcpy(bytes.data(), query.data() + offset, size);
    for (std::size_t i = 0; i < words; ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i * 8, 8);
        word = lowerWord(word);
        std::memcpy(bytes.data() + i * 8, &word, 8);
    }
    return true;
}

/// Makes the prepared answers of one domain after the other.
class AnswerTable::Compiler {
public:
    explicit Compiler(AnswerTable& table) : table_(table), room_(kMaxMessage) {}

    void compile(std::uint32_t index) {
        const auto& zone = *table_.zones_[index].zone;
        std::array<std::map<Name, Sets>, kViews> names;
        for (std::size_t view = 0; view < kViews; ++view) {
            for (const auto& record : zone.records[view]) {
                if (!isOfDeeperZone(record.owner, index)) names[view][record.owner][record.type].push_back(&record);
            }
            addEmptyNames(zone.apex, names[view]);
        }
        std::set<Name> all{zone.apex};
        for (const auto& view : names) {
            for (const auto& [name, sets] : view)
                all.insert(name);
        }
        for (const auto& name : all) {
            Node node;
            node.name = keep(name.key());
            node.hash = hashOf(node.name);
            node.zone = index;
            node.isApex = name == zone.apex;
            for (std::size_t view = 0; view < kViews; ++view) {
                const auto found = names[view].find(name);
                if (found == names[view].end()) continue;
                node.parts[view].exists = true;
                sets_ = &names[view];
                zone_ = &zone;
                soa_ = zone.records[view].empty() ? nullptr : &zone.records[view].front();
                node.parts[view].prepared = prepare(name, found->second);
            }
            table_.nodes_.push_back(std::move(node));
        }
        for (std::size_t view = 0; view < kViews; ++view)
            table_.access_[index].negative[view] = negativeOf(zone, view);
    }

private:
    bool isOfDeeperZone(const Name& owner, std::uint32_t index) const {
        const auto& own = table_.zones_[index].zone->apex;
        return std::any_of(table_.zones_.begin(), table_.zones_.end(), [&](const ServedZone& other) {
            const auto& apex = other.zone->apex;
            return apex != own && apex.isUnder(own) && owner.isUnder(apex);
        });
    }

    /// Names between a record and the domain exist, although they have no records (RFC 8020).
    static void addEmptyNames(const Name& apex, std::map<Name, Sets>& names) {
        std::vector<Name> missing;
        for (const auto& [name, sets] : names) {
            for (auto parent = name.parent(); parent.isUnder(apex) && parent != apex; parent = parent.parent())
                missing.push_back(parent);
        }
        for (const auto& name : missing)
            names.try_emplace(name);
    }

    std::string_view keep(std::string bytes) {
        table_.bodies_.push_back(std::make_unique<std::string>(std::move(bytes)));
        return *table_.bodies_.back();
    }

    std::vector<Prepared> prepare(const Name& name, const Sets& sets) {
        std::vector<Prepared> made;
        if (!sets.contains(Type::Cname)) {
            for (const auto& [type, records] : sets)
                made.push_back(write(name, type, records, true));
            return made;
        }
        // An alias: each type that its end has, and one answer for all others.
        std::vector<const Record*> chain;
        const Sets* end = &sets;
        bool isLost = false;
        while (end) {
            const auto alias = end->find(Type::Cname);
            if (alias == end->end() || chain.size() >= kMostAliases) break;
            chain.push_back(alias->second.front());
            const auto target = readNameData(chain.back()->data);
            end = nullptr;
            if (!target || !target->isUnder(zone_->apex)) break;
            const auto found = sets_->find(*target);
            isLost = found == sets_->end();
            if (!isLost) end = &found->second;
        }
        made.push_back(write(name, Type::Cname, {chain.front()}, true));
        if (end) {
            for (const auto& [type, records] : *end) {
                if (type == Type::Cname) continue;
                auto whole = chain;
                whole.insert(whole.end(), records.begin(), records.end());
                made.push_back(write(name, type, whole, true));
            }
        }
        const bool isOurs = end || isLost;
        auto other = write(name, kEveryOther, chain, !isOurs);
        if (isLost) other.rcode = static_cast<std::uint8_t>(Rcode::NxDomain);
        made.push_back(other);
        return made;
    }

    /// `isWhole`: no SOA is needed.
    Prepared write(const Name& name, Type type, const std::vector<const Record*>& records, bool isWhole) {
        // The question takes its real size; OPT and TSIG find room behind the body, the longest question too.
        MessageWriter writer{std::span{room_}.first(kMaxMessage - kMostQuestion - 512)};
        Prepared made;
        made.type = type;
        bool fits = writer.begin({}) && writer.add(Question{name, type, Class::In});
        const auto start = writer.size();
        for (const auto* record : records) {
            fits = fits && writer.add(Section::Answer, *record);
            ++made.answers;
        }
        if (!isWhole && soa_) {
            fits = fits && writer.add(Section::Authority, negativeSoa(*soa_));
            made.authorities = 1;
        }
        if (!fits) {
            // Cannot happen within the limits of extra records; over TCP the asker hears SERVFAIL.
            made = Prepared{};
            made.type = type;
            made.rcode = static_cast<std::uint8_t>(Rcode::ServFail);
            return made;
        }
        made.withoutAdditional = writer.size() - start;
        addTargets(writer, records, made);
        made.body = keep(std::string(textOf(writer.bytes().subspan(start))));
        return made;
    }

    /// Addresses of the hosts that the records name, so that the asker needs no second question.
    void addTargets(MessageWriter& writer, const std::vector<const Record*>& records, Prepared& made) {
        std::set<Name> done;
        for (const auto* record : records) {
            const auto target = targetOf(*record);
            if (!target || !done.insert(*target).second) continue;
            const auto host = sets_->find(*target);
            if (host == sets_->end()) continue;
            for (const auto type : {Type::A, Type::Aaaa}) {
                const auto found = host->second.find(type);
                if (found == host->second.end()) continue;
                for (const auto* address : found->second) {
                    if (!writer.add(Section::Additional, *address)) return;
                    ++made.additionals;
                }
            }
        }
    }

    /// RFC 2308 3: the TTL of a negative answer is the smaller of the SOA's own and its minimum.
    static Record negativeSoa(Record soa) {
        if (const auto fields = readSoa(soa.data)) soa.ttl = std::min(soa.ttl, fields->minimum);
        return soa;
    }

    Negative negativeOf(const Zone& zone, std::size_t view) {
        Negative made;
        if (zone.records[view].empty()) return made;
        MessageWriter writer{room_};
        const auto soa = negativeSoa(zone.records[view].front());
        const bool hasBegun = writer.begin({}) && writer.add(Question{zone.apex, Type::Soa, Class::In});
        const auto start = writer.size();
        const bool fits = hasBegun && writer.add(Section::Authority, soa);
        INVARIANT(fits);
        const auto pointers = writer.pointers();
        INVARIANT(pointers);
        for (const auto place : *pointers)
            made.pointers.push_back(static_cast<std::uint16_t>(place - start));
        made.body = keep(std::string(textOf(writer.bytes().subspan(start))));
        return made;
    }

    AnswerTable& table_;
    std::vector<Byte> room_;
    const std::map<Name, Sets>* sets_ = nullptr;
    const Zone* zone_ = nullptr;
    const Record* soa_ = nullptr;
};

AnswerTable::AnswerTable(std::vector<ServedZone> zones) : zones_(std::move(zones)), access_(zones_.size()) {
    Compiler compiler{*this};
    for (std::uint32_t i = 0; i < zones_.size(); ++i) {
        const auto& zone = *zones_[i].zone;
        access_[i].servesInternet = zone.servesInternet;
        for (const auto& subnet : zone.lanSubnets) {
            if (subnet.address.isV6) {
                access_[i].lan6.push_back(subnet);
            } else {
                access_[i].lan4.push_back({subnet.address.ip4(), Network4::maskOf(subnet.prefix)});
            }
        }
        leastLabels_ = std::min(leastLabels_, zone.apex.labelCount());
        mostLabels_ = std::max(mostLabels_, zone.apex.labelCount());
        compiler.compile(i);
    }
    slots_.assign(std::bit_ceil(nodes_.size() * 2 + 1), 0);
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        auto slot = nodes_[i].hash & (slots_.size() - 1);
        while (slots_[slot] != 0)
            slot = (slot + 1) & (slots_.size() - 1);
        slots_[slot] = i + 1;
    }
}

const AnswerTable::Node* AnswerTable::findNode(std::string_view name, std::uint64_t hash) const {
    for (auto slot = hash & (slots_.size() - 1); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
        const auto& node = nodes_[slots_[slot] - 1];
        if (node.hash == hash && node.name == name) return &node;
    }
    return nullptr;
}

bool AnswerTable::isLan(const Access& access, const IpAddress& client) const {
    if (client.isV6) {
        return std::any_of(access.lan6.begin(), access.lan6.end(), [&](const Subnet& s) { return s.contains(client); });
    }
    const auto ip = client.ip4();
    return std::any_of(access.lan4.begin(), access.lan4.end(),
                       [ip](const Network& network) { return (ip & network.mask) == network.address; });
}

AnswerTable::Answer AnswerTable::find(const LookupName& name, Type type, const IpAddress& client) const {
    Answer answer;
    const auto wire = name.wire();
    const auto* node = findNode(wire, hashOf(wire));
    const Node* apex = node;
    std::size_t skipped = 0;
    if (!node) {
        // Not there: the longest domain above it decides. Only lengths that domains have are tried.
        for (std::size_t i = 1; i < name.labelCount && !apex; ++i) {
            const auto labels = name.labelCount - i;
            if (labels > mostLabels_) continue;
            if (labels < leastLabels_) break;
            const auto suffix = wire.substr(name.labels[i]);
            apex = findNode(suffix, hashOf(suffix));
            if (apex && !apex->isApex) apex = nullptr;
            skipped = name.labels[i];
        }
        if (!apex) return answer;
        answer.apexOffset = skipped;
    }
    const auto& access = access_[apex->zone];
    const auto view = static_cast<std::size_t>(isLan(access, client) ? View::Lan : View::Internet);
    if (view == static_cast<std::size_t>(View::Internet) && !access.servesInternet) return answer;
    answer.zone = &zones_[apex->zone];
    answer.negative = &access.negative[view];
    if (!node) return answer;
    answer.apexOffset = wire.size() - answer.zone->zone->apex.wire().size();
    const auto& part = node->parts[view];
    answer.nameExists = part.exists;
    for (const auto& prepared : part.prepared) {
        // RFC 8482 4.1: for ANY one of the sets is enough.
        if (prepared.type == type || prepared.type == kEveryOther || type == Type::Any) {
            answer.prepared = &prepared;
            break;
        }
    }
    return answer;
}

const ServedZone* AnswerTable::zone(const Name& apex) const {
    const auto found =
        std::find_if(zones_.begin(), zones_.end(), [&](const ServedZone& served) { return served.zone->apex == apex; });
    return found == zones_.end() ? nullptr : &*found;
}

}  // namespace causeway::dns
