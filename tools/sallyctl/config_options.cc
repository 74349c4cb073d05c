// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/config_options.h"

#include <string>

#include "config/time_text.h"

namespace sallyport::ctl {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

void add_config_options(po::options_description& out) {
    auto add = out.add_options();
    add("config,c", po::value<Words>()->composing()->value_name("FILE"),
        "the configuration; may be given several times");
    add("answers", po::value<std::string>()->value_name("FILE"),
        "addresses of names, in place of a resolver: lines of NAME ADDRESS... or of ADDRESS "
        "NAME... as in a hosts file");
    add("at", po::value<std::string>()->value_name("TIME"),
        "judge as at that time (2026-11-25T08:00:00Z), for rules with a schedule or an end; default: "
        "now");
}

Result<OfflinePolicy, int> offline_policy(const Invocation& given, Streams& streams) {
    auto at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (given.has("at")) {
        const auto wanted = cfg::parse_moment(given.get<std::string>("at"));
        if (!wanted) {
            print_problem({"bad_time", "--at is no time", "write it as 2026-11-25T08:00:00Z"},
                          given.output, streams.err);
            return std::unexpected(kExitUsage);
        }
        at = *wanted;
    }
    auto model = load_model(given.get<Words>("config"), streams.err);
    if (!model) return std::unexpected(kExitInvalid);
    return OfflinePolicy(std::move(*model), at);
}

Result<std::optional<Answers>, int> offline_answers(const Invocation& given, Streams& streams) {
    if (!given.has("answers")) return std::optional<Answers>();
    auto answers = Answers::read_file(given.get<std::string>("answers"));
    if (answers) return std::optional(std::move(*answers));
    for (const std::string& error : answers.error())
        print_problem({"bad_answers", error, ""}, given.output, streams.err);
    return std::unexpected(kExitInvalid);
}

}  // namespace sallyport::ctl
