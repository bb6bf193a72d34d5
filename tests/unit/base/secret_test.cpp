#include "shared/base/secret.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "shared/base/guarded.h"

using namespace causeway;

TEST_CASE("a secret shows nothing and is equal to the same secret only") {
    const Secret secret{"pass word"};
    CHECK(std::string(Secret::shown()) == "***");
    CHECK(secret.reveal() == "pass word");
    CHECK(secret == Secret{"pass word"});
    CHECK_FALSE(secret == Secret{"pass worD"});
    CHECK_FALSE(secret == Secret{"pass"});
    CHECK_FALSE(secret == Secret{});
    CHECK(Secret{}.empty());
    const Secret copy = secret;  // NOLINT: the copy is what is tested
    CHECK(copy == secret);
}

TEST_CASE("guarded data is changed by one thread at a time") {
    Guarded<int> counter{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&counter] {
            for (int n = 0; n < 10000; ++n)
                counter.with([](int& value) { ++value; });
        });
    }
    for (auto& thread : threads)
        thread.join();
    CHECK(counter.with([](int& value) { return value; }) == 40000);
}
