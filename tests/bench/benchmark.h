// SPDX-License-Identifier: Apache-2.0
// What all benchmarks have in common, and the list of them.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "tests/bench/measure.h"
#include "tests/bench/rig.h"

namespace sallyport::bench {

class Benchmark {
   public:
    virtual ~Benchmark() = default;
    // Does the work `turns` times; called once to warm up and then for each repetition.
    virtual Sample repeat(std::uint32_t turns) = 0;
    // After the last repetition; throws WrongResult unless everything went as it should.
    virtual void finish() {}
};

struct Description {
    std::string_view name;
    std::string_view unit;  // what the cycles are for
    std::string_view about;
    std::uint32_t turns;  // of one repetition
    // Length of the frames that are swapped by way of comparison, without check sequence.
    std::size_t compared_frame;
    std::unique_ptr<Benchmark> (*make)(Rig&);
    cfg::Protocol protocol = cfg::Protocol::Tls;  // that the policy allows
};
const std::vector<Description>& benchmarks();

// For comparison: full bursts from both ports to the other one with their MACs swapped.
Sample swap_macs(Rig& rig, std::size_t frame_length, std::uint32_t turns);

std::unique_ptr<Benchmark> make_splice_small(Rig& rig);
std::unique_ptr<Benchmark> make_splice_options(Rig& rig);
std::unique_ptr<Benchmark> make_splice_large(Rig& rig);
std::unique_ptr<Benchmark> make_denied(Rig& rig);
std::unique_ptr<Benchmark> make_allowed(Rig& rig);
std::unique_ptr<Benchmark> make_http_request(Rig& rig);
std::unique_ptr<Benchmark> make_http_denied(Rig& rig);
std::unique_ptr<Benchmark> make_relay_large(Rig& rig);
std::unique_ptr<Benchmark> make_syn_flood(Rig& rig);
std::unique_ptr<Benchmark> make_idle(Rig& rig);
std::unique_ptr<Benchmark> make_verdict(Rig& rig);

}  // namespace sallyport::bench
