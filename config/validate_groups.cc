// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <unordered_map>

#include "config/shown.h"
#include "config/validate.h"

namespace sallyport::cfg {

void validate_groups(const Model& model, Report& report) {
    std::unordered_map<std::string, std::string> names;
    for (std::size_t i = 0; i < model.groups.size(); ++i) {
        const std::string path = item_path("groups", i) + ".name";
        const std::string& name = model.groups[i].name;
        if (name.empty()) continue;
        const auto [first, fresh] = names.try_emplace(name, path);
        if (!fresh)
            report.add(FindingCode::DuplicateName, report.where(path), path,
                       {"another group is named " + shown(name) + " (line " +
                        std::to_string(report.where(first->second).mark.line) + ')'});
    }
}

}  // namespace sallyport::cfg
