// SPDX-License-Identifier: Apache-2.0
// Cycles of the time stamp counter around the work that is measured, and of nothing else.
#pragma once
#include <rte_cycles.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sallyport::bench {

// Something was not done as it should have been: what was measured is worth nothing.
struct WrongResult : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline void expect(bool condition, const std::string& otherwise) {
    if (!condition) throw WrongResult(otherwise);
}

// Cycles, and what was done in them.
struct Sample {
    std::uint64_t cycles = 0, units = 0;
    std::uint64_t discarded = 0;  // pieces of work during which the thread lost its CPU

    double per_unit() const {
        return units == 0 ? 0 : static_cast<double>(cycles) / static_cast<double>(units);
    }
    void add(const Sample& other) {
        cycles += other.cycles;
        units += other.units;
        discarded += other.discarded;
    }
};

inline long involuntary_switches() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

// How long `work` takes; nullopt when the kernel gave the CPU to somebody else meanwhile.
template <class Work>
std::optional<std::uint64_t> cycles_of(Work&& work) {
    const long before = involuntary_switches();
    const std::uint64_t begin = rte_rdtsc_precise();
    work();
    const std::uint64_t end = rte_rdtsc_precise();
    if (involuntary_switches() != before) return std::nullopt;
    return end - begin;
}

// Of an odd or even number of values; 0 of none.
inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace sallyport::bench
