// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/sessions.h"

#include <algorithm>
#include <string_view>

#include "tcpstack/base/byte_reader.h"

namespace sallyport::replay {

using dp::policy::FlowProtocol;

// A connection whose SYN has not been seen keeps what came of it: the SYN may stand behind it in the
// capture.
struct ParkedSegment {
    FourTuple sender;
    TcpSegment segment;
    std::vector<std::uint8_t> payload;
};

struct Sessions::Entry {
    Record record;
    FourTuple key;
    Index* index = nullptr;
    std::unique_ptr<TcpSession> session;
    std::vector<ParkedSegment> parked;
    std::size_t parked_octets = 0;
    std::size_t held = 0;  // as counted in Sessions::held_
    bool is_final = false;
};

namespace {

// Of one connection.
constexpr std::size_t kParkedSegmentsMax = 16 * 1024, kParkedOctetsMax = 256 * 1024;

std::size_t octets_of(const std::vector<ParkedSegment>& parked) {
    std::size_t octets = parked.size() * sizeof(ParkedSegment);
    for (const ParkedSegment& p : parked) octets += p.payload.size();
    return octets;
}

// Forgets the half of each direction that stands last in it: what decides stands first. Of equal
// numbers the first copy stays before the others.
void halve(std::vector<ParkedSegment>& parked) {
    const FourTuple one_way = parked.front().sender;
    std::vector<std::size_t> ways[2];
    for (std::size_t i = 0; i < parked.size(); ++i)
        ways[parked[i].sender == one_way ? 0 : 1].push_back(i);
    std::vector<ParkedSegment> kept;
    for (std::vector<std::size_t>& way : ways) {
        if (way.empty()) continue;
        const std::uint32_t origin = parked[way.front()].segment.sequence;
        std::ranges::sort(way, {}, [&](std::size_t i) {
            return std::pair(static_cast<std::int32_t>(parked[i].segment.sequence - origin), i);
        });
        for (std::size_t i = 0; i < (way.size() + 1) / 2; ++i)
            kept.push_back(std::move(parked[way[i]]));
    }
    parked = std::move(kept);
}

// The same for both directions.
FourTuple key_of(const FourTuple& t) {
    const auto before = [](const FourTuple& a, const FourTuple& b) {
        return std::tie(a.src.octets(), a.src_port.number) <
               std::tie(b.src.octets(), b.src_port.number);
    };
    const FourTuple back = t.reversed();
    return before(back, t) ? back : t;
}

// Nobody saw who began: services have the lower port.
FourTuple guess_client(const FourTuple& sender) {
    return sender.src_port < sender.dst_port ? sender.reversed() : sender;
}

}  // namespace

std::size_t Sessions::KeyHash::operator()(const FourTuple& key) const {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(&key), sizeof key));
}

Sessions::Sessions(const Judge& judge, Emit emit, Bounds bounds)
    : judge_(judge), emit_(std::move(emit)), bounds_(bounds) {}
Sessions::~Sessions() = default;

auto Sessions::open(Index& index, const FourTuple& key, const Packet& packet,
                    const FourTuple& client) -> Entry& {
    Entry& entry = open_.emplace_back();
    entry.key = key;
    entry.index = &index;
    entry.record.first_packet = totals_.packets;
    entry.record.start = packet.time;
    entry.record.client = client;
    entry.record.ip_protocol = packet.ip.protocol;
    index[key] = std::prev(open_.end());
    ++totals_.sessions;
    return entry;
}

void Sessions::finish(Entry& entry) {
    if (entry.is_final) return;
    if (entry.session)
        entry.session->end();
    else if (entry.record.transport == Transport::Tcp)
        entry.record.judgement = {.reason = Reason::NoSession};
    entry.is_final = true;
    entry.session.reset();
    entry.parked = {};
    entry.parked_octets = 0;
    count_held(entry);
}

void Sessions::evict(Entry& entry) {
    if (entry.is_final) return;
    entry.record.was_evicted = true;
    ++totals_.evicted;
    finish(entry);
}

