#pragma once

#include <string>

#include "shared/base/secret.h"

namespace causeway::net::test {

/// A self-signed ECDSA P-256 certificate for localhost and 127.0.0.1, made anew.
struct TestCertificate {
    std::string certificatePem;
    Secret keyPem;
};
TestCertificate makeCertificate(const std::string& name = "localhost");

}  // namespace causeway::net::test
