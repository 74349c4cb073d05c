// SPDX-License-Identifier: Apache-2.0
#include "control/registrable.h"

#include <libpsl.h>

#include <string>

namespace sallyport::ctl {

// The list that the library was built with: a name is judged alike on every machine.
std::string_view registrable_domain(std::string_view name) {
    const std::string text(name);
    const char* found = psl_registrable_domain(psl_builtin(), text.c_str());
    if (found == nullptr) return {};
    return name.substr(static_cast<std::size_t>(found - text.c_str()));
}

}  // namespace sallyport::ctl
