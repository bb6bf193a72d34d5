#include "service/dns/live_check.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"

namespace causeway::dns {

namespace {

constexpr std::size_t kMostFollowUps = 32;
constexpr int kMostAliases = 8;

struct VerdictRow {
    CheckVerdict verdict;
    const char* text;
};
constexpr std::array kVerdicts = std::to_array<VerdictRow>({
    {CheckVerdict::Right, "right"},
    {CheckVerdict::Missing, "missing"},
    {CheckVerdict::WrongTarget, "wrong-target"},
    {CheckVerdict::TargetIsAddress, "target-is-address"},
    {CheckVerdict::TargetIsAlias, "target-is-alias"},
    {CheckVerdict::TargetHasNoAddress, "target-has-no-address"},
    {CheckVerdict::OtherPort, "other-port"},
    {CheckVerdict::OtherPriority, "other-priority"},
    {CheckVerdict::WrongAddress, "wrong-address"},
    {CheckVerdict::WrongData, "wrong-data"},
    {CheckVerdict::Unwanted, "unwanted"},
    {CheckVerdict::StaleTtl, "stale-ttl"},
    {CheckVerdict::NoAnswer, "no-answer"},
    {CheckVerdict::Refused, "refused"},
    {CheckVerdict::ServerFailure, "server-failure"},
});

bool isAddressType(Type type) {
    return type == Type::A || type == Type::Aaaa;
}

const CheckReply* replyTo(const std::vector<CheckReply>& replies, const CheckQuestion& question) {
    const auto found = std::find_if(replies.begin(), replies.end(),
                                    [&](const CheckReply& reply) { return reply.question == question; });
    return found == replies.end() ? nullptr : &*found;
}

/// "192.0.2.1." as a host name: somebody typed an address where a name belongs.
bool looksLikeAddress(const Name& name) {
    return IpAddress::parse(name.host()).has_value();
}

bool isAlias(const Message& message, const Name& name) {
    return std::any_of(message.answers.begin(), message.answers.end(),
                       [&](const Record& r) { return r.owner == name && r.type == Type::Cname; });
}

/// Records of the type at the name or at the end of its aliases.
std::vector<Record> foundRecords(const Message& message, const CheckQuestion& question) {
    std::vector<Record> found;
    auto name = question.name;
    for (int i = 0; i < kMostAliases; ++i) {
        std::optional<Name> next;
        for (const auto& record : message.answers) {
            if (record.owner != name) continue;
            if (record.type == question.type) {
                found.push_back(record);
            } else if (record.type == Type::Cname) {
                next = readNameData(record.data);
            }
        }
        if (!found.empty() || !next) break;
        name = *next;
    }
    return found;
}

std::string secondsText(std::uint32_t seconds) {
    return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

bool isNeededType(const Zone& zone, const Record& record) {
    if (record.type == Type::Srv) {
        const auto label = record.owner.firstLabel();
        return label == "_xmpp-client" || label == "_xmpps-client";
    }
    // Without the addresses of supernodes the SRV records lead nowhere; those of the domain itself only help.
    return isAddressType(record.type) && record.owner != zone.apex;
}

class Comparison {
public:
    Comparison(const Zone& zone, View view, const std::vector<CheckReply>& replies)
        : zone_(zone), records_(zone.of(view)), replies_(replies) {}

    std::vector<CheckRow> run(const std::vector<CheckQuestion>& questions) {
        for (const auto& question : questions)
            compare(question);
        rows_.insert(rows_.end(), unwanted_.begin(), unwanted_.end());
        return std::move(rows_);
    }

private:
    void compare(const CheckQuestion& question) {
        std::vector<const Record*> wanted;
        for (const auto& record : records_) {
            if (record.owner == question.name && record.type == question.type) wanted.push_back(&record);
        }
        const auto* reply = replyTo(replies_, question);
        if (!reply || !reply->message) {
            for (const auto* record : wanted)
                addFailure(*record, CheckVerdict::NoAnswer,
                           reply && reply->failure ? reply->failure->text() : "The resolver did not answer.",
                           "Look whether the resolver runs, and whether a firewall lets UDP and TCP port 53 through.");
            return;
        }
        const auto rcode = reply->message->rcode();
        if (rcode != Rcode::NoError && rcode != Rcode::NxDomain) {
            const bool isRefusal = rcode == Rcode::Refused || rcode == Rcode::NotAuth;
            for (const auto* record : wanted) {
                addFailure(*record, isRefusal ? CheckVerdict::Refused : CheckVerdict::ServerFailure,
                           isRefusal ? "The resolver refuses to answer this computer (" + rcodeText(rcode) + ")."
                                     : "The resolver could not find an answer (" + rcodeText(rcode) + ").",
                           isRefusal ? "Allow this computer in the resolver, or ask another one."
                                     : "Look whether it reaches the DNS server of " + zone_.apex.host() +
                                           ": the forward or delegation may lead to a wrong address.");
            }
            return;
        }
        auto found = foundRecords(*reply->message, question);
        question.type == Type::Srv ? compareServices(wanted, found, *reply->message)
                                   : compareData(wanted, found, *reply->message);
    }

    CheckRow rowOf(const Record& wanted) const {
        CheckRow row;
        row.name = wanted.owner.host();
        row.type = typeText(wanted.type);
        row.wanted = dataText(wanted.type, wanted.data);
        row.isNeeded = isNeededType(zone_, wanted);
        return row;
    }

    void addFailure(const Record& wanted, CheckVerdict verdict, std::string reason, std::string todo) {
        auto row = rowOf(wanted);
        row.verdict = verdict;
        row.reason = std::move(reason);
        row.todo = std::move(todo);
        rows_.push_back(std::move(row));
    }

    void addMissing(const Record& wanted, const Message& message) {
        const bool isUnknown = message.rcode() == Rcode::NxDomain;
        addFailure(
            wanted, CheckVerdict::Missing,
            isUnknown ? "The resolver says that this name does not exist."
                      : "The name is there, but it has no such record.",
            "Add the record where the domain is served, or forward " + zone_.apex.host() + " to this chat DNS server.");
    }

    /// `found` is the record that stands in the place of `wanted`.
    void addDifference(const Record& wanted, const Record& found, CheckVerdict verdict, const std::string& reason,
                       const Message& message) {
        auto row = rowOf(wanted);
        row.found = dataText(found.type, found.data);
        row.verdict = verdict;
        row.reason = reason;
        row.todo = "Correct the record where the domain is served.";
        if (!message.header.isAuthoritative && found.ttl < wanted.ttl) {
            row.todo = "This may be an old answer in the memory of the resolver; it goes within " +
                       secondsText(found.ttl) + ". If it stays, correct the record where the domain is served.";
        }
        rows_.push_back(std::move(row));
    }

    void addFound(const Record& wanted, const Record& found) {
        auto row = rowOf(wanted);
        row.found = dataText(found.type, found.data);
        if (found.ttl > wanted.ttl) {
            row.verdict = CheckVerdict::StaleTtl;
            row.reason = "The resolver keeps it for " + secondsText(found.ttl) + ", we allow " +
                         secondsText(wanted.ttl) + ": it would see a change late.";
            row.todo = "Set the TTL of the record to " + std::to_string(wanted.ttl) + " where the domain is served.";
        }
        rows_.push_back(std::move(row));
    }

    void addUnwanted(const Record& found, const std::string& reason) {
        CheckRow row;
        row.name = found.owner.host();
        row.type = typeText(found.type);
        row.found = dataText(found.type, found.data);
        row.verdict = CheckVerdict::Unwanted;
        row.reason = reason;
        row.todo = "Remove the record where the domain is served.";
        row.isNeeded = isNeededType(zone_, found);
        unwanted_.push_back(std::move(row));
    }

    void compareData(const std::vector<const Record*>& wanted, std::vector<Record>& found, const Message& message) {
        std::vector<const Record*> open;
        for (const auto* record : wanted) {
            const auto same =
                std::find_if(found.begin(), found.end(), [&](const Record& each) { return each.data == record->data; });
            if (same == found.end()) {
                open.push_back(record);
                continue;
            }
            addFound(*record, *same);
            found.erase(same);
        }
        for (const auto* record : open) {
            if (found.empty()) {
                addMissing(*record, message);
                continue;
            }
            const bool isAddress = isAddressType(record->type);
            addDifference(*record, found.front(), isAddress ? CheckVerdict::WrongAddress : CheckVerdict::WrongData,
                          isAddress ? "The host has another address there." : "The record says something else there.",
                          message);
            found.erase(found.begin());
        }
        // Others may well keep TXT, CAA and MX of their own at these names.
        for (const auto& record : found) {
            if (isAddressType(record.type) && record.owner != zone_.apex) {
                addUnwanted(record, "The host has an address there that we do not know.");
            } else if (record.type == Type::Tlsa) {
                addUnwanted(record, "It is the digest of another key than that of the live certificate.");
            }
        }
    }

    void compareServices(const std::vector<const Record*>& wanted, std::vector<Record>& found, const Message& message) {
        std::vector<const Record*> open;
        const auto take = [&](const Srv& ours, auto&& isSimilar) -> std::optional<Record> {
            const auto at = std::find_if(found.begin(), found.end(), [&](const Record& each) {
                const auto theirs = readSrv(each.data);
                return theirs && isSimilar(ours, *theirs);
            });
            if (at == found.end()) return std::nullopt;
            auto record = *at;
            found.erase(at);
            return record;
        };
        // Exact ones first, so that a similar record does not take their place.
        for (const auto* record : wanted) {
            const auto ours = readSrv(record->data).value_or(Srv{});
            if (const auto same = take(ours, [](const Srv& a, const Srv& b) { return a == b; })) {
                addService(*record, *same, ours);
            } else {
                open.push_back(record);
            }
        }
        for (const auto* record : open) {
            const auto ours = readSrv(record->data).value_or(Srv{});
            if (const auto other =
                    take(ours, [](const Srv& a, const Srv& b) { return a.target == b.target && a.port == b.port; })) {
                addDifference(*record, *other, CheckVerdict::OtherPriority, "Priority or weight differ.", message);
            } else if (const auto otherPort =
                           take(ours, [](const Srv& a, const Srv& b) { return a.target == b.target; })) {
                addDifference(*record, *otherPort, CheckVerdict::OtherPort,
                              "It leads to the right host, but to another port.", message);
            } else if (const auto any = take(ours, [](const Srv&, const Srv&) { return true; })) {
                addWrongTarget(*record, *any, message);
            } else {
                addMissing(*record, message);
            }
        }
        for (const auto& record : found)
            addUnwanted(record, "Clients may try this host, although it is no live supernode of the domain.");
    }

    void addWrongTarget(const Record& wanted, const Record& found, const Message& message) {
        const auto theirs = readSrv(found.data).value_or(Srv{});
        if (looksLikeAddress(theirs.target)) {
            addDifference(wanted, found, CheckVerdict::TargetIsAddress,
                          "It names an IP address, but SRV must name a host.", message);
        } else {
            addDifference(wanted, found, CheckVerdict::WrongTarget, "It leads to another host.", message);
        }
    }

    /// The record is right; now its host.
    void addService(const Record& wanted, const Record& found, const Srv& service) {
        const auto* four = replyTo(replies_, {service.target, Type::A});
        const auto* six = replyTo(replies_, {service.target, Type::Aaaa});
        bool isKnown = false;
        bool hasAddress = false;
        bool isAliased = false;
        for (const auto* reply : {four, six}) {
            if (!reply || !reply->message) continue;
            isKnown = true;
            isAliased = isAliased || isAlias(*reply->message, service.target);
            hasAddress = hasAddress || !foundRecords(*reply->message, reply->question).empty();
        }
        const auto row = [&](CheckVerdict verdict, std::string reason, std::string todo) {
            auto made = rowOf(wanted);
            made.found = dataText(found.type, found.data);
            made.verdict = verdict;
            made.reason = std::move(reason);
            made.todo = std::move(todo);
            rows_.push_back(std::move(made));
        };
        const auto host = service.target.host();
        if (isAliased) {
            row(CheckVerdict::TargetIsAlias, "Its host " + host + " is an alias (CNAME), which SRV does not allow.",
                "Give " + host + " A or AAAA records instead of the alias.");
        } else if (isKnown && !hasAddress) {
            row(CheckVerdict::TargetHasNoAddress, "Its host " + host + " has neither an A nor an AAAA record.",
                "Add the addresses of " + host + " where the domain is served.");
        } else {
            addFound(wanted, found);
        }
    }

    const Zone& zone_;
    const std::vector<Record>& records_;
    const std::vector<CheckReply>& replies_;
    std::vector<CheckRow> rows_;
    std::vector<CheckRow> unwanted_;
};

}  // namespace

const char* verdictText(CheckVerdict verdict) {
    for (const auto& row : kVerdicts) {
        if (row.verdict == verdict) return row.text;
    }
    return "right";
}

std::vector<CheckQuestion> checkQuestions(const Zone& zone, View view) {
    std::vector<CheckQuestion> services;
    std::vector<CheckQuestion> others;
    for (const auto& record : zone.of(view)) {
        if (record.type == Type::Soa || record.type == Type::Ns) continue;
        auto& list = record.type == Type::Srv ? services : others;
        const CheckQuestion question{record.owner, record.type};
        if (std::find(list.begin(), list.end(), question) == list.end()) list.push_back(question);
    }
    services.insert(services.end(), others.begin(), others.end());
    return services;
}

std::vector<CheckQuestion> followUpQuestions(const std::vector<CheckReply>& replies) {
    std::vector<CheckQuestion> next;
    for (const auto& reply : replies) {
        if (reply.question.type != Type::Srv || !reply.message) continue;
        for (const auto& record : foundRecords(*reply.message, reply.question)) {
            const auto target = targetOf(record);
            if (!target) continue;
            for (const auto type : {Type::A, Type::Aaaa}) {
                const CheckQuestion question{*target, type};
                const bool isAsked =
                    replyTo(replies, question) || std::find(next.begin(), next.end(), question) != next.end();
                if (!isAsked && next.size() < kMostFollowUps) next.push_back(question);
            }
        }
    }
    return next;
}

std::vector<CheckRow> compareRecords(const Zone& zone, View view, const std::vector<CheckReply>& replies) {
    return Comparison{zone, view, replies}.run(checkQuestions(zone, view));
}

std::vector<Endpoint> parseResolvConf(std::string_view text) {
    std::vector<Endpoint> servers;
    for (const auto line : split(text, '\n')) {
        const auto row = trimmed(line);
        constexpr std::string_view kWord = "nameserver";
        if (!row.starts_with(kWord) || row.size() == kWord.size()) continue;
        auto address = trimmed(row.substr(kWord.size()));
        // "fe80::1%eth0": the interface cannot be kept.
        address = address.substr(0, address.find_first_of("% \t#;"));
        const auto ip = IpAddress::parse(address);
        if (ip && servers.size() < 3) servers.push_back({*ip, 53});
    }
    if (servers.empty()) servers.push_back({IpAddress::of(Ip4{0x7F000001}), 53});
    return servers;
}

}  // namespace causeway::dns
