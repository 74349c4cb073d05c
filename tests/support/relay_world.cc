// SPDX-License-Identifier: Apache-2.0
#include "tests/support/relay_world.h"

#include "tests/support/twins.h"

namespace sallyport::test {

RelayWorld::RelayWorld(const WorldOptions& options)
    : options_(options), gate_(options.gate), client_(std::make_unique<TcpHost>(options.client)) {
    servers_.push_back(std::make_unique<TcpHost>(options.server));
}

void RelayWorld::client_says(std::string_view text) {
    if (!connected_) {
        connected_ = true;
        Addresses addresses{v4("10.10.0.5"), v4("198.51.100.80"), kStationMac, kGateMac};
        if (options_.family == Family::V6)
            for (IpAddr* a : {&addresses.src, &addresses.dst}) *a = twin(*a);
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

void RelayWorld::put(dp::PortIndex port, bool to_gate, Octets frame) {
    const Flying flying{gate_.now() + options_.delay, port, to_gate, std::move(frame)};
    if (options_.delay == Duration{}) return hand_over(flying);
    flying_.push_back(flying);
}

void RelayWorld::hand_over(const Flying& flying) {
    if (flying.to_gate) return gate_.inject(flying.port, flying.frame);
    Octets frame = flying.frame;
    wire::PacketView view;
    if (wire::parse(frame, view) != wire::ParseError::None) return;
    if (flying.port == dp::kInsidePort) return client_->on_frame(view, gate_.now());
    to_server(view);
}

void RelayWorld::to_server(const wire::PacketView& view) {
    const bool opens = view.tcp().has(wire::kSyn);
    if (opens && servers_.back()->syns() > 0 && !servers_.back()->is_for(view))
        servers_.push_back(std::make_unique<TcpHost>(options_.server));
    for (auto& server : servers_)
        if (server->is_for(view)) return server->on_frame(view, gate_.now());
}

// Frames that have been under way for their time.
bool RelayWorld::arrive() {
    bool any = false;
    for (; !flying_.empty() && flying_.front().at <= gate_.now(); any = true) {
        const Flying flying = std::move(flying_.front());
        flying_.pop_front();
        hand_over(flying);
    }
    return any;
}

// Frames that the gate sent go to their host.
bool RelayWorld::deliver(dp::PortIndex port) {
    auto& queue = gate_.out(port);
    const bool any = !queue.empty();
    while (!queue.empty()) {
        Octets frame = std::move(queue.front().frame);
        queue.pop_front();
        wire::PacketView view;
        if (wire::parse(frame, view) != wire::ParseError::None) continue;
        if (view.kind() != wire::PacketKind::Tcp || (link && !link(port, view))) continue;
        put(port, false, std::move(frame));
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
            put(port, true, std::move(frame));
    }
    return any;
}

void RelayWorld::settle() {
    for (bool busy = true; busy;) {
        busy = arrive();
        busy = deliver(dp::kInsidePort) || busy;
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
