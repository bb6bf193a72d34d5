// What the visibility map of N computers in 20 segments costs: memory of the looks, time of a list, time and memory of
// the report with its localisation. Prints one JSON object.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "service/trace/visibility_book.h"
#include "shared/api/visibility_json.h"

using namespace causeway;
using namespace causeway::trace;

namespace {

double residentMegabytes() {
    std::ifstream file{"/proc/self/statm"};
    double total = 0;
    double resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** words) {
    const auto pcs = static_cast<std::uint32_t>(count > 1 ? std::strtoul(words[1], nullptr, 10) : 2000);
    constexpr std::uint32_t kSegments = 20;
    const TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    VisibilitySnapshot snapshot;
    snapshot.at = now;
    for (std::uint32_t i = 0; i < pcs; ++i) {
        SeenUser user;
        user.id = i + 1;
        user.name = "Employee " + std::to_string(i);
        user.kind = ClientKind::Windows;
        user.segment = Network4::of(Ip4{0x0A010000U | (i % kSegments) << 12}, 20);
        user.address = Ip4{user.segment.address.value + 10 + i / kSegments};
        user.base = "Base " + std::to_string(i % kSegments);
        user.isAnswering = user.isExpected = true;
        user.enteredAt = now - 1h;
        snapshot.users.push_back(user);
    }
    const double before = residentMegabytes();
    VisibilityBook book;
    book.take(snapshot);
    auto start = std::chrono::steady_clock::now();
    for (std::uint32_t i = 0; i < pcs; ++i) {
        std::vector<Ip4> listed;
        for (std::uint32_t each = 0; each < pcs; ++each) {
            // One dark road, one that is dark in one direction, ten deaf computers.
            const auto from = i % kSegments;
            const auto to = each % kSegments;
            const bool isDark =
                (from == 1 && to == 2) || (from == 2 && to == 1) || (from == 3 && to == 4) || i % 200 == 7;
            if (!isDark) listed.push_back(snapshot.users[each].address);
        }
        if (!book.looked(snapshot.users[i].address, listed, now)) return 1;
    }
    const double listSeconds = secondsSince(start);
    const double kept = residentMegabytes();
    start = std::chrono::steady_clock::now();
    const auto report = book.report();
    const double reportSeconds = secondsSince(start);
    const double highest = residentMegabytes();
    const auto bases = api::toJson(basesMap(report));
    const auto segments = api::toJson(segmentsMap(report, "Base 1", "Base 2", 0, 100));
    const auto cells = api::toJson(book.cells(snapshot.users[1].segment, snapshot.users[2].segment, 0, 100, 0, 500));
    std::printf(
        "{\"bench\":\"visibility-report\",\"pcs\":%u,\"pairs\":%llu,\"findings\":%zu,\"keptMB\":%.1f,\"highestMB\":%."
        "1f,"
        "\"millisecondsPerList\":%.2f,\"reportSeconds\":%.3f,\"basesBytes\":%zu,\"segmentsBytes\":%zu,"
        "\"cellsPageBytes\":%zu}\n",
        pcs, static_cast<unsigned long long>(report.cells), report.faults.size(), kept - before, highest - before,
        listSeconds * 1e3 / pcs, reportSeconds, bases.size(), segments.size(), cells.size());
    return report.faults.size() >= 3 ? 0 : 1;
}
