#include "shared/proto/dns/message.h"

#include <algorithm>
#include <cstring>

#include "shared/proto/dns/record_shape.h"
#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

constexpr std::size_t kQuestionCount = 4;
constexpr std::size_t kAnswerCount = 6;
constexpr std::size_t kAdditionalCount = 10;
constexpr std::size_t kMaxPointerTarget = 0x3FFF;

unsigned flagsOf(const Header& header) {
    unsigned flags = header.rcode & 0xFU;
    flags |= header.isResponse ? 0x8000U : 0U;
    flags |= (static_cast<unsigned>(header.opcode) & 0xFU) << 11;
    flags |= header.isAuthoritative ? 0x0400U : 0U;
    flags |= header.isTruncated ? 0x0200U : 0U;
    flags |= header.isRecursionDesired ? 0x0100U : 0U;
    flags |= header.isRecursionAvailable ? 0x0080U : 0U;
    flags |= header.isAuthenticData ? 0x0020U : 0U;
    flags |= header.isCheckingDisabled ? 0x0010U : 0U;
    return flags;
}

Header headerOf(std::uint16_t id, unsigned flags) {
    Header header;
    header.id = id;
    header.isResponse = (flags & 0x8000U) != 0;
    header.opcode = static_cast<Opcode>((flags >> 11) & 0xFU);
    header.isAuthoritative = (flags & 0x0400U) != 0;
    header.isTruncated = (flags & 0x0200U) != 0;
    header.isRecursionDesired = (flags & 0x0100U) != 0;
    header.isRecursionAvailable = (flags & 0x0080U) != 0;
    header.isAuthenticData = (flags & 0x0020U) != 0;
    header.isCheckingDisabled = (flags & 0x0010U) != 0;
    header.rcode = static_cast<std::uint8_t>(flags & 0xFU);
    return header;
}

std::vector<EdnsOption> readOptions(WireReader& in, std::string_view data) {
    std::vector<EdnsOption> options;
    WireReader part{data};
    while (part.ok() && !part.atEnd()) {
        EdnsOption option;
        option.code = part.u16();
        option.data = std::string(part.take(part.u16()));
        options.push_back(std::move(option));
    }
    if (!part.ok()) in.fail();
    return options;
}

/// One record, or the OPT into `edns`.
void readRecord(WireReader& in, Message& message, std::vector<Record>& section) {
    Record record;
    record.owner = in.name();
    record.type = static_cast<Type>(in.u16());
    const auto klass = in.u16();
    record.klass = static_cast<Class>(klass);
    record.ttl = in.u32();
    const auto length = in.u16();
    if (record.type != Type::Opt) {
        // UPDATE and the like put empty data into other classes.
        const bool isPlain = record.klass == Class::In || record.klass == Class::Chaos;
        record.data = isPlain ? readData(in, record.type, length) : std::string(in.take(length));
        if (in.ok()) section.push_back(std::move(record));
        return;
    }
    if (&section != &message.additionals || message.edns || !record.owner.isRoot()) in.fail();
    Edns edns;
    edns.payload = klass;
    edns.extendedRcode = static_cast<std::uint8_t>(record.ttl >> 24);
    edns.version = static_cast<std::uint8_t>(record.ttl >> 16);
    edns.isDnssecOk = (record.ttl & 0x8000U) != 0;
    edns.options = readOptions(in, in.take(length));
    if (in.ok()) message.edns = std::move(edns);
}

}  // namespace

std::string rcodeText(Rcode code) {
    switch (code) {
        case Rcode::NoError:
            return "NOERROR";
        case Rcode::FormErr:
            return "FORMERR";
        case Rcode::ServFail:
            return "SERVFAIL";
        case Rcode::NxDomain:
            return "NXDOMAIN";
        case Rcode::NotImp:
            return "NOTIMP";
        case Rcode::Refused:
            return "REFUSED";
        case Rcode::NotAuth:
            return "NOTAUTH";
        case Rcode::BadVers:
            return "BADVERS";
        case Rcode::BadCookie:
            return "BADCOOKIE";
    }
    return "RCODE" + std::to_string(static_cast<unsigned>(code));
}

Rcode Message::rcode() const {
    const unsigned upper = edns ? edns->extendedRcode : 0U;
    return static_cast<Rcode>((upper << 4) | (header.rcode & 0xFU));
}

