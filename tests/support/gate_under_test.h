// SPDX-License-Identifier: Apache-2.0
// One worker's path with a virtual clock, buffers that are counted, and two links whose stations answer
// ARP and neighbor discovery. Everything that leaves is looked at: addresses, MACs, checksums. What is
// wrong is collected in problems(); a test fails when there is one.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/path.h"
#include "tests/support/frame_builder.h"

namespace sallyport::test {

inline constexpr wire::MacAddr kOutsideGateMac{{0x02, 0, 0, 0, 1, 0xfe}};
inline constexpr wire::MacAddr kRouterMac{{0x02, 0, 0, 0, 1, 0x01}};

// Inside 10.10.0.1/24; outside 203.0.113.2/24 behind the router 203.0.113.1; egress 203.0.113.7; and
// the twins of all these (twins.h).
// Rules for tls/443 and http/80: allowed.example and *.wild.example are allowed, denied.example is
// answered by an alert, reset.example by a reset, dropped.example by nothing, all else by the
// default (alert). Each name may have any address (destination: original).
cfg::Model standard_model();

struct GateOptions {
    cfg::Model model = standard_model();
    std::uint32_t sessions = 1024;
    std::uint64_t hold_bytes = 1U << 20;
    std::uint64_t relay_bytes = 4U << 20;
    Instant start = Instant{} + std::chrono::seconds(100);
};

// An answer of the scripted resolver; see GateUnderTest::names.
dp::NameAnswer found(std::vector<IpAddr> addresses, Duration ttl = std::chrono::minutes(5));
dp::NameAnswer not_found(Duration ttl = std::chrono::minutes(5));
dp::NameAnswer failed(Duration ttl = std::chrono::seconds(5));

struct Emitted {
    Octets frame;
    Instant at{};
    dp::PortIndex port = 0;
};

class GateUnderTest {
   public:
    explicit GateUnderTest(const GateOptions& options = {});
    ~GateUnderTest();

    Instant now() const { return now_; }
    // A frame arrives. Its answers are in out() afterwards.
    void inject(dp::PortIndex port, const Octets& frame);
    // Time passes in small steps; what is due on the way is sent on the way.
    void advance(Duration duration);
    // Like advance, but stops as soon as something left by `port`. False: nothing did.
    bool advance_until_output(dp::PortIndex port, Duration at_most);
    void reconfigure(const cfg::Model& model);
    // Holds every session against the present generation.
    void recheck();

    std::deque<Emitted>& out(dp::PortIndex port) { return out_[port]; }
    std::deque<dp::AccessRecord>& records() { return records_; }
    dp::Path& path() { return *path_; }
    const dp::Settings& settings() const { return generation_->settings; }
    const dp::Generation& generation() const { return *generation_; }
    // A counter, gauge or reason by its name; nullopt: there is none of this name.
    std::optional<std::uint64_t> counter(std::string_view name) const;

    // Lets enough time pass for everything to end, and checks that all pools are empty and that
    // each buffer is either in stock or was given out again exactly once.
    void finish(Duration after = std::chrono::minutes(130));
    const std::vector<std::string>& problems() const { return problems_; }

    // What the resolver says of a name, and how long it takes. A name that is not here gets no
    // answer.
    std::map<std::string, dp::NameAnswer, std::less<>> names;
    Duration resolver_delay{};
    std::vector<std::string> asked;  // the names of all questions, in their order
    // An answer that comes of itself.
    void answer_name(const std::string& name, dp::NameAnswer answer);

    bool answer_arp[dp::kPortsMax] = {true, true};
    bool accept_bad_checksums = false;
    std::size_t stock_size = 64;

   private:
    struct Buffer {
        std::array<std::uint8_t, 2048> octets;
        bool with_path = false;
    };
    static constexpr Duration kStep = std::chrono::milliseconds(4);

    dp::Frame frame_for(const Octets& octets, dp::PortIndex port);
    void give_back(const dp::Frame& frame);
    void refill();
    void collect();
    void emit(const dp::Frame& frame, dp::PortIndex port);
    void check_emitted(const Emitted& emitted);
    void check_addresses(const Emitted& emitted, const wire::PacketView& view);
    bool answer_if_arp(const Emitted& emitted);
    bool answer_if_discovery(const Emitted& emitted, const wire::PacketView& view);
    void problem(const std::string& what) { problems_.push_back(what); }
    void step(Instant to);
    void take_questions();
    void give_due_answers();

    Instant now_;
    std::unique_ptr<const dp::Generation> generation_;
    std::unique_ptr<dp::Path> path_;
    std::deque<std::unique_ptr<Buffer>> all_buffers_;
    std::vector<Buffer*> free_buffers_;
    std::deque<Emitted> out_[dp::kPortsMax];
    std::deque<dp::AccessRecord> records_;
    struct Pending {
        Instant at{};
        dp::NameAnswer answer;
    };
    std::deque<Pending> pending_;
    std::vector<std::string> problems_;
};

}  // namespace sallyport::test
