#include "service/dns/transfer.h"

#include <algorithm>
#include <utility>

#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

/// Small enough that names stay within reach of compression pointers.
constexpr std::size_t kComfortableMessage = 16384;

bool comesBefore(const Record& a, const Record& b) {
    if (const auto order = a.owner <=> b.owner; order != 0) return order < 0;
    if (a.type != b.type) return a.type < b.type;
    return a.data != b.data ? a.data < b.data : a.ttl < b.ttl;
}

}  // namespace

std::vector<const Record*> recordsMissing(const std::vector<Record>& left, const std::vector<Record>& right) {
    std::vector<const Record*> missing;
    // The SOA comes first in both and is told apart by the serial.
    std::size_t j = 1;
    for (std::size_t i = 1; i < left.size(); ++i) {
        while (j < right.size() && comesBefore(right[j], left[i]))
            ++j;
        if (j >= right.size() || comesBefore(left[i], right[j])) missing.push_back(&left[i]);
    }
    return missing;
}

bool ZoneTransfer::isAsked(std::string_view query) {
    WireReader in{query};
    in.skip(2);
    const auto flags = in.u16();
    const auto questions = in.u16();
    in.skip(6);
    in.name();
    const auto type = static_cast<Type>(in.u16());
    return in.ok() && questions == 1 && (flags & 0xF800U) == 0 && (type == Type::Axfr || type == Type::Ixfr);
}

ZoneTransfer::ZoneTransfer(std::string_view query, const Asker& asker, std::shared_ptr<const Snapshot> snapshot)
    : snapshot_(std::move(snapshot)) {
    begin(query, asker);
}

void ZoneTransfer::begin(std::string_view query, const Asker& asker) {
    header_.isResponse = true;
    auto message = parseMessage(query);
    if (!message || message->questions.size() != 1) {
        if (query.size() >= 2) header_.id = WireReader{query}.u16();
        return refuse(Rcode::FormErr, "The request is not well formed.");
    }
    header_.id = message->header.id;
    question_ = message->questions.front();
    domain_ = question_->name.host();
    const auto* served = question_->klass == Class::In ? snapshot_->table.zone(question_->name) : nullptr;
    if (!served) return refuse(Rcode::NotAuth, "This server has no such domain.");
    serial_ = served->zone->serial;
    const auto& list = served->zone->secondaries;
    const auto isIts = [&](const SecondaryFacts& each) { return each.endpoint.address == asker.address; };
    auto secondary = std::find_if(list.begin(), list.end(), isIts);
    if (secondary == list.end()) {
        return refuse(Rcode::Refused, "This address is not in the list of secondary servers of the domain.");
    }
    // One address may stand for several servers with their own keys.
    if (auto tsig = findTsig(query); tsig && *tsig) {
        const auto byKey = std::find_if(list.begin(), list.end(), [&](const SecondaryFacts& each) {
            const auto name = Name::parse(each.keyName.empty() ? "." : each.keyName);
            return isIts(each) && name && *name == (*tsig)->keyName;
        });
        if (byKey != list.end()) secondary = byKey;
    }
    secondary_ = secondary->endpoint;
    if (!checkSignature(query, *secondary, asker)) return;
    header_.isAuthoritative = true;
    plan(*served, secondary->view, *message);
}

void ZoneTransfer::refuse(Rcode rcode, std::string why, std::uint16_t tsigError) {
    rcode_ = rcode;
    refusal_ = std::move(why);
    tsigError_ = tsigError;
    header_.rcode = static_cast<std::uint8_t>(rcode);
}

