// SPDX-License-Identifier: Apache-2.0
// Any text of objects is a model or has an error; and the rules of a model mean something: names or
// networks on a port, and somewhere to go. The policy is compiled, so that its own checks count.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "dataplane/policy/compile.h"
#include "tcpstack/base/check.h"

namespace {

using namespace sallyport::cfg;

void check_upstream(const Upstream& upstream, const Rule& rule) {
    if (upstream.destination == Destination::Original)
        SP_CHECK(!upstream.networks.empty() || !rule.networks.empty());
    if (upstream.destination == Destination::Static) SP_CHECK(!upstream.endpoints.empty());
    SP_CHECK(upstream.weight > 0);
    SP_CHECK(upstream.destination != Destination::Verified);
}

void check_rule(const Rule& rule) {
    SP_CHECK(!rule.name.empty());
    SP_CHECK(!rule.protocols.empty());
    const bool by_name = std::ranges::all_of(rule.protocols, [](const ProtocolPort& p) {
        return p.protocol == Protocol::Tls || p.protocol == Protocol::Http;
    });
    SP_CHECK(by_name ? !rule.hosts.empty() : !rule.networks.empty());
    if (rule.split.empty()) check_upstream(rule.upstream, rule);
    for (const Upstream& upstream : rule.split) check_upstream(upstream, rule);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const LoadResult result = load_text(text, "fuzz.yaml");
    SP_CHECK(result.model.has_value() == (error_count(result.findings) == 0));
    (void)format_findings(result.findings);
    if (!result.model) return 0;
    for (const Rule& rule : result.model->policy.rules)
        if (rule.imported) check_rule(rule);
    (void)sallyport::dp::policy::compile(*result.model);
    return 0;
}