Result<Message> parseMessage(std::string_view bytes) {
    if (bytes.size() > kMaxMessage) return Error{Code::TooLong, "The DNS message is longer than 65,535 bytes."};
    WireReader in{bytes};
    const auto id = in.u16();
    const auto flags = in.u16();
    const auto questionCount = in.u16();
    std::array<std::uint16_t, 3> counts{};
    for (auto& each : counts)
        each = in.u16();
    Message message;
    message.header = headerOf(id, flags);
    for (unsigned i = 0; i < questionCount && in.ok(); ++i) {
        Question question;
        question.name = in.name();
        question.type = static_cast<Type>(in.u16());
        question.klass = static_cast<Class>(in.u16());
        if (in.ok()) message.questions.push_back(std::move(question));
    }
    const std::array sections{&message.answers, &message.authorities, &message.additionals};
    for (std::size_t section = 0; section < sections.size(); ++section) {
        for (unsigned i = 0; i < counts[section] && in.ok(); ++i)
            readRecord(in, message, *sections[section]);
    }
    if (!in.ok()) {
        return Error{Code::BadInput, "The DNS message is not well formed.", "It ends early or a field is wrong.", "",
                     in.position()};
    }
    if (!in.atEnd()) {
        return Error{Code::BadInput, "The DNS message is not well formed.", "There are bytes behind its end.", "",
                     in.position()};
    }
    return message;
}

Result<std::string> writeMessage(const Message& message) {
    std::string out(kMaxMessage, '\0');
    MessageWriter writer{{reinterpret_cast<Byte*>(out.data()), out.size()}};
    bool fits = writer.begin(message.header);
    for (const auto& question : message.questions)
        fits = fits && writer.add(question);
    for (const auto& record : message.answers)
        fits = fits && writer.add(Section::Answer, record);
    for (const auto& record : message.authorities)
        fits = fits && writer.add(Section::Authority, record);
    // A TSIG record must stay the last.
    const bool isSigned = !message.additionals.empty() && message.additionals.back().type == Type::Tsig;
    const auto plain = message.additionals.size() - (isSigned ? 1 : 0);
    for (std::size_t i = 0; i < plain; ++i)
        fits = fits && writer.add(Section::Additional, message.additionals[i]);
    if (message.edns) fits = fits && writer.add(*message.edns);
    if (isSigned) fits = fits && writer.add(Section::Additional, message.additionals.back());
    if (!fits) return Error{Code::TooLong, "The records do not fit into one DNS message."};
    out.resize(writer.size());
    return out;
}

std::optional<std::span<const std::uint16_t>> MessageWriter::pointers() const {
    if (pointerCount_ > pointers_.size()) return std::nullopt;
    return std::span{pointers_}.first(pointerCount_);
}

