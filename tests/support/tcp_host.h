// SPDX-License-Identifier: Apache-2.0
// A host with one TCP connection, for conversations through a gate: what it says and hears is text.
// Behind the handshake it is tcp::Connection, so both ends of a test follow the rules of TCP.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tcpstack/tcp/connection.h"
#include "tests/support/frame_builder.h"

namespace sallyport::test {

struct HostOptions {
    std::uint16_t mss = 1460;
    bool sack = true;
    bool timestamps = true;
    std::uint8_t window_shift = 7;
    std::uint32_t window = 64 * 1024;   // octets that it takes before the test reads them
    std::uint32_t isn = 4'294'960'000;  // wraps soon
};

class TcpHost {
   public:
    explicit TcpHost(const HostOptions& options = {});

    // The first flight of a client, to be sent by its owner.
    Octets connect(const Addresses& addresses, std::uint16_t own_port, std::uint16_t port);
    // Whether a frame is for the connection; a host that has none takes any SYN.
    bool is_for(const wire::PacketView& view) const;
    void on_frame(const wire::PacketView& view, Instant now);

    void say(std::string_view text) { outgoing_ += text; }
    void close() { closing_ = true; }
    void reset() { resetting_ = true; }
    // Takes what has been heard; with `reading` false the window closes over it.
    std::string heard() const { return heard_; }
    std::string take_heard() { return std::exchange(heard_, {}); }
    bool reading = true;
    bool refusing = false;  // a SYN is answered with a reset
    bool silent = false;    // nothing is answered any more

    // What is to be sent now.
    std::vector<Octets> frames(Instant now);

    bool is_open() const { return open_; }
    bool peer_closed() const { return open_ && connection_.peer_finished(); }
    bool was_reset() const { return was_reset_; }
    bool all_acknowledged() const { return connection_.acked() == said_; }
    std::uint16_t peer_port() const { return template_.dst_port; }
    std::uint16_t own_port() const { return template_.src_port; }
    unsigned syns() const { return syns_; }

   private:
    void answer_syn(const wire::PacketView& view);
    void become_open(const wire::PacketView& view, SeqNum irs, Instant now);
    Octets framed(const wire::TcpFields& fields, std::string_view payload) const;
    void drain();

    HostOptions options_;
    tcp::ConnectionStart start_;
    TcpFields template_;
    std::vector<tcp::Chunk> chunks_;
    std::vector<std::uint32_t> links_, next_;
    tcp::ChunkPool pool_;
    tcp::ByteQueue in_;
    tcp::Connection connection_;
    std::deque<Octets> ready_;
    std::string outgoing_, heard_;
    std::uint64_t said_ = 0, outgoing_from_ = 0;
    bool known_ = false, open_ = false, closing_ = false, resetting_ = false, was_reset_ = false;
    unsigned syns_ = 0;
};

}  // namespace sallyport::test
