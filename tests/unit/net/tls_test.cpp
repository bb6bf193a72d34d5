#include "service/net/tls.h"

#include <doctest/doctest.h>

#include <map>

#include "tests/unit/net/test_certificate.h"

using namespace causeway;
using namespace causeway::net;
using causeway::net::test::makeCertificate;
using causeway::net::test::TestCertificate;
using Step = TlsLayer::Step;

namespace {

/// Two ends of a TLS connection without a socket.
struct Pair {
    std::string toServer;
    std::string toClient;
    std::unique_ptr<TlsLayer> server;
    std::unique_ptr<TlsLayer> client;
    Step serverStep = Step::WantMore;
    Step clientStep = Step::WantMore;

    Pair(const std::shared_ptr<const TlsContext>& serverContext, const std::shared_ptr<const TlsContext>& clientContext,
         const std::string& name)
        : server(std::make_unique<TlsLayer>(serverContext, TlsRole::Server, "", toClient)),
          client(std::make_unique<TlsLayer>(clientContext, TlsRole::Client, name, toServer)) {}

    /// What comes behind the handshake, such as session tickets, stays in `input`.
    static void shake(TlsLayer& layer, Step& step, std::string& input, std::size_t cut) {
        while (step == Step::WantMore && !input.empty()) {
            const auto piece = input.substr(0, cut);
            layer.feed(piece);
            step = layer.handshake();
            input.erase(0, piece.size() - layer.rest().size());
        }
    }
    bool handshake(std::size_t cut = 1 << 20) {
        clientStep = client->handshake();
        for (int i = 0; i < 10 && (serverStep != Step::Done || clientStep != Step::Done); ++i) {
            shake(*server, serverStep, toServer, cut);
            shake(*client, clientStep, toClient, cut);
        }
        return serverStep == Step::Done && clientStep == Step::Done;
    }
    /// All plain text in `bytes`, given in pieces.
    static std::string readAll(TlsLayer& layer, const std::string& bytes, std::size_t cut, Step& last) {
        std::string plain;
        std::string room(16384, '\0');
        for (std::size_t at = 0; at < bytes.size(); at += cut) {
            layer.feed(std::string_view{bytes}.substr(at, cut));
            std::size_t got = 0;
            while ((last = layer.read(room.data(), room.size(), got)) == Step::Done)
                plain.append(room, 0, got);
            CHECK(layer.rest().empty());
        }
        return plain;
    }
};

std::shared_ptr<const TlsContext> serverOf(const TestCertificate& certificate,
                                           std::vector<std::string> protocols = {}) {
    auto made = TlsContext::server({certificate.certificatePem, certificate.keyPem, std::move(protocols)});
    REQUIRE(made);
    return *made;
}

std::shared_ptr<const TlsContext> clientOf(const std::string& trusted, std::vector<std::string> protocols = {}) {
    auto made = TlsContext::client({trusted, std::move(protocols)});
    REQUIRE(made);
    return *made;
}

}  // namespace

TEST_CASE("tls: both directions carry any bytes, however they are cut") {
    const auto certificate = makeCertificate();
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{1 << 20}}) {
        CAPTURE(cut);
        Pair pair{serverOf(certificate), clientOf(certificate.certificatePem), "localhost"};
        REQUIRE(pair.handshake(cut));
        CHECK(pair.client->version() == "TLSv1.3");
        CHECK(pair.server->serverName() == "localhost");
        std::string sent(100'000, '\0');
        for (std::size_t i = 0; i < sent.size(); ++i)
            sent[i] = static_cast<char>(i * 31);
        REQUIRE(pair.client->write(sent));
        auto last = Step::Failed;
        CHECK(Pair::readAll(*pair.server, pair.toServer, cut, last) == sent);
        CHECK(last == Step::WantMore);
        REQUIRE(pair.server->write("back"));
        pair.server->sayGoodbye();
        CHECK(Pair::readAll(*pair.client, pair.toClient, cut, last) == "back");
        CHECK(last == Step::Closed);
    }
}

