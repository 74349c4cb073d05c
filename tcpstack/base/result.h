// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <expected>

namespace sallyport {

// A value or the reason why there is none. Data-path code tests it and never calls the throwing
// value().
template <class T, class E>
using Result = std::expected<T, E>;

}  // namespace sallyport
