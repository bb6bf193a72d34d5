#include "service/dns/records_text.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "shared/proto/dns/record_shape.h"
#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

struct FormRow {
    TextForm form;
    const char* text;
};
constexpr std::size_t kDnsmasqLine = 1000;  // its buffer has 1,025 bytes

constexpr std::array<FormRow, 4> kForms{{{TextForm::Bind, "bind"},
                                         {TextForm::Windows, "windows"},
                                         {TextForm::Dnsmasq, "dnsmasq"},
                                         {TextForm::Unbound, "unbound"}}};

/// "a.b" below "example.com", "@" for the zone itself.
std::string relativeName(const Name& name, const Name& zone) {
    if (name == zone) return "@";
    const auto whole = name.text();
    return whole.substr(0, whole.size() - zone.text().size() - 1);
}

std::string bindLine(const Record& record, const Name& zone) {
    auto line = relativeName(record.owner, zone);
    line.resize(std::max<std::size_t>(line.size() + 1, 36), ' ');
    return line + std::to_string(record.ttl) + " IN " + typeText(record.type) + " " +
           dataText(record.type, record.data) + "\n";
}

/// Single quotes: PowerShell changes nothing inside; a quote is doubled.
std::string shellQuoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

std::string timeSpan(std::uint32_t seconds) {
    const auto two = [](std::uint32_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    const auto clock = two(seconds / 3600 % 24) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
    return seconds >= 86400 ? std::to_string(seconds / 86400) + "." + clock : clock;
}

/// All strings of a TXT record as one.
std::string joinedText(std::string_view data) {
    std::string out;
    WireReader in{data};
    while (in.ok() && !in.atEnd())
        out += in.take(in.u8());
    return out;
}

bool isPrintable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string windowsData(const Record& record) {
    WireReader in{record.data};
    switch (record.type) {
        case Type::A:
            return "-A -IPv4Address " + dataText(record.type, record.data);
        case Type::Aaaa:
            return "-AAAA -IPv6Address " + dataText(record.type, record.data);
        case Type::Cname:
            return "-CName -HostNameAlias " + shellQuoted(in.name().text());
        case Type::Ptr:
            return "-Ptr -PtrDomainName " + shellQuoted(in.name().text());
        case Type::Mx: {
            const auto preference = std::to_string(in.u16());
            return "-MX -MailExchange " + shellQuoted(in.name().text()) + " -Preference " + preference;
        }
        case Type::Srv: {
            const auto srv = readSrv(record.data).value_or(Srv{});
            return "-Srv -DomainName " + shellQuoted(srv.target.text()) + " -Priority " + std::to_string(srv.priority) +
                   " -Weight " + std::to_string(srv.weight) + " -Port " + std::to_string(srv.port);
        }
        case Type::Txt: {
            const auto text = joinedText(record.data);
            if (isPrintable(text)) return "-Txt -DescriptiveText " + shellQuoted(text);
            break;
        }
        default:
            break;
    }
    return "-Type " + std::to_string(static_cast<unsigned>(record.type)) + " -RecordData " + hexText(record.data);
}

std::string windowsLine(const Record& record, const Name& zone) {
    return "Add-DnsServerResourceRecord -ZoneName " + shellQuoted(zone.host()) + " -Name " +
           shellQuoted(relativeName(record.owner, zone)) + " " + windowsData(record) + " -TimeToLive " +
           timeSpan(record.ttl) + "\n";
}

std::string genericLine(const Record& record) {
    auto line = "dns-rr=" + record.owner.host() + "," + std::to_string(static_cast<unsigned>(record.type)) + "," +
                hexText(record.data) + "\n";
    if (line.size() <= kDnsmasqLine) return line;
    return "# Left out, as dnsmasq takes no line of over 1,000 characters: " + typeText(record.type) + " of " +
           record.owner.host() + "\n";
}

std::string dnsmasqLine(const Record& record) {
    const auto owner = record.owner.host();
    WireReader in{record.data};
    switch (record.type) {
        case Type::A:
        case Type::Aaaa:
            return "host-record=" + owner + "," + dataText(record.type, record.data) + "," +
                   std::to_string(record.ttl) + "\n";
        case Type::Cname:
            return "cname=" + owner + "," + in.name().host() + "," + std::to_string(record.ttl) + "\n";
        case Type::Ptr:
            return "ptr-record=" + owner + "," + in.name().host() + "\n";
        case Type::Mx: {
            const auto preference = std::to_string(in.u16());
            return "mx-host=" + owner + "," + in.name().host() + "," + preference + "\n";
        }
        case Type::Srv: {
            const auto srv = readSrv(record.data).value_or(Srv{});
            return "srv-host=" + owner + "," + srv.target.host() + "," + std::to_string(srv.port) + "," +
                   std::to_string(srv.priority) + "," + std::to_string(srv.weight) + "\n";
        }
        default:
            // txt-record and caa-record cannot carry every byte; this form can.
            return genericLine(record);
    }
}

std::string unboundLine(const Record& record) {
    // unbound takes the text between quotes as it is; only other quotes can hold a text with quotes.
    const auto text = recordText(record);
    const char quote = text.find('"') == std::string::npos ? '"' : '\'';
    if (text.find(quote) != std::string::npos) {
        return std::string("local-data: \"") + record.owner.text() + " " + std::to_string(record.ttl) + " IN TYPE" +
               std::to_string(static_cast<unsigned>(record.type)) + " \\# " + std::to_string(record.data.size()) + " " +
               hexText(record.data) + "\"\n";
    }
    return std::string("local-data: ") + quote + text + quote + "\n";
}

std::string introduction(TextForm form, const Name& domain, const Name& host) {
    const auto name = domain.host();
    switch (form) {
        case TextForm::Bind:
            return "; Records of " + name + " for the zone file of " + host.host() +
                   ". Raise the serial of its SOA, then reload it.\n$ORIGIN " + host.text() + "\n";
        case TextForm::Windows:
            return "# Records of " + name + " for the zone " + host.host() +
                   ". Run in PowerShell as an administrator on the DNS server.\n";
        case TextForm::Dnsmasq:
            return "# Records of " + name + " for dnsmasq: save as /etc/dnsmasq.d/" + name +
                   ".conf, then restart dnsmasq.\n";
        case TextForm::Unbound:
            return "# Records of " + name + " for unbound: save as /etc/unbound/unbound.conf.d/" + name +
                   ".conf, then reload unbound.\nserver:\nlocal-zone: \"" + domain.text() + "\" static\n";
    }
    return {};
}

}  // namespace

