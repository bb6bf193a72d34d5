// How much memory a directory of N users takes, and what a packet costs. Prints one JSON object.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "service/discovery/directory.h"
#include "shared/proto/ipmsg/packet.h"

using namespace causeway;

namespace {

double residentMegabytes() {
    std::ifstream file{"/proc/self/statm"};
    double total = 0;
    double resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

int main(int count, char** words) {
    const std::uint32_t users = count > 1 ? static_cast<std::uint32_t>(std::strtoul(words[1], nullptr, 10)) : 100000;
    auto key = ipmsg::SigningKey::generate();
    if (!key) return 1;
    TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    discovery::Directory directory{
        {"causeway-<" + key->fingerprint() + ">", "bench", *key}, discovery::LanConfig{}, 1, now};
    const double before = residentMegabytes();
    const auto start = std::chrono::steady_clock::now();
    for (std::uint32_t i = 0; i < users; ++i) {
        const Ip4 address{0x0A000001U + i};
        const std::string name = "employee" + std::to_string(i);
        ipmsg::Packet answer;
        answer.number = 1700000000 + i;
        answer.user = name + "-<0123456789abcdef>";
        answer.host = "PC-" + std::to_string(i);
        answer.command = 0x0FE40003;
        answer.body = "Employee Number " + std::to_string(i);
        answer.ext = std::string("Department " + std::to_string(i % 200)) + std::string("\0\nVS:00010002:4:99:103", 22);
        directory.probeAddress(address, now);
        const std::string bytes = ipmsg::writePacket(answer);
        directory.receive({address, ipmsg::kPort, Ip4{0x0AFF0001}, bytes}, now);
        directory.takePackets();
        directory.takeLines();
        directory.takeChanges();
        directory.takeSightings();
        if (i % 1000 == 0) now += 1ms;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double after = residentMegabytes();
    std::printf(
        "{\"bench\":\"directory\",\"users\":%llu,\"residentMB\":%.1f,\"growthMB\":%.1f,\"bytesPerUser\":%.0f,"
        "\"microsecondsPerNewUser\":%.1f}\n",
        static_cast<unsigned long long>(directory.counts().present), after, after - before,
        (after - before) * 1e6 / users, seconds * 1e6 / users);
    return directory.counts().present == users ? 0 : 1;
}
