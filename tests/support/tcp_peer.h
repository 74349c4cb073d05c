// SPDX-License-Identifier: Apache-2.0
// A Connection with what an owner gives it: queues, a pool and the octets that a segment carries.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tcpstack/tcp/connection.h"

namespace sallyport::test {

// Chunks for the queues of a test.
class TestPool {
   public:
    explicit TestPool(std::uint32_t chunks = 512)
        : chunks_(chunks), links_(chunks), next_(chunks), pool_(chunks_, links_, next_) {}
    tcp::ChunkPool& operator*() { return pool_; }
    tcp::ChunkPool* operator->() { return &pool_; }

   private:
    std::vector<tcp::Chunk> chunks_;
    std::vector<std::uint32_t> links_;
    std::vector<tcp::ChunkId> next_;
    tcp::ChunkPool pool_;
};

inline std::span<const std::uint8_t> octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A segment on its way: what the owner of a connection makes of an Outgoing.
struct Flying {
    SeqNum seq{}, ack{};
    std::uint8_t flags = wire::kAck;
    std::uint16_t window = 0xffff;
    wire::TcpOptions options{};
    std::string payload{};

    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    SeqNum end() const {
        return seq + static_cast<std::uint32_t>(payload.size()) + (has(wire::kFin) ? 1 : 0);
    }
};

class TcpPeer {
   public:
    // The connection starts with empty queues: `start` says the rest.
    TcpPeer(const tcp::ConnectionStart& start, TestPool& pool, Instant now) : pool_(pool) {
        connection_.open(start, now);
    }
    ~TcpPeer() {
        in_.clear(*pool_);
        out_.clear(*pool_);
    }
    TcpPeer(const TcpPeer&) = delete;
    TcpPeer& operator=(const TcpPeer&) = delete;

    tcp::Connection& tcp() { return connection_; }
    const tcp::ByteQueue& in() const { return in_; }
    const tcp::ByteQueue& out() const { return out_; }

    tcp::Input receive(const Flying& f, Instant now) {
        wire::TcpHeader header{};
        header.seq.set(f.seq.raw());
        header.ack.set(f.ack.raw());
        header.flags = f.flags;
        header.window.set(f.window);
        const tcp::Input input =
            connection_.on_segment({header, f.options, octets_of(f.payload)}, in_, *pool_, now);
        out_.release(*pool_, std::max(out_.begin(), connection_.acked()));
        return input;
    }

    // False when the pool has no chunk left.
    bool write(std::string_view text) { return out_.append(*pool_, octets_of(text)); }
    void finish() { connection_.finish(out_.end()); }

    std::optional<Flying> next(Instant now) {
        tcp::Outgoing o;
        if (!connection_.next_segment(out_.end(), now, o)) return std::nullopt;
        return Flying{o.fields.seq,    o.fields.ack,     o.fields.flags,
                      o.fields.window, o.fields.options, octets(out_, o.offset, o.length)};
    }
    std::vector<Flying> all(Instant now) {
        std::vector<Flying> out;
        while (auto f = next(now)) out.push_back(std::move(*f));
        return out;
    }

    // Takes up to `most` octets that have come, in order.
    std::string read(std::uint32_t most = 0xffff'ffff) {
        const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, in_.size()));
        std::string out = octets(in_, in_.begin(), n);
        in_.release(*pool_, in_.begin() + n);
        return out;
    }

   private:
    std::string octets(const tcp::ByteQueue& queue, std::uint64_t offset, std::uint32_t n) {
        std::string out(n, '\0');
        queue.read(*pool_, offset, {reinterpret_cast<std::uint8_t*>(out.data()), n});
        return out;
    }

    TestPool& pool_;
    tcp::Connection connection_;
    tcp::ByteQueue in_, out_;
};

}  // namespace sallyport::test
