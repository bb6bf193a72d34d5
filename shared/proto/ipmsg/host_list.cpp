#include "shared/proto/ipmsg/host_list.h"

#include <algorithm>
#include <array>
#include <optional>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/ipmsg/charset.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::ipmsg {

namespace {

constexpr char kBell = '\a';
constexpr char kEmpty = '\b';
constexpr std::size_t kFields = 7;

std::uint16_t swapped(std::uint16_t port) {
    return static_cast<std::uint16_t>(port << 8 | port >> 8);
}

std::optional<std::uint32_t> parseCount(std::string_view text) {
    const auto value = parseUnsigned(trimmed(text));
    if (!value || *value > 0xFFFFFFFFU) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
    const auto value = parseUnsigned(trimmed(text));
    if (!value || *value == 0 || *value > 65535) return std::nullopt;
    const auto wire = static_cast<std::uint16_t>(*value);
    // COMPAT: g2ipmsg writes the port as it is, everybody else byte-swapped.
    return wire == kPort ? wire : swapped(wire);
}

std::optional<std::uint32_t> parseStatus(std::string_view text) {
    text = trimmed(text);
    const bool isNegative = text.starts_with('-');
    if (isNegative) text.remove_prefix(1);
    const auto value = parseUnsigned(text);
    if (!value) return std::nullopt;
    const auto low = static_cast<std::uint32_t>(*value & 0xFFFFFFFFU);
    return isNegative ? 0U - low : low;
}

using Fields = std::array<std::string_view, kFields>;

std::optional<HostListItem> readItem(const Fields& fields, bool promisedUtf8, std::string_view legacyCharset,
                                     const HostListLimits& limits) {
    const auto isTooLong = [&limits](std::string_view field) { return field.size() > limits.maxFieldBytes; };
    if (std::any_of(fields.begin(), fields.end(), isTooLong)) return std::nullopt;
    const auto text = [&](std::string_view field) {
        // A lone BS stands for an empty field.
        if (field == std::string_view{&kEmpty, 1}) return std::string{};
        auto name = decodeField(field, promisedUtf8, legacyCharset);
        name.resize(cutUtf8(name, kMaxName).size());
        return name;
    };
    const auto status = parseStatus(fields[2]);
    const auto address = Ip4::parse(trimmed(fields[3]));
    const auto port = parsePort(fields[4]);
    if (!status || !address || !address->canBeHost() || !port) return std::nullopt;
    HostListItem item{text(fields[0]), text(fields[1]), *status, *address, *port, text(fields[5]), text(fields[6])};
    if (item.user.empty() || item.host.empty()) return std::nullopt;
    // The same spelling as in the user and host fields of packets, where a colon cannot stand.
    std::replace(item.user.begin(), item.user.end(), ':', ';');
    std::replace(item.host.begin(), item.host.end(), ':', ';');
    return item;
}

/// NUL ends the body; parts behind a form feed belong to extensions that nobody uses.
std::string_view withoutTail(std::string_view body) {
    body = body.substr(0, body.find('\0'));
    return body.substr(0, body.find('\f'));
}

Result<void> readCounts(Cursor& in, std::size_t size, std::uint32_t& next, std::uint32_t& count) {
    const auto nextText = in.until(kBell);
    const auto countAt = in.position();
    const auto countText = in.until(kBell);
    if (!in.ok()) return Error{Code::Truncated, "The list ends before its two counts.", {}, {}, size};
    const auto parsedNext = parseCount(nextText);
    if (!parsedNext) return Error{Code::BadInput, "The continuation index of the list is not decimal.", {}, {}, 0};
    const auto parsedCount = parseCount(countText);
    if (!parsedCount) return Error{Code::BadInput, "The count of the list is not decimal.", {}, {}, countAt};
    next = *parsedNext;
    count = *parsedCount;
    return {};
}

Error tooMany(const HostListLimits& limits, std::size_t at) {
    return Error{Code::TooMany, "The list has more than " + std::to_string(limits.maxItems) + " entries.", {}, {}, at};
}

/// Five wide, blanks in front.
std::string countText(std::uint64_t count) {
    auto digits = std::to_string(count);
    return digits.size() < 5 ? std::string(5 - digits.size(), ' ') + digits : digits;
}

void appendField(std::string& out, std::string_view text, std::string_view ifEmpty) {
    out += text.empty() ? std::string(ifEmpty) : cleanUtf8(text);
    out += kBell;
}

}  // namespace

Result<HostList> readHostList(std::string_view body, bool promisedUtf8, std::string_view legacyCharset,
                              const HostListLimits& limits) {
    body = withoutTail(body);
    Cursor in{body};
    HostList list;
    if (auto read = readCounts(in, body.size(), list.next, list.count); !read) return read.error();
    while (!in.atEnd()) {
        const auto at = in.position();
        Fields fields;
        std::size_t have = 0;
        while (have < kFields && !in.atEnd())
            fields[have++] = in.untilOrEnd(kBell);
        if (list.items.size() + list.skipped >= limits.maxItems) {
            return tooMany(limits, at);
        }
        auto item = have == kFields ? readItem(fields, promisedUtf8, legacyCharset, limits) : std::nullopt;
        if (item) {
            list.items.push_back(std::move(*item));
        } else {
            ++list.skipped;
        }
    }
    return list;
}

Result<HostListAddresses> readHostListAddresses(std::string_view body, std::string_view user,
                                                const HostListLimits& limits) {
    body = withoutTail(body);
    Cursor in{body};
    HostListAddresses list;
    std::uint32_t count = 0;
    if (auto read = readCounts(in, body.size(), list.next, count); !read) return read.error();
    while (!in.atEnd()) {
        const auto at = in.position();
        if (list.entries >= limits.maxItems) return tooMany(limits, at);
        ++list.entries;
        Fields fields;
        std::size_t have = 0;
        while (have < kFields && !in.atEnd())
            fields[have++] = in.untilOrEnd(kBell);
        if (have < kFields) break;
        list.holdsUser = list.holdsUser || fields[0] == user;
        const auto address = Ip4::parse(trimmed(fields[3]));
        if (address && address->canBeHost()) list.addresses.push_back(*address);
    }
    return list;
}

HostListChunk writeHostList(std::span<const HostListItem> items, std::uint32_t start, std::size_t maxBytes) {
    const std::size_t headerBytes = 2 * (std::max<std::size_t>(5, std::to_string(items.size()).size()) + 1);
    HostListChunk chunk;
    std::string entries;
    for (std::size_t i = start; i < items.size(); ++i) {
        const auto& item = items[i];
        const auto before = entries.size();
        appendField(entries, item.user, "-");
        appendField(entries, item.host, "-");
        appendField(entries, std::to_string(item.status), {});
        appendField(entries, item.address.text(), {});
        appendField(entries, std::to_string(swapped(item.port)), {});
        appendField(entries, item.nick, "\b");
        appendField(entries, item.group, "\b");
        if (chunk.written > 0 && headerBytes + entries.size() > maxBytes) {
            entries.resize(before);
            break;
        }
        ++chunk.written;
    }
    const auto end = start + chunk.written;
    chunk.next = end < items.size() ? static_cast<std::uint32_t>(end) : 0;
    chunk.body = countText(chunk.next) + kBell + countText(chunk.written) + kBell + entries;
    return chunk;
}

}  // namespace causeway::ipmsg
