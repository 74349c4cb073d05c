// SPDX-License-Identifier: Apache-2.0
// The field table as JSON Schema (2020-12), for editors and other tools. It knows each value by
// itself; what takes more than one key is checked by reading the file (load.h) alone.
#pragma once
#include <string>

namespace sallyport::cfg {

std::string json_schema();

}  // namespace sallyport::cfg
