// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/crowd.h"

namespace sallyport::bench {

Crowd::Crowd(Rig& rig, std::uint32_t size, bool timestamps, std::uint16_t port)
    : rig_(rig), size_(size), port_(port), timestamps_(timestamps), clients_(size), servers_(size) {
    SP_CHECK(size > 0 && size <= dp::kBurstMax && (size & (size - 1)) == 0);
    serial_ = 0U - size;
    renew();
}

void Crowd::renew() {
    serial_ += size_;
    for (std::uint32_t i = 0; i < size_; ++i) {
        clients_[i] = Endpoint(client_station(serial(i)), serial(i) * 0x9e3779b1U, timestamps_);
        servers_[i] = Endpoint(server_station(i, port_), serial(i) * 0x85ebca77U, timestamps_);
        clients_[i].set_peer(server_station(i).address, port_);
    }
}

void Crowd::client_sends(std::uint32_t i, std::uint8_t flags, std::span<const std::uint8_t> payload,
                         bool with_sack_block) {
    rig_.arrive(dp::kInsidePort, clients_[i].frame(flags, payload, with_sack_block));
}

void Crowd::server_sends(std::uint32_t i, std::uint8_t flags, std::span<const std::uint8_t> payload,
                         bool with_sack_block) {
    expect(servers_[i].has_peer(), "a server was never asked");
    rig_.arrive(dp::kOutsidePort, servers_[i].frame(flags, payload, with_sack_block));
}

void Crowd::all_clients_send(std::uint8_t flags, std::span<const std::uint8_t> payload) {
    for (std::uint32_t i = 0; i < size_; ++i) client_sends(i, flags, payload);
}

void Crowd::all_servers_send(std::uint8_t flags, std::span<const std::uint8_t> payload) {
    for (std::uint32_t i = 0; i < size_; ++i) server_sends(i, flags, payload);
}

void Crowd::exchange(Sample& sample) {
    do {
        again_ = false;
        if (const auto cycles = cycles_of([&] { rig_.turn(); }))
            sample.cycles += *cycles;
        else
            ++sample.discarded;
        Octets frame;
        for (dp::PortIndex port = 0; port < dp::kPortsMax; ++port)
            while (rig_.departed(port, frame)) deliver(port, frame);
    } while (again_);
}

void Crowd::deliver(dp::PortIndex port, const Octets& frame) {
    wire::PacketView packet;
    Octets octets = frame;
    const wire::ParseError error = wire::parse(octets, packet);
    expect(error == wire::ParseError::None, "the gate sent a frame that is not well formed");
    if (packet.kind() == wire::PacketKind::Arp) return answer_arp(port, packet.arp());
    expect(packet.kind() == wire::PacketKind::Tcp, "the gate sent a packet that is not TCP");
    if (port == dp::kOutsidePort) ++outside_frames_;
    Endpoint& endpoint = receiver(port, packet);
    expect(endpoint.receive(packet), "the gate sent a segment that does not fit");
    if (port == dp::kInsidePort && clients_acknowledge_) acknowledge(endpoint);
}

void Crowd::acknowledge(Endpoint& client) {
    if (client.unacknowledged() < 2) return;
    rig_.arrive(dp::kInsidePort, client.frame(wire::kAck));
    again_ = true;
}

// Its router answers for every station.
void Crowd::answer_arp(dp::PortIndex port, const wire::ArpPacket& request) {
    if (request.operation.host() != wire::kArpRequest) return;
    const Station router = port == dp::kInsidePort ? client_station(0) : server_station(0);
    Octets reply(wire::kArpFrameLength);
    wire::emit_arp({wire::kArpReply, router.mac, request.target_ip, request.sender_mac,
                    request.sender_ip, request.sender_mac},
                   reply.data());
    rig_.arrive(port, reply);
    again_ = true;
}

Endpoint& Crowd::receiver(dp::PortIndex port, const wire::PacketView& packet) {
    const FourTuple tuple = packet.four_tuple();
    if (port == dp::kInsidePort) return clients_[client_number(tuple.dst.v4()) % size_];
    Endpoint& server = servers_[server_number(tuple.dst.v4()) % size_];
    if (!server.has_peer()) server.set_peer(tuple.src.v4(), tuple.src_port.number);
    return server;
}

bool Crowd::streams_agree() const {
    for (std::uint32_t i = 0; i < size_; ++i)
        if (clients_[i].sent() != servers_[i].received() ||
            servers_[i].sent() != clients_[i].received())
            return false;
    return true;
}

}  // namespace sallyport::bench
