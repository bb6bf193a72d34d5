#include "shared/model/remote_range.h"

#include <algorithm>
#include <array>
#include <limits>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway {

namespace {

constexpr std::string_view kForms =
    "Write an address (192.168.1.7), a wildcard (192.168.1.*), a network (192.168.0.0/23), a range "
    "(192.168.1.10-192.168.1.99), \"broadcast 192.168.1.255\" or a DNS name.";
constexpr std::string_view kKeyword = "broadcast";

/// A piece of the line that knows its column.
struct Piece {
    std::string_view text;
    std::size_t column = 0;

    Piece sub(std::size_t from, std::size_t count = std::string_view::npos) const {
        return Piece{text.substr(from, count), column + from}.trimmedPiece();
    }
    Piece trimmedPiece() const {
        const auto inner = trimmed(text);
        return inner.empty() ? Piece{{}, column}
                             : Piece{inner, column + static_cast<std::size_t>(inner.data() - text.data())};
    }
};

Error wrong(Piece where, std::string what, std::string todo, Code code = Code::BadInput) {
    return Error{code, std::move(what), {}, std::move(todo), where.column};
}

std::string quoted(std::string_view text) {
    constexpr std::size_t kMost = 80;
    const auto clean = cleanUtf8(text);
    return "\"" + std::string(cutUtf8(clean, kMost)) + (clean.size() > kMost ? "...\"" : "\"");
}

std::string grouped(std::uint64_t number) {
    auto digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

Error wholeInternet(Piece where) {
    return wrong(where, quoted(where.text) + " is the whole Internet, which cannot be swept.",
                 "Write the segments of your company, such as 192.168.1.*.", Code::TooMany);
}

/// One decimal part of an address, 0..255.
Result<std::uint32_t> readPart(Piece part, std::string_view whole) {
    const auto number = parseUnsigned(part.text);
    if (!number) {
        return wrong(part, quoted(part.text) + " in " + quoted(whole) + " is not a number.",
                     "Each of the four parts is a number from 0 to 255.");
    }
    if (*number > 255) {
        return wrong(part, std::string(part.text) + " in " + quoted(whole) + " is larger than 255.",
                     "Each of the four parts is a number from 0 to 255.");
    }
    if (part.text.size() > 1 && part.text.front() == '0') {
        return wrong(part, quoted(part.text) + " has a zero in front, which some programs read as an octal number.",
                     "Write " + std::to_string(*number) + ".");
    }
    return static_cast<std::uint32_t>(*number);
}

std::vector<Piece> partsOf(Piece address) {
    std::vector<Piece> out;
    std::size_t at = 0;
    for (const auto part : split(address.text, '.')) {
        out.push_back(Piece{part, address.column + at});
        at += part.size() + 1;
    }
    return out;
}

Error wrongPartCount(Piece address, std::size_t parts) {
    return wrong(address,
                 quoted(address.text) + " has " + std::to_string(parts) + (parts == 1 ? " part" : " parts") +
                     ", an address has four.",
                 "Write four parts, such as 192.168.1.7 or 192.168.1.*.");
}

Result<Ip4> readAddress(Piece address) {
    const auto parts = partsOf(address);
    if (parts.size() != 4) return wrongPartCount(address, parts.size());
    std::uint32_t value = 0;
    for (const auto& part : parts) {
        const auto number = readPart(part, address.text);
        if (!number) return number.error();
        value = value << 8 | *number;
    }
    return Ip4{value};
}

Result<RangeLine> readWildcard(Piece text) {
    const auto parts = partsOf(text);
    const bool isAll = std::all_of(parts.begin(), parts.end(), [](const Piece& part) { return part.text == "*"; });
    if (isAll) return wholeInternet(text);
    if (parts.size() != 4) return wrongPartCount(text, parts.size());
    RangeLine line;
    line.kind = RangeKind::Wildcard;
    const Piece* star = nullptr;
    for (const auto& part : parts) {
        line.first.value <<= 8;
        line.last.value <<= 8;
        if (part.text == "*") {
            if (star == nullptr) star = &part;
            line.last.value |= 255;
            continue;
        }
        if (part.text.find('*') != std::string_view::npos) {
            return wrong(part, quoted(part.text) + " mixes digits and *.",
                         "A * stands for a whole part, such as 192.168.1.*; for less write a range, such as "
                         "192.168.1.10-192.168.1.19.");
        }
        if (star != nullptr) {
            return wrong(*star, "A * may only stand at the end, as in 192.168.1.* or 10.1.*.*.",
                         "Write one line for each segment that you mean.");
        }
        const auto number = readPart(part, text.text);
        if (!number) return number.error();
        line.first.value |= *number;
        line.last.value |= *number;
    }
    return line;
}

Result<RangeLine> readCidr(Piece text) {
    const auto slash = text.text.find('/');
    const auto address = readAddress(text.sub(0, slash));
    if (!address) return address.error();
    const auto mask = text.sub(slash + 1);
    constexpr auto kRemedy = "Behind the slash stands the length of the network mask, 0 to 32, as in 192.168.0.0/23.";
    if (const auto dotted = Ip4::parse(mask.text)) {
        for (int prefix = 0; prefix <= 32; ++prefix) {
            if (Network4::maskOf(prefix) != dotted->value) continue;
            return wrong(mask, "The mask is written with dots.",
                         "Write " + Network4::of(*address, prefix).text() + ".");
        }
    }
    const auto prefix = parseUnsigned(mask.text);
    if (!prefix || *prefix > 32 || mask.text.size() > 2) {
        return wrong(mask, quoted(mask.text) + " is not the length of a network mask.", kRemedy);
    }
    const auto network = Network4::of(*address, static_cast<int>(*prefix));
    if (*prefix == 0) return wholeInternet(text);
    if (network.address != *address) {
        return wrong(text,
                     address->text() + " is not the first address of a network with the mask /" +
                         std::to_string(*prefix) + "; it lies in " + network.text() + ".",
                     "Write " + network.text() + ".");
    }
    RangeLine line;
    line.kind = RangeKind::Cidr;
    line.first = network.first();
    line.last = network.last();
    return line;
}

Result<RangeLine> readFromTo(Piece text) {
    const auto dash = text.text.find('-');
    const auto from = text.sub(0, dash);
    const auto to = text.sub(dash + 1);
    if (to.text.find('-') != std::string_view::npos) {
        return wrong(to, quoted(text.text) + " has more than one \"-\".",
                     "Write one range a line, such as 192.168.1.10-192.168.1.99.");
    }
    for (const auto& end : {from, to}) {
        if (end.text.find_first_of("/*") != std::string_view::npos) {
            return wrong(end, "The ends of a range are single addresses.",
                         "Write one range a line, such as 192.168.1.10-192.168.1.99.");
        }
    }
    if (from.text.empty() || to.text.empty()) {
        return wrong(from.text.empty() ? from : to, "One end of the range is missing.",
                     "Write both ends, such as 192.168.1.10-192.168.1.99.");
    }
    const auto first = readAddress(from);
    if (!first) return first.error();
    RangeLine line;
    line.kind = RangeKind::FromTo;
    line.first = *first;
    if (to.text.find('.') == std::string_view::npos) {
        const auto part = readPart(to, text.text);
        if (!part) return part.error();
        line.last.value = (first->value & 0xFFFFFF00U) | *part;
    } else {
        const auto last = readAddress(to);
        if (!last) return last.error();
        line.last = *last;
    }
    if (line.last < line.first) {
        return wrong(to, line.last.text() + " comes before " + line.first.text() + ".",
                     "Write " + line.last.text() + "-" + line.first.text() + ".");
    }
    return line;
}

Result<RangeLine> readBroadcast(Piece text) {
    const auto address = text.sub(kKeyword.size());
    constexpr auto kRemedy = "Write the last address of the other segment, such as \"broadcast 192.168.1.255\".";
    if (address.text.empty()) return wrong(address, "There is no address behind \"broadcast\".", kRemedy);
    if (address.text.find('/') != std::string_view::npos) {
        const auto network = readCidr(address);
        if (!network) return network.error();
        return wrong(address, "A network stands behind \"broadcast\", one address is needed.",
                     "Write \"broadcast " + network->last.text() + "\".");
    }
    if (address.text.find_first_of("*-") != std::string_view::npos) {
        return wrong(address, "A range stands behind \"broadcast\", one address is needed.", kRemedy);
    }
    const auto ip = readAddress(address);
    if (!ip) return ip.error();
    if (ip->value == 0xFFFFFFFFU) {
        return wrong(address,
                     "255.255.255.255 never leaves the own segment, where the service announces itself anyway.",
                     kRemedy);
    }
    RangeLine line;
    line.kind = RangeKind::Broadcast;
    line.first = line.last = *ip;
    return line;
}

Result<RangeLine> readName(Piece text) {
    auto name = lowerAscii(text.text);
    if (name.ends_with('.')) name.pop_back();
    if (name == kKeyword) {
        return wrong(text, "\"broadcast\" is not taken as a name: it says how to reach an address.",
                     "Write \"broadcast 192.168.1.255\", or the full name of the computer.");
    }
    if (name.size() > 253) {
        return wrong(text, "The name is longer than 253 bytes.", "Write the DNS name of one computer.");
    }
    const auto labels = partsOf(Piece{std::string_view{text.text}.substr(0, name.size()), text.column});
    if (labels.size() == 4 && std::all_of(labels.begin(), labels.end(), [](const Piece& label) {
            return label.text.find_first_not_of("0123456789xX") == std::string_view::npos;
        })) {
        return wrong(labels.back(), quoted(text.text) + " looks like an address with an x for any number.",
                     "Write * for any number, such as 192.168.1.*.");
    }
    for (const auto& label : labels) {
        if (label.text.empty()) {
            return wrong(label, quoted(text.text) + " has an empty part between two dots.", std::string(kForms));
        }
        if (label.text.size() > 63) {
            return wrong(label, "The part " + quoted(label.text) + " of the name is longer than 63 bytes.",
                         "Write the DNS name of one computer.");
        }
        for (std::size_t i = 0; i < label.text.size(); ++i) {
            const char c = label.text[i];
            const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_';
            const bool isInnerDash = c == '-' && i > 0 && i + 1 < label.text.size();
            if (isLetter || isInnerDash) continue;
            const Piece at{label.text.substr(i), label.column + i};
            if (static_cast<unsigned char>(c) >= 0x80) {
                return wrong(at, quoted(text.text) + " holds a character that is not plain ASCII.",
                             "Write a name in its ASCII form (xn--...), and a plain - between two addresses.");
            }
            return wrong(at, quoted(text.text) + " is neither an address nor a DNS name.", std::string(kForms));
        }
    }
    // What ends in a number is an address that was written in another way, such as 0x7f.1.1.1.
    const auto last = split(name, '.').back();
    if (std::all_of(last.begin(), last.end(), isDigit) || last.starts_with("0x")) {
        return wrong(text, quoted(text.text) + " is neither an address nor a DNS name.", std::string(kForms));
    }
    RangeLine line;
    line.kind = RangeKind::Name;
    line.name = std::move(name);
    return line;
}

/// Blanks may stand around "-" and "/" only; anywhere else they part two words.
std::optional<Piece> findSecondWord(Piece text) {
    constexpr std::string_view kBlank = " \t";
    constexpr std::string_view kJoint = "-/";
    for (auto at = text.text.find_first_of(kBlank); at != std::string_view::npos;
         at = text.text.find_first_of(kBlank, at)) {
        const auto next = text.text.find_first_not_of(kBlank, at);
        const bool isJoined = kJoint.find(text.text[at - 1]) != std::string_view::npos ||
                              kJoint.find(text.text[next]) != std::string_view::npos;
        if (!isJoined) return text.sub(next);
        at = next;
    }
    return std::nullopt;
}

Result<RangeLine> readKind(Piece text) {
    const auto lower = lowerAscii(text.text);
    if (lower.starts_with(kKeyword) &&
        (lower.size() == kKeyword.size() ||
         std::string_view{" \t"}.find(lower[kKeyword.size()]) != std::string_view::npos)) {
        return readBroadcast(text);
    }
    const auto mark = text.text.find_first_of(",;");
    if (mark != std::string_view::npos) {
        return wrong(text.sub(mark), "There is more than one range in the line.", "Write each range on its own line.");
    }
    const auto colon = text.text.find(':');
    if (colon != std::string_view::npos) {
        if (text.text.find(':', colon + 1) != std::string_view::npos) {
            return wrong(text, quoted(text.text) + " is an IPv6 address; IP Messenger ranges are IPv4.",
                         std::string(kForms));
        }
        return wrong(text.sub(colon), "A port stands behind the address.",
                     "Leave the port out: clients always listen on port 2425.");
    }
    const bool isAddress = text.text.find_first_not_of("0123456789./*- \t") == std::string_view::npos;
    if (!isAddress) {
        const auto blank = text.text.find_first_of(" \t");
        if (blank != std::string_view::npos) {
            return wrong(text.sub(blank), "There is more than one word in the line.",
                         "Write each range on its own line, and a comment behind #.");
        }
        return readName(text);
    }
    if (const auto second = findSecondWord(text)) {
        return wrong(*second, "There is more than one range in the line.", "Write each range on its own line.");
    }
    if (text.text.find('-') != std::string_view::npos) return readFromTo(text);
    if (text.text.find('/') != std::string_view::npos) {
        if (text.text.find('*') != std::string_view::npos) {
            return wrong(text, "A line has either a * or a mask behind a slash, not both.",
                         "Write 192.168.1.* or 192.168.1.0/24.");
        }
        return readCidr(text);
    }
    if (text.text.find('*') != std::string_view::npos) return readWildcard(text);
    const auto ip = readAddress(text);
    if (!ip) return ip.error();
    RangeLine line;
    line.kind = RangeKind::Single;
    line.first = line.last = *ip;
    return line;
}

/// Addresses that no user can have; a sentence if the line touches them.
std::optional<Error> findForbidden(Piece where, const RangeLine& line, bool allowLoopback) {
    struct Block {
        std::uint32_t first;
        std::uint32_t last;
        const char* sentence;
    };
    static constexpr std::array kBlocks{
        Block{0x00000000U, 0x00FFFFFFU, "0.0.0.0 to 0.255.255.255 belong to no computer."},
        Block{0x7F000000U, 0x7FFFFFFFU, "127.0.0.0 to 127.255.255.255 are this computer itself."},
        Block{0xE0000000U, 0xEFFFFFFFU, "224.0.0.0 to 239.255.255.255 are multicast groups, not computers."},
        Block{0xF0000000U, 0xFFFFFFFFU, "240.0.0.0 and above belong to no computer."},
    };
    for (const auto& block : kBlocks) {
        if (allowLoopback && block.first == 0x7F000000U) continue;
        if (line.last.value < block.first || line.first.value > block.last) continue;
        return wrong(where, std::string("The line holds addresses that no user can have: ") + block.sentence,
                     "Write the addresses of another segment, such as 192.168.1.*.");
    }
    return std::nullopt;
}

using Spans = std::vector<AddressSpan>;

/// Sorted and disjoint; neighbours are joined.
Spans merged(Spans spans) {
    std::sort(spans.begin(), spans.end());
    Spans out;
    for (const auto& span : spans) {
        if (!out.empty() &&
            (span.first.value <= out.back().last.value || span.first.value - out.back().last.value == 1)) {
            out.back().last = std::max(out.back().last, span.last);
        } else {
            out.push_back(span);
        }
    }
    return out;
}

std::uint64_t sizeOf(const Spans& spans) {
    std::uint64_t size = 0;
    for (const auto& span : spans)
        size += span.size();
    return size;
}

/// Both sorted and disjoint.
Spans without(const Spans& spans, const Spans& holes) {
    Spans out;
    auto hole = holes.begin();
    for (auto span : spans) {
        while (hole != holes.end() && hole->last < span.first)
            ++hole;
        bool isEaten = false;
        for (auto at = hole; at != holes.end() && at->first <= span.last; ++at) {
            if (span.first < at->first) out.push_back({span.first, Ip4{at->first.value - 1}});
            if (at->last >= span.last) {
                isEaten = true;
                break;
            }
            span.first = Ip4{at->last.value + 1};
        }
        if (!isEaten) out.push_back(span);
    }
    return out;
}

bool holds(const Spans& spans, Ip4 ip) {
    const auto behind = std::upper_bound(spans.begin(), spans.end(), ip,
                                         [](Ip4 wanted, const AddressSpan& span) { return wanted < span.first; });
    return behind != spans.begin() && ip <= std::prev(behind)->last;
}

template <class T>
void sortUnique(std::vector<T>& items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
}

/// The plan without the limit, and how many addresses count for the limit.
struct Draft {
    RangePlan plan;
    std::uint64_t counted = 0;
};

Draft draftOf(const std::vector<RangeLine>& lines, const std::vector<Network4>& ownSegments) {
    Spans wanted;
    Spans excluded;
    Draft draft;
    for (const auto& line : lines) {
        switch (line.kind) {
            case RangeKind::Blank:
                break;
            case RangeKind::Name:
                draft.plan.names.push_back(line.name);
                break;
            case RangeKind::Broadcast:
                draft.plan.broadcasts.push_back(line.first);
                break;
            case RangeKind::Single:
            case RangeKind::Wildcard:
            case RangeKind::Cidr:
            case RangeKind::FromTo:
                (line.isExclusion ? excluded : wanted).push_back({line.first, line.last});
                break;
        }
    }
    Spans own;
    for (const auto& segment : ownSegments)
        own.push_back({segment.first(), segment.last()});
    wanted = merged(std::move(wanted));
    excluded = merged(std::move(excluded));
    own = merged(std::move(own));

    auto& plan = draft.plan;
    sortUnique(plan.names);
    sortUnique(plan.broadcasts);
    std::erase_if(plan.broadcasts, [&](Ip4 ip) { return holds(excluded, ip) || holds(own, ip); });
    Spans broadcasts;
    for (const auto ip : plan.broadcasts)
        broadcasts.push_back({ip, ip});

    const auto all = sizeOf(wanted);
    wanted = without(wanted, excluded);
    draft.counted = sizeOf(wanted);
    plan.excluded = all - draft.counted;
    wanted = without(wanted, own);
    plan.skippedOwn = draft.counted - sizeOf(wanted);
    plan.spans = without(wanted, broadcasts);
    plan.before.reserve(plan.spans.size());
    for (const auto& span : plan.spans) {
        plan.before.push_back(plan.addresses);
        plan.addresses += span.size();
    }
    return draft;
}

Error tooMany(std::uint64_t addresses) {
    return Error{Code::TooMany,
                 "The ranges hold " + grouped(addresses) + " addresses together, at most " +
                     grouped(kMaxRangeAddresses) + " can be swept.",
                 {},
                 "Remove ranges, write smaller ones, or exclude parts with \"!\"."};
}

}  // namespace

std::uint64_t RangeLine::addresses() const {
    switch (kind) {
        case RangeKind::Single:
        case RangeKind::Wildcard:
        case RangeKind::Cidr:
        case RangeKind::FromTo:
            return AddressSpan{first, last}.size();
        case RangeKind::Blank:
        case RangeKind::Broadcast:
        case RangeKind::Name:
            break;
    }
    return 0;
}

Result<RangeLine> parseRangeLine(std::string_view line, bool allowLoopback) {
    const auto mark = line.find('#');
    const auto comment = mark == std::string_view::npos ? std::string_view{} : trimmed(line.substr(mark + 1));
    auto text = Piece{line.substr(0, mark), 0}.trimmedPiece();
    RangeLine out;
    if (!text.text.empty()) {
        const bool isExclusion = text.text.front() == '!';
        const auto whole = text;
        if (isExclusion) text = text.sub(1);
        if (text.text.empty()) {
            return wrong(whole, "There is nothing behind the \"!\".",
                         "Write what is left out, such as !192.168.1.20-192.168.1.29.");
        }
        auto parsed = readKind(text);
        if (!parsed) return parsed;
        out = std::move(*parsed);
        out.isExclusion = isExclusion;
        if (isExclusion && (out.kind == RangeKind::Name || out.kind == RangeKind::Broadcast)) {
            return wrong(whole,
                         out.kind == RangeKind::Name ? "A DNS name cannot be excluded: its address is not fixed."
                                                     : "A broadcast cannot be excluded.",
                         out.kind == RangeKind::Name ? "Write the address behind the \"!\"."
                                                     : "Remove the line with that broadcast, or write the address "
                                                       "alone behind the \"!\".");
        }
        if (out.kind != RangeKind::Name) {
            if (auto error = findForbidden(text, out, allowLoopback)) return *error;
        }
        if (!isExclusion && out.addresses() > kMaxRangeAddresses) {
            return wrong(text,
                         quoted(text.text) + " holds " + grouped(out.addresses()) + " addresses, at most " +
                             grouped(kMaxRangeAddresses) + " can be swept.",
                         "Write the segments that are in use, such as 10.1.*.* or 192.168.1.*.", Code::TooMany);
        }
    }
    out.comment = cleanUtf8(comment);
    return out;
}

bool RangePlan::contains(Ip4 ip) const {
    return holds(spans, ip);
}

Ip4 RangePlan::at(std::uint64_t n) const {
    INVARIANT(n < addresses && before.size() == spans.size());
    const auto behind = std::upper_bound(before.begin(), before.end(), n);
    const auto index = static_cast<std::size_t>(behind - before.begin()) - 1;
    return Ip4{spans[index].first.value + static_cast<std::uint32_t>(n - before[index])};
}

Result<RangePlan> planRanges(const std::vector<RangeLine>& lines, const std::vector<Network4>& ownSegments) {
    auto draft = draftOf(lines, ownSegments);
    if (draft.counted > kMaxRangeAddresses) return tooMany(draft.counted);
    return std::move(draft.plan);
}

RangePreview previewRanges(std::string_view text, const std::vector<Network4>& ownSegments,
                           std::uint32_t packetsPerSecond, bool allowLoopback) {
    RangePreview preview;
    std::vector<RangeLine> lines;
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        auto parsed = parseRangeLine(line, allowLoopback);
        if (parsed) {
            if (parsed->kind != RangeKind::Blank) lines.push_back(std::move(*parsed));
        } else {
            preview.problems.push_back({number, parsed.error().place.value_or(0), parsed.error().text()});
        }
    }
    const auto draft = draftOf(lines, ownSegments);
    if (draft.counted > kMaxRangeAddresses) preview.problems.push_back({0, 0, tooMany(draft.counted).text()});
    preview.addresses = draft.plan.addresses;
    preview.skippedOwn = draft.plan.skippedOwn;
    preview.excluded = draft.plan.excluded;
    preview.names = draft.plan.names.size();
    preview.broadcasts = draft.plan.broadcasts.size();
    const std::uint64_t packets = preview.addresses + preview.names + preview.broadcasts;
    if (packets > 0) {
        const auto rate = std::max<std::uint64_t>(1, packetsPerSecond);
        preview.sweepTime = Duration{static_cast<Duration::rep>((packets * 1000 + rate - 1) / rate)} + kLateAnswerWait;
    }
    return preview;
}

}  // namespace causeway
