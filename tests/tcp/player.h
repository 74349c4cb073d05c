// SPDX-License-Identifier: Apache-2.0
// Plays a packet script against a gate. A script is text, one step a line:
//
//   # what the script shows
//   set KEY VALUE                        before the first packet: configuration, ISNs, addresses
//   let H hello(allowed.example)         names octets
//   use spliced                          the steps of shared/spliced.steps
//   client > PSH seq 1 data H            the client sends
//   client < ACK ack 1+H                 the gate sends to the client, now
//   +1s server < PSH seq 1 data H        the same a second later, and nothing before
//   wait 5s                              and nothing is sent meanwhile
//   client > PSH data H pieces 8         the same in IP fragments of 8 octets each; then maybe
//                                        `reversed`, `twice`, `without 2` (the third is lost) or
//                                        `overlap 2` (it comes once more, with other octets)
//   outside > icmp 3 4 mtu 1300 from A about server seq 1 len 1400
//                                        a router reports about what the gate sent to the server;
//                                        `quote N`: so many octets behind its IP header, else 8
//                                        (kinds as in RFC 792; in IPv6 those of the same meaning)
//   inside < icmp 3 4 mtu 1300 from A about client seq 1
//                                        the gate reports, or passes a report on, about what the
//                                        client sent; of IPv6 MTUs are 20 more, but for `port_mtu`
//   expect sessions_spliced 1            a counter, a gauge or a reason
//   expect record reason closed          the next access record
//   expect no record
//   resolver NAME A,B                    what the resolver says when it is asked; also none, failed
//   answer NAME A,B                      it says so now
//   expect asked NAME                    the next question to the resolver
//   expect not asked
//   recheck                              holds every session against the present configuration
//
// Actors are client, client2, ... and server, server2, ...; a server's leg begins with the SYN that
// it gets. Numbers count from the sender's SYN (0), so the first payload octet is 1. What a line
// does not say about a packet that is sent has a sensible default; of a packet that is expected,
// flags, sequence number (default: the next), options and payload always count, acknowledgement and
// window where they are written. `forged` marks a packet that its sender does not count as sent;
// tsval counts from the sender's first value, tsecr from the first of the side that it echoes.
// `from` and `to` are addresses. Each script is played in IPv4 and, every address its twin's
// (tests/support/twins.h), in IPv6, unless it says `set families v4` or `v6`. FULL is the payload of a
// segment of the gate's with timestamps that fills an MTU of 1500, PIECE the smallest `pieces` that a
// host takes: the first fragment of IPv6 has the whole TCP header (RFC 7112). Whatever leaves and is not
// expected fails the script. Keys of a rule (destination, endpoints, networks, ...) are those of the rule
// for allowed.example.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/gate_under_test.h"
#include "tests/tcp/words.h"

namespace sallyport::test {

// One end of a TCP connection with the gate.
struct Leg {
    bool is_client = true;
    bool bound = false;
    Addresses addresses{};  // of what this end sends
    std::uint16_t own_port = 0, gate_port = 0;
    std::uint32_t own_isn = 0, gate_isn = 0;
    std::uint32_t sent_end = 0, heard_end = 0;  // relative: next octet of each side
    bool timestamps = false;
    std::uint32_t ts_base = 0;
    std::optional<std::uint32_t> ts_first, ts_last;     // sent by this end
    std::optional<std::uint32_t> ts_heard, ts_heard_first;  // from the gate
};

using Words = std::vector<std::string>;

class Player {
   public:
    Player(std::string shared, Family family) : shared_(std::move(shared)), family_(family) {
        names_["FULL"] = Octets(family == Family::V4 ? 1448 : 1428);
        names_["PIECE"] = Octets(family == Family::V4 ? 8 : 40);
    }
    // Throws ScriptError, with the line, when the gate does something else.
    void play(const std::string& text);

   private:
    void lines(const std::string& text, const std::string& where);
    void use(const std::string& name);
    void line(const Words& words);
    void set(const std::string& key, const std::string& value);
    bool set_model(const std::string& key, const std::string& value);
    bool set_rule(const std::string& key, const std::string& value);
    bool set_leg(const std::string& key, const std::string& value);
    void start();
    void place_near_wrap();
    void packet_line(Words words);
    void send(Leg& leg, const Words& words);
    void send_pieces(dp::PortIndex port, const Octets& frame, const Words& words);
    void icmp_line(const Words& words);
    void send_icmp(dp::PortIndex port, const Words& words);
    void receive_icmp(dp::PortIndex port, const Words& words);
    Octets option_octets(Leg& leg, const Words& words, std::uint8_t flags);
    void receive(Leg& leg, const Words& words, Duration waited);
    Emitted take(Leg& leg, bool syn);
    void check(Leg& leg, const Emitted& emitted, const Words& words);
    void check_options(Leg& leg, const wire::PacketView& view, const Words& words);
    void note_heard(Leg& leg, const wire::PacketView& view);
    void expect(const Words& words);
    void expect_record(const Words& words);
    void expect_asked(const Words& words);
    void no_output();
    Leg& leg_of(const std::string& actor);
    std::uint32_t number(const std::string& word) const { return number_of(word, names_); }
    [[noreturn]] static void fail(const std::string& what) { throw ScriptError(what); }

    // An address of the script in the family that it is played in.
    IpAddr own(const IpAddr& written) const;
    // The MSS that the gate says: an IPv6 header is 20 octets longer, and so much less is what the gate
    // sets by itself, which a script writes as it is when it is played in IPv4.
    std::uint32_t mss_of(std::uint32_t written, bool is_v6) const;
    dp::NameAnswer answer_of_names(const std::string& words) const;
    void set_endpoints(const std::string& value);
    std::string server_of(const std::string& word) const;

    std::string shared_;  // the folder of shared steps
    Family family_;
    GateOptions options_;
    std::unique_ptr<GateUnderTest> gate_;
    std::map<std::string, Leg> legs_;
    Names names_;
    std::map<std::string, dp::NameAnswer, std::less<>> answers_;
    Duration resolver_delay_{};
    bool near_wrap_ = false, outside_arp_ = true;
    std::size_t stock_ = 64;
    std::uint16_t datagram_id_ = 0;
};

}  // namespace sallyport::test
