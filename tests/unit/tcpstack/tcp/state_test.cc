// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/state.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::tcp {
namespace {

TEST(TcpState, MovesAsTheDrawingSays) {
    std::string table;
    for (std::size_t from = 0; from < kTcpStateCount; ++from) {
        table += text(static_cast<TcpState>(from));
        table += " ->";
        for (std::size_t to = 0; to < kTcpStateCount; ++to) {
            if (!is_legal_move(static_cast<TcpState>(from), static_cast<TcpState>(to))) continue;
            table += ' ';
            table += text(static_cast<TcpState>(to));
        }
        table += '\n';
    }
    EXPECT_EQ(table,
              "ESTABLISHED -> FIN-WAIT-1 CLOSE-WAIT CLOSED\n"
              "FIN-WAIT-1 -> FIN-WAIT-2 CLOSING TIME-WAIT CLOSED\n"
              "FIN-WAIT-2 -> TIME-WAIT CLOSED\n"
              "CLOSE-WAIT -> LAST-ACK CLOSED\n"
              "CLOSING -> TIME-WAIT CLOSED\n"
              "LAST-ACK -> CLOSED\n"
              "TIME-WAIT -> CLOSED\n"
              "CLOSED -> ESTABLISHED\n");
}

}  // namespace
}  // namespace sallyport::tcp
