// SPDX-License-Identifier: Apache-2.0
// A model as text: canonical YAML with every default written out, in the order of the field table.
// Loading it gives the same model.
#pragma once
#include <string>

#include "config/model.h"

namespace sallyport::cfg {

std::string dump(const Model& model);

}  // namespace sallyport::cfg