void Sessions::count_held(Entry& entry) {
    const std::size_t now =
        entry.parked_octets + (entry.session ? entry.session->held() : std::size_t{0});
    held_ += now - entry.held;
    entry.held = now;
}

void Sessions::emit_final() {
    while (!open_.empty() && open_.front().is_final) {
        Entry& front = open_.front();
        emit_(front.record);
        // What is remembered keeps later packets of the session from opening another one.
        front.record.requests = {};
        over_.splice(over_.end(), open_, open_.begin());
    }
    while (over_.size() > bounds_.over) {
        const Entry& oldest = over_.front();
        const auto at = oldest.index->find(oldest.key);
        if (at != oldest.index->end() && at->second == over_.begin()) oldest.index->erase(at);
        over_.pop_front();
    }
}

void Sessions::keep_bounds() {
    if (open_.size() > bounds_.open) evict(open_.front());
    if (held_ > bounds_.octets) {
        for (Entry& entry : open_) {
            if (held_ <= bounds_.octets / 4 * 3) break;
            if (entry.held > 0) evict(entry);
        }
    }
    emit_final();
}

void Sessions::park(Entry& entry, const FourTuple& sender, const TcpSegment& segment) {
    if (segment.payload.empty() && !segment.fin && !segment.rst) return;
    auto& parked = entry.parked;
    parked.push_back({sender, segment, {segment.payload.begin(), segment.payload.end()}});
    parked.back().segment.payload = {};
    entry.parked_octets += segment.payload.size() + sizeof(ParkedSegment);
    if (parked.size() <= kParkedSegmentsMax &&
        entry.parked_octets <= kParkedOctetsMax + kParkedSegmentsMax * sizeof(ParkedSegment))
        return;
    halve(parked);
    entry.parked_octets = octets_of(parked);
}

void Sessions::start(Entry& entry, const FourTuple& client, std::uint32_t syn) {
    entry.record.client = client;
    entry.session = std::make_unique<TcpSession>(judge_, entry.record, syn);
    const std::vector<ParkedSegment> parked = std::move(entry.parked);
    entry.parked.clear();
    entry.parked_octets = 0;
    for (const ParkedSegment& p : parked) {
        TcpSegment segment = p.segment;
        segment.payload = p.payload;
        feed(entry, p.sender, segment);
    }
}

void Sessions::feed(Entry& entry, const FourTuple& sender, const TcpSegment& segment) {
    if (entry.is_final) return;
    if (!entry.session)
        park(entry, sender, segment);
    else if (sender == entry.record.client)
        entry.session->from_client(segment);
    else
        entry.session->from_server(segment);
    if (entry.session && entry.session->is_final()) finish(entry);
    count_held(entry);
}

namespace {

// Whether a SYN opens the connection that these segments are of: it stands shortly before them.
bool opens(const std::vector<ParkedSegment>& parked, const FourTuple& client, std::uint32_t syn) {
    return std::ranges::all_of(parked, [&](const ParkedSegment& p) {
        const bool from_client = p.sender == client;
        return !from_client || p.segment.sequence - (syn + 1) <= ByteStream::kAheadMax;
    });
}

}  // namespace

void Sessions::on_tcp(const Packet& packet) {
    const auto segment = parse_tcp(packet.ip);
    if (!segment) {
        ++totals_.unreadable;
        return;
    }
    const FourTuple sender{packet.ip.src, packet.ip.dst, Port{segment->src_port},
                           Port{segment->dst_port}};
    const FourTuple key = key_of(sender);
    const bool starts = segment->syn;
    const FourTuple client = !starts ? guess_client(sender)
                             : segment->ack ? sender.reversed()
                                            : sender;
    const std::uint32_t syn = segment->ack ? segment->acknowledgement - 1 : segment->sequence;

    const auto known = tcp_.find(key);
    Entry* entry = known == tcp_.end() ? nullptr : &*known->second;
    if (starts && entry != nullptr) {
        const bool same =
            entry->session ? entry->session->syn() == syn && entry->record.client == client
            : entry->is_final ? entry->record.client == client && entry->record.syn == syn
                              : opens(entry->parked, client, syn);
        if (!same) {
            finish(*entry);
            entry = nullptr;
        }
    }
    if (entry == nullptr) entry = &open(tcp_, key, packet, client);
    if (starts && !entry->session && !entry->is_final) {
        entry->record.syn = syn;
        start(*entry, client, syn);
    }
    feed(*entry, sender, *segment);
}

