// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/alert.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/client_hello.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

Octets hello_of_version(std::uint16_t in_record, std::uint16_t in_hello) {
    Hello hello = Hello::of("edition.example");
    hello.version = in_hello;
    return record(hello.message(), 22, in_record);
}

struct Row {
    std::string description;
    Octets stream;
    std::uint8_t minor;
};

const Row kRows[] = {
    {"the version of the hello", hello_of_version(0x0301, 0x0303), 3},
    {"TLS 1.1", hello_of_version(0x0301, 0x0302), 2},
    {"SSL 3.0 is raised", hello_of_version(0x0300, 0x0300), 1},
    {"a version to come is lowered", hello_of_version(0x0303, 0x0399), 3},
    {"a hello cut before its version", {22, 3, 2, 0, 90, 1, 0, 0, 80, 3}, 2},
    {"a record that ends before the version", {22, 3, 2, 0, 4, 1, 0, 0, 80, 22, 3, 3}, 2},
    {"a record above the versions", {22, 3, 0x99}, 3},
    {"no TLS", octets_of("GET / HTTP/1.1\r\n"), 3},
    {"nothing", {}, 1},
};

TEST(Alert, CarriesTheVersionOfTheClient) {
    for (const Row& row : kRows) {
        const auto alert = unrecognized_name_alert(Octets(row.stream));
        const Octets expected{21, 3, row.minor, 0, 2, 2, 112};
        EXPECT_EQ(Octets(alert.begin(), alert.end()), expected) << row.description;
    }
}

}  // namespace
}  // namespace sallyport::dp::inspect
