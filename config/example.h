// SPDX-License-Identifier: Apache-2.0
// config/example.yaml, as it was when this was built.
#pragma once
#include <string_view>

namespace sallyport::cfg {

std::string_view example();

}  // namespace sallyport::cfg
