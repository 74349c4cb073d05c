// SPDX-License-Identifier: Apache-2.0
// Reads a stream of HTTP/1.x messages as a relay does, in whatever pieces it comes, and says all
// that was read in values that can be compared.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/inspect/http_head.h"
#include "tcpstack/base/check.h"

namespace sallyport::test {

struct ReadMessage {
    dp::inspect::HeadStatus head = dp::inspect::HeadStatus::NeedMore;
    dp::Reason line_reason = dp::Reason::None, reason = dp::Reason::None;
    std::uint32_t line_size = 0, head_size = 0;
    std::string method, target, authority, host, user_agent, request_id;
    std::uint16_t port = 0, status = 0;
    std::uint8_t minor = 0;
    bool keep_alive = false, websocket = false, expect_continue = false, is_interim = false;
    dp::inspect::BodyFraming framing;
    dp::inspect::BodyStatus body = dp::inspect::BodyStatus::More;
    std::uint64_t body_octets = 0, body_taken = 0, withheld = 0;

    friend bool operator==(const ReadMessage&, const ReadMessage&) = default;

    bool is_accepted() const {
        return head == dp::inspect::HeadStatus::Done && reason == dp::Reason::None;
    }
    bool is_complete() const { return is_accepted() && body == dp::inspect::BodyStatus::Done; }
    // Octets that may be sent on.
    std::uint64_t released() const { return is_accepted() ? head_size + body_taken - withheld : 0; }
};

class HttpReader {
   public:
    using Bytes = std::span<const std::uint8_t>;

    explicit HttpReader(dp::inspect::HeadKind kind = dp::inspect::HeadKind::Request,
                        dp::inspect::RequestFacts facts = {})
        : kind_(kind), facts_(facts), scanner_(kind) {}

    void feed(Bytes piece) {
        // A copy, so that a sanitizer sees every octet read outside.
        const std::vector<std::uint8_t> exact(piece.begin(), piece.end());
        Bytes rest(exact);
        while (!rest.empty() && !is_over_) rest = rest.subspan(in_body_ ? body(rest) : head(rest));
    }
    const std::vector<ReadMessage>& messages() const { return messages_; }
    // Nothing more is read: a message was refused, or what follows is of another protocol.
    bool is_over() const { return is_over_; }

   private:
    std::uint32_t head(Bytes rest) {
        using dp::inspect::HeadStatus;
        if (head_.empty()) messages_.emplace_back();
        ReadMessage& m = messages_.back();
        std::uint32_t used = 0;
        m.head = scanner_.feed(rest, used);
        SP_CHECK(used <= rest.size());
        head_.insert(head_.end(), rest.begin(), rest.begin() + used);
        SP_CHECK(scanner_.size() == head_.size());
        m.head_size = scanner_.size();
        m.line_size = scanner_.line();
        const bool goes_on = m.head == HeadStatus::NeedMore || m.head == HeadStatus::FirstLine;
        if (m.head == HeadStatus::FirstLine) {
            note_line(m);
            m.head = HeadStatus::NeedMore;  // a cut behind the line makes no difference
        }
        if (goes_on) return used;
        if (m.head == HeadStatus::Done) parse(m);
        if (m.is_accepted()) start_body(m);
        is_over_ = is_over_ || !m.is_accepted();
        return used;
    }

    void note_line(ReadMessage& m) {
        if (kind_ == dp::inspect::HeadKind::Request)
            m.line_reason = dp::inspect::check_request_line(head_);
    }

    void parse(ReadMessage& m) {
        const std::vector<std::uint8_t> exact(head_);
        kind_ == dp::inspect::HeadKind::Request ? parse_request(exact, m)
                                                : parse_response(exact, m);
    }

    static void parse_request(Bytes head, ReadMessage& m) {
        dp::inspect::RequestHead read;
        m.reason = parse_request_head(head, read);
        m.method = read.method;
        m.target = read.target;
        m.authority = read.authority;
        m.host = read.host.view();
        m.user_agent = read.user_agent;
        m.request_id = read.request_id;
        m.port = read.port;
        m.minor = read.minor;
        m.keep_alive = read.keep_alive;
        m.websocket = read.websocket;
        m.expect_continue = read.expect_continue;
        m.framing = read.body;
        SP_CHECK(read.is_head == (read.method == "HEAD"));
    }

    void parse_response(Bytes head, ReadMessage& m) {
        dp::inspect::ResponseHead read;
        m.reason = parse_response_head(head, facts_, read);
        m.status = read.status;
        m.minor = read.minor;
        m.keep_alive = read.keep_alive;
        m.is_interim = read.is_interim;
        m.framing = read.body;
    }

    void start_body(ReadMessage& m) {
        framer_.start(m.framing);
        in_body_ = true;
        end_of_feed(m);
        is_over_ = is_over_ || m.websocket || m.status == 101;
    }

    std::uint32_t body(Bytes rest) {
        ReadMessage& m = messages_.back();
        const std::uint64_t released = m.released();
        std::uint32_t used = 0;
        framer_.feed(rest, used);
        SP_CHECK(used <= rest.size());
        m.body_taken += used;
        end_of_feed(m);
        // What was sent on cannot be called back.
        SP_CHECK(m.withheld <= m.body_taken && m.released() >= released);
        return used;
    }

    void end_of_feed(ReadMessage& m) {
        m.body = framer_.status();
        m.body_octets = framer_.octets();
        m.withheld = framer_.withheld();
        SP_CHECK(m.withheld <= dp::inspect::kChunkLineMax + dp::inspect::kTrailersMax);
        if (m.body == dp::inspect::BodyStatus::Bad) is_over_ = true;
        if (m.body != dp::inspect::BodyStatus::Done) return;
        SP_CHECK(m.withheld == 0);
        in_body_ = false;
        head_.clear();
        scanner_ = dp::inspect::HeadScanner(kind_);
    }

    dp::inspect::HeadKind kind_;
    dp::inspect::RequestFacts facts_;
    dp::inspect::HeadScanner scanner_;
    dp::inspect::BodyFramer framer_;
    std::vector<std::uint8_t> head_;
    std::vector<ReadMessage> messages_;
    bool in_body_ = false, is_over_ = false;
};

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::vector<ReadMessage> read_whole(std::string_view stream,
                                           HttpReader reader = HttpReader()) {
    reader.feed(bytes_of(stream));
    return reader.messages();
}

}  // namespace sallyport::test
