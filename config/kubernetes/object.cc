// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/object.h"

namespace sallyport::cfg::kubernetes {
namespace {

bool is_at_or_below(const std::string& path, const std::string& above) {
    if (!path.starts_with(above)) return false;
    return path.size() == above.size() || path[above.size()] == '.' || path[above.size()] == '[';
}

}  // namespace

void raise_objections(Object& object, const std::string& path, Report& report,
                      const std::string& except) {
    for (Objection& objection : object.objections) {
        if (objection.raised || !is_at_or_below(objection.path, path)) continue;
        if (!except.empty() && is_at_or_below(objection.path, except)) continue;
        objection.raised = true;
        report.add(objection.code, objection.where, objection.path, objection.said);
    }
}

}  // namespace sallyport::cfg::kubernetes
