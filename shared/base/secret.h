#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace causeway {

/// Same time for equal and unequal content of equal length.
bool equalInConstantTime(std::string_view left, std::string_view right);

/// A value that must not be shown: prints as ***, is compared in constant time, is wiped when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret();

    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }
    friend bool operator==(const Secret& left, const Secret& right) {
        return equalInConstantTime(left.value_, right.value_);
    }
    /// What logs, dumps and the API show.
    static const char* shown() { return "***"; }

private:
    std::string value_;
};

}  // namespace causeway
