// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/tcp_session.h"

#include <algorithm>

#include "dataplane/inspect/server_hello.h"

namespace sallyport::replay {
namespace {

int severity(Decision decision) {
    switch (decision) {
        case Decision::Allow: return 0;
        case Decision::WouldDeny: return 1;
        case Decision::Deny: return 2;
    }
    __builtin_unreachable();
}

void add_request(Record& record, const Asked& asked, const Judgement& judgement) {
    if (record.requests.size() == Record::kRequestsMax)
        ++record.requests_left_out;
    else
        record.requests.push_back({asked.method, asked.name, judgement});
}

}  // namespace

TcpSession::TcpSession(const Judge& judge, Record& record, std::uint32_t syn)
    : judge_(judge),
      record_(record),
      syn_(syn),
      reader_(judge.policy().generation().settings.hello_bytes) {
    const Opening opening = judge.open_tcp(record.client);
    is_opened_ = opening.is_final;
    if (is_opened_) record.judgement = opening.judgement;
}

std::size_t TcpSession::held() const {
    return stream_.held() + server_.held() + reader_.held() + server_first_.size();
}

void TcpSession::take(std::uint32_t sequence, Octets octets) {
    if (octets.empty()) return;
    std::vector<Asked> asked;
    const auto added = stream_.add(syn_, sequence, octets,
                                   [&](Octets in_order) { reader_.feed(in_order, asked); });
    if (added == ByteStream::Added::NoRoom) record_.has_gap = true;
    for (const Asked& a : asked) on_asked(a);
    // A worker ends a session whose client sends other octets for the same numbers.
    if (added == ByteStream::Added::Conflict && !is_opened_) {
        settle({.reason = Reason::ConflictingOverlap});
        finish();
    }
}

void TcpSession::from_client(const TcpSegment& segment) {
    if (is_final_) return;
    const std::uint32_t first = segment.sequence + (segment.syn ? 1U : 0U);
    if (segment.payload.size() < segment.length) record_.has_gap = true;
    if (segment.fin) fin_ = first + segment.length;
    if (segment.rst) was_reset_ = true;
    take(first, segment.payload);
    const bool has_all = fin_ && stream_.position(syn_, *fin_) ==
                                     static_cast<std::int64_t>(stream_.in_order());
    if (reader_.is_over() || has_all) end();
}

void TcpSession::from_server(const TcpSegment& segment) {
    if (is_final_) return;
    if (reader_.spoken() != Spoken::Http) watch_server(segment);
    if (reader_.is_over()) end();
}

// A HelloRetryRequest makes the client send a second hello, which the gate reads as well.
void TcpSession::watch_server(const TcpSegment& segment) {
    using dp::inspect::ServerFirst;
    if (segment.syn) server_syn_ = segment.sequence;
    if (!server_syn_) return;
    server_.add(*server_syn_, segment.sequence, segment.payload, [&](Octets octets) {
        const std::size_t room = dp::inspect::kServerHelloPrefix - server_first_.size();
        const Octets head = octets.first(std::min(room, octets.size()));
        server_first_.insert(server_first_.end(), head.begin(), head.end());
    });
    if (server_first_.empty()) return;
    const ServerFirst first = dp::inspect::classify_server_first(server_first_);
    if (first == ServerFirst::NeedMore) return;
    const bool checks = judge_.policy().generation().settings.hrr == dp::HelloRetry::Check;
    std::vector<Asked> asked;
    if (first == ServerFirst::HelloRetryRequest && checks)
        reader_.expect_second_hello(asked);
    else
        reader_.expect_no_second_hello();
    for (const Asked& a : asked) on_asked(a);
}

void TcpSession::settle(const Judgement& judgement) {
    if (is_opened_) return;
    if (!is_settled_ || severity(judgement.decision) > severity(record_.judgement.decision))
        record_.judgement = judgement;
    is_settled_ = true;
}

// A session that its first packet decided is read all the same: its name tells an operator what it
// was.
void TcpSession::on_asked(const Asked& asked) {
    if (record_.name.empty()) record_.name = asked.name;
    const bool said_nothing = stream_.in_order() == 0;
    Judgement judgement = record_.judgement;
    if (!is_opened_ && said_nothing) judgement = {.reason = asked.refused};
    if (!is_opened_ && !said_nothing) judgement = judge_.ask(record_.client, asked);
    if (reader_.spoken() == Spoken::Http) add_request(record_, asked, judgement);
    settle(judgement);
}

void TcpSession::end() {
    if (is_final_) return;
    if (stream_.has_gap() && !reader_.is_over()) record_.has_gap = true;
    std::vector<Asked> asked;
    reader_.end(fin_         ? StreamEnd::Closed
                : was_reset_ ? StreamEnd::Reset
                             : StreamEnd::Silent,
                asked);
    for (const Asked& a : asked) on_asked(a);
    finish();
}

void TcpSession::finish() {
    is_final_ = true;
    record_.spoken = reader_.spoken();
    stream_ = {};
    server_ = {};
    server_first_ = {};
}

}  // namespace sallyport::replay
