// SPDX-License-Identifier: Apache-2.0
// One TCP connection of a capture, from its SYN to its record. Once the record is final, nothing
// that comes changes it.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/sallyctl/replay/byte_stream.h"
#include "tools/sallyctl/replay/record.h"
#include "tools/sallyctl/replay/tcp_segment.h"

namespace sallyport::replay {

class TcpSession {
   public:
    // `syn` is the sequence number of the client's SYN; `record.client` says who the client is.
    TcpSession(const Judge& judge, Record& record, std::uint32_t syn);

    std::uint32_t syn() const { return syn_; }
    void from_client(const TcpSegment& segment);
    void from_server(const TcpSegment& segment);
    // No segment follows. The record is final.
    void end();

    bool is_final() const { return is_final_; }
    std::size_t held() const;  // octets of memory that undecided streams take

   private:
    void take(std::uint32_t sequence, Octets octets);
    void on_asked(const Asked& asked);
    void settle(const Judgement& judgement);
    void watch_server(const TcpSegment& segment);
    void finish();

    const Judge& judge_;
    Record& record_;
    const std::uint32_t syn_;
    std::optional<std::uint32_t> server_syn_, fin_;
    ByteStream stream_, server_;
    ClientReader reader_;
    std::vector<std::uint8_t> server_first_;
    bool is_opened_ = false;   // its first packet decided: refused, or translated
    bool is_settled_ = false;  // some question has been judged
    bool was_reset_ = false;
    bool is_final_ = false;
};

}  // namespace sallyport::replay