void Sessions::add_flow(const Packet& packet, Transport transport, const FourTuple& key,
                        const FourTuple& client) {
    Index& index = flows_[packet.ip.protocol];
    if (index.contains(key)) return;
    Entry& entry = open(index, key, packet, client);
    entry.record.transport = transport;
    switch (transport) {
        case Transport::Udp:
            entry.record.judgement = judge_.flow(client, FlowProtocol::Udp);
            break;
        case Transport::Icmp:
            entry.record.judgement = judge_.flow(client, FlowProtocol::Icmp);
            break;
        case Transport::Tcp:
        case Transport::Other:
            entry.record.judgement = {.reason = Reason::UnsupportedProtocol};
            break;
    }
    finish(entry);
}

void Sessions::on_udp(const Packet& packet) {
    ByteReader reader(packet.ip.payload);
    const Port source{reader.u16()}, destination{reader.u16()};
    reader.skip(4);
    if (!reader.ok()) {
        ++totals_.unreadable;
        return;
    }
    const FourTuple sender{packet.ip.src, packet.ip.dst, source, destination};
    // The answer to a question that the capture does not have comes from a service's port.
    constexpr Port kFirstUserPort{1024};
    const bool is_answer = source < kFirstUserPort && destination >= kFirstUserPort;
    add_flow(packet, Transport::Udp, key_of(sender), is_answer ? sender.reversed() : sender);
}

void Sessions::on_icmp(const Packet& packet) {
    ByteReader reader(packet.ip.payload);
    const bool is_v4 = packet.ip.protocol == static_cast<std::uint8_t>(IpProtocol::Icmp);
    const std::uint8_t type = reader.u8();
    reader.skip(3);
    const Port id{reader.u16()};
    const bool is_request = type == (is_v4 ? 8 : 128), is_reply = type == (is_v4 ? 0 : 129);
    if (!reader.ok() || (!is_request && !is_reply)) {
        ++(reader.ok() ? totals_.related : totals_.unreadable);
        return;
    }
    const FourTuple sender{packet.ip.src, packet.ip.dst, id, id};
    FourTuple client = is_request ? sender : sender.reversed();
    client.src_port = client.dst_port = Port{};
    add_flow(packet, Transport::Icmp, key_of(sender), client);
}

void Sessions::on_other(const Packet& packet) {
    const FourTuple sender{packet.ip.src, packet.ip.dst, Port{}, Port{}};
    add_flow(packet, Transport::Other, key_of(sender), sender);
}

void Sessions::on_ip(const Packet& packet) {
    switch (static_cast<IpProtocol>(packet.ip.protocol)) {
        case IpProtocol::Tcp: return on_tcp(packet);
        case IpProtocol::Udp: return on_udp(packet);
        case IpProtocol::Icmp:
        case IpProtocol::Icmpv6: return on_icmp(packet);
    }
    on_other(packet);
}

void Sessions::add(LinkType link, Octets frame, Time time) {
    ++totals_.packets;
    const Octets octets = ip_packet_in(link, frame);
    if (octets.empty()) {
        ++totals_.not_ip;
        return;
    }
    std::optional<IpPacket> ip = parse_ip(octets);
    if (!ip) {
        ++totals_.unreadable;
        return;
    }
    if (ip->fragment) ip = fragments_.add(*ip, time);
    if (ip) on_ip({*ip, time});
    keep_bounds();
}

void Sessions::end() {
    for (Entry& entry : open_) finish(entry);
    emit_final();
    fragments_.end();
    totals_.fragments_lost = fragments_.lost();
}

}  // namespace sallyport::replay
