// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace sallyport::ctl {

// The part of a normalised name that somebody registered below a public suffix: example.co.uk of
// www.example.co.uk. Empty: the name is itself a public suffix. A part of `name`.
std::string_view registrable_domain(std::string_view name);

}  // namespace sallyport::ctl
