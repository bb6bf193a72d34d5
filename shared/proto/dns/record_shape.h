#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "shared/proto/dns/record.h"
#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

/// What the data of a type is made of; reader, writer, printer and parser of records share this table.
enum class Field : std::uint8_t {
    Name,       ///< may be compressed in a message (RFC 1035 types only, RFC 3597 4)
    PlainName,  ///< is never written compressed; read either way
    U8,
    U16,
    U32,
    Seconds,  ///< 32 bits, a duration
    Ip4,
    Ip6,
    String,     ///< length byte and text
    Strings,    ///< one or more of these up to the end
    Hex,        ///< the rest, not empty
    Tag,        ///< CAA property: length byte and letters or digits
    Value,      ///< CAA value: the rest as text
    Parameters  ///< SVCB parameters: the rest
};

/// Nothing for types without a row.
std::optional<std::span<const Field>> shapeOf(Type type);

/// Reads `length` bytes of data and expands names. Fails the reader if they are not of the shape, or not all used.
std::string readData(WireReader& in, Type type, std::size_t length);

/// Key names of SVCB parameters: "alpn", or "key1234".
std::string parameterText(std::uint16_t key);
std::optional<std::uint16_t> parseParameterKey(std::string_view text);
/// The value of a known key is of its form.
bool isParameterValue(std::uint16_t key, std::string_view value);

constexpr std::uint16_t kMandatory = 0;
constexpr std::uint16_t kAlpn = 1;
constexpr std::uint16_t kNoDefaultAlpn = 2;
constexpr std::uint16_t kPort = 3;
constexpr std::uint16_t kIpv4Hint = 4;
constexpr std::uint16_t kEch = 5;
constexpr std::uint16_t kIpv6Hint = 6;
constexpr std::uint16_t kInvalidKey = 65535;  ///< RFC 9460 14.3.2

void appendU16(std::string& out, std::uint16_t value);
void appendU32(std::string& out, std::uint32_t value);

}  // namespace causeway::dns
