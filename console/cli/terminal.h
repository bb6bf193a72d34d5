#pragma once

#include <istream>
#include <ostream>
#include <string>

#include "shared/base/result.h"
#include "shared/base/secret.h"

namespace causeway::cli {

/// Where the commands read and write; the tests give their own streams.
class Terminal {
public:
    Terminal(std::istream& in, std::ostream& out, std::ostream& err) : in_(in), out_(out), err_(err) {}
    virtual ~Terminal() = default;

    std::ostream& out() { return out_; }
    std::ostream& err() { return err_; }
    std::istream& in() { return in_; }
    /// A person sits there who can be asked.
    virtual bool isInteractive() const { return false; }
    /// Asked without echo on a terminal; else the next line of standard input.
    virtual Result<Secret> askPassword(const std::string& prompt);
    /// Default is No; No if nobody can be asked.
    virtual bool askYesNo(const std::string& question);

private:
    std::istream& in_;
    std::ostream& out_;
    std::ostream& err_;
};

/// The terminal of the process.
class RealTerminal final : public Terminal {
public:
    RealTerminal();
    bool isInteractive() const override;
    Result<Secret> askPassword(const std::string& prompt) override;
    bool askYesNo(const std::string& question) override;
};

}  // namespace causeway::cli
