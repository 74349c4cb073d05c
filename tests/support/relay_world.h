// SPDX-License-Identifier: Apache-2.0
// A client, a gate and servers in one process, with a virtual clock: what a relay does is told as a
// conversation. Frames take no time unless the links have a delay; a turn is over when nobody has
// anything to say any more.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/gate_under_test.h"
#include "tests/support/tcp_host.h"

namespace sallyport::test {

struct WorldOptions {
    GateOptions gate{};
    HostOptions client{}, server{};
    Family family = Family::V4;
    std::uint16_t port = 80;
    std::uint16_t client_port = 40001;
    Duration delay{};  // of every frame on either link
};

class RelayWorld {
   public:
    explicit RelayWorld(const WorldOptions& options = {});

    // The client connects, and says `text`.
    void client_says(std::string_view text);
    // The server of the present leg says `text`.
    void server_says(std::string_view text);
    // Everybody acts until nobody has anything to say.
    void settle();
    // Time passes, a few milliseconds at a time.
    void wait(Duration duration);

    TcpHost& client() { return *client_; }
    // The servers of the legs that the gate opened, in order; the last one is still to be reached.
    TcpHost& server() { return *servers_.back(); }
    TcpHost& server(std::size_t leg) { return *servers_.at(leg); }
    std::size_t legs() const;
    GateUnderTest& gate() { return gate_; }

    // Looks at every frame on its way; false: it is lost.
    std::function<bool(dp::PortIndex port, const wire::PacketView& view)> link;

    // Records so far, each taken once.
    std::vector<dp::AccessRecord> take_records();
    // All that servers have heard.
    std::string servers_heard() const;
    // Ends the world; the problems found. `after`: how long what is left may take to end.
    std::vector<std::string> finish(Duration after = std::chrono::minutes(130));

   private:
    struct Flying {
        Instant at{};
        dp::PortIndex port;
        bool to_gate;
        Octets frame;
    };
    bool arrive();
    void put(dp::PortIndex port, bool to_gate, Octets frame);
    void hand_over(const Flying& flying);
    void to_server(const wire::PacketView& view);
    bool deliver(dp::PortIndex port);
    bool send(dp::PortIndex port, TcpHost& host);

    WorldOptions options_;
    GateUnderTest gate_;
    std::unique_ptr<TcpHost> client_;
    std::vector<std::unique_ptr<TcpHost>> servers_;
    std::deque<Flying> flying_;
    bool connected_ = false;
};

}  // namespace sallyport::test
