// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/report.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sallyport::bench {
namespace {

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown CPU";
}

double least(const std::vector<double>& values) {
    return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

double greatest(const std::vector<double>& values) {
    return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string formatted(const char* format, double value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string row(const Machine& machine, const Measured& m) {
    const double cycles = median(m.ours);
    const bool compared = !m.compared.empty();
    char text[160];
    std::snprintf(text, sizeof text, "%-15s %-10s %9.0f %9.0f %9.0f %9.1f %10.3f %9s %9s %6llu\n",
                  std::string(m.what->name).c_str(), std::string(m.what->unit).c_str(),
                  least(m.ours), cycles, greatest(m.ours), cycles / machine.ghz,
                  machine.ghz * 1000 / cycles,
                  compared ? formatted("%.1f", median(m.compared)).c_str() : "-",
                  compared ? formatted("%.2f", m.ratio()).c_str() : "-",
                  static_cast<unsigned long long>(m.discarded));
    return text;
}

}  // namespace

Machine machine_of(const Rig& rig) {
    return {cpu_model(), static_cast<double>(rig.clock().hz()) / 1e9, rig.hugepages()};
}

double Measured::ratio() const {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < compared.size(); ++i) ratios.push_back(ours[i] / compared[i]);
    return median(ratios);
}

std::string as_table(const Machine& machine, const std::vector<Measured>& all) {
    std::string out = machine.cpu + ", time stamp counter " + formatted("%.2f GHz, ", machine.ghz) +
                      (machine.hugepages ? "hugepages" : "no hugepages") +
                      ", one worker, rings in memory, headers warm\n\n";
    char head[160];
    std::snprintf(head, sizeof head, "%-15s %-10s %9s %9s %9s %9s %10s %9s %9s %6s\n", "benchmark",
                  "unit", "min cyc", "med cyc", "max cyc", "med ns", "M/s", "macswap", "x macswap",
                  "lost");
    out += head;
    for (const Measured& m : all) out += row(machine, m);
    out += "\ncyc: cycles of the worker for one unit, over " +
           std::to_string(all.empty() ? 0 : all.front().ours.size()) +
           " repetitions. macswap: cycles for one packet of that size\nwhich only has its MAC "
           "addresses swapped, measured in turn with ours; x macswap: median of the ratios.\n"
           "lost: pieces that are not counted because the kernel took the CPU away meanwhile.\n";
    return out;
}

std::string as_json(const Machine& machine, const std::vector<Measured>& all) {
    nlohmann::json out;
    out["machine"] = {{"cpu", machine.cpu}, {"ghz", machine.ghz}, {"hugepages", machine.hugepages}};
    out["benchmarks"] = nlohmann::json::array();
    for (const Measured& m : all)
        out["benchmarks"].push_back({{"name", m.what->name},
                                     {"unit", m.what->unit},
                                     {"about", m.what->about},
                                     {"cycles", m.ours},
                                     {"cycles_min", least(m.ours)},
                                     {"cycles_median", median(m.ours)},
                                     {"macswap_cycles", m.compared},
                                     {"ratio_median", m.ratio()},
                                     {"discarded", m.discarded}});
    return out.dump(2) + "\n";
}

}  // namespace sallyport::bench
