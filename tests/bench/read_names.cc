// SPDX-License-Identifier: Apache-2.0
// bench_read_names [COUNT [REPETITIONS]]: how long it takes to read a configuration whose only rule
// names a file of COUNT host names, 20 octets each on average. Median of the repetitions.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/load.h"

namespace {

namespace fs = std::filesystem;
using namespace sallyport::cfg;

constexpr std::string_view kConfiguration =
    "apiVersion: sallyport/v1\n"
    "ports:\n"
    "  inside: {device: net_null0, addresses: [10.10.0.1/24]}\n"
    "  outside: {device: net_null1, addresses: [203.0.113.2/24]}\n"
    "egress: [{name: public, addresses: [203.0.113.7]}]\n"
    "policy: {rules: [{name: list, hosts_from: names.txt, protocols: [tls/443]}]}\n";

// Names of 14 to 27 octets, every sixteenth a wildcard.
std::size_t write_names(const fs::path& path, std::size_t count) {
    std::ofstream out(path);
    std::size_t octets = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name =
            'h' + std::to_string(i) + '.' + std::string(1 + i % 14, 'a') + ".test";
        octets += name.size();
        out << (i % 16 == 0 ? "*." : "") << name << '\n';
    }
    return octets / std::max<std::size_t>(count, 1);
}

// Milliseconds; exits when the names are not all there.
double read_once(const std::string& path, std::size_t count) {
    const auto begin = std::chrono::steady_clock::now();
    const LoadResult loaded = load_file(path);
    const auto end = std::chrono::steady_clock::now();
    if (!loaded.model || loaded.model->policy.rules.at(0).listed->size() != count) {
        std::fprintf(stderr, "%s", format_findings(loaded.findings).c_str());
        std::exit(1);
    }
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::size_t repetitions = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5;
    std::string folder = (fs::temp_directory_path() / "sallyport-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    const std::string path = folder + "/sallyport.yaml";
    std::ofstream(path) << kConfiguration;
    const std::size_t average = write_names(folder + "/names.txt", count);
    std::vector<double> times;
    for (std::size_t i = 0; i < std::max<std::size_t>(repetitions, 1); ++i)
        times.push_back(read_once(path, count));
    fs::remove_all(folder);
    std::ranges::sort(times);
    std::printf("read and parse %zu names (%zu octets on average): %.0f ms (median of %zu)\n",
                count, average, times[times.size() / 2], times.size());
    return 0;
}
