// SPDX-License-Identifier: Apache-2.0
// Any text is a model or has an error; and what is a model dumps to the same model.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/dump.h"
#include "config/load.h"
#include "tcpstack/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::cfg;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const LoadResult first = load_text(text, "fuzz.yaml");
    SP_CHECK(first.model.has_value() == (error_count(first.findings) == 0));
    (void)format_findings(first.findings);
    if (!first.model) return 0;
    const LoadResult second = load_text(dump(*first.model), "dump.yaml");
    SP_CHECK(second.model.has_value());
    SP_CHECK(dump(*first.model) == dump(*second.model));
    return 0;
}