bool ZoneTransfer::checkSignature(std::string_view query, const SecondaryFacts& secondary, const Asker& asker) {
    auto found = findTsig(query);
    if (!found) {
        refuse(Rcode::FormErr, "The signature of the request is not well formed.");
        return false;
    }
    tsig_ = std::move(*found);
    if (!tsig_) {
        if (secondary.keyName.empty()) return true;
        refuse(Rcode::Refused, "The request is not signed, and this secondary server must sign.");
        return false;
    }
    const auto* key = snapshot_->key(tsig_->keyName);
    const auto wantedName = Name::parse(secondary.keyName.empty() ? "." : secondary.keyName);
    // A key of another server does not open this door.
    const bool isItsKey = key && (secondary.keyName.empty() || (wantedName && key->name == *wantedName));
    if (!isItsKey) {
        refuse(Rcode::NotAuth, "The request is signed with another key than the one of this secondary server.",
               kBadKey);
        return false;
    }
    const auto now = static_cast<std::uint64_t>(epochMillis(asker.now) / 1000);
    const auto wrong = verifyTsig(query, *tsig_, *key, now);
    if (wrong == 0 || wrong == kBadTime) signer_.emplace(*key, tsig_->mac);
    if (wrong == kBadTime) {
        refuse(Rcode::NotAuth, "The clocks of the two servers are more than five minutes apart.", kBadTime);
    } else if (wrong != 0) {
        refuse(Rcode::NotAuth, "The signature is wrong: the two servers have different secrets for this key.", wrong);
    }
    return wrong == 0;
}

void ZoneTransfer::planWhole(const Zone& zone, View view) {
    const auto& records = zone.of(view);
    for (const auto& record : records)
        records_.push_back(&record);
    records_.push_back(&records.front());
}

void ZoneTransfer::plan(const ServedZone& served, View view, const Message& query) {
    const auto& zone = *served.zone;
    const auto& records = zone.of(view);
    if (question_->type == Type::Axfr) return planWhole(zone, view);
    const auto known = query.authorities.size() == 1 && query.authorities.front().type == Type::Soa
                           ? readSoa(query.authorities.front().data)
                           : std::nullopt;
    if (!known) return refuse(Rcode::FormErr, "The request does not say which version the secondary server has.");
    if (!isSerialAfter(zone.serial, known->serial)) {
        records_.push_back(&records.front());
        return;
    }
    const auto old = std::find_if(served.older.begin(), served.older.end(),
                                  [&](const auto& each) { return each->serial == known->serial; });
    if (old == served.older.end()) return planWhole(zone, view);
    const auto& before = (*old)->of(view);
    records_.push_back(&records.front());
    records_.push_back(&before.front());
    for (const auto* record : recordsMissing(before, records))
        records_.push_back(record);
    records_.push_back(&records.front());
    for (const auto* record : recordsMissing(records, before))
        records_.push_back(record);
    records_.push_back(&records.front());
}

std::size_t ZoneTransfer::writeRefusal(std::span<Byte> out, TimePoint now) {
    MessageWriter writer{out};
    if (!writer.begin(header_)) return 0;
    if (question_ && !writer.add(*question_)) return 0;
    const auto size = writer.size();
    if (tsigError_ == 0 || !tsig_) return size;
    if (tsigError_ == kBadTime && signer_) {
        return signer_->sign(out, size, static_cast<std::uint64_t>(epochMillis(now) / 1000), kBadTime, tsig_->time);
    }
    return refuseTsig(out, size, *tsig_, tsigError_);
}

std::size_t ZoneTransfer::next(std::span<Byte> out, TimePoint now) {
    if (!isGranted()) return std::exchange(isFirst_, false) ? writeRefusal(out, now) : 0;
    if (nextRecord_ >= records_.size()) return 0;
    const auto reserved = signer_ ? signer_->roomFor() : 0;
    const auto most = std::min(out.size(), kMaxMessage) - reserved;
    // A record that is larger than the comfortable size gets a message of its own.
    for (const auto room : {std::min(most, kComfortableMessage), most}) {
        MessageWriter writer{out.first(room)};
        if (!writer.begin(header_)) return 0;
        // The question is repeated in the first message only (RFC 5936 2.2.1).
        if (isFirst_ && !writer.add(*question_)) return 0;
        const auto before = nextRecord_;
        while (nextRecord_ < records_.size() && writer.add(Section::Answer, *records_[nextRecord_]))
            ++nextRecord_;
        if (nextRecord_ == before) continue;
        isFirst_ = false;
        if (!signer_) return writer.size();
        return signer_->sign(out, writer.size(), static_cast<std::uint64_t>(epochMillis(now) / 1000));
    }
    return 0;
}

}  // namespace causeway::dns
