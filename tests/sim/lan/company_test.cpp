#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
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
            people.emplace_back();
            for (std::size_t j = 0; j < mix.clients; ++j) {
                const Ip4 address{0x0A000000U + (static_cast<std::uint32_t>(i) << 8) + 4 +
                                  static_cast<std::uint32_t>(j)};
                people.back().insert(lan.numberOf(address));
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
    std::vector<HostSet> people;  ///< by segment

    std::vector<const FakeHost*> clients() const {
        std::vector<const FakeHost*> all;
        for (const auto& client : windows)
            all.push_back(client.get());
        for (const auto& client : iptux)
            all.push_back(client.get());
        return all;
    }
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
                wanted += mix.clients;
                seen += client->seen().sizeWith(people[i]);
            }
        }
        return wanted == 0 ? 1.0 : static_cast<double>(seen) / static_cast<double>(wanted);
    }
};

}  // namespace

namespace {

/// Traffic of the clients in a stretch of time, in and out, with 28 bytes of headers a packet.
class Meter {
public:
    explicit Meter(Company& company)
        : company_(company), bytes_(company.lan.clientBytes), packets_(company.lan.clientPackets) {
        for (const auto* client : company.clients())
            before_.emplace_back(client->byteCount, client->packets);
    }
    struct Figures {
        double mean = 0, p99 = 0, most = 0, packets = 0, mostPackets = 0;
    };
    /// Prints the line `what` and where the bytes went.
    Figures print(const char* what) const {
        std::vector<double> each;
        Figures figures;
        std::size_t i = 0;
        for (const auto* client : company_.clients()) {
            each.push_back(static_cast<double>(client->byteCount - before_[i].first));
            const auto packets = static_cast<double>(client->packets - before_[i].second);
            figures.packets += packets;
            figures.mostPackets = std::max(figures.mostPackets, packets);
            ++i;
        }
        std::sort(each.begin(), each.end());
        const auto count = static_cast<double>(each.size());
        figures.packets /= count;
        figures.mean = std::accumulate(each.begin(), each.end(), 0.0) / count;
        figures.p99 = each[each.size() * 99 / 100];
        figures.most = each.back();
        std::printf("sim lan: %s: a client %.1f kB on average, p99 %.1f kB, most %.1f kB; %.0f packets, most %.0f\n",
                    what, figures.mean / 1000, figures.p99 / 1000, figures.most / 1000, figures.packets,
                    figures.mostPackets);
        for (std::size_t kind = 0; kind < kTrafficKinds; ++kind) {
            const auto packets = static_cast<double>(company_.lan.clientPackets[kind] - packets_[kind]);
            if (packets > 0)
                std::printf("sim lan:     %-25s %8.1f kB in %7.1f packets\n", nameOf(static_cast<Traffic>(kind)),
                            static_cast<double>(company_.lan.clientBytes[kind] - bytes_[kind]) / 1000 / count,
                            packets / count);
        }
        std::fflush(stdout);
        return figures;
    }

private:
    Company& company_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> before_;
    std::array<std::uint64_t, kTrafficKinds> bytes_;
    std::array<std::uint64_t, kTrafficKinds> packets_;
};

}  // namespace

TEST_CASE("sim: all clients of a company on a lossy network come to know each other, without a loop") {
    discovery::LanConfig config;
    config.introductions = true;
    config.introductionsPerSecond = 1000;
    // A large company in every build but those with sanitizers, which take ten times as long: tests/CMakeLists.txt
    // sets CAUSEWAY_SIM_CLIENTS=300 for them.
    Company::Mix mix;
    const char* wanted = std::getenv("CAUSEWAY_SIM_CLIENTS");
    const std::size_t clients = wanted == nullptr ? 5000 : std::strtoul(wanted, nullptr, 10);
    mix.segments = clients < 1000 ? 5 : 20;
    mix.clients = clients / mix.segments;
    Company company{mix, config};
    const auto showCompleteness = [&company](const char* when) {
        const auto modern = company.completeness(company.modern);
        const auto iptux = company.completeness(company.iptux);
        std::printf("sim lan: %s: %zu modern clients see %.7f of the external users, %zu iptux clients %.5f\n", when,
                    company.modern.size(), modern, company.iptux.size(), iptux);
        std::fflush(stdout);
        return std::pair{modern, iptux};
    };

    // They come to work within ten minutes; the server is there before them. Clients of other segments cannot be heard
    // there: they are found by sweeps, each of which loses a few.
    const Meter morning{company};
    company.server->start();
    std::size_t n = 0;
    for (auto& client : company.windows) {
        company.lan.after(Duration{(n++ * 7919) % 600000}, [&client] { client->start(); });
    }
    for (auto& client : company.iptux) {
        company.lan.after(Duration{(n++ * 7919) % 600000}, [&client] { client->start(); });
    }
    for (const auto wait : {0s, 660s, 960s})
        company.lan.after(wait, [&company] { company.server->sweep(company.swept); });
    company.lan.run(30min);
    CHECK(company.server->directory.counts().present == company.total());
    CHECK(showCompleteness("after 30 min").first > 0.9995);
    company.lan.run(30min);
    morning.print("the first hour");

    // The two-hourly round falls into this hour.
    company.lan.run(30min);
    const Meter quiet{company};
    company.lan.run(60min);
    const auto calm = quiet.print("a quiet hour");
    CHECK(calm.mean < 87000);  // a PC under the predecessor
    // Who is introduced gets everybody once more in the first round; nothing comes in circles.
    const auto everybody = static_cast<double>(company.total());
    CHECK(calm.p99 < 160 * everybody + 100000);
    CHECK(calm.mostPackets < everybody + 2000);
    const auto [modern, iptux] = showCompleteness("after 2.5 h");
    CHECK(modern > 0.99999);
    CHECK(iptux > 0.99);

    // One client in ten restarts: half of them say goodbye, the others crash; back after 30 s to 10 min.
    const Meter churn{company};
    n = 0;
    for (auto& client : company.windows) {
        if (n++ % 10 != 3) continue;
        const Duration wait{(n * 7919) % 3300000};
        const bool isPolite = n % 20 < 10;
        company.lan.after(wait, [&client, isPolite] { isPolite ? client->quit() : client->crash(); });
        company.lan.after(wait + Duration{30000 + (n * 104729) % 570000}, [&client] { client->start(); });
    }
    company.lan.run(60min);
    const auto busy = churn.print("an hour in which one client in ten restarts");
    CHECK(busy.mostPackets < 20 * everybody);
    company.lan.run(30min);
    CHECK(company.server->directory.counts().present == company.total());
    CHECK(showCompleteness("half an hour after that").first > 0.9999);

    std::size_t broken = 0;
    Duration leastGap = Duration::max();
    for (const auto& client : company.windows) {
        if (client->forbidden != 0) ++broken;
        leastGap = std::min(leastGap, client->leastListGap);
    }
    CHECK(broken == 0);
    // 7 s at the server; packets of the own segment take 1 ms, others 4.
    CHECK(leastGap >= 6990ms);
    for (const auto& client : company.iptux)
        CHECK(client->garbage == 0);
}
