// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <vector>

#include "dataplane/policy/policy_table_impl.h"

namespace sallyport::dp::policy {
namespace {

template <class T>
std::size_t octets_of(const std::vector<T>& list) {
    return list.capacity() * sizeof(T);
}

std::size_t octets_of(const Upstream& upstream) {
    return octets_of(upstream.endpoints) + octets_of(upstream.networks) +
           upstream.resolve.capacity();
}

std::size_t octets_of_terms(const std::vector<Terms>& list) {
    std::size_t octets = octets_of(list);
    for (const Terms& terms : list) {
        octets += octets_of(terms.upstreams);
        for (const Upstream& upstream : terms.upstreams) octets += octets_of(upstream);
    }
    return octets;
}

}  // namespace

std::size_t PolicyTable::pattern_count() const {
    return impl_ ? impl_->names.patterns : 0;
}

std::size_t PolicyTable::memory_bytes() const {
    if (!impl_) return 0;
    const NameIndex& names = impl_->names;
    const FlowIndex& flows = impl_->flows;
    return sizeof *impl_ + octets_of(impl_->ranges) + octets_of(impl_->services) +
           octets_of_terms(impl_->terms) + octets_of(impl_->known) + octets_of(impl_->rules) +
           octets_of(impl_->ports) + octets_of(names.records) + octets_of(names.slots) +
           octets_of(names.lists) + octets_of(names.rule_numbers) + octets_of(flows.services) +
           octets_of(flows.intervals) + octets_of(flows.rule_numbers);
}

}  // namespace sallyport::dp::policy
