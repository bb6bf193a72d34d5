#include "service/dns/dns_options.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/proto/dns/name.h"

namespace causeway::dns {

namespace {

/// Items without the blanks around; empty ones are left out.
std::vector<std::string> itemsOf(std::string_view text) {
    std::vector<std::string> items;
    for (const auto part : split(text, ',')) {
        auto item = std::string(trimmed(part));
        if (!item.empty()) items.push_back(std::move(item));
    }
    return items;
}

std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    for (const auto part : split(text, ' ')) {
        auto word = std::string(trimmed(part));
        if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
}

Error wrong(const std::string& item, const char* why, const char* todo) {
    return {Code::BadInput, "\"" + cleanUtf8(cutUtf8(item, 80)) + "\" " + why, "", todo};
}

Error tooMany(std::size_t most) {
    return {Code::BadInput, "These are too many.", "", "Give at most " + std::to_string(most) + "."};
}

constexpr const char* kWriteSecondary = "Write the address, such as 192.0.2.53 or 192.0.2.53:5353 key=NAME view=lan.";

Result<SecondaryFacts> secondaryOf(const std::string& item) {
    const auto words = wordsOf(item);
    SecondaryFacts facts;
    const auto endpoint = Endpoint::parse(words.front());
    if (!endpoint || endpoint->address.isAny() || endpoint->port == 0)
        return wrong(words.front(), "is not the address of a DNS server.", kWriteSecondary);
    facts.endpoint = *endpoint;
    for (std::size_t at = 1; at < words.size(); ++at) {
        const auto& word = words[at];
        if (word.starts_with("key=")) {
            const auto name = Name::parse(word.substr(4));
            if (!name) return wrong(word, "does not name a key.", kWriteSecondary);
            facts.keyName = name->host();
        } else if (word == "view=lan") {
            facts.view = View::Lan;
        } else if (word == "view=internet") {
            facts.view = View::Internet;
        } else {
            return wrong(word, "is not known here.", kWriteSecondary);
        }
    }
    return facts;
}

}  // namespace

Result<std::vector<Endpoint>> parseListeners(std::string_view text) {
    constexpr std::size_t kMost = 8;
    constexpr const char* kWrite = "Write address and port, such as 0.0.0.0:53 or [::]:53.";
    std::vector<Endpoint> all;
    for (const auto& item : itemsOf(text)) {
        const auto endpoint = Endpoint::parse(item);
        if (!endpoint) return wrong(item, "is not an address to listen on.", kWrite);
        if (std::find(all.begin(), all.end(), *endpoint) != all.end()) return wrong(item, "is there twice.", kWrite);
        all.push_back(*endpoint);
    }
    if (all.empty()) return Error{Code::BadInput, "There is no address to listen on.", "", kWrite};
    if (all.size() > kMost) return tooMany(kMost);
    return all;
}

Result<std::vector<IpAddress>> parseAddresses(std::string_view text) {
    constexpr std::size_t kMost = 8;
    constexpr const char* kWrite = "Write an address of this computer, or 0.0.0.0 and [::] for all of them.";
    std::vector<IpAddress> all;
    for (const auto& item : itemsOf(text)) {
        const bool isBracketed = item.size() > 2 && item.front() == '[' && item.back() == ']';
        const auto address = IpAddress::parse(isBracketed ? item.substr(1, item.size() - 2) : item);
        if (!address) return wrong(item, "is not an address to listen on.", kWrite);
        if (std::find(all.begin(), all.end(), *address) != all.end()) return wrong(item, "is there twice.", kWrite);
        all.push_back(*address);
    }
    if (all.empty()) return Error{Code::BadInput, "There is no address to listen on.", "", kWrite};
    if (all.size() > kMost) return tooMany(kMost);
    return all;
}

Result<std::vector<Subnet>> parseSubnets(std::string_view text) {
    constexpr std::size_t kMost = 64;
    std::vector<Subnet> all;
    for (const auto& item : itemsOf(text)) {
        const auto subnet = Subnet::parse(item);
        if (!subnet) return wrong(item, "is not a network.", "Write it like 10.0.0.0/8 or fd00::/8.");
        all.push_back(*subnet);
    }
    if (all.size() > kMost) return tooMany(kMost);
    return all;
}

Result<std::vector<SecondaryFacts>> parseSecondaries(std::string_view text) {
    constexpr std::size_t kMost = 16;
    std::vector<SecondaryFacts> all;
    for (const auto& item : itemsOf(text)) {
        auto facts = secondaryOf(item);
        if (!facts) return facts.error();
        all.push_back(std::move(*facts));
    }
    if (all.size() > kMost) return tooMany(kMost);
    return all;
}

Result<std::vector<std::string>> parseIssuers(std::string_view text) {
    constexpr std::size_t kMost = 8;
    auto items = itemsOf(text);
    for (const auto& item : items) {
        const bool hasBlank = item.find_first_of(" \t") != std::string::npos;
        if (item != ";" && (hasBlank || !Name::parse(item)))
            return wrong(item, "is not the name of an issuer.", "Write its domain, such as letsencrypt.org, or ;.");
    }
    if (items.size() > kMost) return tooMany(kMost);
    return items;
}

Result<void> checkContact(std::string_view text) {
    const auto at = text.find('@');
    const auto name = text.substr(0, at);
    const bool hasBlank = text.find_first_of(" \t,") != std::string_view::npos;
    const bool isHostGood = at == std::string_view::npos || Name::parse(text.substr(at + 1)).has_value();
    if (name.empty() || hasBlank || !isHostGood)
        return wrong(std::string(text), "is not a mailbox.", "Write it like hostmaster or hostmaster@example.com.");
    return {};
}

Result<std::string> parseHostAddress(std::string_view text) {
    const auto item = std::string(trimmed(text));
    if (item.empty()) return item;
    const auto address = IpAddress::parse(item);
    if (!address || address->isAny())
        return wrong(item, "is not the address of a computer.", "Write it like 10.1.0.5 or 2001:db8::5.");
    return address->text();
}

}  // namespace causeway::dns
