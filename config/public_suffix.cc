// SPDX-License-Identifier: Apache-2.0
#include "config/public_suffix.h"

#include <libpsl.h>

#include <string>

namespace sallyport::cfg {

bool is_public_suffix(std::string_view name) {
    const psl_ctx_t* list = psl_builtin();
    return list != nullptr && psl_is_public_suffix(list, std::string(name).c_str()) != 0;
}

std::optional<WidePattern> wide_pattern(const HostPattern& host) {
    if (!host.wildcard) return std::nullopt;
    if (host.name.find('.') == std::string::npos)
        return WidePattern{FindingCode::WholeTopLevel,
                           "'*." + host.name + "' covers a whole top-level domain"};
    if (!is_public_suffix(host.name)) return std::nullopt;
    return WidePattern{FindingCode::PublicSuffix,
                       '\'' + host.name + "' is a public suffix: this covers everybody's names "
                       "below it"};
}

}  // namespace sallyport::cfg