bool MessageWriter::put(std::string_view bytes) {
    if (bytes.size() > room_.size() - size_) return false;
    if (!bytes.empty()) std::memcpy(room_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
}

bool MessageWriter::put16(std::uint16_t value) {
    const std::array<char, 2> bytes{static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
    return put({bytes.data(), bytes.size()});
}

bool MessageWriter::put32(std::uint32_t value) {
    return put16(static_cast<std::uint16_t>(value >> 16)) && put16(static_cast<std::uint16_t>(value & 0xFFFF));
}

bool MessageWriter::isSuffixAt(std::size_t at, std::string_view suffix) const {
    // Everything before size_ was written by us: pointers lead backwards to whole names.
    std::size_t i = 0;
    while (at < size_) {
        const unsigned length = room_[at];
        if (length >= 0xC0) {
            at = ((length & 0x3FU) << 8) | room_[at + 1];
            continue;
        }
        if (static_cast<unsigned char>(suffix[i]) != length) return false;
        if (length == 0) return true;
        if (std::memcmp(room_.data() + at + 1, suffix.data() + i + 1, length) != 0) return false;
        at += 1 + length;
        i += 1 + length;
    }
    return false;
}

std::optional<std::uint16_t> MessageWriter::find(std::string_view suffix) const {
    for (std::size_t i = 0; i < placeCount_; ++i) {
        if (isSuffixAt(places_[i], suffix)) return places_[i];
    }
    return std::nullopt;
}

bool MessageWriter::putName(std::string_view wire, bool mayPoint) {
    std::size_t at = 0;
    while (wire[at] != 0) {
        if (mayPoint) {
            if (const auto place = find(wire.substr(at))) {
                if (pointerCount_ < pointers_.size()) pointers_[pointerCount_] = static_cast<std::uint16_t>(size_);
                ++pointerCount_;
                return put16(static_cast<std::uint16_t>(0xC000U | *place));
            }
        }
        const std::size_t next = at + 1U + static_cast<unsigned char>(wire[at]);
        const auto place = size_;
        if (!put(wire.substr(at, next - at))) return false;
        if (placeCount_ < places_.size() && place <= kMaxPointerTarget) {
            places_[placeCount_++] = static_cast<std::uint16_t>(place);
        }
        at = next;
    }
    return put({"\0", 1});
}

bool MessageWriter::putData(Type type, std::string_view data) {
    const auto shape = shapeOf(type);
    const bool hasNames = shape && std::find(shape->begin(), shape->end(), Field::Name) != shape->end();
    if (!hasNames || !isDataOf(type, data)) return put(data);
    WireReader in{data};
    for (const auto field : *shape) {
        if (field == Field::Name) {
            if (!putName(in.name().wire(), true)) return false;
            continue;
        }
        // Types with compressed names have nothing else of variable length.
        const std::size_t length = field == Field::U16 ? 2 : 4;
        if (!put(in.take(length))) return false;
    }
    return true;
}

void MessageWriter::count(std::size_t field) {
    const auto value = static_cast<unsigned>((room_[field] << 8) | room_[field + 1]) + 1;
    room_[field] = static_cast<Byte>(value >> 8);
    room_[field + 1] = static_cast<Byte>(value & 0xFFU);
}

bool MessageWriter::begin(const Header& header) {
    size_ = placeCount_ = pointerCount_ = 0;
    return put16(header.id) && put16(static_cast<std::uint16_t>(flagsOf(header))) && put32(0) && put32(0);
}

bool MessageWriter::add(const Question& question) {
    const auto before = std::array{size_, placeCount_, pointerCount_};
    if (putName(question.name.wire(), true) && put16(static_cast<std::uint16_t>(question.type)) &&
        put16(static_cast<std::uint16_t>(question.klass))) {
        count(kQuestionCount);
        return true;
    }
    size_ = before[0];
    placeCount_ = before[1];
    pointerCount_ = before[2];
    return false;
}

bool MessageWriter::add(Section section, const Record& record) {
    const auto before = std::array{size_, placeCount_, pointerCount_};
    bool fits = putName(record.owner.wire(), true) && put16(static_cast<std::uint16_t>(record.type)) &&
                put16(static_cast<std::uint16_t>(record.klass)) && put32(record.ttl);
    const auto lengthAt = size_;
    const bool isPlain = record.klass == Class::In || record.klass == Class::Chaos;
    fits = fits && put16(0) && (isPlain ? putData(record.type, record.data) : put(record.data));
    if (!fits || size_ - lengthAt - 2 > 65535) {
        size_ = before[0];
        placeCount_ = before[1];
        pointerCount_ = before[2];
        return false;
    }
    const auto length = size_ - lengthAt - 2;
    room_[lengthAt] = static_cast<Byte>(length >> 8);
    room_[lengthAt + 1] = static_cast<Byte>(length & 0xFFU);
    count(kAnswerCount + 2 * static_cast<std::size_t>(section));
    return true;
}

bool MessageWriter::add(const Edns& edns) {
    const auto before = size_;
    std::uint32_t fields = (std::uint32_t{edns.extendedRcode} << 24) | (std::uint32_t{edns.version} << 16);
    if (edns.isDnssecOk) fields |= 0x8000U;
    std::size_t length = 0;
    for (const auto& option : edns.options)
        length += 4 + option.data.size();
    bool fits = length <= 65535 && put({"\0", 1}) && put16(static_cast<std::uint16_t>(Type::Opt)) &&
                put16(edns.payload) && put32(fields) && put16(static_cast<std::uint16_t>(length));
    for (const auto& option : edns.options) {
        fits = fits && put16(option.code) && put16(static_cast<std::uint16_t>(option.data.size())) && put(option.data);
    }
    if (!fits) {
        size_ = before;
        return false;
    }
    count(kAdditionalCount);
    return true;
}

}  // namespace causeway::dns
