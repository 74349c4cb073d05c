// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_head.h"

#include <algorithm>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

constexpr std::uint8_t kCr = '\r', kLf = '\n';

}  // namespace

HeadStatus HeadScanner::feed(std::span<const std::uint8_t> octets, std::uint32_t& used) {
    used = 0;
    if (at_ == At::Over) return status_;
    while (used < octets.size()) {
        const std::uint32_t run = plain_run(octets.subspan(used));
        const HeadStatus status = run > 0 ? HeadStatus::NeedMore : step(octets[used]);
        if (status == HeadStatus::Bad || status == HeadStatus::TooLarge) return end(status);
        size_ += std::max(run, 1U);
        used += std::max(run, 1U);
        if (status == HeadStatus::FirstLine) line_ = size_;
        if (status == HeadStatus::Done) return end(status);
        if (size_ >= size_max()) return end(HeadStatus::TooLarge);
        if (status == HeadStatus::FirstLine) return status;
    }
    return HeadStatus::NeedMore;
}

// How many octets change nothing but the size: most of any head, so they are not stepped through.
std::uint32_t HeadScanner::plain_run(std::span<const std::uint8_t> octets) const {
    if (at_ != At::FirstLine && at_ != At::Field) return 0;
    const std::size_t most = std::min<std::size_t>(octets.size(), size_max() - size_);
    std::uint32_t run = 0;
    while (run < most && octets[run] >= 0x20 && octets[run] != 0x7f) ++run;
    return run;
}

std::uint32_t HeadScanner::size_max() const {
    return kind_ == HeadKind::Request ? kRequestHeadMax : kResponseHeadMax;
}

HeadStatus HeadScanner::end(HeadStatus status) {
    at_ = At::Over;
    status_ = status;
    return status;
}

HeadStatus HeadScanner::step(std::uint8_t octet) {
    switch (at_) {
        case At::Start:
        case At::LineStart: return step_start(octet);
        case At::FirstLine: return step_in_line(octet, At::FirstLineLf);
        case At::FieldStart: return step_field_start(octet);
        case At::Field: return step_in_line(octet, At::FieldLf);
        case At::EmptyLineLf:
        case At::FirstLineLf:
        case At::FieldLf:
        case At::LastLf: return step_lf(octet);
        case At::Over: return status_;
    }
    __builtin_unreachable();
}

// A second empty line, or one ahead of a response, is the end of a first line that is not there.
HeadStatus HeadScanner::step_start(std::uint8_t octet) {
    const bool may_be_empty = kind_ == HeadKind::Request && at_ == At::Start;
    if (octet == kCr) {
        at_ = At::EmptyLineLf;
        return may_be_empty ? HeadStatus::NeedMore : HeadStatus::Bad;
    }
    at_ = At::FirstLine;
    return step_in_line(octet, At::FirstLineLf);
}

// No tab in a request line: some servers split it there, others do not.
HeadStatus HeadScanner::step_in_line(std::uint8_t octet, At lf) {
    if (octet == kCr) {
        at_ = lf;
        return HeadStatus::NeedMore;
    }
    const bool is_request_line = kind_ == HeadKind::Request && at_ == At::FirstLine;
    if (octet == '\t' && is_request_line) return HeadStatus::Bad;
    return is_value_char(static_cast<char>(octet)) ? HeadStatus::NeedMore : HeadStatus::Bad;
}

HeadStatus HeadScanner::step_field_start(std::uint8_t octet) {
    if (octet == kCr) {
        at_ = At::LastLf;
        return HeadStatus::NeedMore;
    }
    if (fields_ == kFieldsMax) return HeadStatus::TooLarge;
    ++fields_;
    at_ = At::Field;
    return step_in_line(octet, At::FieldLf);
}

HeadStatus HeadScanner::step_lf(std::uint8_t octet) {
    return octet == kLf ? complete_line() : HeadStatus::Bad;
}

HeadStatus HeadScanner::complete_line() {
    const At completed = at_;
    at_ = completed == At::EmptyLineLf ? At::LineStart : At::FieldStart;
    if (completed == At::FirstLineLf) return HeadStatus::FirstLine;
    return completed == At::LastLf ? HeadStatus::Done : HeadStatus::NeedMore;
}

}  // namespace sallyport::dp::inspect
