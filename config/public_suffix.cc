// SPDX-License-Identifier: Apache-2.0
#include "config/public_suffix.h"

#include <libpsl.h>

#include <string>

namespace sallyport::cfg {

bool is_public_suffix(std::string_view name) {
    const psl_ctx_t* list = psl_builtin();
    return list != nullptr && psl_is_public_suffix(list, std::string(name).c_str()) != 0;
}

}  // namespace sallyport::cfg
