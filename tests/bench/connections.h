// SPDX-License-Identifier: Apache-2.0
// Whole connections, 32 at a time, each by a client address and port of its own.
#pragma once
#include "tests/bench/benchmark.h"
#include "tests/bench/crowd.h"

namespace sallyport::bench {

class Connections : public Benchmark {
   public:
    // `port`: of the servers.
    Connections(Rig& rig, std::uint16_t port)
        : rig_(rig), port_(port), crowd_(rig, kAtOnce, true, port) {}

    Sample repeat(std::uint32_t turns) override;
    void finish() override;

   protected:
    // From the SYNs to the last acknowledgement.
    virtual void talk(Crowd& crowd, Sample& sample) = 0;
    virtual bool is_right(const dp::AccessRecord& record) const = 0;
    virtual void check_counters(const dp::Counters& counters) const = 0;

    std::uint64_t done() const { return done_; }

   private:
    static constexpr std::uint32_t kAtOnce = 32;

    void meet_neighbors();
    void take_records();

    Rig& rig_;
    std::uint16_t port_;
    Crowd crowd_;
    std::uint64_t done_ = 0, records_ = 0;
};

}  // namespace sallyport::bench
