#include "shared/model/setting.h"

#include <algorithm>
#include <array>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway {

namespace {

using enum SettingType;
constexpr auto kFile = SettingHome::File;
constexpr auto kStore = SettingHome::Store;

// Sorted by key; the unit test checks it.
constexpr std::array kRows{
    SettingRow{"admin.listen", Listener, kFile, "127.0.0.1:8425", 0, 0, "", "",
               "Address and port of the admin interface; anything but loopback needs an administrator with a password.",
               true},
    SettingRow{"admin.session_minutes", Number, kStore, "480", 5, 43200, "min", "",
               "How long a login of a person to the admin interface lasts without use.", false},
    SettingRow{"bases.link_listen", Text, kStore, "", 0, 60, "", "",
               "Address and port (TCP and UDP) at which the services of other bases connect to this one; empty means "
               "that none can.",
               false},
    SettingRow{"bases.voice_ports", Text, kStore, "22224-22227", 4, 11, "", "",
               "UDP ports of calls, first and last; a packet trace tests them between linked services and opens them "
               "only for those seconds.",
               false},
    SettingRow{
        "dns.caa", Text, kStore, "", 0, 400, "", "",
        "Who may issue certificates for the chat domains, separated by commas, such as letsencrypt.org; a single "
        "; means nobody; empty means no CAA record.",
        false},
    SettingRow{
        "dns.check_resolver", Flag, kStore, "true", 0, 0, "", "",
        "The supernode dot is green only if the resolver of this computer leads to the supernode too; switch it off "
        "where clients use other resolvers.",
        false},
    SettingRow{"dns.contact", Text, kStore, "hostmaster", 1, 250, "", "",
               "Mailbox of the person who looks after chat DNS, shown in the SOA record.", false},
    SettingRow{"dns.enabled", Flag, kStore, "true", 0, 0, "", "",
               "Answers DNS questions about the chat domains; it listens as soon as there is one.", false},
    SettingRow{
        "dns.lan_subnets", Text, kStore, "", 0, 1000, "", "",
        "Networks whose clients get the LAN addresses of supernodes, separated by commas; empty means all private "
        "networks.",
        false},
    SettingRow{"dns.listen", Text, kStore, "0.0.0.0:53, [::]:53", 4, 400, "", "",
               "Addresses and ports of chat DNS, UDP and TCP, separated by commas.", false},
    SettingRow{"dns.secondaries", Text, kStore, "", 0, 1000, "", "",
               "DNS servers that take the zones, separated by commas: 192.0.2.53, or 192.0.2.53:53 key=NAME view=lan.",
               false},
    SettingRow{"lan.allow_loopback", Flag, kStore, "false", 0, 0, "", "",
               "Lets remote ranges hold addresses of 127.0.0.0/8; only for tests.", false},
    SettingRow{"lan.announce_interval", Seconds, kStore, "3600", 60, 604800, "s", "",
               "How often the service announces itself to all addresses of the remote ranges.", false},
    SettingRow{"lan.charset", Text, kStore, "cp932", 0, 40, "", "",
               "Character set of old clients that do not send UTF-8: cp932 for Japanese, gb18030 for Chinese, "
               "windows-1252 for Western Windows.",
               false},
    SettingRow{"lan.enabled", Flag, kFile, "true", 0, 0, "", "",
               "Takes part in the LAN directory (IP Messenger, port 2425).", true},
    SettingRow{"lan.excluded_interfaces", Text, kStore, "", 0, 400, "", "",
               "Network interfaces that the LAN directory does not use, separated by commas.", false},
    SettingRow{
        "lan.gather", Seconds, kStore, "2", 0, 30, "s", "",
        "How long changes are gathered before a list goes to a client; the next list to it may only go 7 s later.",
        false},
    SettingRow{"lan.gone_after", Seconds, kStore, "180", 6, 86400, "s", "",
               "A user who answers no probe for this long is declared gone and taken from everybody's list.", false},
    SettingRow{"lan.group", Text, kStore, "Servers", 1, 60, "", "", "Group under which clients show this service.",
               false},
    SettingRow{"lan.introductions", Flag, kStore, "false", 0, 0, "", "",
               "Shows external users to clients that understand no lists (iptux) by packets that carry the real user's "
               "address; works only within own segments "
               "and remote ranges, needs the right to send them, and is logged.",
               false},
    SettingRow{"lan.introductions_per_second", Number, kStore, "100", 1, 1000, "packets/s", "",
               "Highest rate of introductions.", false},
    SettingRow{"lan.keep_gone_days", Number, kStore, "30", 1, 3650, "days", "",
               "How long a user who is gone stays in the directory.", false},
    SettingRow{"lan.list_bytes", Number, kStore, "1400", 900, 30000, "bytes", "",
               "Largest list packet; 1400 passes every path, larger ones save packets where fragments pass.", false},
    SettingRow{"lan.listen", Listener, kFile, "0.0.0.0:2425", 0, 0, "", "",
               "Address and UDP port of the LAN directory.", true},
    SettingRow{"lan.lists", Flag, kStore, "true", 0, 0, "", "",
               "Gives external users to clients that understand lists.", false},
    SettingRow{"lan.max_rumours", Number, kStore, "20000", 100, 1000000, "", "",
               "How many addresses that have not answered yet are kept in mind.", false},
    SettingRow{"lan.max_users", Number, kStore, "200000", 100, 2000000, "", "",
               "How many users the directory holds at most.", false},
    SettingRow{"lan.name", Text, kStore, "Causeway", 1, 60, "", "", "Name under which clients show this service.",
               false},
    SettingRow{"lan.packets_per_second", Number, kStore, "200", 1, 5000, "packets/s", "",
               "Rate of announcements, searches and probes.", false},
    SettingRow{"lan.probe_interval", Seconds, kStore, "60", 2, 3600, "s", "",
               "How often the service asks each present user's address whether he is still there.", false},
    SettingRow{"lan.push_interval", Seconds, kStore, "7200", 60, 604800, "s", "",
               "How often clients whose list was not found complete get the whole list again.", false},
    SettingRow{"lan.refresh_check", Seconds, kStore, "60", 10, 86400, "s", "",
               "How often the service looks whether a client of a segment without a service was refreshed and needs "
               "the external users again.",
               false},
    SettingRow{"lan.segment_interval", Seconds, kStore, "300", 10, 86400, "s", "",
               "How often the service announces itself by broadcast in its own segments.", false},
    SettingRow{"log.file", Text, kFile, "", 0, 400, "", "", "Log file; empty means standard error.", true},
    SettingRow{"log.level", Choice, kFile, "info", 0, 0, "", "debug|info|warning|error", "Least level that is logged.",
               false},
    SettingRow{"retention.audit_days", Number, kStore, "365", 1, 3650, "days", "", "How long audit entries are kept.",
               false},
    SettingRow{"retention.event_days", Number, kStore, "30", 1, 3650, "days", "",
               "How long the histories of users are kept.", false},
    SettingRow{"retention.search_days", Number, kStore, "90", 1, 3650, "days", "",
               "How long finished searches are kept.", false},
    SettingRow{"server.internet_address", Text, kStore, "", 0, 45, "", "",
               "Address under which this computer is reached from the Internet; chat domains for the Internet need it.",
               false},
    SettingRow{
        "server.lan_address", Text, kStore, "", 0, 45, "", "",
        "Address under which this computer is reached in the LAN; empty means that of its first network interface.",
        false},
    SettingRow{"server.name", Text, kStore, "", 0, 60, "", "",
               "Name of this service in the console; empty means the host name.", false},
    SettingRow{
        "store.url", Text, kFile, "sqlite:", 1, 400, "", "",
        "Where records are kept; \"sqlite:\" is a file in the data folder, \"sqlite:/path/file.db\" another one.",
        true},
    SettingRow{"supernode.enabled", Flag, kStore, "true", 0, 0, "", "",
               "Lets chat clients connect; it listens as soon as there is a chat domain.", false},
    SettingRow{"supernode.listen", Text, kStore, "0.0.0.0, [::]", 2, 400, "", "",
               "Addresses on which chat clients are taken, separated by commas.", false},
    SettingRow{"supernode.port", Number, kStore, "5222", 0, 65535, "", "",
               "TCP port for chat clients that begin without TLS (StartTLS).", false},
    SettingRow{"supernode.tls_port", Number, kStore, "5223", 0, 65535, "", "",
               "TCP port for chat clients that begin with TLS.", false},
    SettingRow{"trace.visibility", Choice, kStore, "on-demand", 0, 0, "", "off|on-demand|interval",
               "Whether clients are asked for the lists that their users see, for the page Visibility: never, when "
               "somebody wants it, or by the clock.",
               false},
    SettingRow{"trace.visibility_minutes", Number, kStore, "60", 10, 10080, "min", "",
               "How often they are asked with trace.visibility = interval.", false},
};

/// A value as typed, safe to show.
std::string shown(std::string_view value) {
    constexpr std::size_t kMost = 80;
    const auto clean = cleanUtf8(value);
    return std::string(cutUtf8(clean, kMost)) + (clean.size() > kMost ? "..." : "");
}

Error wrong(const SettingRow& row, const std::string& why) {
    return Error{Code::BadInput, std::string(row.key) + ": " + why};
}

Result<std::string> checkListener(const SettingRow& row, std::string_view value) {
    const auto colon = value.rfind(':');
    const std::string example = "Write address and port, such as \"" + std::string(row.standard) + "\".";
    if (colon == std::string_view::npos) return wrong(row, "there is no port in \"" + shown(value) + "\". " + example);
    const auto host = value.substr(0, colon);
    const auto digits = value.substr(colon + 1);
    const auto port = parseUnsigned(digits);
    if (value.find(']') == std::string_view::npos && value.find(':') != colon) {
        return wrong(row, "\"" + shown(value) +
                              "\" is not address and port: an IPv6 address stands in brackets. Write for example "
                              "\"[::1]:8425\", or \"[::]:8425\" for all addresses.");
    }
    if (!port || *port > 65535 || digits.size() > 5) {
        return wrong(row, "\"" + shown(digits) + "\" is not a port from 0 to 65535. " + example);
    }
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const bool isPlain =
        lowerAscii(host).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:%[]") == std::string::npos;
    if (host.empty() || !isPlain || (!isBracketed && host.find_first_of(":[]") != std::string_view::npos)) {
        return wrong(row, "\"" + shown(host) + "\" is not an address. " + example);
    }
    return std::string(host) + ":" + std::to_string(*port);
}

}  // namespace