const char* textFormText(TextForm form) {
    for (const auto& row : kForms) {
        if (row.form == form) return row.text;
    }
    return "bind";
}

std::optional<TextForm> parseTextForm(std::string_view text) {
    for (const auto& row : kForms) {
        if (row.text == text) return row.form;
    }
    return std::nullopt;
}

Result<std::string> recordsFor(TextForm form, const Zone& zone, View view, const std::string& hostZone) {
    auto host = zone.apex;
    if (!hostZone.empty()) {
        auto given = Name::parse(lowerAscii(hostZone));
        if (!given) return given.error();
        if (!zone.apex.isUnder(*given) || given->isRoot()) {
            return Error{Code::BadInput, zone.apex.host() + " is not below " + given->host() + ".", "",
                         "Name the zone that takes the records, such as " + zone.apex.parent().host() + "."};
        }
        host = *given;
    }
    auto out = introduction(form, zone.apex, host);
    for (const auto& record : zone.of(view)) {
        if (record.type == Type::Soa || record.type == Type::Ns) continue;
        switch (form) {
            case TextForm::Bind:
                out += bindLine(record, host);
                break;
            case TextForm::Windows:
                out += windowsLine(record, host);
                break;
            case TextForm::Dnsmasq:
                out += dnsmasqLine(record);
                break;
            case TextForm::Unbound:
                out += unboundLine(record);
                break;
        }
    }
    return out;
}

}  // namespace causeway::dns
