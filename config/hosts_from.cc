// SPDX-License-Identifier: Apache-2.0
#include "config/hosts_from.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "config/host_list.h"
#include "config/shown.h"

namespace sallyport::cfg {
namespace {

using List = std::shared_ptr<const NameList>;

struct Lists {
    const LoadOptions& options;
    Texts& texts;
    Report& report;
    std::map<std::string, List> read;  // null: there is a finding about the file
    std::size_t names = 0;             // in all lists
};

void say(Lists& lists, FindingCode code, const std::string& path, Said said) {
    lists.report.add(code, lists.report.where(path), path, std::move(said));
}

// nullptr, with a finding at the path of the rule, for a file that cannot be used.
List read_list(Lists& lists, const std::string& file, const std::string& path) {
    if (lists.report.file_count() >= kMaxFiles) {
        say(lists, FindingCode::TooManyDocuments, path,
            {"more than " + std::to_string(kMaxFiles) + " files"});
        return nullptr;
    }
    auto text = read_input(lists.options.texts, file, kMaxHostFileBytes);
    if (!text) {
        say(lists, FindingCode::Unreadable, path,
            {shown(file) + ": " + text.error().message, text.error().remedy});
        return nullptr;
    }
    const SourceText& source = lists.report.open({}, file);
    if (text->size() > kMaxHostFileBytes) {
        lists.report.add(FindingCode::TooLarge, source.whole(), {},
                         {"the file has more than 256 MiB"});
        return nullptr;
    }
    const std::size_t errors = lists.report.error_count();
    auto list = std::make_shared<const NameList>(
        read_host_list(*text, source.file(), kMaxListedNames - lists.names, lists.report));
    lists.names += list->size();
    if (list->size() == 0 && lists.report.error_count() == errors)
        lists.report.add(FindingCode::EmptyList, source.whole(), {},
                         {"the file holds no name", "write one name a line"});
    if (lists.options.keep_texts) lists.texts.emplace(file, std::move(*text));
    return list;
}

}  // namespace

void read_hosts_from(Model& model, const LoadOptions& options, Texts& texts, Report& report) {
    Lists lists{.options = options, .texts = texts, .report = report, .read = {}};
    const std::vector<std::string> names = report.file_names();
    for (std::size_t i = 0; i < model.policy.rules.size(); ++i) {
        Rule& rule = model.policy.rules[i];
        const std::string path = item_path("policy.rules", i) + ".hosts_from";
        if (rule.hosts_from.empty() || !report.is_clean(path)) continue;
        const std::string file = beside(names[rule.mark.file], rule.hosts_from);
        auto found = lists.read.find(file);
        if (found == lists.read.end())
            found = lists.read.emplace(file, read_list(lists, file, path)).first;
        rule.listed = found->second;
    }
}

}  // namespace sallyport::cfg
