// SPDX-License-Identifier: Apache-2.0
// policy_scale [--names N] [--repetitions N] [-o table|json]
//
// What a policy of a million names costs: reading its file, compiling it, putting it into force,
// giving the old one back, memory, and look-ups. The names have 20 octets on average and stand in a
// file that a rule's hosts_from names, so that they go the way that an operator's names go.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "config/load.h"
#include "dataplane/dpdk/generation.h"
#include "dataplane/policy/compile.h"
#include "tcpstack/base/rng.h"
#include "tests/bench/measure.h"

namespace sallyport::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kLookups = 1'000'000;
constexpr std::size_t kAtOnce = 64;  // look-ups between two looks at the clock

// Labels of 4 to 20 characters, 12 on average, below "example": 20 octets with the dot.
std::vector<std::string> make_names(std::uint32_t count, std::uint64_t seed) {
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    Rng rng(seed);
    std::vector<std::string> names;
    names.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string name;
        // Its number, so that no two are the same, then letters.
        for (std::uint32_t rest = i; rest != 0 || name.size() < 4; rest /= 32)
            name += kLetters[rest % 32];
        for (std::uint32_t more = rng.below(17); more-- > 0;) name += kLetters[rng.below(32)];
        names.push_back(name + ".example");
    }
    return names;
}

// A directory that goes with everything in it.
class Folder {
   public:
    Folder() {
        std::string path = std::filesystem::temp_directory_path() / "policy_scale.XXXXXX";
        expect(::mkdtemp(path.data()) != nullptr, "no temporary directory");
        path_ = path;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return path_ / name;
    }

   private:
    std::filesystem::path path_;
};

