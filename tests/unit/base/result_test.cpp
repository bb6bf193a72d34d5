#include "shared/base/result.h"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>

using namespace causeway;

TEST_CASE("a result holds a value or an error, never both") {
    Result<int> good = 7;
    CHECK(good);
    CHECK(good.has_value());
    CHECK(*good == 7);
    CHECK(good.value_or(3) == 7);
    *good = 8;
    CHECK(good.value() == 8);

    Result<int> bad = Error{Code::Timeout, "No answer."};
    CHECK_FALSE(bad);
    CHECK(bad.error().code == Code::Timeout);
    CHECK(bad.value_or(3) == 3);
    bad.error().todo = "Try again.";
    CHECK(bad.error().text() == "No answer. Try again.");
}

TEST_CASE("a result without a value is good until it gets an error") {
    const Result<void> good;
    CHECK(good);
    const Result<void> bad = Error{Code::Denied, "Not allowed."};
    CHECK_FALSE(bad);
    CHECK(bad.error().what == "Not allowed.");
}

TEST_CASE("a value that can only be moved can be taken out of a result") {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
    const std::unique_ptr<int> taken = *std::move(made);
    REQUIRE(taken);
    CHECK(*taken == 5);
}

TEST_CASE("a result reaches into its value by arrow") {
    const Result<std::string> text = std::string("abc");
    CHECK(text->size() == 3);
}

TEST_CASE("the text of an error is its three sentences without the empty ones") {
    CHECK(Error{Code::BadInput, "What."}.text() == "What.");
    CHECK(Error{Code::BadInput, "What.", "Why.", "Do."}.text() == "What. Why. Do.");
    CHECK(Error{Code::BadInput, "", "Why.", ""}.text() == "Why.");
    CHECK(Error{}.text().empty());
}

TEST_CASE("every code has its own lower-case word") {
    std::set<std::string> words;
    for (int value = 0; value <= static_cast<int>(Code::Internal); ++value) {
        const std::string word = codeText(static_cast<Code>(value));
        CAPTURE(word);
        CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
        CHECK(words.insert(word).second);
    }
    CHECK(words.count("not-found") == 1);
    CHECK(words.count("newer-version") == 1);
}
