// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/fragments.h"

#include <algorithm>

namespace sallyport::replay {

void Fragments::make_room(Time now) {
    lost_ += std::erase_if(open_, [&](const auto& d) {
        return now > d.second.first + kLife && !d.second.is_spoiled;
    });
    std::erase_if(open_, [&](const auto& d) { return now > d.second.first + kLife; });
    if (open_.size() < kDatagramsMax) return;
    const auto oldest = std::ranges::min_element(
        open_, {}, [](const auto& d) { return d.second.first; });
    if (!oldest->second.is_spoiled) ++lost_;
    open_.erase(oldest);
}

void Fragments::add_part(Datagram& d, const IpPacket& packet) {
    const std::uint32_t begin = packet.fragment->offset;
    const std::uint32_t end = begin + static_cast<std::uint32_t>(packet.payload.size());
    const auto next = d.parts.lower_bound(begin);
    if (next != d.parts.end() && next->first == begin &&
        std::ranges::equal(next->second, packet.payload))
        return;
    const bool meets_next = next != d.parts.end() && next->first < end;
    const bool meets_previous =
        next != d.parts.begin() &&
        std::prev(next)->first + std::prev(next)->second.size() > begin;
    const bool other_length =
        !packet.fragment->more && d.length.has_value() && *d.length != end;
    if (meets_next || meets_previous || other_length || end > kDatagramOctetsMax) {
        d.is_spoiled = true;
        d.parts.clear();
        return;
    }
    if (!packet.fragment->more) d.length = end;
    if (begin == 0) {
        d.protocol = packet.protocol;
        d.has_first = true;
    }
    d.octets += packet.payload.size();
    d.parts.emplace_hint(next, begin,
                         std::vector<std::uint8_t>(packet.payload.begin(), packet.payload.end()));
}

IpPacket Fragments::assemble(const Datagram& datagram, const IpPacket& last) {
    whole_.clear();
    for (const auto& [offset, octets] : datagram.parts)
        whole_.insert(whole_.end(), octets.begin(), octets.end());
    IpPacket out = last;
    out.fragment.reset();
    out.protocol = datagram.protocol;
    out.payload = whole_;
    out.length = static_cast<std::uint32_t>(whole_.size());
    return out;
}

std::optional<IpPacket> Fragments::add(const IpPacket& packet, Time now) {
    // What was not captured can never be made whole; IPv4 tells datagrams of protocols apart.
    if (packet.payload.size() < packet.length || packet.payload.empty()) return std::nullopt;
    const std::uint8_t protocol = packet.src.is_v4() ? packet.protocol : std::uint8_t{0};
    const Key key{packet.src.octets(), packet.dst.octets(), packet.fragment->id, protocol};
    auto at = open_.find(key);
    if (at != open_.end() && now > at->second.first + kLife) {
        if (!at->second.is_spoiled) ++lost_;
        open_.erase(at);
        at = open_.end();
    }
    if (at == open_.end()) {
        if (open_.size() >= kDatagramsMax) make_room(now);
        at = open_.try_emplace(key).first;
        at->second.first = now;
    }
    Datagram& datagram = at->second;
    if (datagram.is_spoiled) return std::nullopt;
    add_part(datagram, packet);
    if (datagram.is_spoiled) ++lost_;
    const bool is_whole = datagram.has_first && datagram.length == datagram.octets;
    if (!is_whole) return std::nullopt;
    IpPacket whole = assemble(datagram, packet);
    open_.erase(at);
    if (!whole.src.is_v4() && !skip_extensions(whole)) return std::nullopt;
    return whole;
}

void Fragments::end() {
    for (const auto& [key, datagram] : open_)
        if (!datagram.is_spoiled) ++lost_;
    open_.clear();
}

}  // namespace sallyport::replay