std::span<const SettingRow> settingRows() {
    return kRows;
}

const SettingRow* findSetting(std::string_view key) {
    const auto at = std::lower_bound(kRows.begin(), kRows.end(), key,
                                     [](const SettingRow& row, std::string_view wanted) { return row.key < wanted; });
    return at != kRows.end() && at->key == key ? &*at : nullptr;
}

Result<std::string> checkSetting(const SettingRow& row, std::string_view value) {
    const auto text = trimmed(value);
    switch (row.type) {
        case Flag:
            if (text == "true" || text == "on" || text == "yes" || text == "1") return std::string("true");
            if (text == "false" || text == "off" || text == "no" || text == "0") return std::string("false");
            return wrong(row, "\"" + shown(text) + "\" is neither on nor off.");
        case Number:
        case Seconds: {
            const auto number = parseUnsigned(text);
            if (!number || *number > static_cast<std::uint64_t>(row.most) ||
                static_cast<std::int64_t>(*number) < row.least) {
                return wrong(row, "\"" + shown(text) + "\" is not a whole number from " + std::to_string(row.least) +
                                      " to " + std::to_string(row.most) +
                                      (row.unit.empty() ? "." : " " + std::string(row.unit) + "."));
            }
            return std::to_string(*number);
        }
        case Choice:
            for (const auto choice : split(row.choices, '|')) {
                if (text == choice) return std::string(text);
            }
            {
                std::string all;
                for (const auto choice : split(row.choices, '|'))
                    all += (all.empty() ? "" : ", ") + std::string(choice);
                return wrong(row, "\"" + shown(text) + "\" is not one of " + all + ".");
            }
        case Text:
            if (!isValidUtf8(text) || cleanUtf8(text) != text)
                return wrong(row, "the text has bytes that cannot be shown.");
            if (static_cast<std::int64_t>(text.size()) < row.least) return wrong(row, "it must not be empty.");
            if (static_cast<std::int64_t>(text.size()) > row.most) {
                return wrong(row, "the text is longer than " + std::to_string(row.most) + " bytes.");
            }
            return std::string(text);
        case Listener:
            return checkListener(row, text);
    }
    return wrong(row, "unknown kind of setting.");
}

}  // namespace causeway
