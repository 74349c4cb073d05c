// SPDX-License-Identifier: Apache-2.0
// What the client of a TCP connection asks for: the name of its ClientHello, or the Host of each of
// its requests. Reads with the parsers of the workers, knows no policy.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/inspect/http_body.h"
#include "dataplane/inspect/http_head.h"
#include "dataplane/policy/verdict.h"
#include "tools/sallyctl/replay/octets.h"

namespace sallyport::replay {

using dp::Reason;
using dp::policy::AppProtocol;

enum class Spoken : std::uint8_t { Other, Tls, Http };

// One question of the client.
struct Asked {
    AppProtocol protocol = AppProtocol::Tls;
    Reason refused = Reason::None;  // by the parser, whatever the policy says
    std::string name;               // normalised; empty: none that is valid
    std::string method;             // of a request
    std::uint16_t port = 0;         // of a request's authority; 0: none given
};

enum class StreamEnd : std::uint8_t { Closed, Reset, Silent };

class ClientReader {
   public:
    explicit ClientReader(std::uint32_t hello_octets_max) : hello_max_(hello_octets_max) {}

    // The next octets in order.
    void feed(Octets octets, std::vector<Asked>& out);
    // The server asked for a second ClientHello; one with another name is a further question, which
    // is refused.
    void expect_second_hello(std::vector<Asked>& out);
    // A second hello can no longer come.
    void expect_no_second_hello();
    // No octet follows. A question that was begun is refused.
    void end(StreamEnd how, std::vector<Asked>& out);

    Spoken spoken() const { return spoken_; }
    // Whether further octets could change anything.
    bool is_over() const { return at_ == At::Over; }
    std::size_t held() const { return held_.size(); }

   private:
    enum class At : std::uint8_t {
        Start,
        Hello,
        BehindHello,   // until the server has answered
        SecondHello,
        Head,
        Body,
        BehindUpgrade,  // frames of websocket, or requests if the server refused the upgrade
        Over,
    };
    void begin(std::uint8_t first);
    void read_hello(std::vector<Asked>& out);
    void read_second_hello(std::vector<Asked>& out);
    std::size_t read_head(Octets octets, std::vector<Asked>& out);
    std::size_t read_body(Octets octets, std::vector<Asked>& out);
    void on_request(std::vector<Asked>& out);
    void begin_head();
    void refuse(AppProtocol protocol, Reason reason, std::vector<Asked>& out);
    void stop();

    At at_ = At::Start;
    Spoken spoken_ = Spoken::Other;
    std::uint32_t hello_max_;
    bool asks_upgrade_ = false, keeps_alive_ = true;
    std::vector<std::uint8_t> held_, scratch_;
    std::string first_name_;
    dp::inspect::HeadScanner head_;
    dp::inspect::BodyFramer body_;
};

}  // namespace sallyport::replay
