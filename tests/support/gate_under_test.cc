// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gate_under_test.h"

#include <algorithm>

#include "dataplane/policy/compile.h"
#include "tcpstack/wire/ndp.h"
#include "tcpstack/wire/pretty.h"
#include "tests/support/twins.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::test {
namespace {

const IpAddr kOutside = v4("203.0.113.2");

dp::PathConfig path_config(const GateOptions& options) {
    dp::PathConfig config;
    config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    config.macs = {kGateMac, kOutsideGateMac};
    config.sessions = options.sessions;
    config.hold_bytes = options.hold_bytes;
    config.relay_bytes = options.relay_bytes;
    return config;
}

cfg::Rule answered(cfg::Rule rule, cfg::Answer answer) {
    rule.answer = answer;
    return rule;
}

dp::NameAnswer answer_of(dp::AnswerStatus status, Duration ttl) {
    dp::NameAnswer out;
    out.status = status;
    out.ttl = ttl;
    return out;
}

std::string described(const Octets& frame) {
    std::array<char, wire::kPrettyMax> text;
    return std::string(wire::pretty(frame, text));
}

}  // namespace

namespace {

void add_twins(cfg::Port& port) {
    const cfg::InterfaceAddress own = port.addresses.front();
    port.addresses.push_back({twin(own.address), static_cast<std::uint8_t>(own.prefix_length + 32), {}});
    if (!port.routes.empty()) {
        const cfg::Route route = port.routes.front();
        port.routes.push_back({twin(route.to), twin(route.via), {}});
    }
    if (!port.next_hop.empty()) port.next_hop.push_back(twin(port.next_hop.front()));
}

}  // namespace

cfg::Model standard_model() {
    cfg::Model model;
    cfg::Port inside;
    inside.addresses = {{address("10.10.0.1"), 24, {}}};
    inside.routes = {{prefix("10.20.0.0/16"), address("10.10.0.254"), {}}};
    cfg::Port outside;
    outside.addresses = {{address("203.0.113.2"), 24, {}}};
    outside.next_hop = {address("203.0.113.1")};
    add_twins(inside);
    add_twins(outside);
    model.inside = {inside};
    model.outside = {outside};
    model.egress = {{"public", {address("203.0.113.7"), twin(address("203.0.113.7"))}, 1024, 65535, {}}};
    model.policy.rules = {allow({"allowed.example", "*.wild.example"}),
                          answered(deny({"denied.example"}), cfg::Answer::Alert),
                          answered(deny({"reset.example"}), cfg::Answer::Reset),
                          answered(deny({"dropped.example"}), cfg::Answer::Drop)};
    for (cfg::Rule& rule : model.policy.rules) rule = kept(with(rule, {tls(443), http(80)}));
    return model;
}

dp::NameAnswer found(std::vector<IpAddr> addresses, Duration ttl) {
    dp::NameAnswer out = answer_of(dp::AnswerStatus::Found, ttl);
    for (const IpAddr& a : addresses) out.addresses[out.count++] = a;
    return out;
}
dp::NameAnswer not_found(Duration ttl) { return answer_of(dp::AnswerStatus::NotFound, ttl); }
dp::NameAnswer failed(Duration ttl) { return answer_of(dp::AnswerStatus::Failed, ttl); }

GateUnderTest::GateUnderTest(const GateOptions& options)
    : now_(options.start),
      generation_(std::make_unique<dp::Generation>(dp::policy::compile(options.model))),
      path_(std::make_unique<dp::Path>(path_config(options))) {
    refill();
    // The timer wheel starts at zero and catches up a bounded number of slots at a time.
    const auto slots = static_cast<std::uint64_t>((now_ - Instant{}) / std::chrono::milliseconds(8));
    for (std::uint64_t i = 0; i <= slots / 1024 + 1; ++i) path_->advance(*generation_, now_);
    collect();
}

GateUnderTest::~GateUnderTest() = default;

void GateUnderTest::reconfigure(const cfg::Model& model) {
    const std::uint64_t id = generation_->id + 1;
    auto next = std::make_unique<dp::Generation>(dp::policy::compile(model, {.generation_id = id}));
    // The path compares generations by address: both live while it changes over.
    path_->advance(*next, now_);
    generation_ = std::move(next);
    collect();
}

void GateUnderTest::recheck() {
    std::uint32_t cursor = 0;
    for (bool done = false; !done;) {
        refill();
        done = path_->recheck(cursor, *generation_, now_);
        collect();
    }
}

