// SPDX-License-Identifier: Apache-2.0
// The field table and the kinds of findings as Markdown: the reference of the configuration.
#pragma once
#include <string>

namespace sallyport::cfg {

std::string reference();

}  // namespace sallyport::cfg
