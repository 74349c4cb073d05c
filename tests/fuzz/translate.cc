// SPDX-License-Identifier: Apache-2.0
// Octets as packets of one client and its servers through layer-4 rules: UDP, TCP, echo, errors about
// what went by, each whole, in fragments, or with an octet changed. Whatever comes, only the rule's
// destinations are reached, from the public address; no buffer is lost, and all ends in time.
#include <cstdio>

#include "tcpstack/base/check.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

constexpr std::uint16_t kUdp = 5000, kTcp = 22;

GateOptions short_lives() {
    GateOptions options = flow_options();
    options.model.tcp.idle_timeout = options.model.tcp.transitory_timeout = std::chrono::seconds(30);
    options.sessions = 16;
    options.model.outside[0].mtu = 1000;
    return options;
}

class Player {
   public:
    void play(std::span<const std::uint8_t> input) {
        input_ = input;
        gate_.accept_bad_checksums = true;  // what is wrong stays wrong
        while (!input_.empty()) {
            step();
            watch();
        }
        gate_.finish(std::chrono::minutes(7));
        watch();
        for (const std::string& problem : gate_.problems()) std::fprintf(stderr, "%s\n", problem.c_str());
        SP_CHECK(gate_.problems().empty());
    }

   private:
    std::uint8_t octet() {
        if (input_.empty()) return 0;
        const std::uint8_t o = input_.front();
        input_ = input_.subspan(1);
        return o;
    }
    void step() {
        const std::uint8_t what = octet();
        if (what < 16) return gate_.advance(std::chrono::milliseconds(1 << what));
        const bool from_client = what % 2 == 0;
        const Octets frame = from_client ? of_client(what) : of_server(what);
        send(from_client ? dp::kInsidePort : dp::kOutsidePort, frame, octet());
    }
    Octets of_client(std::uint8_t what) {
        const Addresses a = inside(client_, what & 2 ? server_ : v4("192.0.2.9"));
        const std::uint16_t port = 40000 + what / 64;
        switch (what / 4 % 4) {
            case 0: return udp_frame_of(a, port, what & 16 ? kUdp : 4999, numbered(octet() * 8U));
            case 1: return echo_frame(a, wire::kIcmpEchoRequest, port, numbered(octet() * 8U));
            case 2: return segment(a, port, kTcp);
            default: return error_about(last_inside_, inside(client_, server_));
        }
    }
    Octets of_server(std::uint8_t what) {
        const Addresses a = outside(server_, v4("203.0.113.7"));
        switch (what / 4 % 4) {
            case 0: return udp_frame_of(a, kUdp, last_port_, numbered(octet() * 8U));
            case 1: return echo_frame(a, wire::kIcmpEchoReply, last_port_, numbered(octet() * 8U));
            case 2: return segment(a, kTcp, last_port_);
            default: return error_about(last_outside_, outside(v4("192.0.2.1"), v4("203.0.113.7")));
        }
    }
    Octets segment(const Addresses& a, std::uint16_t src_port, std::uint16_t dst_port) {
        constexpr std::uint8_t kFlags[] = {wire::kSyn, wire::kSyn | wire::kAck, wire::kAck,
                                           wire::kPsh | wire::kAck, wire::kFin | wire::kAck, wire::kRst,
                                           wire::kRst | wire::kAck, wire::kAck};
        TcpFields t{.addresses = a, .src_port = src_port, .dst_port = dst_port};
        t.flags = kFlags[octet() % 8];
        t.seq = 1000U + octet();
        t.ack = 1000U + octet();
        t.payload = numbered(octet());
        return tcp_frame(t);
    }
    static Octets error_about(const Octets& frame, const Addresses& a) {
        const std::size_t end = std::min<std::size_t>(frame.size(), 14 + 100);
        const Octets quote = frame.size() > 14 ? Octets(frame.begin() + 14, frame.begin() + static_cast<long>(end)) : Octets();
        return icmp_frame(a, wire::kIcmpUnreachable, 4, quote);
    }
    // `how`: whole, in pieces of some size and order, or spoilt.
    void send(dp::PortIndex port, Octets frame, std::uint8_t how) {
        constexpr std::size_t kLargestFrame = 1514;  // that the link carries
        if (frame.size() > kLargestFrame) frame.resize(kLargestFrame);
        if (how & 1) frame = may_fragment(frame);
        if (how & 2) {
            const std::size_t at = 14 + octet() % (frame.size() - 14);
            frame[at] ^= octet();
            if (how & 4) wire::set_checksum(ipv4_of(frame));
            if (ipv4_of(frame).version_ihl != 0x45) return gate_.inject(port, frame);
        }
        if ((how & 8) == 0) return gate_.inject(port, frame);
        auto pieces = pieces_of(with_id(frame, how / 16), 8U * (1U + octet()));
        if (pieces.size() > 1 && (how & 16) != 0) std::swap(pieces.front(), pieces.back());
        if ((how & 32) != 0) pieces.pop_back();
        for (const Octets& piece : pieces) gate_.inject(port, piece);
    }
    void watch() {
        for (Emitted& e : gate_.out(dp::kOutsidePort)) watch_outside(e.frame);
        for (Emitted& e : gate_.out(dp::kInsidePort)) {
            SP_CHECK(ipv4_of(e.frame).dst == client_);
            last_inside_ = e.frame;
        }
        gate_.out(dp::kOutsidePort).clear();
        gate_.out(dp::kInsidePort).clear();
    }
    void watch_outside(Octets& frame) {
        wire::PacketView view;
        SP_CHECK(wire::parse(frame, view) == wire::ParseError::None);
        if (view.kind() == wire::PacketKind::Icmp && view.icmp().type != wire::kIcmpEchoRequest) return;
        SP_CHECK(view.ipv4().dst == server_ && view.length() <= 14 + 1000);
        if (view.kind() == wire::PacketKind::Fragment) return;
        const FlowKey4 key = view.flow_key4();
        SP_CHECK(key.dst_port == kUdp || key.dst_port == kTcp || key.dst_port == 53 || key.dst_port == 0);
        last_port_ = key.src_port;
        last_outside_ = frame;
    }

    const Ipv4Addr client_ = v4("10.10.0.5"), server_ = v4("198.51.100.80");
    GateUnderTest gate_{short_lives()};
    std::span<const std::uint8_t> input_;
    std::uint16_t last_port_ = 1;
    Octets last_inside_, last_outside_;
};

}  // namespace
}  // namespace sallyport::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size <= 600) sallyport::test::Player().play({data, size});
    return 0;
}