dp::Frame GateUnderTest::frame_for(const Octets& octets, dp::PortIndex port) {
    if (free_buffers_.empty()) {
        all_buffers_.push_back(std::make_unique<Buffer>());
        free_buffers_.push_back(all_buffers_.back().get());
    }
    Buffer* buffer = free_buffers_.back();
    free_buffers_.pop_back();
    buffer->with_path = true;
    std::copy(octets.begin(), octets.end(), buffer->octets.begin());
    return {buffer->octets.data(), static_cast<std::uint16_t>(octets.size()),
            static_cast<std::uint16_t>(buffer->octets.size()), port, buffer};
}

void GateUnderTest::give_back(const dp::Frame& frame) {
    auto* buffer = static_cast<Buffer*>(frame.buffer);
    if (!buffer->with_path) return problem("a frame came out twice");
    buffer->with_path = false;
    free_buffers_.push_back(buffer);
}

void GateUnderTest::refill() {
    auto& stock = path_->outbox().stock;
    while (stock.size() < stock_size) (void)stock.push_back(frame_for({}, 0));
    for (; stock.size() > stock_size; stock.erase(stock.size() - 1))
        give_back(stock[stock.size() - 1]);
}

void GateUnderTest::inject(dp::PortIndex port, const Octets& frame) {
    const dp::Frame burst[1] = {frame_for(frame, port)};
    path_->run(burst, *generation_, now_);
    path_->advance(*generation_, now_);
    collect();
    give_due_answers();
}

void GateUnderTest::take_questions() {
    auto& queries = path_->outbox().queries;
    for (const dp::NameQuery& q : queries) {
        asked.emplace_back(q.name.view());
        const auto known = names.find(q.name.view());
        if (known == names.end()) continue;
        pending_.push_back({now_ + resolver_delay, known->second});
        pending_.back().answer.name.set(q.name.view());
        pending_.back().answer.servers = generation_->settings.dns_servers;
    }
    queries.clear();
}

void GateUnderTest::give_due_answers() {
    const auto is_due = [this](const Pending& p) { return p.at <= now_; };
    for (auto due = pending_.begin();
         (due = std::ranges::find_if(pending_, is_due)) != pending_.end();) {
        const dp::NameAnswer answer = due->answer;
        pending_.erase(due);
        path_->on_answers({&answer, 1}, *generation_, now_);
        collect();
    }
}

void GateUnderTest::answer_name(const std::string& name, dp::NameAnswer answer) {
    answer.name.set(name);
    answer.servers = generation_->settings.dns_servers;
    path_->on_answers({&answer, 1}, *generation_, now_);
    collect();
}

void GateUnderTest::collect() {
    dp::Outbox& outbox = path_->outbox();
    std::vector<Emitted> leaving;
    for (dp::PortIndex port = 0; port < dp::kPortsMax; ++port) {
        for (const dp::Frame& f : outbox.to_send[port]) {
            leaving.push_back({{f.data, f.data + f.length}, now_, port});
            if (f.port != port) problem("a frame stands in the list of another port");
            give_back(f);
        }
        outbox.to_send[port].clear();
    }
    for (const dp::Frame& f : outbox.to_free) give_back(f);
    outbox.to_free.clear();
    if (!outbox.to_hand_over.empty()) problem("a lone worker handed a frame over");
    for (const dp::AccessRecord& r : outbox.records) records_.push_back(r);
    outbox.records.clear();
    take_questions();
    refill();
    for (Emitted& e : leaving)
        if (!answer_if_arp(e)) {
            check_emitted(e);
            out_[e.port].push_back(std::move(e));
        }
}

bool GateUnderTest::answer_if_arp(const Emitted& emitted) {
    Octets copy = emitted.frame;
    wire::PacketView view;
    if (wire::parse(copy, view) != wire::ParseError::None) return false;
    if (view.kind() == wire::PacketKind::NeighborDiscovery) return answer_if_discovery(emitted, view);
    if (view.kind() != wire::PacketKind::Arp) return false;
    const wire::ArpPacket& arp = view.arp();
    const bool asks = arp.operation.host() == wire::kArpRequest && arp.sender_ip != arp.target_ip;
    if (!asks || !answer_arp[emitted.port]) return true;
    const wire::MacAddr mac = emitted.port == dp::kInsidePort ? kStationMac : kRouterMac;
    inject(emitted.port, arp_frame({wire::kArpReply, mac, arp.target_ip, arp.sender_mac,
                                    arp.sender_ip, arp.sender_mac}));
    return true;
}

