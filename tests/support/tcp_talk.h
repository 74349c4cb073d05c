// SPDX-License-Identifier: Apache-2.0
// A conversation with one connection: the test speaks as the peer and compares what comes back, as
// a line of text for each segment. Numbers count from the first octet of each stream.
//
//   "P 0+100 ack 7 win 1000 sack 20-30,40-50 ts 5/9"    letters for PSH, FIN and RST; none for ACK
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/tcp_peer.h"

namespace sallyport::test {

// What the peer says.
struct Said {
    std::int64_t seq = 0, ack = 0;
    std::string text{};
    std::uint8_t flags = wire::kAck;
    std::uint16_t win = 10000;
    std::optional<wire::Timestamps> ts{};
    std::vector<std::pair<std::int64_t, std::int64_t>> sack{};  // of what it has got from us
};

class Talk {
   public:
    static constexpr std::uint32_t kOffered = 4000;
    static constexpr std::uint32_t kMss = 100;

    // Both streams wrap after a few octets.
    static tcp::ConnectionStart plain() {
        tcp::ConnectionStart start;
        start.iss = SeqNum{0xffff'ffc0};
        start.irs = SeqNum{0xffff'fff0};
        start.snd_mss = kMss;
        start.snd_wnd = 10000;
        start.offered = kOffered;
        return start;
    }

    explicit Talk(const tcp::ConnectionStart& start = plain(), std::uint32_t chunks = 64)
        : start_(start), pool_(chunks), peer_(start, pool_, now_) {}

    tcp::Connection& tcp() { return peer_.tcp(); }
    TcpPeer& peer() { return peer_; }
    TestPool& pool() { return pool_; }
    Instant now() const { return now_; }

    tcp::Input hear(const Said& said) {
        Flying f;
        f.seq = start_.irs + 1 + static_cast<std::uint32_t>(said.seq);
        f.ack = start_.iss + 1 + static_cast<std::uint32_t>(said.ack);
        f.flags = said.flags;
        f.window = said.win;
        f.payload = said.text;
        f.options.timestamps = said.ts;
        const SeqNum first = start_.iss + 1;
        for (const auto& [left, right] : said.sack) {
            const wire::SackBlock block{first + static_cast<std::uint32_t>(left),
                                        first + static_cast<std::uint32_t>(right)};
            EXPECT_TRUE(f.options.sack.push_back(block));
        }
        return peer_.receive(f, now_);
    }
    // Time passes; deadlines on the way are met as an owner would. False: the connection gave up.
    bool pass(Duration time) {
        const Instant to = now_ + time;
        while (tcp().deadline() <= to) {
            now_ = std::max(now_, tcp().deadline());
            if (!tcp().on_deadline(now_)) return false;
            for (const Flying& f : peer_.all(now_))
                unread_ += (unread_.empty() ? "" : " | ") + text(f);
        }
        now_ = to;
        return true;
    }
    // Time passes while the owner is away; what is due then is met once. False: the connection gave up.
    bool oversleep(Duration time) {
        now_ += time;
        return tcp().deadline() > now_ || tcp().on_deadline(now_);
    }
    // All that has been sent since the last call; "" for silence.
    std::string said() {
        for (const Flying& f : peer_.all(now_)) unread_ += (unread_.empty() ? "" : " | ") + text(f);
        return std::exchange(unread_, {});
    }
    // The answer to one segment.
    std::string answer(const Said& s) {
        hear(s);
        return said();
    }
    void write(std::uint32_t octets) { ASSERT_TRUE(peer_.write(std::string(octets, 'w'))); }

    std::string text(const Flying& f) const {
        std::string out;
        for (const auto& [flag, letter] :
             {std::pair{wire::kPsh, 'P'}, {wire::kFin, 'F'}, {wire::kRst, 'R'}})
            if (f.has(flag)) out += letter;
        if (!out.empty()) out += ' ';
        out += std::to_string(distance(start_.iss + 1, f.seq));
        if (!f.payload.empty()) out += '+' + std::to_string(f.payload.size());
        out += " ack " + std::to_string(distance(start_.irs + 1, f.ack));
        out += " win " + std::to_string(f.window);
        for (const wire::SackBlock& block : f.options.sack) {
            out += &block == f.options.sack.begin() ? " sack " : ",";
            out += std::to_string(distance(start_.irs + 1, block.left)) + '-' +
                   std::to_string(distance(start_.irs + 1, block.right));
        }
        if (const auto& ts = f.options.timestamps)
            out += " ts " + std::to_string(ts->val.raw()) + '/' + std::to_string(ts->ecr.raw());
        return out;
    }

   private:
    tcp::ConnectionStart start_;
    Instant now_ = Instant{} + std::chrono::seconds(100);
    TestPool pool_;
    TcpPeer peer_;
    std::string unread_;
};

}  // namespace sallyport::test