TEST_CASE("tls: both ends agree on material for channel binding") {
    const auto certificate = makeCertificate();
    Pair pair{serverOf(certificate), clientOf(certificate.certificatePem), "127.0.0.1"};
    CHECK(pair.client->exporter("EXPORTER-Channel-Binding", 32).empty());
    REQUIRE(pair.handshake());
    const auto material = pair.client->exporter("EXPORTER-Channel-Binding", 32);
    CHECK(material.size() == 32);
    CHECK(material == pair.server->exporter("EXPORTER-Channel-Binding", 32));
}

TEST_CASE("tls: a certificate that is not trusted, or of another name, fails with its reason") {
    const auto certificate = makeCertificate();
    const auto other = makeCertificate();
    Pair untrusted{serverOf(certificate), clientOf(other.certificatePem), "localhost"};
    CHECK_FALSE(untrusted.handshake());
    CHECK(untrusted.clientStep == Step::Failed);
    CHECK(untrusted.client->failure().find("certificate verify failed") != std::string::npos);
    CHECK(untrusted.serverStep == Step::Failed);  // it was told by an alert

    Pair misnamed{serverOf(certificate), clientOf(certificate.certificatePem), "chat.example.com"};
    CHECK_FALSE(misnamed.handshake());
    CHECK(misnamed.client->failure().find("hostname mismatch") != std::string::npos);
}

TEST_CASE("tls: the certificate is chosen by the name that the client asks for") {
    std::map<std::string, TestCertificate> certificates{{"one.example", makeCertificate("one.example")},
                                                        {"two.example", makeCertificate("two.example")}};
    const auto standard = makeCertificate("standard.example");
    auto made = TlsContext::server({standard.certificatePem,
                                    standard.keyPem,
                                    {},
                                    [&](const std::string& name) -> std::shared_ptr<const TlsContext> {
                                        const auto found = certificates.find(name);
                                        if (found == certificates.end()) return nullptr;
                                        return serverOf(found->second, {"xmpp-client"});  // held by the connection only
                                    }});
    REQUIRE(made);
    for (const auto& [name, certificate] : certificates) {
        Pair pair{*made, clientOf(certificate.certificatePem, {"xmpp-client"}), name};
        CHECK(pair.handshake());
        CHECK(pair.server->protocol() == "xmpp-client");
    }
    Pair pair{*made, clientOf(standard.certificatePem), "standard.example"};
    CHECK(pair.handshake());
}

TEST_CASE("tls: the best common protocol is agreed on, none in common ends the handshake") {
    const auto certificate = makeCertificate();
    const auto server = serverOf(certificate, {"h2", "http/1.1"});
    Pair pair{server, clientOf(certificate.certificatePem, {"http/1.1", "h2"}), "localhost"};
    REQUIRE(pair.handshake());
    CHECK(pair.client->protocol() == "h2");
    CHECK(pair.server->protocol() == "h2");
    Pair none{server, clientOf(certificate.certificatePem, {"xmpp-client"}), "localhost"};
    CHECK_FALSE(none.handshake());
}

TEST_CASE("tls: changed and foreign bytes fail instead of passing") {
    const auto certificate = makeCertificate();
    Pair pair{serverOf(certificate), clientOf(certificate.certificatePem), "localhost"};
    REQUIRE(pair.handshake());
    pair.toServer.clear();
    REQUIRE(pair.client->write("attack at dawn"));
    pair.toServer.back() = static_cast<char>(pair.toServer.back() ^ 1);
    auto last = Step::Done;
    CHECK(Pair::readAll(*pair.server, pair.toServer, 1 << 20, last).empty());
    CHECK(last == Step::Failed);

    Pair fresh{serverOf(certificate), clientOf(certificate.certificatePem), "localhost"};
    fresh.server->feed("GET / HTTP/1.1\r\n\r\n");
    CHECK(fresh.server->handshake() == Step::Failed);
    CHECK_FALSE(fresh.server->failure().empty());
}

