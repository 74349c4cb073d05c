// SPDX-License-Identifier: Apache-2.0
// Clients, each with a server of its own, that all do the same thing at the same time: so a burst
// is full, as on a busy gate. A step puts one or more frames of each on the wire, lets the worker
// take its turn (measured) and delivers what came out (not measured).
#pragma once
#include <vector>

#include "tests/bench/addresses.h"
#include "tests/bench/endpoint.h"
#include "tests/bench/measure.h"
#include "tests/bench/rig.h"

namespace sallyport::bench {

class Crowd {
   public:
    // `size` is a power of two and at most 64, which is a full burst. `port`: of all servers.
    Crowd(Rig& rig, std::uint32_t size, bool timestamps, std::uint16_t port = kTlsPort);

    // Other clients on other ports; the servers forget everything.
    void renew();
    std::uint32_t size() const { return size_; }
    // Counts over all connections since the crowd was made; a client's number.
    std::uint32_t serial(std::uint32_t i) const { return serial_ + i; }
    Endpoint& client(std::uint32_t i) { return clients_[i]; }
    Endpoint& server(std::uint32_t i) { return servers_[i]; }
    // Frames that left towards the servers since the crowd was made, ARP not counted.
    std::uint64_t outside_frames() const { return outside_frames_; }

    void client_sends(std::uint32_t i, std::uint8_t flags,
                      std::span<const std::uint8_t> payload = {}, bool with_sack_block = false);
    void server_sends(std::uint32_t i, std::uint8_t flags,
                      std::span<const std::uint8_t> payload = {}, bool with_sack_block = false);
    void all_clients_send(std::uint8_t flags, std::span<const std::uint8_t> payload = {});
    void all_servers_send(std::uint8_t flags, std::span<const std::uint8_t> payload = {});
    // The worker's turn, or several when it has to ask for a MAC address first. Adds its cycles.
    void exchange(Sample& sample);
    // From now on clients acknowledge every second segment when it comes (RFC 5681 section 4.2);
    // otherwise they only do what they are told. The worker's turns for that are measured too.
    void let_clients_acknowledge() { clients_acknowledge_ = true; }

    // Whether each end has exactly the octets that the other one sent.
    bool streams_agree() const;

   private:
    void deliver(dp::PortIndex port, const Octets& frame);
    void answer_arp(dp::PortIndex port, const wire::ArpPacket& request);
    Endpoint& receiver(dp::PortIndex port, const wire::PacketView& packet);
    void acknowledge(Endpoint& client);

    Rig& rig_;
    std::uint32_t size_, serial_ = 0;
    std::uint16_t port_;
    bool timestamps_, clients_acknowledge_ = false;
    bool again_ = false;  // somebody has answered at once
    std::uint64_t outside_frames_ = 0;
    std::vector<Endpoint> clients_, servers_;
};

}  // namespace sallyport::bench
