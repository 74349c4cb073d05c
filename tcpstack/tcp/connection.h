// SPDX-License-Identifier: Apache-2.0
// One end of an established TCP connection: RFC 9293 with RFC 5961 and RFC 7323. It decides
// numbers, and where payload goes; its owner builds segments, sends them, and keeps the queues:
//
//   on_segment()    a segment of the peer: payload goes to the queue `in`
//   offer()         how much more the owner can take: the window
//   next_segment()  what is to be sent now, one segment a call, until there is nothing left
//   on_deadline()   time has passed
//
// What is sent lies in a queue that only the owner sees: it says how far it reaches (`limit`),
// reads the payload of a segment by its offset, and releases what acked() has passed. Offsets of
// both streams count as in ByteQueue.
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"
#include "tcpstack/tcp/byte_queue.h"
#include "tcpstack/tcp/connection_start.h"
#include "tcpstack/tcp/keepalive.h"
#include "tcpstack/tcp/receiver.h"
#include "tcpstack/tcp/segment.h"
#include "tcpstack/tcp/sender.h"
#include "tcpstack/tcp/state.h"
#include "tcpstack/tcp/window_demand.h"
#include "tcpstack/wire/tcp_options.h"
#include "tcpstack/wire/tcp_segment.h"

namespace sallyport::tcp {

// A segment to be sent: `fields` without the tuple, and where its payload lies.
struct Outgoing {
    wire::TcpFields fields;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
};

class Connection {
   public:
    void open(const ConnectionStart& start, Instant now);

    // What hold had kept ahead of a gap when the connection was opened: [begin, end) of the queue.
    void note_ahead(std::uint64_t begin, std::uint64_t end);
    // The peer's FIN, which hold had seen behind the octet before `at`.
    void note_fin(std::uint64_t at);

    Input on_segment(const Segment& segment, ByteQueue& in, ChunkPool& pool, Instant now);

    // The owner can take `room` octets beyond received(). The right edge never moves back; the peer
    // is told when it is worth a segment (RFC 9293 section 3.8.6.2.2). Never more than that is
    // promised; with a scaled window up to an eighth or 4 KiB less.
    void offer(std::uint32_t room);

    // Whether there is something to send now; `limit`: the offset up to which octets may be sent.
    // Fills `out` and counts it as sent. To be asked until false: then the timers are set.
    bool next_segment(std::uint64_t limit, Instant now, Outgoing& out);

    // The same for an acknowledgement alone, which must not wait for the rest of a burst. An owner that
    // gets segments in bursts asks behind each of them: every segment ahead of a gap is answered (RFC
    // 5681 section 4.2), and the loss of one acknowledgement costs the peer little.
    bool next_ack(Instant now, Outgoing& out);

    // Nothing will be sent from `end` on: FIN follows the octet before it.
    void finish(std::uint64_t end);
    bool is_finishing() const;
    // A reset that the peer will believe; the connection is Closed. Its window and options are set.
    wire::TcpFields abort(Instant now);

    // kNever when nothing is to come by itself.
    Instant deadline() const;
    // What was due: segments may be ready afterwards. False: the peer is gone, state Closed: it has
    // left what was sent unanswered for the user timeout, or all probes of keep-alive.
    bool on_deadline(Instant now);
    bool was_silent() const { return was_silent_; }  // the latter
    // A probe of keep-alive waits for its answer.
    bool is_probing() const { return keepalive_.is_probing(); }

    // An ICMP error quotes a segment of ours that begins at `seq`: whether it may be believed, and what
    // is done when a router wants segments of at most `mss` octets (Sender::lower_mss).
    bool is_in_flight(SeqNum seq) const;
    bool lower_mss(std::uint16_t mss, Instant now);

    TcpState state() const { return state_; }
    std::uint64_t acked() const;     // the peer has everything below
    std::uint64_t sent() const;      // the highest offset ever sent
    std::uint64_t received() const;  // everything below is in the queue
    bool peer_finished() const;      // its FIN has arrived, in order
    bool fin_acked() const;          // the peer has acknowledged our FIN

    // The owner has passed on everything below `read`, so that window_demand() follows: how many
    // octets offer() should say, if there is memory, so that our window does not slow the peer down.
    void on_read(std::uint64_t read, Instant now);
    std::uint64_t window_demand() const { return demand_.octets(); }
    // How many octets the queue that we send from should hold, so that the peer is kept busy.
    std::uint64_t send_demand() const { return sender_.demand(); }
    // Octets that may still come, with those that the last offer() allows.
    std::uint64_t promised() const;

    bool uses_timestamps() const { return timestamps_; }

    // For what outlives the connection, for tests and for showing.
    const Sender& sender() const { return sender_; }
    const Receiver& receiver() const { return receiver_; }

   private:
    struct Arrival;
    void move_to(TcpState next);
    Instant keepalive_deadline() const;
    void note_round_trip(const Arrival& arrival);

    // The steps of RFC 9293 section 3.10.7.4. True: the segment is finished.
    bool check_paws(Arrival& arrival);
    bool check_sequence(Arrival& arrival);
    bool check_rst(Arrival& arrival);
    bool check_syn(Arrival& arrival);
    bool check_ack(Arrival& arrival);
    bool process_ack(Arrival& arrival);
    bool process_text(Arrival& arrival, ByteQueue& in, ChunkPool& pool);
    bool process_fin();

    wire::TcpOptions options(Instant now) const;
    void put_ack(wire::TcpFields& fields, Instant now);

    TcpState state_ = TcpState::Closed;
    bool timestamps_ = false;
    bool sack_ = false;
    bool was_silent_ = false;
    Sender sender_;
    Receiver receiver_;
    Keepalive keepalive_;
    WindowDemand demand_;
};
static_assert(sizeof(Connection) <= 1280, "a relayed session holds two");

}  // namespace sallyport::tcp
