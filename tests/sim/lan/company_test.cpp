#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fake_lan.h"

using namespace causeway;
using namespace causeway::test;

namespace {

/// A company: segments of 250 clients behind one router, the server in the first segment, packets get lost.
struct Company {
    struct Mix {
        std::size_t segments = 20;
        std::size_t clients = 50;  ///< a segment
        std::size_t iptux = 2;     ///< of them
        std::size_t old = 5;
        std::size_t mac = 3;
        double loss = 0.005;
    };
    Company(const Mix& wanted, discovery::LanConfig config) : mix(wanted), lan(42) {
        std::vector<RangeLine> ranges;
        for (std::size_t i = 0; i < mix.segments; ++i) {
            const Network4 network{{0x0A000000U + (static_cast<std::uint32_t>(i) << 8)}, 24};
            lan.addSegment(network);
            if (i > 0) ranges.push_back(*parseRangeLine(network.text()));
        }
        lan.loss = mix.loss;
        lan.isRouterStrict = false;  // introductions between two remote segments need it, facts 8.3
        server = std::make_unique<FakeServer>(lan, std::vector{interfaceOf("e0", "10.0.0.2", 24)}, testIdentity(),
                                              config, true, ranges);
        lan.onRefused = [this](Ip4 sender, Ip4 target) {
            if (sender == server->address()) server->refused(target);
        };
        for (std::size_t i = 0; i < mix.segments; ++i) {
            for (std::size_t j = 0; j < mix.clients; ++j) {
                const Ip4 address{0x0A000000U + (static_cast<std::uint32_t>(i) << 8) + 4 +
                                  static_cast<std::uint32_t>(j)};
                const std::string name = "u" + std::to_string(i) + "x" + std::to_string(j);
                if (j < mix.iptux) {
                    iptux.push_back(std::make_unique<FakeIptux>(lan, address, name));
                    lan.add(*iptux.back());
                } else {
                    const auto edition = j < mix.iptux + mix.old             ? FakeWindows::Edition::Old
                                         : j < mix.iptux + mix.old + mix.mac ? FakeWindows::Edition::Mac
                                                                             : FakeWindows::Edition::Modern;
                    windows.push_back(std::make_unique<FakeWindows>(lan, address, name, edition));
                    lan.add(*windows.back());
                    if (edition == FakeWindows::Edition::Modern) modern.push_back(windows.back().get());
                }
            }
        }
        for (std::uint32_t i = 1; i < mix.segments; ++i) {
            for (std::uint32_t j = 1; j < 255; ++j)
                swept.push_back({0x0A000000U + (i << 8) + j});
        }
    }
    std::size_t total() const { return mix.segments * mix.clients; }
    Mix mix;
    FakeLan lan;
    std::unique_ptr<FakeServer> server;
    std::vector<std::unique_ptr<FakeIptux>> iptux;
    std::vector<std::unique_ptr<FakeWindows>> windows;
    std::vector<FakeWindows*> modern;
    std::vector<Ip4> swept;

    /// Share of (client, external user) pairs in which the client lists the user. Own segments are the clients' own
    /// business: with this loss their broadcasts alone never make them complete.
    template <class Clients>
    double completeness(const Clients& clients) {
        std::uint64_t seen = 0;
        std::uint64_t wanted = 0;
        for (const auto& client : clients) {
            const auto home = lan.segmentOf(client->address());
            for (std::size_t i = 0; i < mix.segments; ++i) {
                if (i == home) continue;
                for (std::size_t j = 0; j < mix.clients; ++j) {
                    ++wanted;
                    if (client->sees(
                            {0x0A000000U + (static_cast<std::uint32_t>(i) << 8) + 4 + static_cast<std::uint32_t>(j)}))
                        ++seen;
                }
            }
        }
        return wanted == 0 ? 1.0 : static_cast<double>(seen) / static_cast<double>(wanted);
    }
};

}  // namespace

TEST_CASE("sim: all clients of a company on a lossy network come to know each other, without a loop") {
    discovery::LanConfig config;
    config.introductions = true;
    config.introductionsPerSecond = 1000;
    // 1,000 clients in every build; CAUSEWAY_SIM_CLIENTS=5000 is a large company, =300 is for sanitizers.
    Company::Mix mix;
    const char* wanted = std::getenv("CAUSEWAY_SIM_CLIENTS");
    const std::size_t clients = wanted == nullptr ? 1000 : std::strtoul(wanted, nullptr, 10);
    mix.segments = clients < 1000 ? 5 : 20;
    mix.clients = clients / mix.segments;
    Company company{mix, config};
    // They come to work within ten minutes; the server is there before them.
    company.server->start();
    company.server->sweep(company.swept);
    std::size_t n = 0;
    for (auto& client : company.windows) {
        company.lan.after(Duration{(n++ * 7919) % 600000}, [&client] { client->start(); });
    }
    for (auto& client : company.iptux) {
        company.lan.after(Duration{(n++ * 7919) % 600000}, [&client] { client->start(); });
    }
    company.lan.run(660s);
    // Clients of other segments are found by the next announcements, each of which loses a few.
    company.server->sweep(company.swept);
    company.lan.run(300s);
    company.server->sweep(company.swept);
    company.lan.run(300s);
    CHECK(company.server->directory.counts().present == company.total());
    const double early = company.completeness(company.modern);
    std::printf("sim lan: after 21 min: %.5f of what %zu modern clients should see\n", early, company.modern.size());
    CHECK(early > 0.9995);

    std::vector<std::uint64_t> before;
    for (const auto& client : company.windows)
        before.push_back(client->byteCount);
    const auto hourStart = company.server->sentPackets;
    company.lan.run(3600s);
    double bytes = 0;
    std::uint64_t worst = 0;
    for (std::size_t i = 0; i < company.windows.size(); ++i) {
        const auto own = company.windows[i]->byteCount - before[i];
        bytes += static_cast<double>(own);
        worst = std::max(worst, own);
    }
    std::printf(
        "sim lan: a quiet hour: %.1f kB a client on average, %.1f kB at most, %llu packets sent by the server\n",
        bytes / 1000 / static_cast<double>(company.windows.size()), static_cast<double>(worst) / 1000,
        static_cast<unsigned long long>(company.server->sentPackets - hourStart));
    // Bounded: probes and renewals, no lists in a quiet hour but the ones of stragglers.
    CHECK(bytes / static_cast<double>(company.windows.size()) < 300000);

    company.lan.run(7300s);
    const double late = company.completeness(company.modern);
    const double iptux = company.completeness(company.iptux);
    std::printf(
        "sim lan: after the two-hourly round: %.7f of the modern clients' pairs, %.5f of the iptux clients' pairs\n",
        late, iptux);
    CHECK(late > 0.99999);
    CHECK(iptux > 0.99);
    for (const auto& client : company.windows) {
        CHECK(client->forbidden == 0);
        bool isTooOften = false;
        for (std::size_t i = 1; i < client->listTimes().size(); ++i) {
            isTooOften = isTooOften || client->listTimes()[i] - client->listTimes()[i - 1] < 6900ms;
        }
        CHECK_FALSE(isTooOften);
    }
    for (const auto& client : company.iptux)
        CHECK(client->garbage == 0);
}
