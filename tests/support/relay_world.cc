// SPDX-License-Identifier: Apache-2.0
#include "tests/support/relay_world.h"

namespace sallyport::test {

RelayWorld::RelayWorld(const WorldOptions& options)
    : options_(options), gate_(options.gate), client_(std::make_unique<TcpHost>(options.client)) {
    servers_.push_back(std::make_unique<TcpHost>(options.server));
}

void RelayWorld::client_says(std::string_view text) {
    if (!connected_) {
        connected_ = true;
        const Addresses addresses{v4("10.10.0.5"), v4("198.51.100.80"), kStationMac, kGateMac};
        gate_.inject(dp::kInsidePort,
                     client_->connect(addresses, options_.client_port, options_.port));
        settle();
    }
    client_->say(text);
    settle();
}

void RelayWorld::server_says(std::string_view text) {
    server().say(text);
    settle();
}

// Frames that the gate sent reach their host.
bool RelayWorld::deliver(dp::PortIndex port) {
    auto& queue = gate_.out(port);
    const bool any = !queue.empty();
    while (!queue.empty()) {
        Octets frame = queue.front().frame;
        queue.pop_front();
        wire::PacketView view;
        if (wire::parse(frame, view) != wire::ParseError::None) continue;
        if (view.kind() != wire::PacketKind::Tcp || (link && !link(port, view))) continue;
        if (port == dp::kInsidePort) {
            client_->on_frame(view, gate_.now());
            continue;
        }
        const bool opens = view.tcp().has(wire::kSyn);
        if (opens && servers_.back()->syns() > 0 && !servers_.back()->is_for(view))
            servers_.push_back(std::make_unique<TcpHost>(options_.server));
        for (auto& server : servers_)
            if (server->is_for(view)) {
                server->on_frame(view, gate_.now());
                break;
            }
    }
    return any;
}

bool RelayWorld::send(dp::PortIndex port, TcpHost& host) {
    bool any = false;
    for (Octets& frame : host.frames(gate_.now())) {
        any = true;
        wire::PacketView view;
        if (wire::parse(frame, view) != wire::ParseError::None) continue;
        const dp::PortIndex from = port;
        if (!link || link(from == dp::kInsidePort ? dp::PortIndex{2} : dp::PortIndex{3}, view))
            gate_.inject(port, frame);
    }
    return any;
}

void RelayWorld::settle() {
    for (bool busy = true; busy;) {
        busy = deliver(dp::kInsidePort);
        busy = deliver(dp::kOutsidePort) || busy;
        busy = send(dp::kInsidePort, *client_) || busy;
        for (auto& server : servers_) busy = send(dp::kOutsidePort, *server) || busy;
    }
}

void RelayWorld::wait(Duration duration) {
    const Instant end = gate_.now() + duration;
    while (gate_.now() < end) {
        const Duration left = end - gate_.now();
        const Duration stride = left > std::chrono::seconds(20)
                                    ? Duration{std::chrono::seconds(1)}
                                    : Duration{std::chrono::milliseconds(5)};
        gate_.advance(std::min(stride, left));
        settle();
    }
}

std::size_t RelayWorld::legs() const {
    std::size_t n = 0;
    for (const auto& server : servers_) n += server->is_open() ? 1U : 0U;
    return n;
}

std::vector<dp::AccessRecord> RelayWorld::take_records() {
    std::vector<dp::AccessRecord> out(gate_.records().begin(), gate_.records().end());
    gate_.records().clear();
    return out;
}

std::string RelayWorld::servers_heard() const {
    std::string all;
    for (const auto& server : servers_) all += server->heard();
    return all;
}

std::vector<std::string> RelayWorld::finish(Duration after) {
    gate_.finish(after);
    return gate_.problems();
}

}  // namespace sallyport::test
