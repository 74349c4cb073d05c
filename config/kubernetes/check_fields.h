// SPDX-License-Identifier: Apache-2.0
// The walk over an object along the table of its kind.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/kubernetes/object.h"
#include "config/kubernetes/object_field.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg::kubernetes {

// Unknown keys and values of another shape are findings at once; what the table warns of or
// refuses is an objection. Afterwards every value of an honoured row has its shape, or a finding.
void check_fields(const Node& map, std::span<const ObjectField> fields, const std::string& path,
                  Report& report, std::vector<Objection>& objections);

}  // namespace sallyport::cfg::kubernetes
