#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/dns/zone.h"
#include "shared/proto/dns/message.h"

namespace causeway::dns {

/// What one record looks like to a resolver.
enum class CheckVerdict : std::uint8_t {
    Right,
    Missing,             ///< the name or the record is not there
    WrongTarget,         ///< SRV leads to another host
    TargetIsAddress,     ///< SRV names an IP address; it must name a host
    TargetIsAlias,       ///< the host of the SRV is a CNAME (RFC 2782 forbids it)
    TargetHasNoAddress,  ///< the host of the SRV has neither A nor AAAA
    OtherPort,           ///< the right host, another port
    OtherPriority,       ///< priority or weight differ
    WrongAddress,        ///< A or AAAA differ
    WrongData,           ///< any other type differs
    Unwanted,            ///< there, but we have no such record: clients may go to a server that is gone
    StaleTtl,            ///< right, but kept longer than our TTL: changes will be seen late
    NoAnswer,            ///< the resolver did not answer in time, or cannot be reached
    Refused,             ///< it does not want to answer this computer
    ServerFailure,       ///< it answered with an error
};
const char* verdictText(CheckVerdict verdict);  ///< stable word, "wrong-target"

struct CheckRow {
    std::string name;
    std::string type;
    std::string wanted;  ///< empty for Unwanted
    std::string found;   ///< empty if nothing was found
    CheckVerdict verdict = CheckVerdict::Right;
    std::string reason;    ///< one sentence; empty when right
    std::string todo;      ///< what to do; empty when right
    bool isNeeded = true;  ///< clients cannot log in without it; else it only helps some
};

struct CheckQuestion {
    Name name;
    Type type = Type::A;

    bool operator==(const CheckQuestion&) const = default;
};

struct CheckReply {
    CheckQuestion question;
    std::optional<Message> message;  ///< or
    std::optional<Error> failure;    ///< no answer
};

/// What to ask to see all records of a view.
std::vector<CheckQuestion> checkQuestions(const Zone& zone, View view);
/// What to ask next: the addresses of hosts that the answers name and that were not asked yet. At most 32.
std::vector<CheckQuestion> followUpQuestions(const std::vector<CheckReply>& replies);

/// Row by row: every record that should be there, then those that should not.
std::vector<CheckRow> compareRecords(const Zone& zone, View view, const std::vector<CheckReply>& replies);

/// Addresses of "nameserver" lines, at most 3 as the C library takes them; 127.0.0.1 if there is none.
std::vector<Endpoint> parseResolvConf(std::string_view text);

}  // namespace causeway::dns
