#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/proto/dns/record.h"

namespace causeway::dns {

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kMaxMessage = 65535;
/// What we announce and what we send at most by UDP: passes every network unfragmented (DNS flag day 2020).
constexpr std::uint16_t kUdpPayload = 1232;
constexpr std::uint16_t kPlainUdpPayload = 512;  ///< without EDNS, RFC 1035 4.2.1

enum class Opcode : std::uint8_t { Query = 0, Status = 2, Notify = 4, Update = 5 };

enum class Rcode : std::uint16_t {
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NxDomain = 3,
    NotImp = 4,
    Refused = 5,
    NotAuth = 9,
    BadVers = 16,  ///< needs EDNS
    BadCookie = 23
};
/// "NXDOMAIN", or "RCODE99".
std::string rcodeText(Rcode code);

struct Header {
    std::uint16_t id = 0;
    bool isResponse = false;
    Opcode opcode = Opcode::Query;
    bool isAuthoritative = false;
    bool isTruncated = false;
    bool isRecursionDesired = false;
    bool isRecursionAvailable = false;
    bool isAuthenticData = false;
    bool isCheckingDisabled = false;
    std::uint8_t rcode = 0;  ///< the low four bits; Message::rcode() has all

    bool operator==(const Header&) const = default;
};

struct Question {
    Name name;
    Type type = Type::A;
    Class klass = Class::In;

    bool operator==(const Question&) const = default;
};

struct EdnsOption {
    std::uint16_t code = 0;
    std::string data;

    bool operator==(const EdnsOption&) const = default;
};
constexpr std::uint16_t kCookieOption = 10;

/// OPT of RFC 6891.
struct Edns {
    std::uint16_t payload = kUdpPayload;
    std::uint8_t extendedRcode = 0;  ///< the upper eight bits
    std::uint8_t version = 0;
    bool isDnssecOk = false;
    std::vector<EdnsOption> options;

    bool operator==(const Edns&) const = default;
};

struct Message {
    Header header;
    std::vector<Question> questions;
    std::vector<Record> answers;
    std::vector<Record> authorities;
    std::vector<Record> additionals;  ///< without the OPT record
    std::optional<Edns> edns;

    bool operator==(const Message&) const = default;
    Rcode rcode() const;
};

/// Reads a whole message. Bounds: 65,535 bytes; names as WireReader::name. A TSIG record stays among the additionals.
/// Errors: TooLong, BadInput with the place (names, counts, data of known types, a second OPT, bytes behind the end).
Result<Message> parseMessage(std::string_view bytes);

/// Whole message, names compressed. Errors: TooLong (does not fit a DNS message).
Result<std::string> writeMessage(const Message& message);

enum class Section : std::uint8_t { Answer, Authority, Additional };

/// Writes a message into a buffer of the caller, record by record; allocates nothing. What does not fit is left out
/// whole and the call says false. Names point to earlier ones of the same spelling, case included.
class MessageWriter {
public:
    explicit MessageWriter(std::span<Byte> room) : room_(room.first(std::min(room.size(), kMaxMessage))) {}

    bool begin(const Header& header);
    bool add(const Question& question);
    /// Sections in order.
    bool add(Section section, const Record& record);
    bool add(const Edns& edns);  ///< as the last record of Additional, or before TSIG

    std::size_t size() const { return size_; }
    ByteView bytes() const { return room_.first(size_); }
    /// Where compression pointers were written, for those who move the bytes behind the question. Nothing if there
    /// were more than 256.
    std::optional<std::span<const std::uint16_t>> pointers() const;

private:
    bool put(std::string_view bytes);
    bool put16(std::uint16_t value);
    bool put32(std::uint32_t value);
    bool putName(std::string_view wire, bool mayPoint);
    bool putData(Type type, std::string_view data);
    std::optional<std::uint16_t> find(std::string_view suffix) const;
    bool isSuffixAt(std::size_t at, std::string_view suffix) const;
    void count(std::size_t field);

    std::span<Byte> room_;
    std::size_t size_ = 0;
    std::array<std::uint16_t, 128> places_;  ///< where labels begin that later names may point to
    std::size_t placeCount_ = 0;
    std::array<std::uint16_t, 256> pointers_;
    std::size_t pointerCount_ = 0;
};

}  // namespace causeway::dns
