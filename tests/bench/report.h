// SPDX-License-Identifier: Apache-2.0
// What was measured, as a table or as JSON.
#pragma once
#include <string>
#include <vector>

#include "tests/bench/benchmark.h"

namespace sallyport::bench {

struct Machine {
    std::string cpu;
    double ghz = 0;  // of the time stamp counter
    bool hugepages = false;
};
Machine machine_of(const Rig& rig);

// One value for each repetition, in cycles for one unit.
struct Measured {
    const Description* what = nullptr;
    std::vector<double> ours, compared;  // compared: a packet of macswap, measured just before
    std::uint64_t discarded = 0;

    double ratio() const;  // median over the repetitions; 0 without a comparison
};

std::string as_table(const Machine& machine, const std::vector<Measured>& all);
std::string as_json(const Machine& machine, const std::vector<Measured>& all);

}  // namespace sallyport::bench
