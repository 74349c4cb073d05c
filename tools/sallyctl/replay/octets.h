// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

namespace sallyport::replay {

using Octets = std::span<const std::uint8_t>;

}  // namespace sallyport::replay
