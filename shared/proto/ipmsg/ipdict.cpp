#include "shared/proto/ipmsg/ipdict.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/ipmsg/entry.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::ipmsg {

namespace {

constexpr std::size_t kMaxKeys = 256;
constexpr std::size_t kMaxKeyBytes = 32;
constexpr std::size_t kKeyBytes = 256;  // RSA-2048: modulus and signature
constexpr std::string_view kHead = "IP2:";
constexpr std::string_view kTail = ":Z";
constexpr std::int64_t kSignFlags = 0x40000000;  // SIGN_SHA256

Error broken(Code code, std::string what, std::size_t place) {
    return Error{code, std::move(what), {}, {}, place};
}

std::string hexNumber(std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return {digits.data(), end};
}

std::size_t hexDigits(std::uint64_t value) {
    std::size_t digits = 1;
    for (; value > 15; value >>= 4)
        ++digits;
    return digits;
}

/// len ":" value; nothing if the length is not readable or too large.
Result<std::string_view> readCounted(Cursor& in, std::size_t inputSize) {
    const auto at = in.position();
    const auto length = in.until(':');
    if (!in.ok()) return broken(Code::Truncated, "The dictionary ends inside a length.", inputSize);
    const auto bytes = length.size() <= 8 ? parseUnsigned(length, 16) : std::nullopt;
    if (!bytes) return broken(Code::BadInput, "A length in the dictionary is not hexadecimal.", at);
    const auto valueAt = in.position();
    const auto value = in.take(static_cast<std::size_t>(*bytes));
    if (!in.ok()) return broken(Code::Truncated, "The dictionary ends inside a value.", valueAt);
    return value;
}

bool isKey(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// --- OpenSSL ---

struct FreeOpenssl {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(BIGNUM* p) const { BN_free(p); }
    void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
    void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

Owned<BIGNUM> numberOf(const EVP_PKEY* key, const char* name) {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &value) != 1) return {};
    return Owned<BIGNUM>{value};
}

Owned<EVP_PKEY> publicKey(std::string_view modulus, std::uint64_t exponent) {
    const Owned<BIGNUM> n{BN_bin2bn(raw(modulus), static_cast<int>(modulus.size()), nullptr)};
    const Owned<BIGNUM> e{BN_new()};
    const Owned<OSSL_PARAM_BLD> build{OSSL_PARAM_BLD_new()};
    if (!n || !e || !build || BN_set_word(e.get(), exponent) != 1 ||
        OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return {};
    }
    const Owned<OSSL_PARAM> params{OSSL_PARAM_BLD_to_param(build.get())};
    const Owned<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        ERR_clear_error();
        return {};
    }
    return Owned<EVP_PKEY>{key};
}

bool isGoodSignature(EVP_PKEY* key, std::string_view bytes, std::string_view signature) {
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    const bool isGood =
        context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(bytes), bytes.size()) == 1;
    ERR_clear_error();
    return isGood;
}

/// PEM keys with a passphrase must fail; without this OpenSSL would ask on the terminal.
int noPassphrase(char*, int, int, void*) {
    return -1;
}

Error keyError(std::string what, std::string todo) {
    ERR_clear_error();
    return Error{Code::BadInput, std::move(what), {}, std::move(todo)};
}

Dict itemDict(const DictListItem& item) {
    Dict out;
    out.putText("UID", item.who.user);
    out.putText("HID", item.who.host);
    out.putInt("STAT", item.who.status);
    out.putInt("ACT", item.isPresent ? 1 : 0);
    out.putText("IPAD", item.who.address.text());
    out.putInt("PORT", item.who.port);
    out.putText("NCK", item.who.nick);
    out.putText("GRP", item.who.group);
    return out;
}

Dict listDict(const DictSender& sender, const std::vector<Dict>& items, std::uint32_t number, std::int64_t unixTime) {
    const auto count = static_cast<std::int64_t>(items.size());
    Dict out;
    out.putInt("VER", 3);
    out.putInt("PKT", number);
    out.putInt("DATE", unixTime);
    out.putText("UID", sender.user);
    out.putText("HID", sender.host);
    out.putInt("CMD", static_cast<std::int64_t>(Mode::AnsListDict));
    out.putInt("FLG", 0);
    out.putText("CVER", sender.version);
    out.putText("GRP", sender.group);
    out.putText("NCK", sender.nick);
    out.putInt("STAT", sender.status);
    out.putDicts("HLST", items);
    out.putInt("START", 0);
    out.putInt("NUM", count);
    out.putInt("TOTAL", count);
    return out;
}

}  // namespace

