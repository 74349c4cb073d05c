// SPDX-License-Identifier: Apache-2.0
// The vocabulary of reasons, so that a line of the log can be understood without the source.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "dataplane/reason.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/text_table.h"

namespace sallyport::ctl {
namespace {

constexpr Output kOutputs[] = {Output::AsTable, Output::AsJson};
constexpr Column kColumns[] = {{"REASON"}, {"HELP"}};

std::vector<dp::ReasonInfo> chosen(const std::vector<std::string>& wanted) {
    std::vector<dp::ReasonInfo> out;
    std::copy_if(dp::kReasons.begin() + 1, dp::kReasons.end(), std::back_inserter(out),
                 [&](const dp::ReasonInfo& r) {
                     return wanted.empty() || std::ranges::find(wanted, r.text) != wanted.end();
                 });
    return out;
}

int run(const Invocation& given, Streams& streams) {
    const auto reasons = chosen(given.arguments);
    std::vector<Row> rows;
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const dp::ReasonInfo& r : reasons) {
        rows.push_back({std::string(r.text), std::string(r.help)});
        list.push_back({{"reason", r.text}, {"help", r.help}});
    }
    if (reasons.size() < given.arguments.size()) {
        print_problem({"unknown_reason", "one of these is no reason that the gate gives",
                       "sallyctl reasons lists them all"},
                      given.output, streams.err);
        return kExitNo;
    }
    if (given.output == Output::AsJson)
        streams.out << nlohmann::ordered_json{{"reasons", list}}.dump(2) << '\n';
    else
        streams.out << to_text(kColumns, rows);
    return kExitOk;
}

}  // namespace

namespace command {
const Command reasons{
    .words = "reasons",
    .arguments = "[REASON...]",
    .help = "What the reasons in log, counters and answers mean.",
    .details = "",
    .outputs = kOutputs,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl
