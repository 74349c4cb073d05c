// SPDX-License-Identifier: Apache-2.0
// A path for tests of the machinery around it: frames of the experimental EtherType say what is to
// be done with them, ARP requests for own addresses are answered. It replaces dataplane/path.cc in
// the executables that link it.
#include <cstring>

#include "dataplane/address_conflicts.h"
#include "dataplane/path.h"
#include "tcpstack/wire/arp.h"
#include "tests/unit/dpdk/support/orders.h"

namespace sallyport::dp {

struct Path::Impl {
    explicit Impl(const PathConfig& c) : config(c), outbox(counters) {}
    PathConfig config;
    Counters counters;
    AddressConflicts conflicts;  // nobody has the gate's addresses
    Outbox outbox;
    std::uint32_t records_at_end = 0;  // that shut_down still has to write

    void answer_arp(Frame frame, const Generation& generation);
    void obey(Frame frame);
    void log_records(std::uint32_t n);
    void ask(std::uint32_t n);
};

namespace {

std::uint16_t ethertype(const Frame& f) {
    return static_cast<std::uint16_t>(f.data[12] << 8 | f.data[13]);
}

void turn_around(Frame& f, const wire::MacAddr& own) {
    std::memcpy(f.data, f.data + 6, 6);
    std::memcpy(f.data + 6, own.octets.data(), 6);
}

}  // namespace

void Path::Impl::answer_arp(Frame frame, const Generation& generation) {
    wire::ArpPacket request;
    if (frame.length < 42) return outbox.free(frame);
    std::memcpy(&request, frame.data + 14, sizeof request);
    for (const IpAddr& own : generation.settings.ports[frame.port].addresses) {
        if (own != IpAddr(request.target_ip) || request.operation.host() != wire::kArpRequest)
            continue;
        wire::emit_arp({wire::kArpReply, config.macs[frame.port], request.target_ip,
                        request.sender_mac, request.sender_ip, request.sender_mac},
                       frame.data);
        return outbox.send(frame, frame.port);
    }
    outbox.drop(frame, Reason::ArpIgnored);
}

void Path::Impl::log_records(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
        AccessRecord record;
        record.session_id = i;
        outbox.log(record);
    }
}

void Path::Impl::obey(Frame frame) {
    const auto argument = frame.data[15];
    switch (static_cast<test::Order>(frame.data[14])) {
        case test::Order::Echo:
            frame.data[16] = config.worker;
            turn_around(frame, config.macs[frame.port]);
            return outbox.send(frame, frame.port);
        case test::Order::Forward:
            return outbox.send(frame, frame.port == kInsidePort ? kOutsidePort : kInsidePort);
        case test::Order::HandOver:
            if (argument != config.worker) return outbox.hand_over(frame, argument);
            frame.data[14] = static_cast<std::uint8_t>(test::Order::Echo);
            return obey(frame);
        case test::Order::Log: log_records(argument); return outbox.free(frame);
        case test::Order::Ask: ask(argument); return outbox.free(frame);
        case test::Order::LogAtEnd: records_at_end += argument * 16U; return outbox.free(frame);
    }
    outbox.drop(frame, Reason::NoSession);
}

void Path::Impl::ask(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
        NameQuery query;
        query.name.set("name.example");
        query.worker = config.worker;
        (void)outbox.ask(query);
    }
}

Path::Path(const PathConfig& config) : impl_(std::make_unique<Impl>(config)) {}
Path::~Path() = default;

void Path::run(std::span<const Frame> burst, const Generation& generation, Instant) {
    for (const Frame& frame : burst) {
        if (ethertype(frame) == wire::kEthertypeArp)
            impl_->answer_arp(frame, generation);
        else if (ethertype(frame) == test::kOrderEthertype)
            impl_->obey(frame);
        else
            impl_->outbox.drop(frame, Reason::NoSession);
    }
}

void Path::run_handed_over(std::span<const Frame> burst, const Generation&, Instant) {
    for (const Frame& frame : burst) impl_->obey(frame);
}

void Path::advance(const Generation&, Instant) {}

void Path::on_answers(std::span<const NameAnswer> answers, const Generation&, Instant) {
    impl_->counters.answers_taken.add(answers.size());
}

void Path::announce(PortIndex port, const Generation& generation, Instant) {
    for (const IpAddr& own : generation.settings.ports[port].addresses) {
        Frame frame;
        if (!impl_->outbox.take_empty(frame)) return;
        wire::emit_arp(
            {wire::kArpRequest, impl_->config.macs[port], own.v4(), {}, own.v4(), wire::kBroadcast},
            frame.data);
        frame.length = wire::kArpFrameLength;
        impl_->outbox.send(frame, port);
    }
}

bool Path::shut_down(const Generation&, Instant) {
    const std::uint32_t n = std::min<std::uint32_t>(impl_->records_at_end, Outbox::kRecordsMax);
    impl_->log_records(n);
    impl_->records_at_end -= n;
    return impl_->records_at_end == 0;
}

Outbox& Path::outbox() {
    return impl_->outbox;
}
Counters& Path::counters() {
    return impl_->counters;
}
const Counters& Path::counters() const {
    return impl_->counters;
}
const AddressConflicts& Path::address_conflicts() const {
    return impl_->conflicts;
}

// Three rows, one a call.
std::size_t Path::list_sessions(std::uint32_t& cursor, std::span<SessionRow> out, Instant) const {
    if (out.empty()) return 0;
    out[0] = {};
    out[0].worker = impl_->config.worker;
    out[0].record.session_id = cursor;
    cursor = (cursor + 1) % test::kRowsOfAWorker;
    return 1;
}

bool Path::recheck(std::uint32_t&, const Generation&, Instant) {
    return true;
}

}  // namespace sallyport::dp
