// SPDX-License-Identifier: Apache-2.0
// Goodput of one connection over a narrow link, by loss, delay and receive buffer, held against a
// table that is checked in: time is virtual, so every figure is exact. A change of behaviour shows as
// a change of the table: SALLYPORT_WRITE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/tcp_application.h"

namespace sallyport::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::TcpLink;
using test::TcpPeer;
using test::TestPool;

constexpr Instant kStart = Instant{} + seconds(1000);
constexpr std::uint64_t kRate = 1'250'000;  // octets a second: 10 Mbit/s
constexpr std::uint64_t kQueue = 64 * 1024;
constexpr Duration kLasts = seconds(10);
constexpr int kSeeds = 3;

ConnectionStart start_of(bool is_a, std::uint32_t buffer) {
    ConnectionStart start;
    start.iss = SeqNum{is_a ? 0xfff0'0000U : 5U};
    start.irs = SeqNum{is_a ? 5U : 0xfff0'0000U};
    start.snd_mss = 1460;
    start.snd_shift = start.rcv_shift = 7;
    start.sack = start.timestamps = true;
    start.snd_wnd = start.offered = buffer;
    return start;
}

// Octets that were read within kLasts.
std::uint64_t transferred(std::uint32_t loss, Duration delay, std::uint32_t buffer, std::uint64_t seed) {
    TestPool pool(3 * buffer / kChunkOctets + 8);
    TcpPeer a(start_of(true, buffer), pool, kStart), b(start_of(false, buffer), pool, kStart);
    test::Impairment impairment;
    impairment.delay = delay;
    impairment.loss = loss;
    impairment.rate = kRate;
    impairment.queue = kQueue;
    TcpLink link(a, b, impairment, seed);
    const std::string piece(kChunkOctets, 'x');
    std::uint64_t read = 0;
    for (Instant now = kStart; now < kStart + kLasts;) {
        while (a.out().size() + piece.size() <= buffer) EXPECT_TRUE(a.write(piece));
        read += b.read().size();
        b.tcp().offer(buffer);
        if (!test::step(link, now, kStart + kLasts)) {
            ADD_FAILURE() << "stalled: " << test::told_of(a, now);
            break;
        }
    }
    return read;
}

// The median of the seeds, in kbit/s.
std::uint64_t goodput(std::uint32_t loss, Duration delay, std::uint32_t buffer) {
    std::vector<std::uint64_t> octets;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
        octets.push_back(transferred(loss, delay, buffer, seed));
    std::sort(octets.begin(), octets.end());
    constexpr std::uint64_t kBits = 8, kKilo = 1000, kSeconds = kLasts / seconds(1);
    return octets[kSeeds / 2] * kBits / kKilo / kSeconds;
}

std::string table() {
    std::ostringstream out;
    out << "# Goodput in kbit/s of one connection through 10 Mbit/s with a queue of 64 KiB, for 10 s:\n"
           "# the median of 3 seeds. Written by SALLYPORT_WRITE_GOLDEN=1; see goodput_test.cc.\n"
           "# loss_permille one_way_delay_ms receive_buffer_kib kbit_s\n";
    for (const std::uint32_t loss : {0U, 1U, 10U, 50U})
        for (const int delay : {1, 10, 50})
            for (const std::uint32_t kib : {32U, 128U, 512U})
                out << loss << ' ' << delay << ' ' << kib << ' '
                    << goodput(loss, milliseconds(delay), kib * 1024) << '\n';
    return out.str();
}

TEST(Goodput, IsWhatTheTableSays) {
    const std::string now = table();
    if (std::getenv("SALLYPORT_WRITE_GOLDEN") != nullptr) std::ofstream(SALLYPORT_GOODPUT) << now;
    std::ostringstream golden;
    golden << std::ifstream(SALLYPORT_GOODPUT).rdbuf();
    EXPECT_EQ(now, golden.str());
}

}  // namespace
}  // namespace sallyport::tcp
