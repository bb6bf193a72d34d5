// Runs a fuzz target without libFuzzer: every seed, then deterministic mutations of the seeds.
//
//   fuzz_NAME [--mutations N] FOLDER_OR_FILE...
//
// A failing input is printed as hex before the program stops; write it to a file and give that file to repeat it.

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMaxInput = 4096;

std::string& currentInput() {
    static std::string input;
    return input;
}

extern "C" void printInput(int signal) {
    std::fputs("input that failed, as hex: ", stderr);
    for (const char c : currentInput())
        std::fprintf(stderr, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    std::fputc('\n', stderr);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const std::string& input) {
    currentInput() = input;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// Small and the same everywhere (xorshift64*), so that a failure can be repeated.
class Dice {
public:
    std::size_t below(std::size_t limit) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return limit == 0 ? 0 : static_cast<std::size_t>((state_ * 0x2545F4914F6CDD1DULL) >> 33) % limit;
    }

private:
    std::uint64_t state_ = 0x9E3779B97F4A7C15ULL;
};

void mutate(std::string& input, const std::vector<std::string>& seeds, Dice& dice) {
    // Bytes with a meaning in the formats that we parse.
    static constexpr char kTellingBytes[] = "\0\a\b\n\f\r :;.,-/*!#\"{}[]\\0159afzZ\x7f\x80\xff";
    constexpr std::string_view kTelling{kTellingBytes, sizeof kTellingBytes - 1};
    const auto at = dice.below(input.size() + 1);
    const auto count = 1 + dice.below(8);
    switch (dice.below(7)) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << dice.below(8)));
            break;
        case 1:
            if (at < input.size()) input[at] = kTelling[dice.below(kTelling.size())];
            break;
        case 2:
            input.insert(at, count, kTelling[dice.below(kTelling.size())]);
            break;
        case 3:
            input.erase(at, count);
            break;
        case 4:
            input.insert(at, input.substr(dice.below(input.size() + 1), count * 8));
            break;
        case 5: {
            const auto& other = seeds[dice.below(seeds.size())];
            input = input.substr(0, at) + other.substr(dice.below(other.size() + 1));
            break;
        }
        default:
            input.resize(at);
            break;
    }
    if (input.size() > kMaxInput) input.resize(kMaxInput);
}

std::string readFile(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t mutations = 0;
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        if (argument == "--mutations" && i + 1 < count) {
            const std::string number = arguments[++i];
            const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), mutations);
            if (status != std::errc{} || *end != '\0') {
                std::fprintf(stderr, "%s is no number of mutations\n", number.c_str());
                return 2;
            }
        } else if (std::filesystem::is_directory(argument)) {
            for (const auto& entry : std::filesystem::directory_iterator{argument})
                files.push_back(entry.path());
        } else {
            files.emplace_back(argument);
        }
    }
    // Folders come in any order; the mutations must not depend on it.
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.filename() < b.filename(); });
    std::vector<std::string> seeds;
    seeds.reserve(files.size());
    for (const auto& file : files)
        seeds.push_back(readFile(file));
    if (seeds.empty()) {
        std::fputs("there are no seeds: give folders or files with inputs\n", stderr);
        return 2;
    }

    std::signal(SIGABRT, printInput);
    std::signal(SIGSEGV, printInput);
    run({});
    for (const auto& seed : seeds)
        run(seed);
    Dice dice;
    for (std::size_t i = 0; i < mutations; ++i) {
        auto input = seeds[i % seeds.size()];
        const auto steps = 1 + dice.below(6);
        for (std::size_t step = 0; step < steps; ++step)
            mutate(input, seeds, dice);
        run(input);
    }
    std::printf("%zu seeds and %zu mutations ran\n", seeds.size(), mutations);
    return 0;
}
