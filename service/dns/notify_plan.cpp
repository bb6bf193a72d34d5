#include "service/dns/notify_plan.h"

#include <algorithm>
#include <array>

namespace causeway::dns {

namespace {

constexpr std::array<Duration, 6> kPauses{1s, 2s, 4s, 8s, 16s, 30s};

}  // namespace

const char* noticeText(SecondaryState::Notice notice) {
    switch (notice) {
        case SecondaryState::Notice::None:
            return "none";
        case SecondaryState::Notice::Waiting:
            return "waiting";
        case SecondaryState::Notice::Acknowledged:
            return "acknowledged";
        case SecondaryState::Notice::Refused:
            return "refused";
        case SecondaryState::Notice::NoAnswer:
            return "no-answer";
    }
    return "none";
}

std::uint16_t NotifyPlan::nextId() {
    state_ += 0x9E3779B97F4A7C15ULL;
    auto mixed = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::uint16_t>(mixed >> 48);
}

void NotifyPlan::changed(const Zone& zone, const std::vector<TsigKey>& keys, TimePoint now) {
    std::vector<Row> kept;
    std::vector<Row> former;
    for (auto& row : rows_)
        (row.domain == zone.apex ? former : kept).push_back(std::move(row));
    for (const auto& secondary : zone.secondaries) {
        Row row;
        const auto known = std::find_if(former.begin(), former.end(),
                                        [&](const Row& each) { return each.state.endpoint == secondary.endpoint; });
        if (known != former.end()) row = *known;
        row.domain = zone.apex;
        row.soa = zone.of(secondary.view).front();
        row.key.reset();
        const auto keyName = Name::parse(secondary.keyName.empty() ? "." : secondary.keyName);
        for (const auto& key : keys) {
            if (keyName && key.name == *keyName) row.key = key;
        }
        row.state.domain = zone.apex.host();
        row.state.endpoint = secondary.endpoint;
        row.state.notice = SecondaryState::Notice::Waiting;
        row.state.detail.clear();
        row.state.toldSerial = zone.serial;
        row.id = nextId();
        row.tries = 0;
        row.due = now;
        kept.push_back(std::move(row));
    }
    rows_ = std::move(kept);
}

void NotifyPlan::removed(const Name& domain) {
    rows_.erase(std::remove_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.domain == domain; }),
                rows_.end());
}

std::vector<NotifyPlan::Datagram> NotifyPlan::due(TimePoint now) {
    std::vector<Datagram> out;
    for (auto& row : rows_) {
        if (!row.due || *row.due > now) continue;
        if (row.tries > kPauses.size()) {
            row.due.reset();
            row.state.notice = SecondaryState::Notice::NoAnswer;
            continue;
        }
        Message message;
        message.header.id = row.id;
        message.header.opcode = Opcode::Notify;
        message.header.isAuthoritative = true;
        message.questions.push_back({row.domain, Type::Soa, Class::In});
        message.answers.push_back(row.soa);
        auto bytes = writeMessage(message);
        INVARIANT(bytes);
        if (row.key) {
            TsigSigner signer{*row.key, {}};
            const auto size = bytes->size();
            bytes->resize(size + signer.roomFor());
            const auto end = signer.sign({reinterpret_cast<Byte*>(bytes->data()), bytes->size()}, size,
                                         static_cast<std::uint64_t>(epochMillis(now) / 1000));
            bytes->resize(end);
        }
        out.push_back({row.state.endpoint, std::move(*bytes)});
        row.due = now + (row.tries < kPauses.size() ? kPauses[row.tries] : kPauses.back());
        ++row.tries;
    }
    return out;
}

std::optional<TimePoint> NotifyPlan::nextDeadline() const {
    std::optional<TimePoint> next;
    for (const auto& row : rows_) {
        if (row.due && (!next || *row.due < *next)) next = row.due;
    }
    return next;
}

void NotifyPlan::received(const Endpoint& from, std::string_view bytes) {
    const auto message = parseMessage(bytes);
    if (!message || !message->header.isResponse || message->header.opcode != Opcode::Notify) return;
    for (auto& row : rows_) {
        if (!row.due || row.state.endpoint != from || row.id != message->header.id) continue;
        row.due.reset();
        const auto rcode = message->rcode();
        row.state.notice =
            rcode == Rcode::NoError ? SecondaryState::Notice::Acknowledged : SecondaryState::Notice::Refused;
        row.state.detail = rcode == Rcode::NoError ? "" : rcodeText(rcode);
    }
}

void NotifyPlan::transferred(const std::string& domain, const Endpoint& secondary, std::uint32_t serial,
                             TimePoint now) {
    for (auto& row : rows_) {
        if (row.state.domain != domain || row.state.endpoint != secondary) continue;
        row.state.takenSerial = serial;
        row.state.takenAt = now;
    }
}

std::vector<SecondaryState> NotifyPlan::states() const {
    std::vector<SecondaryState> out;
    out.reserve(rows_.size());
    for (const auto& row : rows_)
        out.push_back(row.state);
    return out;
}

}  // namespace causeway::dns