void Dict::putText(std::string key, std::string value) {
    entries_.emplace_back(std::move(key), std::move(value));
}

void Dict::putInt(std::string key, std::int64_t value) {
    const auto size = value < 0 ? 0U - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    putText(std::move(key), (value < 0 ? "-" : "") + hexNumber(size));
}

void Dict::putDict(std::string key, const Dict& value) {
    putText(std::move(key), value.content());
}

void Dict::putDicts(std::string key, const std::vector<Dict>& values) {
    std::string list;
    for (const auto& value : values) {
        const auto content = value.content();
        if (!list.empty()) list += ':';
        list += hexNumber(content.size());
        list += ':';
        list += content;
    }
    putText(std::move(key), std::move(list));
}

std::optional<std::string_view> Dict::text(std::string_view key) const {
    for (const auto& [name, value] : entries_) {
        if (name == key) return value;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Dict::number(std::string_view key) const {
    auto digits = text(key);
    if (!digits) return std::nullopt;
    const bool isNegative = digits->starts_with('-');
    if (isNegative) digits->remove_prefix(1);
    const auto size = parseUnsigned(*digits, 16);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!size || *size > kMost) return std::nullopt;
    const auto value = static_cast<std::int64_t>(*size);
    return isNegative ? -value : value;
}

Result<Dict> Dict::dict(std::string_view key) const {
    const auto value = text(key);
    if (!value) return Error{Code::NotFound, "The dictionary has no key " + std::string(key) + "."};
    return parseDictContent(*value);
}

Result<std::vector<Dict>> Dict::dicts(std::string_view key, std::size_t maxItems) const {
    const auto value = text(key);
    if (!value) return Error{Code::NotFound, "The dictionary has no key " + std::string(key) + "."};
    std::vector<Dict> out;
    Cursor in{*value};
    while (!in.atEnd()) {
        const auto at = in.position();
        if (out.size() == maxItems) {
            return broken(Code::TooMany, "The list has more than " + std::to_string(maxItems) + " entries.", at);
        }
        if (!out.empty()) {
            in.expect(":");
            if (!in.ok()) return broken(Code::BadInput, "There is no colon between two entries of the list.", at);
        }
        const auto item = readCounted(in, value->size());
        if (!item) return item.error();
        auto parsed = parseDictContent(*item);
        if (!parsed) {
            // The place is told within the whole list, not within the entry.
            auto error = parsed.error();
            error.place = in.position() - item->size() + error.place.value_or(0);
            return error;
        }
        out.push_back(std::move(*parsed));
    }
    return out;
}

std::string Dict::content() const {
    std::size_t size = 0;
    for (const auto& [key, value] : entries_)
        size += key.size() + value.size() + 2 + hexDigits(value.size()) + 1;
    std::string out;
    out.reserve(size);
    for (const auto& [key, value] : entries_) {
        if (!out.empty()) out += ':';
        out += key;
        out += ':';
        out += hexNumber(value.size());
        out += ':';
        out += value;
    }
    return out;
}

std::string Dict::packet() const {
    const auto inside = content();
    std::string out{kHead};
    out += hexNumber(inside.size());
    out += ':';
    out += inside;
    out += kTail;
    return out;
}

Result<Dict> parseDictContent(std::string_view content) {
    if (content.size() > kMaxDatagram) {
        return broken(Code::TooLong, "The dictionary is longer than 32767 bytes.", kMaxDatagram);
    }
    Dict out;
    Cursor in{content};
    while (!in.atEnd()) {
        if (!out.entries().empty()) {
            const auto at = in.position();
            in.expect(":");
            if (!in.ok()) return broken(Code::BadInput, "There is no colon between two keys of the dictionary.", at);
        }
        const auto keyAt = in.position();
        if (out.entries().size() == kMaxKeys) {
            return broken(Code::TooMany, "The dictionary has more than 256 keys.", keyAt);
        }
        const auto key = in.until(':');
        if (!in.ok()) return broken(Code::Truncated, "The dictionary ends inside a key.", content.size());
        if (key.size() > kMaxKeyBytes) return broken(Code::TooLong, "A key is longer than 32 bytes.", keyAt);
        if (!isKey(key)) return broken(Code::BadInput, "A key is empty or not printable.", keyAt);
        const auto value = readCounted(in, content.size());
        if (!value) return value.error();
        out.putText(std::string(key), std::string(*value));
    }
    return out;
}

Result<Dict> parseDictPacket(std::string_view datagram) {
    if (datagram.size() > kMaxDatagram) {
        return broken(Code::TooLong, "The packet is longer than 32767 bytes.", kMaxDatagram);
    }
    Cursor in{datagram};
    in.expect(kHead);
    if (!in.ok()) return broken(Code::BadInput, "The packet does not start with IP2.", 0);
    const auto content = readCounted(in, datagram.size());
    if (!content) return content.error();
    const auto contentAt = in.position() - content->size();
    const auto tailAt = in.position();
    in.expect(kTail);
    if (!in.ok()) {
        return broken(datagram.size() - tailAt < kTail.size() ? Code::Truncated : Code::BadInput,
                      "The packet does not end with Z behind its content.", tailAt);
    }
    if (!in.atEnd()) return broken(Code::BadInput, "There are bytes behind the end of the packet.", in.position());
    auto dict = parseDictContent(*content);
    if (!dict && dict.error().place) *dict.error().place += contentAt;
    return dict;
}

struct SigningKey::Impl {
    Owned<EVP_PKEY> key;
    std::string modulus;
    std::uint32_t exponent = 0;

    static Result<std::shared_ptr<const Impl>> of(Owned<EVP_PKEY> key) {
        constexpr auto kRemedy = "Give an RSA key of 2048 bits in PEM form without a passphrase.";
        if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) return keyError("The signing key is no RSA key.", kRemedy);
        if (EVP_PKEY_get_bits(key.get()) != 2048) return keyError("The signing key has not 2048 bits.", kRemedy);
        const auto n = numberOf(key.get(), OSSL_PKEY_PARAM_RSA_N);
        const auto e = numberOf(key.get(), OSSL_PKEY_PARAM_RSA_E);
        const auto d = numberOf(key.get(), OSSL_PKEY_PARAM_RSA_D);
        if (!n || !e || !d || BN_num_bits(e.get()) > 32) {
            return keyError("The signing key has no private part, or an unusual exponent.", kRemedy);
        }
        auto impl = std::make_shared<Impl>();
        impl->modulus.resize(kKeyBytes);
        if (BN_bn2binpad(n.get(), raw(impl->modulus), static_cast<int>(kKeyBytes)) < 0) {
            return keyError("The signing key could not be read.", kRemedy);
        }
        impl->exponent = static_cast<std::uint32_t>(BN_get_word(e.get()));
        impl->key = std::move(key);
        return std::shared_ptr<const Impl>{std::move(impl)};
    }
};

