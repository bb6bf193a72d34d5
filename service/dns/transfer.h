#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/dns/responder.h"
#include "service/dns/snapshot.h"
#include "shared/proto/dns/message.h"
#include "shared/proto/dns/tsig.h"

namespace causeway::dns {

/// One zone transfer over TCP: AXFR (RFC 5936), or IXFR (RFC 1995) with one condensed difference from any of the last
/// versions, else the whole zone. Only listed secondaries get one, and only with their key if they have one; others
/// hear REFUSED or NOTAUTH. Every message is signed if the query was.
class ZoneTransfer {
public:
    /// The query asks for a transfer, so it belongs here and not to the Responder.
    static bool isAsked(std::string_view query);

    ZoneTransfer(std::string_view query, const Asker& asker, std::shared_ptr<const Snapshot> snapshot);

    /// The next message, into a buffer of 65,535 bytes; 0 = over.
    std::size_t next(std::span<Byte> out, TimePoint now);

    /// For the log and the table.
    bool isGranted() const { return rcode_ == Rcode::NoError; }
    const std::string& domain() const { return domain_; }
    std::uint32_t serial() const { return serial_; }
    const std::string& refusal() const { return refusal_; }  ///< a sentence, if not granted
    const std::optional<Endpoint>& secondary() const { return secondary_; }

private:
    void begin(std::string_view query, const Asker& asker);
    void refuse(Rcode rcode, std::string why, std::uint16_t tsigError = 0);
    bool checkSignature(std::string_view query, const SecondaryFacts& secondary, const Asker& asker);
    void plan(const ServedZone& served, View view, const Message& query);
    void planWhole(const Zone& zone, View view);
    std::size_t writeRefusal(std::span<Byte> out, TimePoint now);

    std::shared_ptr<const Snapshot> snapshot_;  ///< keeps alive what records_ points to
    Header header_;
    std::optional<Question> question_;
    std::optional<Tsig> tsig_;
    std::optional<TsigSigner> signer_;
    std::uint16_t tsigError_ = 0;
    Rcode rcode_ = Rcode::NoError;
    std::string refusal_;
    std::string domain_;
    std::uint32_t serial_ = 0;
    std::optional<Endpoint> secondary_;
    std::vector<const Record*> records_;
    std::size_t nextRecord_ = 0;
    bool isFirst_ = true;
};

/// Records of `left` that `right` has not; both in the order of Zone.
std::vector<const Record*> recordsMissing(const std::vector<Record>& left, const std::vector<Record>& right);

}  // namespace causeway::dns
