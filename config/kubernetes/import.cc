// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/import.h"

namespace sallyport::cfg {

void import_objects(const std::vector<Node>& roots, Model& /*model*/, Report& report) {
    for (const Node& root : roots)
        report.add(FindingCode::NotSupportedYet, root.where, {},
                   {"objects of Kubernetes are not supported yet"});
}

}  // namespace sallyport::cfg
