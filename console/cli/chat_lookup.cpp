#include "console/cli/chat_lookup.h"

#include <algorithm>

#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

Result<ChatDomain> findDomain(client::ApiClient& client, const std::string& name) {
    const auto rows = client.domains();
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        if (lowerAscii(row.domain.name) == lowerAscii(name) || lowerAscii(row.domain.shown) == lowerAscii(name) ||
            std::to_string(row.domain.id) == name) {
            return row.domain;
        }
    }
    std::string all;
    for (const auto& row : *rows)
        all += (all.empty() ? "" : ", ") + row.domain.shown;
    return Error{Code::NotFound, "There is no chat domain \"" + name + "\".", "",
                 all.empty() ? "No chat domain was made yet." : "There are: " + all + "."};
}

Result<ProviderView> findProvider(client::ApiClient& client, const std::string& name) {
    const auto all = client.providers();
    if (!all) return all.error();
    for (const auto& view : *all)
        if (lowerAscii(view.provider.name) == lowerAscii(name)) return view;
    for (const auto& view : *all)
        if (std::to_string(view.provider.id) == name) return view;
    return Error{Code::NotFound, "There is no provider \"" + name + "\".", "",
                 "causewayctl providers list shows all of them."};
}

Result<Account> findAccount(client::ApiClient& client, const std::string& address) {
    const auto at = address.rfind('@');
    if (at == std::string::npos) {
        std::uint64_t id = 0;
        const auto [end, status] = std::from_chars(address.data(), address.data() + address.size(), id);
        if (status == std::errc{} && end == address.data() + address.size()) return client.account(id);
        return Error{Code::BadInput, "\"" + address + "\" is no account.", "",
                     "Write it with its chat domain, such as ann@chat.example.com, or its number."};
    }
    const auto domain = findDomain(client, address.substr(at + 1));
    if (!domain) return domain.error();
    const auto local = address.substr(0, at);
    std::string cursor;
    do {
        const auto page = client.accounts(domain->id, local, cursor, 1000);
        if (!page) return page.error();
        for (const auto& each : page->items)
            if (lowerAscii(each.localPart) == lowerAscii(local)) return each;
        cursor = page->next;
    } while (!cursor.empty());
    return Error{Code::NotFound, "There is no built-in account " + address + ".", "",
                 "causewayctl accounts list " + domain->shown + " shows all of them."};
}

Exit failWithFields(Session& session, const Error& error, const api::ErrorDocument& details) {
    const auto exit = session.fail(error);
    if (session.json()) return exit;
    for (const auto& each : details.errors)
        session.err() << "  " << (each.field.empty() ? "" : each.field + ": ") << cleanUtf8(each.detail) << "\n";
    return exit;
}

std::string waitText(const PendingRevert& revert, TimePoint now, const std::string& command) {
    return cleanUtf8(revert.sentence) + "\nIt goes back in " + spanText(std::max(Duration{0}, revert.at - now)) +
           " unless you confirm it: " + command + "\n";
}

std::string plainWords(std::string_view code) {
    std::string text{code};
    std::replace(text.begin(), text.end(), '-', ' ');
    return text;
}

std::string loginSentence(std::string_view gateWord) {
    if (gateWord == "open") return "open";
    if (gateWord == "domain-disabled") return "nobody can log in: the chat domain is switched off";
    if (gateWord == "directory-down") return "nobody can log in: the directory is down, see the directory dot";
    if (gateWord == "supernode-down") return "nobody can log in: no supernode works, see the supernode dot";
    return plainWords(gateWord);  // of a newer service
}

Result<std::pair<std::string, std::string>> keyAndRest(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return Error{Code::BadInput, "\"" + word.substr(0, equals == 0 ? 1 : 40) + "\" is not KEY=VALUE."};
    }
    return std::pair{word.substr(0, equals), word.substr(equals + 1)};
}

}  // namespace causeway::cli
