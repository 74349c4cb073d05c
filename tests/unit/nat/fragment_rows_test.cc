// SPDX-License-Identifier: Apache-2.0
// Attacks on the inspected octets by way of IP: fragments, odd headers, carriers. Each under two
// policies, so that neither a gate that denies all nor one that allows all passes: in the first the
// name REAL is allowed and FAKE is not, in the second the other way round. The two hellos are equally
// long. What reaches the server is one of them, whole, and its name is allowed; else nothing leaves at
// all, not even a SYN.
#include <functional>
#include <ostream>

#include "tests/support/client_hello.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

constexpr std::uint16_t kClientPort = 40000;
constexpr std::uint32_t kClientIsn = 5000, kServerIsn = 90000;

enum class Must : std::uint8_t { Work, Drop };  // what becomes of REAL when its name is allowed

struct Row {
    const char* name;
    Must must;
    std::function<std::vector<Octets>(const Octets& real, const Octets& fake)> frames;
    friend void PrintTo(const Row& r, std::ostream* os) { *os << r.name; }
};

using Frames = std::vector<Octets>;

Frames pieces(const Octets& frame, std::size_t step, std::uint16_t id = 7) {
    return pieces_of(with_id(frame, id), step);
}
Frames reversed(Frames frames) {
    std::reverse(frames.begin(), frames.end());
    return frames;
}
Frames in_turn(std::initializer_list<Frames> lists) {
    Frames out;
    for (const Frames& list : lists) out.insert(out.end(), list.begin(), list.end());
    return out;
}
// FAKE's piece `i` stands before or behind the same piece of REAL.
Frames with_overlap(const Octets& real, const Octets& fake, std::size_t i, bool before) {
    Frames out = pieces(real, 24);
    out.insert(out.begin() + static_cast<long>(before ? i : i + 1), pieces(fake, 24).at(i));
    return out;
}
// The piece with the name, found by where the two differ.
std::size_t place_of_name(const Octets& real, const Octets& fake) {
    for (std::size_t at = 54; at < real.size(); ++at)
        if (real[at] != fake[at]) return (at - 34) / 24;
    return 0;
}
Octets with_options(Octets frame) {  // loose source route
    frame.insert(frame.begin() + 34, {131, 7, 4, 192, 0, 2, 9, 0});
    ipv4_of(frame).version_ihl = 0x47;
    ipv4_of(frame).total_length.set(static_cast<std::uint16_t>(frame.size() - 14));
    wire::Ipv4Header& ip = ipv4_of(frame);
    ip.checksum.set(0);
    wire::Sum16 sum;
    sum.add_bytes({frame.data() + 14, 28});
    ip.checksum.set(sum.checksum());
    return frame;
}
Octets of_protocol(Octets frame, std::uint8_t protocol) {
    return with_ip(std::move(frame), [&](wire::Ipv4Header& ip) { ip.protocol = protocol; });
}
// The frame's IP packet inside another.
Octets carried(const Octets& frame, std::uint8_t protocol, const Octets& head = {}) {
    Octets segment = head;
    segment.insert(segment.end(), frame.begin() + 14, frame.end());
    const wire::Ipv4Header& ip = header_at<wire::Ipv4Header>(const_cast<Octets&>(frame), 14);
    return ip_frame({ip.src, ip.dst, kStationMac, kGateMac}, protocol, segment);
}
Octets tagged(Octets frame) {
    frame.insert(frame.begin() + 12, {0x81, 0x00, 0x00, 0x05});
    return frame;
}

std::vector<Row> rows() {
    using O = const Octets&;
    return {
        {"F01_eight_octets", Must::Work, [](O real, O) { return pieces(real, 8); }},
        {"F02_reversed", Must::Work, [](O real, O) { return reversed(pieces(real, 8)); }},
        {"F02_again_in_other_pieces", Must::Work,
         [](O real, O) { return in_turn({pieces(real, 8), pieces(real, 16, 8)}); }},
        {"F04_overlap_behind", Must::Drop,
         [](O real, O fake) { return with_overlap(real, fake, place_of_name(real, fake), false); }},
        {"F04_overlap_before", Must::Drop,
         [](O real, O fake) { return with_overlap(real, fake, place_of_name(real, fake), true); }},
        {"F04_overlap_of_other_cut", Must::Drop,
         [](O real, O fake) {
             Frames out = pieces(real, 24);
             out.insert(out.end() - 1, piece_of(with_id(fake, 7), 16, 64));
             return out;
         }},
        {"F05_first_holds_eight_octets", Must::Work,
         [](O real, O) {
             return Frames{piece_of(with_id(real, 7), 0, 8), piece_of(with_id(real, 7), 8, 4000)};
         }},
        {"F05_first_of_FAKE_never_whole", Must::Work,
         [](O real, O fake) { return in_turn({Frames{piece_of(with_id(fake, 7), 0, 8)}, Frames{real}}); }},
        {"F05_tail_of_FAKE_at_offset_8", Must::Drop,
         [](O real, O fake) {
             return Frames{piece_of(with_id(real, 7), 0, 32), piece_of(with_id(fake, 7), 8, 4000),
                           piece_of(with_id(real, 7), 32, 4000)};
         }},
        {"F08_source_route", Must::Work, [](O real, O fake) { return Frames{with_options(fake), real}; }},
        {"F09_short_header", Must::Work,
         [](O real, O fake) {
             return Frames{with_ip(fake, [](wire::Ipv4Header& ip) { ip.version_ihl = 0x44; }), real};
         }},
        {"F10_reserved_bit", Must::Work,
         [](O real, O) {
             return Frames{with_ip(real, [](wire::Ipv4Header& ip) { ip.flags_fragment.set(0xc000); })};
         }},
        {"F11_same_id_of_another_protocol", Must::Work,
         [](O real, O fake) {
             Frames out = pieces(real, 24), other = pieces(of_protocol(fake, wire::kProtocolUdp), 24);
             for (std::size_t i = 0; i < other.size(); ++i)
                 out.insert(out.begin() + static_cast<long>(2 * i), other[i]);
             return out;
         }},
        {"F12_same_id_of_another_client", Must::Work,
         [](O real, O fake) {
             Frames out = pieces(real, 24);
             const Octets other = with_ip(fake, [](wire::Ipv4Header& ip) { ip.src = v4("10.10.0.6"); });
             const Frames mixed = pieces(other, 24);
             for (std::size_t i = 0; i < mixed.size(); ++i)
                 out.insert(out.begin() + static_cast<long>(2 * i), mixed[i]);
             return out;
         }},
        {"F13_beyond_64_KiB", Must::Work,
         [](O real, O fake) {
             Octets far = piece_of(with_id(fake, 7), 0, 64);
             ipv4_of(far).flags_fragment.set(0x1fff);
             wire::set_checksum(ipv4_of(far));
             return in_turn({Frames{far}, pieces(real, 64)});
         }},
        {"F15_carriers", Must::Work,
         [](O real, O fake) {
             return Frames{carried(fake, 4), carried(fake, 41), carried(fake, 47, {0, 0, 8, 0}),
                           carried(fake, 50), real};
         }},
        {"F16_tag_in_the_middle", Must::Work, [](O real, O fake) { return Frames{tagged(fake), real}; }},
    };
}

