// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace sallyport::ctl {

// The version of this build, as in meson.build: "0.1.0".
std::string_view version();

// The number of the control API. It grows when a key or a route goes away; new ones do not change
// it.
inline constexpr int kApiVersion = 1;

}  // namespace sallyport::ctl
