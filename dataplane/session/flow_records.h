// SPDX-License-Identifier: Apache-2.0
// All flow records of a worker, with the second lines that IPv6 needs; a record and its second line
// have the same number. The second lines are not touched before the first flow of IPv6.
#pragma once
#include <span>

#include "dataplane/session/flow_record.h"

namespace sallyport::dp {

class FlowRecords {
   public:
    // Both as long as each other; they outlive this.
    FlowRecords(std::span<FlowRecord> records, std::span<FlowAddresses6> addresses)
        : records_(records), addresses_(addresses) {}

    FlowRecord& operator[](std::uint32_t record) const { return records_[record]; }
    FlowLines lines(std::uint32_t record) const { return {records_[record], addresses_[record]}; }

    // For code that is not hot: of either family.
    FourTuple key(std::uint32_t record) const {
        const FlowRecord& r = records_[record];
        return r.key_v6 ? tuple(addresses_[record].key, r.key) : four_tuple(r.key);
    }
    FourTuple rewrite(std::uint32_t record) const {
        const FlowRecord& r = records_[record];
        return r.rewrite_v6 ? tuple(addresses_[record].rewrite, r.rewrite) : four_tuple(r.rewrite);
    }
    void set_key(std::uint32_t record, const FourTuple& to) const {
        FlowRecord& r = records_[record];
        r.key = flow_key4(to);
        r.key_v6 = !to.src.is_v4();
        if (r.key_v6) addresses_[record].key = {to.src.v6(), to.dst.v6()};
    }
    void set_rewrite(std::uint32_t record, const FourTuple& to) const {
        FlowRecord& r = records_[record];
        r.rewrite = flow_key4(to);
        r.rewrite_v6 = !to.src.is_v4();
        if (r.rewrite_v6) addresses_[record].rewrite = {to.src.v6(), to.dst.v6()};
    }

    // Whether a record of the key's family has it.
    bool has_key(std::uint32_t record, const FlowKey4& key) const {
        return records_[record].key == key;
    }
    bool has_key(std::uint32_t record, const FlowKey6& key) const {
        const FlowKey4& ports = records_[record].key;
        const Addresses6& ours = addresses_[record].key;
        return ports.src_port == key.src_port && ports.dst_port == key.dst_port &&
               ours.src == key.src && ours.dst == key.dst;
    }

   private:
    static FourTuple tuple(const Addresses6& a, const FlowKey4& ports) {
        return {a.src, a.dst, Port{ports.src_port}, Port{ports.dst_port}};
    }
    std::span<FlowRecord> records_;
    std::span<FlowAddresses6> addresses_;
};

}  // namespace sallyport::dp
