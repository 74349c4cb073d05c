// SPDX-License-Identifier: Apache-2.0
// An outbox with a stock of real buffers, and what a test asks of it.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/outbox.h"
#include "tcpstack/wire/pretty.h"
#include "tests/support/frame_builder.h"

namespace sallyport::dp {

class OutboxFixture : public testing::Test {
   protected:
    static constexpr std::uint16_t kBufferSize = 2048;

    OutboxFixture() { refill(64); }

    void refill(std::size_t frames) {
        outbox.stock.clear();
        for (std::size_t i = 0; i < frames; ++i) (void)outbox.stock.push_back(frame_of({}));
    }
    // A frame as a port delivers it. Its memory lives as long as the test.
    Frame frame_of(const test::Octets& octets, PortIndex port = kInsidePort) {
        auto& buffer = buffers_.emplace_back(kBufferSize);
        std::copy(octets.begin(), octets.end(), buffer.begin());
        return {buffer.data(), static_cast<std::uint16_t>(octets.size()), kBufferSize, port,
                &buffer};
    }
    // Takes what is to be sent by `port`, as text (tcpstack/wire/pretty.h).
    std::vector<std::string> sent(PortIndex port = kInsidePort) {
        std::vector<std::string> lines;
        for (const Frame& f : take_sent(port)) {
            std::array<char, wire::kPrettyMax> text;
            lines.emplace_back(wire::pretty(f.bytes(), text));
        }
        return lines;
    }
    std::vector<Frame> take_sent(PortIndex port = kInsidePort) {
        auto& list = outbox.to_send[port];
        std::vector<Frame> frames(list.begin(), list.end());
        list.clear();
        return frames;
    }
    std::size_t freed() const { return outbox.to_free.size(); }

    std::unique_ptr<Counters> counters_owner = std::make_unique<Counters>();
    Counters& counters = *counters_owner;
    std::unique_ptr<Outbox> outbox_owner = std::make_unique<Outbox>(counters);
    Outbox& outbox = *outbox_owner;

   private:
    std::deque<test::Octets> buffers_;
};

}  // namespace sallyport::dp
