// SPDX-License-Identifier: Apache-2.0
#include "dataplane/cut_to_mtu.h"

#include <algorithm>
#include <cstring>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/ipv4.h"

namespace sallyport::dp {
namespace {

struct Cut {
    std::uint16_t begin = 0, length = 0;  // of the packet's payload
    bool last = false;
};

wire::Ipv4Header& header_of(const Frame& frame, std::uint16_t l3) {
    return *reinterpret_cast<wire::Ipv4Header*>(frame.data + l3);
}

// `whole`: the header as it was.
void finish(Frame& piece, std::uint16_t l3, const wire::Ipv4Header& whole, const Cut& cut) {
    const std::uint16_t field = whole.flags_fragment.host();
    const auto offset = (field & wire::kIpv4OffsetMask) + cut.begin / 8;
    const bool more = !cut.last || (field & wire::kIpv4MoreFragments) != 0;
    wire::Ipv4Header& ip = header_of(piece, l3);
    ip.flags_fragment.set(static_cast<std::uint16_t>(offset | (more ? wire::kIpv4MoreFragments : 0)));
    ip.total_length.set(static_cast<std::uint16_t>(sizeof ip + cut.length));
    wire::set_checksum(ip);
    piece.length = static_cast<std::uint16_t>(l3 + sizeof ip + cut.length);
}

bool take_pieces(const Frame& frame, std::size_t count, std::size_t octets, Outbox& outbox, Cuts& out) {
    out.clear();
    (void)out.push_back(frame);
    while (out.size() < count) {
        Frame piece;
        const bool taken = outbox.take_empty(piece);
        if (taken && piece.capacity >= octets) {
            piece.port = frame.port;
            (void)out.push_back(piece);
            continue;
        }
        if (taken) outbox.free(piece);
        for (std::size_t i = 1; i < out.size(); ++i) outbox.free(out[i]);
        return false;
    }
    return true;
}

}  // namespace

bool cut_to_mtu(const Frame& frame, std::uint16_t l3, std::uint16_t mtu, Outbox& outbox, Cuts& out) {
    SP_ASSERT(mtu >= 68);
    const wire::Ipv4Header whole = header_of(frame, l3);
    const auto payload = static_cast<std::uint16_t>(whole.total_length.host() - sizeof whole);
    const auto step = static_cast<std::uint16_t>((mtu - sizeof whole) / 8 * 8);
    const std::size_t count = (payload + step - 1U) / step;
    const std::size_t head = l3 + sizeof whole;
    if (count > kCutsMax || !take_pieces(frame, count, head + step, outbox, out)) return false;
    for (std::size_t i = count; i-- > 0;) {  // the first last, because it holds the others' octets
        Cut cut{.begin = static_cast<std::uint16_t>(i * step), .last = i + 1 == count};
        cut.length = std::min<std::uint16_t>(step, static_cast<std::uint16_t>(payload - cut.begin));
        if (i > 0) {
            std::memcpy(out[i].data, frame.data, head);
            std::memcpy(out[i].data + head, frame.data + head + cut.begin, cut.length);
        }
        finish(out[i], l3, whole, cut);
    }
    return true;
}

}  // namespace sallyport::dp
