// SPDX-License-Identifier: Apache-2.0
// What costs without a session: a flood, a verdict alone, an idle worker.
#include "dataplane/inspect/client_hello.h"
#include "dataplane/policy/compile.h"
#include "tests/bench/addresses.h"
#include "tests/bench/benchmark.h"
#include "tests/bench/dialogue.h"

namespace sallyport::bench {
namespace {

class SynFlood : public Benchmark {
   public:
    explicit SynFlood(Rig& rig) : rig_(rig) {}

    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) {
            for (std::size_t i = 0; i < dp::kBurstMax; ++i)
                rig_.arrive(dp::kInsidePort, next_syn());
            const auto cycles = cycles_of([&] { rig_.turn(); });
            sample.add(cycles ? Sample{*cycles, dp::kBurstMax, 0} : Sample{0, 0, 1});
            check_answers();
        }
        return sample;
    }

    void finish() override {
        rig_.settle();
        const dp::Counters& counters = rig_.counters();
        expect(counters.syn_acks_sent.value() == sent_, "not every SYN was answered");
        expect(counters.embryos_made.value() == 0 && counters.session_slots_used.value() == 0,
               "a SYN left something behind");
    }

   private:
    Octets next_syn() {
        const auto number = static_cast<std::uint32_t>(sent_++);
        Endpoint client(client_station(number), number * 0x9e3779b1U, true);
        client.set_peer(server_station(number % dp::kBurstMax).address, kTlsPort);
        return client.frame(wire::kSyn);
    }
    void check_answers() {
        std::size_t answers = 0;
        for (Octets frame; rig_.departed(dp::kInsidePort, frame); ++answers) {
            wire::PacketView packet;
            const bool right = wire::parse(frame, packet) == wire::ParseError::None &&
                               packet.kind() == wire::PacketKind::Tcp &&
                               packet.tcp().flags == (wire::kSyn | wire::kAck) &&
                               packet.transport_checksum_ok();
            expect(right, "the answer to a SYN is no SYN-ACK");
        }
        expect(answers == dp::kBurstMax, "a SYN was answered not at all or twice");
    }

    Rig& rig_;
    std::uint64_t sent_ = 0;
};

class Idle : public Benchmark {
   public:
    explicit Idle(Rig& rig) : rig_(rig) {}
    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) {
            const auto cycles = cycles_of([&] { rig_.turn(); });
            sample.add(cycles ? Sample{*cycles, 1, 0} : Sample{0, 0, 1});
        }
        return sample;
    }

   private:
    Rig& rig_;
};

// Parser and policy alone, one name after the other.
class Verdict : public Benchmark {
   public:
    Verdict()
        : generation_(dp::policy::compile(bench_model(1000, cfg::Protocol::Tls))),
          scratch_(16 * 1024) {
        for (std::uint32_t i = 0; i < kHellos; ++i)
            hellos_.push_back(hello_for(i % 2 == 0 ? allowed_name(i / 2) : denied_name(i)));
    }

    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) {
            std::uint32_t allowed = 0;
            const auto cycles = cycles_of([&] {
                for (std::uint32_t i = 0; i < kAtOnce; ++i)
                    allowed += is_allowed(next_++) ? 1U : 0U;
            });
            expect(allowed == kAtOnce / 2, "a verdict is wrong");
            sample.add(cycles ? Sample{*cycles, kAtOnce, 0} : Sample{0, 0, 1});
        }
        return sample;
    }

   private:
    static constexpr std::uint32_t kHellos = 2000, kAtOnce = 64;

    bool is_allowed(std::uint32_t i) {
        dp::inspect::ClientHello hello;
        const auto result = dp::inspect::parse_client_hello(hellos_[i % kHellos], scratch_, hello);
        if (result.status != dp::inspect::HelloStatus::Done) return false;
        const IpAddr source = client_station(i).address;
        return generation_.policy.match({source, hello.name.view(), Port{kTlsPort}}).decision ==
               dp::policy::Decision::Allow;
    }

    dp::Generation generation_;
    Octets scratch_;
    std::vector<Octets> hellos_;
    std::uint32_t next_ = 0;
};

}  // namespace

std::unique_ptr<Benchmark> make_syn_flood(Rig& rig) {
    return std::make_unique<SynFlood>(rig);
}

std::unique_ptr<Benchmark> make_idle(Rig& rig) {
    return std::make_unique<Idle>(rig);
}

std::unique_ptr<Benchmark> make_verdict(Rig&) {
    return std::make_unique<Verdict>();
}

}  // namespace sallyport::bench
