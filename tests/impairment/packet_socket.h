// SPDX-License-Identifier: Apache-2.0
// A network device as a packet socket sees it: every frame that comes in, untagged, and none that
// goes out. Sending goes round the queueing discipline.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/impairment/impaired_way.h"

namespace sallyport::test {

class PacketSocket {
   public:
    // Throws std::system_error.
    explicit PacketSocket(const std::string& device);
    ~PacketSocket();
    PacketSocket(const PacketSocket&) = delete;
    PacketSocket& operator=(const PacketSocket&) = delete;

    int fd() const { return fd_; }
    // What has come, at most a batch; does not wait.
    std::vector<Frame> receive();
    void send(std::vector<Frame>& frames);

    // Frames that the kernel dropped because receive() came too late; and that it did not send.
    std::uint64_t missed();
    std::uint64_t not_sent() const { return not_sent_; }

   private:
    int fd_;
    std::uint64_t missed_ = 0, not_sent_ = 0;
    std::vector<std::uint8_t> buffers_;
};

}  // namespace sallyport::test
