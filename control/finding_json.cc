// SPDX-License-Identifier: Apache-2.0
#include "control/finding_json.h"

#include <string>

namespace sallyport::ctl {

using Json = nlohmann::ordered_json;

Json finding_json(const cfg::Finding& f) {
    return Json{{"severity", f.severity == cfg::Severity::Error ? "error" : "warning"},
                {"code", f.code},
                {"file", f.file},
                {"line", f.mark.line},
                {"column", f.mark.column},
                {"end_column", f.end_column},
                {"path", f.path},
                {"message", f.message},
                {"hint", f.hint},
                {"excerpt", f.excerpt},
                {"excerpt_column", f.excerpt_column}};
}

Json findings_json(std::span<const cfg::Finding> findings) {
    Json list = Json::array();
    for (const cfg::Finding& finding : findings) list.push_back(finding_json(finding));
    return list;
}

std::vector<cfg::Finding> findings_of(const Json& list) {
    std::vector<cfg::Finding> out;
    for (const Json& item : list) {
        if (!item.is_object()) continue;
        cfg::Finding f;
        f.severity =
            item.value("severity", "") == "warning" ? cfg::Severity::Warning : cfg::Severity::Error;
        // A code of another version has no place in our list; it is told in front of the message.
        const std::string code = item.value("code", "");
        const cfg::FindingKind* kind = cfg::find_finding_kind(code);
        if (kind != nullptr) f.code = kind->code;
        f.file = item.value("file", "");
        f.mark = {item.value("line", 0), item.value("column", 0), 0};
        f.end_column = item.value("end_column", 0);
        f.path = item.value("path", "");
        f.message = (kind == nullptr ? code + ": " : "") + item.value("message", "");
        f.hint = item.value("hint", "");
        f.excerpt = item.value("excerpt", "");
        f.excerpt_column = item.value("excerpt_column", 1);
        out.push_back(std::move(f));
    }
    return out;
}

}  // namespace sallyport::ctl