std::string configuration(const Folder& folder, const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += name + "\n";
    folder.write("names.txt", list);
    return folder.write("sallyport.yaml", R"(apiVersion: sallyport/v1
ports:
  inside: {device: "net_null0", addresses: [10.10.0.1/24]}
  outside: {device: "net_null1", addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress: [{name: public, addresses: [203.0.113.7]}]
policy:
  rules:
    - {name: listed, hosts_from: names.txt, protocols: [tls/443]}
)");
}

// Values by their name, one of each repetition.
class Results {
   public:
    template <class Work>
    void time(const std::string& what, Work&& work) {
        const Clock::time_point begin = Clock::now();
        work();
        add(what, std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    void add(const std::string& what, double value) {
        if (!values_.contains(what)) order_.push_back(what);
        values_[what].push_back(value);
    }
    std::string as_table() const {
        std::string out;
        for (const std::string& what : order_) {
            const std::vector<double>& all = values_.at(what);
            const auto [least, most] = std::ranges::minmax(all);
            char row[160];
            std::snprintf(row, sizeof row, "%-34s %10.2f %10.2f %10.2f\n", what.c_str(), least,
                          median(all), most);
            out += row;
        }
        return out;
    }
    std::string as_json() const {
        nlohmann::json out;
        for (const std::string& what : order_)
            out[what] = {{"median", median(values_.at(what))}, {"all", values_.at(what)}};
        return out.dump(2) + "\n";
    }

   private:
    std::vector<std::string> order_;
    std::map<std::string, std::vector<double>> values_;
};

cfg::Model load(const std::string& file, std::size_t names) {
    cfg::LoadResult result = cfg::load_file(file);
    for (const cfg::Finding& finding : result.findings)
        std::fprintf(stderr, "policy_scale: %s\n", finding.message.c_str());
    expect(result.model.has_value(), "the configuration was refused");
    const auto& listed = result.model->policy.rules.front().listed;
    expect(listed && listed->size() == names, "names were lost while reading");
    return std::move(*result.model);
}

// Cycles of one look-up, in an order that no cache foresees. Every answer is checked.
double lookup(const dp::policy::PolicyTable& policy, const std::vector<std::string>& names,
              dp::policy::Decision expected) {
    const IpAddr source = *IpAddr::parse("10.10.0.5");
    Rng rng(3);
    std::vector<std::uint32_t> order(std::min<std::size_t>(kLookups, names.size()));
    for (std::uint32_t& i : order) i = rng.below(static_cast<std::uint32_t>(names.size()));
    std::size_t right = 0;
    Sample sample;
    for (std::size_t done = 0; done < order.size(); done += kAtOnce) {
        const auto part =
            std::span(order).subspan(done).first(std::min(kAtOnce, order.size() - done));
        const auto cycles = cycles_of([&] {
            for (const std::uint32_t i : part)
                right += policy.match({source, names[i], Port{443}}).decision == expected ? 1U : 0U;
        });
        if (cycles) sample.add({*cycles, part.size(), 0});
    }
    expect(right == order.size(), "a verdict is wrong");
    return sample.per_unit();
}

struct Options {
    std::uint32_t names = 1'000'000, repetitions = 11;
    bool json = false;
};

void measure(const Options& options, Results& results) {
    const Folder folder;
    const std::vector<std::string> names = make_names(options.names, 1);
    std::vector<std::string> others = make_names(options.names, 2);
    for (std::string& name : others) name.replace(name.size() - 7, 7, "invalid");
    const std::string file = configuration(folder, names);
    const auto first = [] { return std::make_unique<dp::Generation>(); };
    for (std::uint32_t i = 0; i < options.repetitions; ++i) {
        cfg::Model model;
        results.time("read and parse, ms", [&] { model = load(file, names.size()); });
        auto next = first();
        results.time("compile, ms", [&] {
            *next = dp::policy::compile(model, {.generation_id = 2 + std::uint64_t{i}});
        });
        const dp::policy::PolicyTable& policy = next->policy;
        results.add("bytes a name",
                    static_cast<double>(policy.memory_bytes()) / static_cast<double>(names.size()));
        results.add("look-up of an allowed name, cycles",
                    lookup(policy, names, dp::policy::Decision::Allow));
        results.add("look-up of another name, cycles",
                    lookup(policy, others, dp::policy::Decision::Deny));
        dp::PublishedGeneration published(first(), 1);
        published.join(0);
        results.time("publish, ms", [&] {
            published.publish(std::move(next));
            published.quiescent(0);
            published.reclaim();
        });
        published.publish(first());
        published.quiescent(0);
        results.time("release of the old one, ms", [&] { published.reclaim(); });
        expect(published.retired_count() == 0, "the old policy was not released");
        published.leave(0);
    }
}

bool read_options(std::span<char* const> arguments, Options& out) {
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
        const std::string_view key = arguments[i];
        if (key == "--names")
            out.names = static_cast<std::uint32_t>(std::atoi(arguments[i + 1]));
        else if (key == "--repetitions")
            out.repetitions = static_cast<std::uint32_t>(std::atoi(arguments[i + 1]));
        else if (key == "-o")
            out.json = std::string_view(arguments[i + 1]) == "json";
        else
            return false;
    }
    return arguments.size() % 2 == 0 && out.names > 0 && out.repetitions > 0;
}

int run(const Options& options) {
    Results results;
    try {
        measure(options, results);
    } catch (const WrongResult& wrong) {
        std::fprintf(stderr, "policy_scale: %s\n", wrong.what());
        return 1;
    }
    if (options.json) return std::fputs(results.as_json().c_str(), stdout) < 0 ? 1 : 0;
    std::printf("%-34s %10s %10s %10s\n",
                (std::to_string(options.names) + " names of 20 octets").c_str(), "min", "med",
                "max");
    std::fputs(results.as_table().c_str(), stdout);
    return 0;
}

}  // namespace
}  // namespace sallyport::bench

int main(int argc, char** argv) {
    sallyport::bench::Options options;
    if (!sallyport::bench::read_options({argv + 1, argv + argc}, options)) {
        std::fputs("usage: policy_scale [--names N] [--repetitions N] [-o table|json]\n", stderr);
        return 2;
    }
    return sallyport::bench::run(options);
}