TEST_CASE("tls: what is no certificate or does not fit together is refused with a sentence") {
    const auto one = makeCertificate();
    const auto two = makeCertificate();
    const auto why = [](const std::string& certificate, const Secret& key) {
        const auto made = TlsContext::server({certificate, key});
        REQUIRE_FALSE(made);
        CHECK(made.error().code == Code::BadInput);
        return made.error().why;
    };
    CHECK(why("", one.keyPem) == "The certificate text holds no complete certificate.");
    CHECK(why(one.certificatePem.substr(0, 200), one.keyPem) == "The certificate text holds no complete certificate.");
    CHECK(why(one.certificatePem, Secret{"nonsense"}).find("The private key cannot be read") == 0);
    CHECK(why(one.certificatePem, two.keyPem).find("does not belong to the certificate") != std::string::npos);
    CHECK_FALSE(TlsContext::client({"nonsense"}));
}

TEST_CASE("tls: a server may refuse a name that it does not know, but not a client that names nobody") {
    const auto certificate = makeCertificate();
    const auto own = serverOf(certificate);
    TlsServerSettings settings{certificate.certificatePem, certificate.keyPem};
    settings.choose = [own](const std::string& name) { return name == "localhost" ? own : nullptr; };
    settings.unknownName = UnknownName::Refuse;
    const auto made = TlsContext::server(settings);
    REQUIRE(made);
    Pair known{*made, clientOf(certificate.certificatePem), "localhost"};
    CHECK(known.handshake());
    Pair unknown{*made, clientOf(certificate.certificatePem), "chat.example.com"};
    CHECK_FALSE(unknown.handshake());
    CHECK(unknown.client->failure().find("unrecognized name") != std::string::npos);
    Pair nobody{*made, clientOf(certificate.certificatePem), "127.0.0.1"};  // an address is sent as no name
    CHECK(nobody.handshake());
}

namespace {

std::shared_ptr<const TlsContext> pinnedOf(TlsRole role, const TlsIdentity& identity, const std::string& accepted) {
    auto made = TlsContext::pinned(role, {identity.certificatePem, identity.keyPem,
                                          [accepted](const std::string& shown) { return shown == accepted; }});
    REQUIRE(made);
    return *made;
}

}  // namespace

TEST_CASE("tls: two ends that pinned each other's certificate meet, and know whom they met") {
    const auto here = makeTlsIdentity("here");
    const auto there = makeTlsIdentity("there");
    REQUIRE(here);
    REQUIRE(there);
    CHECK(here->fingerprint.size() == 64);
    CHECK(here->fingerprint != there->fingerprint);
    CHECK(*fingerprintOf(here->certificatePem) == here->fingerprint);
    Pair pair{pinnedOf(TlsRole::Server, *here, there->fingerprint),
              pinnedOf(TlsRole::Client, *there, here->fingerprint), "somewhere"};
    REQUIRE(pair.handshake());
    CHECK(pair.server->version() == "TLSv1.3");
    CHECK(pair.server->peerFingerprint() == there->fingerprint);
    CHECK(pair.client->peerFingerprint() == here->fingerprint);
}

TEST_CASE("tls: an end that is not pinned gets nowhere, on either side") {
    const auto here = makeTlsIdentity("here");
    const auto there = makeTlsIdentity("there");
    const auto other = makeTlsIdentity("other");
    Pair strangeServer{pinnedOf(TlsRole::Server, *other, there->fingerprint),
                       pinnedOf(TlsRole::Client, *there, here->fingerprint), "somewhere"};
    CHECK_FALSE(strangeServer.handshake());
    CHECK(strangeServer.clientStep == Step::Failed);
    Pair strangeClient{pinnedOf(TlsRole::Server, *here, there->fingerprint),
                       pinnedOf(TlsRole::Client, *other, here->fingerprint), "somewhere"};
    CHECK_FALSE(strangeClient.handshake());
    CHECK(strangeClient.serverStep == Step::Failed);

    // Without any certificate, as a scanner comes.
    Pair bare{pinnedOf(TlsRole::Server, *here, there->fingerprint), clientOf(here->certificatePem), "somewhere"};
    CHECK_FALSE(bare.handshake());
}
