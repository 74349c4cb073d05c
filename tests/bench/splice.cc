// SPDX-License-Identifier: Apache-2.0
// Packets of joined sessions, both directions at once, full bursts.
#include "tests/bench/benchmark.h"
#include "tests/bench/dialogue.h"

namespace sallyport::bench {
namespace {

using wire::kAck, wire::kPsh;

constexpr std::uint32_t kSessions = 16;

struct Shape {
    std::size_t payload;
    bool timestamps, sack;
};

class Splice : public Benchmark {
   public:
    Splice(Rig& rig, const Shape& shape)
        : rig_(rig), crowd_(rig, kSessions, shape.timestamps), shape_(shape) {
        Crowd first(rig, 1, shape.timestamps);
        connect(first);  // the gate asks its neighbours' addresses
        Sample none;
        close_both(first, none);
        crowd_.renew();  // the first client is taken
        connect(crowd_);
        expect(rig.counters().sessions_spliced.value() == kSessions + 1,
               "not every session was spliced");
    }

    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) sample.add(one_turn());
        expect(crowd_.streams_agree(), "the spliced octets are not those that were sent");
        return sample;
    }

    void finish() override {
        Sample none;
        close_both(crowd_, none);
        rig_.settle();
        expect(rig_.counters().of(dp::Reason::Closed) == kSessions + 1,
               "not every session was closed");
        expect(rig_.counters().sessions_active.value() == 0, "a session is left");
    }

   private:
    static void connect(Crowd& crowd) {
        Sample none;
        open_clients(crowd, none);
        say_hello(crowd, allowed_name, none);
        join(crowd, none);
    }
    Sample one_turn() {
        constexpr std::uint32_t kEach = dp::kBurstMax / kSessions;
        const Octets payload(shape_.payload, 0x17);
        for (std::uint32_t k = 0; k < kEach; ++k)
            for (std::uint32_t i = 0; i < kSessions; ++i) {
                crowd_.client_sends(i, kAck | kPsh, payload, shape_.sack);
                crowd_.server_sends(i, kAck | kPsh, payload, shape_.sack);
            }
        Sample turn;
        crowd_.exchange(turn);
        if (turn.discarded == 0)
            turn.units = std::uint64_t{kEach} * kSessions * dp::kPortsMax;
        else
            turn.cycles = 0;
        return turn;
    }

    Rig& rig_;
    Crowd crowd_;
    Shape shape_;
};

}  // namespace

std::unique_ptr<Benchmark> make_splice_small(Rig& rig) {
    return std::make_unique<Splice>(rig, Shape{6, false, false});
}

std::unique_ptr<Benchmark> make_splice_options(Rig& rig) {
    return std::make_unique<Splice>(rig, Shape{0, true, true});
}

std::unique_ptr<Benchmark> make_splice_large(Rig& rig) {
    return std::make_unique<Splice>(rig, Shape{1342, false, false});
}

}  // namespace sallyport::bench