bool GateUnderTest::answer_if_discovery(const Emitted& emitted, const wire::PacketView& view) {
    const auto message = wire::read_neighbor_message(view);
    const bool asks = message && message->type == wire::kIcmpv6NeighborSolicitation &&
                      view.ipv6().src != Ipv6Addr{};  // else the gate claims an address
    if (!asks || !answer_arp[emitted.port]) return true;
    const wire::MacAddr mac = emitted.port == dp::kInsidePort ? kStationMac : kRouterMac;
    Octets frame(wire::kNeighborFrameMax);
    frame.resize(wire::emit_neighbor_message(
        {.ethernet_src = mac,
         .ethernet_dst = view.ethernet().src,
         .src = message->target,
         .dst = view.ipv6().src,
         .message = {.type = wire::kIcmpv6NeighborAdvertisement,
                     .target = message->target,
                     .link_address = mac,
                     .router = true,
                     .solicited = true,
                     .overrides = true}},
        frame.data()));
    inject(emitted.port, frame);
    return true;
}

void GateUnderTest::check_emitted(const Emitted& emitted) {
    Octets copy = emitted.frame;
    wire::PacketView view;
    if (const auto error = wire::parse(copy, view); error != wire::ParseError::None)
        return problem("left malformed: " + described(copy));
    if (view.length() != copy.size()) problem("left with trailing octets: " + described(copy));
    if (!accept_bad_checksums && !view.transport_checksum_ok())
        problem("left with a wrong transport checksum: " + described(copy));
    check_addresses(emitted, view);
}

void GateUnderTest::check_addresses(const Emitted& emitted, const wire::PacketView& view) {
    const bool inside = emitted.port == dp::kInsidePort;
    const wire::EthernetHeader& ethernet = view.ethernet();
    if (ethernet.src != (inside ? kGateMac : kOutsideGateMac) ||
        ethernet.dst != (inside ? kStationMac : kRouterMac))
        problem("left between the wrong stations: " + described(emitted.frame));
    const bool own_error = view.kind() == wire::PacketKind::Icmp &&
                           (view.source() == kOutside || view.source() == twin(kOutside));
    const auto& egress = generation_->settings.egress;
    const auto is_ours = [&](const dp::EgressSet& set) {
        return std::ranges::find(set.addresses, view.source()) != set.addresses.end();
    };
    if (!inside && std::ranges::none_of(egress, is_ours) && !own_error)
        problem("left by another address than that of the gate: " + described(emitted.frame));
}

void GateUnderTest::step(Instant to) {
    now_ = to;
    path_->advance(*generation_, now_);
    collect();
    give_due_answers();
}

// Long waits in longer steps: only what happens near the end is told to the millisecond.
void GateUnderTest::advance(Duration duration) {
    const Instant end = now_ + duration;
    while (now_ < end) {
        const Duration left = end - now_;
        const Duration stride = std::clamp<Duration>(left / 8, kStep, std::chrono::seconds(1));
        step(now_ + std::min(left, left > std::chrono::seconds(20) ? stride : kStep));
    }
}

bool GateUnderTest::advance_until_output(dp::PortIndex port, Duration at_most) {
    const Instant end = now_ + at_most;
    while (out_[port].empty() && now_ < end) step(now_ + std::min<Duration>(kStep, end - now_));
    return !out_[port].empty();
}

std::optional<std::uint64_t> GateUnderTest::counter(std::string_view name) const {
    const dp::Counters& counters = path_->counters();
#define SP_COUNTER(counter_name, help) \
    if (name == #counter_name) return counters.counter_name.value();
#define SP_GAUGE(counter_name, help) SP_COUNTER(counter_name, help)
#include "dataplane/counters.def"
#undef SP_COUNTER
#undef SP_GAUGE
    for (std::size_t i = 0; i < dp::kReasonCount; ++i)
        if (name == dp::kReasons[i].text) return counters.of(static_cast<dp::Reason>(i));
    return std::nullopt;
}

void GateUnderTest::finish(Duration after) {
    stock_size = 64;
    const Instant end = now_ + after;
    while (now_ < end) step(now_ + std::chrono::seconds(1));
    for (const char* gauge :
         {"sessions_active", "session_slots_used", "setups_in_use", "hold_chunks_in_use",
          "embryos_in_use", "tombstones_in_use", "frames_parked", "relays_in_use",
          "requests_in_use", "relay_chunks_in_use", "sessions_resolving", "flows_translated"})
        if (const auto value = counter(gauge); value != 0)
            problem(std::string(gauge) + " is " + std::to_string(*value) + " at the end");
    const auto with_path = std::count_if(all_buffers_.begin(), all_buffers_.end(),
                                         [](const auto& b) { return b->with_path; });
    if (static_cast<std::size_t>(with_path) != path_->outbox().stock.size())
        problem("buffers were lost: " + std::to_string(with_path) + " are out, " +
                std::to_string(path_->outbox().stock.size()) + " of them in stock");
}

}  // namespace sallyport::test