class FragmentRows : public ::testing::TestWithParam<Row> {
   protected:
    FragmentRows() : gate_(GateOptions{}) {}

    Octets client_frame(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, const Octets& payload) {
        TcpFields t{.addresses = inside(client_, server_), .src_port = kClientPort, .seq = seq, .ack = ack, .flags = flags};
        if (flags == wire::kSyn) t.options.mss = 1460;
        t.payload = payload;
        return tcp_frame(t);
    }
    // The handshake; what remains is the ISN of the gate.
    void connect() {
        gate_.inject(dp::kInsidePort, client_frame(wire::kSyn, kClientIsn, 0, {}));
        ASSERT_EQ(gate_.out(dp::kInsidePort).size(), 1U);
        gate_isn_ = tcp_of(gate_.out(dp::kInsidePort).front().frame).seq.host();
        gate_.inject(dp::kInsidePort, client_frame(wire::kAck, kClientIsn + 1, gate_isn_ + 1, {}));
    }
    Octets first_segment(const Octets& hello) {
        return client_frame(wire::kAck | wire::kPsh, kClientIsn + 1, gate_isn_ + 1, hello);
    }
    // The server accepts; all octets that then arrive, in the order of their numbers.
    Octets served(const Octets& syn) {
        Octets copy = syn;
        gate_.out(dp::kOutsidePort).clear();
        TcpFields t{.addresses = outside(ipv4_of(copy).dst, ipv4_of(copy).src)};
        t.src_port = tcp_of(copy).dst_port.host();
        t.dst_port = tcp_of(copy).src_port.host();
        t.seq = kServerIsn;
        t.ack = tcp_of(copy).seq.host() + 1;
        t.flags = wire::kSyn | wire::kAck;
        t.options.mss = 1460;
        gate_.inject(dp::kOutsidePort, tcp_frame(t));
        Octets out;
        for (const Emitted& e : gate_.out(dp::kOutsidePort)) {
            Octets frame = e.frame;
            wire::PacketView view;
            EXPECT_EQ(wire::parse(frame, view), wire::ParseError::None);
            out.insert(out.end(), view.payload().begin(), view.payload().end());
        }
        return out;
    }
    // Plays the row; what the server gets, empty when nothing leaves.
    Octets play(std::string_view real_name, std::string_view fake_name) {
        connect();
        const Octets real = first_segment(record(Hello::of(real_name).message()));
        const Octets fake = first_segment(record(Hello::of(fake_name).message()));
        EXPECT_EQ(real.size(), fake.size());
        for (const Octets& frame : GetParam().frames(real, fake)) gate_.inject(dp::kInsidePort, frame);
        gate_.advance(std::chrono::seconds(1));
        gate_.out(dp::kInsidePort).clear();
        if (gate_.out(dp::kOutsidePort).empty()) return {};
        const Octets syn = gate_.out(dp::kOutsidePort).front().frame;
        return served(syn);
    }
    void TearDown() override {
        gate_.accept_bad_checksums = true;
        gate_.finish();
        gate_.out(dp::kInsidePort).clear();
        for (const std::string& problem : gate_.problems()) ADD_FAILURE() << problem;
    }

    const Ipv4Addr client_ = v4("10.10.0.5"), server_ = v4("198.51.100.80");
    std::uint32_t gate_isn_ = 0;
    GateUnderTest gate_;
};

constexpr std::string_view kAllowed = "allowed.example", kDenied = "refused.example";

TEST_P(FragmentRows, RealIsAllowed) {
    const Octets hello = record(Hello::of(kAllowed).message());
    EXPECT_EQ(play(kAllowed, kDenied), GetParam().must == Must::Work ? hello : Octets{});
}

TEST_P(FragmentRows, FakeIsAllowed) {
    EXPECT_EQ(play(kDenied, kAllowed), Octets{}) << "no octet of either may leave";
}

INSTANTIATE_TEST_SUITE_P(Row, FragmentRows, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace sallyport::test
