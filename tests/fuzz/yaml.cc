// SPDX-License-Identifier: Apache-2.0
// Any text is a model or has an error; and what is a model dumps to the same model. Behind the
// first NUL, if there is one, stands the file that hosts_from finds as "n".
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/dump.h"
#include "config/load.h"
#include "tcpstack/base/check.h"

namespace {

using namespace sallyport::cfg;

LoadResult load_texts(std::string_view text, std::string_view names) {
    const Texts texts{{"x", std::string(text)}, {"n", std::string(names)}};
    return load_file("x", {.texts = &texts});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t nul = input.find('\0');
    const std::string_view names = nul == input.npos ? input.substr(size) : input.substr(nul + 1);
    const LoadResult first = load_texts(input.substr(0, nul), names);
    SP_CHECK(first.model.has_value() == (error_count(first.findings) == 0));
    (void)format_findings(first.findings);
    if (!first.model) return 0;
    (void)dump_effective(*first.model);
    if (!first.model->has_native) return 0;
    const LoadResult second = load_texts(dump(*first.model), names);
    SP_CHECK(second.model.has_value());
    SP_CHECK(dump(*first.model) == dump(*second.model));
    return 0;
}
