// SPDX-License-Identifier: Apache-2.0
// Short ways to tell an HTTP conversation.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/relay_world.h"

namespace sallyport::test {

inline std::string get(std::string_view host, std::string_view path = "/",
                       std::string_view more_fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" +
           std::string(more_fields) + "\r\n";
}

inline std::string ok(std::string_view body, std::string_view more_fields = "") {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(more_fields) + "\r\n" + std::string(body);
}

// Octets that repeat nowhere near.
inline std::string octets(std::size_t n) {
    std::string out(n, '\0');
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<char>('!' + (i * 7 + i / 251 * 13 + i / 65'521) % 90);
    return out;
}

// Ends each test: whatever the gate held went back, and nothing was wrong with what it sent.
class RelayTest : public ::testing::Test {
   protected:
    void TearDown() override {
        for (const std::string& problem : world.finish()) ADD_FAILURE() << problem;
    }
    dp::AccessRecord record() {
        auto all = world.take_records();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? dp::AccessRecord{} : all.front();
    }
    std::string heard() { return world.client().take_heard(); }

    RelayWorld world;
};

}  // namespace sallyport::test
