// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/client_reader.h"

#include <algorithm>

#include "dataplane/inspect/client_hello.h"

namespace sallyport::replay {

using dp::inspect::BodyStatus;
using dp::inspect::HeadStatus;
using dp::inspect::HelloStatus;
using dp::inspect::SecondHello;

namespace {

constexpr std::uint8_t kHandshakeRecord = 22, kCarriageReturn = 13;

// HTTP begins with a token, or with the empty line that may precede it.
bool may_begin_request(std::uint8_t first) {
    return (first > ' ' && first < 0x7f) || first == kCarriageReturn;
}

// Whether a peer that is not strict would call it a request line.
bool resembles_request_line(Octets line) {
    const std::string_view text(reinterpret_cast<const char*>(line.data()), line.size());
    return text.find(" HTTP/") != std::string_view::npos ||
           dp::inspect::check_request_line(line) == Reason::None;
}

}  // namespace

void ClientReader::stop() {
    at_ = At::Over;
    held_.clear();
    held_.shrink_to_fit();
    scratch_.clear();
    scratch_.shrink_to_fit();
}

void ClientReader::refuse(AppProtocol protocol, Reason reason, std::vector<Asked>& out) {
    out.push_back({.protocol = protocol, .refused = reason, .name = {}, .method = {}});
    stop();
}

void ClientReader::begin_head() {
    at_ = At::Head;
    held_.clear();
    head_ = dp::inspect::HeadScanner{dp::inspect::HeadKind::Request};
}

void ClientReader::begin(std::uint8_t first) {
    if (may_begin_request(first)) return begin_head();
    at_ = At::Hello;
    if (first == kHandshakeRecord) spoken_ = Spoken::Tls;
}

void ClientReader::read_hello(std::vector<Asked>& out) {
    const Octets stream = Octets(held_).first(std::min<std::size_t>(held_.size(), hello_max_));
    scratch_.resize(stream.size());
    dp::inspect::ClientHello hello;
    const auto result = dp::inspect::parse_client_hello(stream, scratch_, hello);
    if (result.status == HelloStatus::NeedMore) {
        if (held_.size() >= hello_max_)
            refuse(AppProtocol::Tls, Reason::ClientHelloTooLarge, out);
        return;
    }
    if (result.status == HelloStatus::Bad) {
        if (result.reason == Reason::ProtocolMismatch) spoken_ = Spoken::Other;
        return refuse(AppProtocol::Tls, result.reason, out);
    }
    first_name_ = hello.name.view();
    out.push_back(
        {.protocol = AppProtocol::Tls, .refused = Reason::None, .name = first_name_, .method = {}});
    held_.erase(held_.begin(), held_.begin() + hello.length);
    at_ = At::BehindHello;
}

void ClientReader::read_second_hello(std::vector<Asked>& out) {
    scratch_.resize(held_.size());
    std::uint32_t length = 0;
    switch (dp::inspect::find_second_hello(held_, scratch_, first_name_, length)) {
        case SecondHello::None:
        case SecondHello::NeedMore:
            if (held_.size() >= hello_max_) refuse(AppProtocol::Tls, Reason::ClientHelloTooLarge, out);
            return;
        case SecondHello::SameName: return stop();
        case SecondHello::OtherName:
        case SecondHello::Bad: return refuse(AppProtocol::Tls, Reason::SecondHelloMismatch, out);
    }
}

void ClientReader::on_request(std::vector<Asked>& out) {
    dp::inspect::RequestHead head;
    Asked asked{.protocol = AppProtocol::Http, .name = {}, .method = {}};
    asked.refused = dp::inspect::parse_request_head(held_, head);
    asked.name = head.host.view();
    asked.method = head.method;
    asked.port = head.port;
    const bool is_bad = asked.refused != Reason::None;
    out.push_back(std::move(asked));
    if (is_bad) return stop();
    asks_upgrade_ = head.websocket;
    keeps_alive_ = head.keep_alive;
    held_.clear();
    body_.start(head.body);
    at_ = At::Body;
}

std::size_t ClientReader::read_head(Octets octets, std::vector<Asked>& out) {
    std::uint32_t used = 0;
    const HeadStatus status = head_.feed(octets, used);
    held_.insert(held_.end(), octets.begin(), octets.begin() + used);
    switch (status) {
        case HeadStatus::NeedMore: break;
        case HeadStatus::FirstLine:
            if (spoken_ == Spoken::Other && resembles_request_line(held_)) spoken_ = Spoken::Http;
            if (const Reason bad = dp::inspect::check_request_line(held_); bad != Reason::None)
                refuse(AppProtocol::Http, bad, out);
            break;
        case HeadStatus::Done: on_request(out); break;
        case HeadStatus::Bad: refuse(AppProtocol::Http, Reason::HttpAmbiguous, out); break;
        case HeadStatus::TooLarge: refuse(AppProtocol::Http, Reason::RequestHeadTooLarge, out); break;
    }
    return used;
}

std::size_t ClientReader::read_body(Octets octets, std::vector<Asked>& out) {
    std::uint32_t used = 0;
    switch (body_.feed(octets, used)) {
        case BodyStatus::More: return used;
        case BodyStatus::Bad: return refuse(AppProtocol::Http, Reason::HttpAmbiguous, out), used;
        case BodyStatus::Done: break;
    }
    if (asks_upgrade_)
        at_ = At::BehindUpgrade;
    else if (keeps_alive_)
        begin_head();
    else
        stop();
    return used;
}

void ClientReader::feed(Octets octets, std::vector<Asked>& out) {
    while (!octets.empty() && at_ != At::Over) {
        std::size_t used = 0;
        switch (at_) {
            case At::Start: begin(octets[0]); break;
            case At::Head: used = read_head(octets, out); break;
            case At::Body: used = read_body(octets, out); break;
            // No frame of websocket begins with an octet that a token may begin with, unless an
            // extension gave it a meaning.
            case At::BehindUpgrade:
                if (octets[0] >= 'A' && octets[0] <= 'Z')
                    begin_head();
                else
                    stop();
                break;
            case At::Hello:
            case At::BehindHello:
            case At::SecondHello: {
                used = std::min<std::size_t>(octets.size(), hello_max_ - held_.size());
                held_.insert(held_.end(), octets.begin(),
                             octets.begin() + static_cast<std::ptrdiff_t>(used));
                if (at_ == At::Hello) read_hello(out);
                else if (at_ == At::SecondHello) read_second_hello(out);
                if (used == 0) return;
                break;
            }
            case At::Over: return;
        }
        octets = octets.subspan(used);
    }
    // A request without a body is complete with its head.
    if (at_ == At::Body) read_body({}, out);
}

void ClientReader::expect_second_hello(std::vector<Asked>& out) {
    if (at_ != At::BehindHello) return;
    at_ = At::SecondHello;
    if (!held_.empty()) read_second_hello(out);
}

void ClientReader::expect_no_second_hello() {
    if (at_ == At::BehindHello) stop();
}

void ClientReader::end(StreamEnd how, std::vector<Asked>& out) {
    const auto unfinished = [&](Reason silent) {
        switch (how) {
            case StreamEnd::Closed: return Reason::ClientClosed;
            case StreamEnd::Reset: return Reason::ClientReset;
            case StreamEnd::Silent: return silent;
        }
        __builtin_unreachable();
    };
    switch (at_) {
        case At::Start:
        case At::Hello:
            return refuse(AppProtocol::Tls, unfinished(Reason::ClientHelloTimeout), out);
        case At::Head:
            if (head_.size() > 0)
                return refuse(AppProtocol::Http, unfinished(Reason::RequestHeadTimeout), out);
            return stop();
        case At::BehindHello:
        case At::SecondHello:
        case At::Body:
        case At::BehindUpgrade:
        case At::Over: return stop();
    }
}

}  // namespace sallyport::replay
