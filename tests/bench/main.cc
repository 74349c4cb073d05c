// SPDX-License-Identifier: Apache-2.0
// bench [--quick] [--repetitions N] [-o table|json] [--list] [NAME-PART ...]
#include <cstdio>
#include <cstring>

#include "dataplane/outbox.h"
#include "tests/bench/report.h"

namespace sallyport::bench {
namespace {

struct Options {
    std::uint32_t repetitions = 11;
    std::uint32_t share = 1;  // of the turns of a repetition: one in so many
    bool json = false, list = false;
    std::vector<std::string_view> names;
};

bool read_options(std::span<char* const> arguments, Options& out) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view a = arguments[i];
        const bool last = i + 1 == arguments.size();
        if (a == "--quick")
            out.repetitions = 3, out.share = 16;
        else if (a == "--list")
            out.list = true;
        else if (a == "--repetitions" && !last)
            out.repetitions = static_cast<std::uint32_t>(std::atoi(arguments[++i]));
        else if (a == "-o" && !last)
            out.json = std::string_view(arguments[++i]) == "json";
        else if (a.starts_with("-"))
            return false;
        else
            out.names.push_back(a);
    }
    return out.repetitions > 0;
}

bool is_chosen(const Options& options, std::string_view name) {
    if (options.names.empty()) return true;
    for (const std::string_view part : options.names)
        if (name.find(part) != std::string_view::npos) return true;
    return false;
}

Measured measure(Rig& rig, const Description& what, const Options& options) {
    expect(rig.new_worker(bench_model(1000, what.protocol)), "no memory for a worker");
    const std::unique_ptr<Benchmark> benchmark = what.make(rig);
    const std::uint32_t turns = std::max(1U, what.turns / options.share);
    Measured out;
    out.what = &what;
    benchmark->repeat(turns);
    for (std::uint32_t i = 0; i < options.repetitions; ++i) {
        if (what.compared_frame != 0)
            out.compared.push_back(swap_macs(rig, what.compared_frame, turns).per_unit());
        const Sample sample = benchmark->repeat(turns);
        out.ours.push_back(sample.per_unit());
        out.discarded += sample.discarded;
    }
    benchmark->finish();
    expect(rig.buffers_in_use() <= dp::Outbox::kStockMax, "packet buffers were lost");
    expect(rig.counters().log_records_lost.value() == 0, "access records were lost");
    return out;
}

int run(const Options& options) {
    auto rig = Rig::start();
    if (!rig) {
        std::fprintf(stderr, "bench: %s: %s; %s\n", rig.error().setting.c_str(),
                     rig.error().what.c_str(), rig.error().remedy.c_str());
        return 1;
    }
    std::vector<Measured> all;
    for (const Description& what : benchmarks()) {
        if (!is_chosen(options, what.name)) continue;
        try {
            all.push_back(measure(**rig, what, options));
        } catch (const WrongResult& wrong) {
            std::fprintf(stderr, "bench: %s: %s\n", std::string(what.name).c_str(), wrong.what());
            return 1;
        }
    }
    const Machine machine = machine_of(**rig);
    std::fputs((options.json ? as_json(machine, all) : as_table(machine, all)).c_str(), stdout);
    return all.empty() ? 1 : 0;
}

void list() {
    for (const Description& what : benchmarks())
        std::printf("%-15s %s\n", std::string(what.name).c_str(), std::string(what.about).c_str());
}

}  // namespace
}  // namespace sallyport::bench

int main(int argc, char** argv) {
    sallyport::bench::Options options;
    if (!sallyport::bench::read_options({argv + 1, argv + argc}, options)) {
        std::fputs(
            "usage: bench [--quick] [--repetitions N] [-o table|json] [--list] [NAME-PART ...]\n",
            stderr);
        return 2;
    }
    if (options.list) {
        sallyport::bench::list();
        return 0;
    }
    return sallyport::bench::run(options);
}