Result<SigningKey> SigningKey::generate() {
    Owned<EVP_PKEY> key{EVP_RSA_gen(2048)};
    if (!key) {
        ERR_clear_error();
        return Error{Code::Internal, "No signing key could be made.", "OpenSSL refused to generate an RSA key.",
                     "Check the OpenSSL installation of this machine."};
    }
    auto impl = Impl::of(std::move(key));
    if (!impl) return impl.error();
    return SigningKey{std::move(*impl)};
}

Result<SigningKey> SigningKey::fromPem(const Secret& pem) {
    const auto& text = pem.reveal();
    const Owned<BIO> in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    Owned<EVP_PKEY> key{in ? PEM_read_bio_PrivateKey(in.get(), nullptr, noPassphrase, nullptr) : nullptr};
    if (!key) {
        return keyError("The signing key is not a readable private key in PEM form.",
                        "Give an RSA key of 2048 bits in PEM form without a passphrase.");
    }
    auto impl = Impl::of(std::move(key));
    if (!impl) return impl.error();
    return SigningKey{std::move(*impl)};
}

Secret SigningKey::pem() const {
    const Owned<BIO> out{BIO_new(BIO_s_secmem())};
    INVARIANT(out && PEM_write_bio_PrivateKey(out.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return Secret{std::string(data, static_cast<std::size_t>(size))};
}

std::string SigningKey::modulus() const {
    return impl_->modulus;
}

std::uint32_t SigningKey::exponent() const {
    return impl_->exponent;
}

std::string SigningKey::fingerprint() const {
    return fingerprintOfModulus(impl_->modulus);
}

std::string SigningKey::sign(std::string_view bytes) const {
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    std::string signature(kKeyBytes, '\0');
    std::size_t size = signature.size();
    // A loaded key of the right size signs everything; a failure here is no property of the bytes.
    INVARIANT(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) == 1 &&
              EVP_DigestSign(context.get(), raw(signature), &size, raw(bytes), bytes.size()) == 1 && size == kKeyBytes);
    return signature;
}

std::string fingerprintOfModulus(std::string_view modulusBigEndian) {
    const std::string littleEndian{modulusBigEndian.rbegin(), modulusBigEndian.rend()};
    std::array<unsigned char, 24> digest{};
    unsigned size = 0;
    INVARIANT(EVP_Digest(littleEndian.data(), littleEndian.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::reverse(digest.begin(), digest.begin() + size);
    std::string folded(8, '\0');
    for (std::size_t i = 0; i < digest.size(); ++i)
        folded[i % 8] = static_cast<char>(folded[i % 8] ^ static_cast<char>(digest[i]));
    return hexText(folded);
}

std::string signedPacket(Dict dict, const SigningKey& key) {
    dict.putInt("PUBE", key.exponent());
    dict.putText("PUBN", key.modulus());
    dict.putInt("EF", kSignFlags);
    dict.putInt("EC", kCapabilities);
    dict.putText("SIGN", key.sign(dict.packet()));
    return dict.packet();
}

Result<void> verifySignedPacket(std::string_view datagram) {
    const auto refused = [](std::string what) { return Error{Code::BadInput, std::move(what)}; };
    const auto dict = parseDictPacket(datagram);
    if (!dict) return dict.error();
    const auto& entries = dict->entries();
    if (entries.empty() || entries.back().first != "SIGN") {
        return refused("The packet is not signed: SIGN is not its last key.");
    }
    const auto& signature = entries.back().second;
    const auto modulus = dict->text("PUBN");
    const auto exponent = dict->number("PUBE");
    if (!modulus || !exponent) return refused("The packet is signed but brings no key.");
    if (modulus->size() != kKeyBytes || signature.size() != kKeyBytes) {
        return refused("The packet is not signed with a key of 2048 bits.");
    }
    if (*exponent < 3 || *exponent % 2 == 0 || *exponent > 0xFFFFFFFF) {
        return refused("The key in the packet has an impossible exponent.");
    }
    if (const auto user = dict->text("UID")) {
        const auto claimed = fingerprintOf(*user);
        if (!claimed.empty() && lowerAscii(claimed) != fingerprintOfModulus(*modulus)) {
            return refused("The fingerprint in the user name belongs to another key.");
        }
    }
    // Signed is the packet as it was before SIGN was appended: the same bytes under a header with the shorter length.
    const auto contentAt = datagram.find(':', kHead.size()) + 1;
    constexpr std::size_t kLeastEntry = std::string_view{":SIGN:100:"}.size() + kKeyBytes;
    const auto end = datagram.rfind(":SIGN:", datagram.size() - kTail.size() - kLeastEntry);
    if (end == std::string_view::npos || end < contentAt) return refused("There is nothing in front of the signature.");
    const auto content = datagram.substr(contentAt, end - contentAt);
    std::string covered{kHead};
    covered += hexNumber(content.size());
    covered += ':';
    covered += content;
    covered += kTail;
    const auto key = publicKey(*modulus, static_cast<std::uint64_t>(*exponent));
    if (!key) return refused("The key in the packet is not usable.");
    if (!isGoodSignature(key.get(), covered, signature)) {
        return refused("The signature does not fit the packet and its key.");
    }
    return {};
}

std::string listDictPacket(const DictSender& sender, std::span<const DictListItem> items, std::uint32_t number,
                           std::int64_t unixTime, const SigningKey& key) {
    std::vector<Dict> hosts;
    hosts.reserve(items.size());
    for (const auto& item : items)
        hosts.push_back(itemDict(item));
    return signedPacket(listDict(sender, hosts, number, unixTime), key);
}

std::size_t listDictItemBytes(const DictListItem& item) {
    const auto size = itemDict(item).content().size();
    return hexDigits(size) + 1 + size + 1;
}

std::size_t listDictOverheadBytes(const DictSender& sender) {
    // Everything but the entries, with each number at its longest: PKT and DATE 8 digits; the lengths of packet and
    // list 4 digits, NUM and TOTAL 4.
    auto dict = listDict(sender, {}, 0xFFFFFFFF, 0xFFFFFFFF);
    dict.putInt("PUBE", 0xFFFFFFFF);
    dict.putText("PUBN", std::string(kKeyBytes, '\0'));
    dict.putInt("EF", kSignFlags);
    dict.putInt("EC", kCapabilities);
    dict.putText("SIGN", std::string(kKeyBytes, '\0'));
    constexpr std::size_t kListLength = 3;
    constexpr std::size_t kCounts = 3 + 3;
    return kHead.size() + 4 + 1 + dict.content().size() + kTail.size() + kListLength + kCounts;
}

std::string publicKeyBody(const SigningKey& key) {
    return hexNumber(kCapabilities) + ":" + hexNumber(key.exponent()) + "-" + hexText(key.modulus());
}

}  // namespace causeway::ipmsg
