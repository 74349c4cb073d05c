// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_body.h"

#include <algorithm>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

// RFC 9112 section 7.1 sets no limit and asks for one. No chunk is that large; a size above would
// wrap around in somebody's arithmetic.
constexpr std::uint8_t kSizeDigitsMax = 16;
constexpr std::uint64_t kChunkSizeEnd = 1ULL << 60;

// Or -1.
int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

void BodyFramer::start(const BodyFraming& framing) {
    *this = {};
    const bool is_empty =
        framing.kind == BodyKind::None || (framing.kind == BodyKind::Length && framing.length == 0);
    status_ = is_empty ? BodyStatus::Done : BodyStatus::More;
    at_ = framing.kind == BodyKind::Chunked ? At::Size : At::Content;
    has_end_ = framing.kind == BodyKind::Length;
    remaining_ = framing.length;
}

BodyStatus BodyFramer::feed(std::span<const std::uint8_t> octets, std::uint32_t& used) {
    used = 0;
    while (status_ == BodyStatus::More && used < octets.size()) {
        if (takes_content()) {
            used += take_content(octets.size() - used);
            continue;
        }
        ++withheld_;
        if (step(octets[used])) {
            ++used;
        } else {
            --withheld_;
            status_ = BodyStatus::Bad;
        }
    }
    return status_;
}

std::uint32_t BodyFramer::take_content(std::size_t available) {
    const bool is_counted = has_end_ || at_ == At::ChunkData;
    const std::uint64_t taken =
        is_counted ? std::min<std::uint64_t>(remaining_, available) : available;
    octets_ += taken;
    if (is_counted) remaining_ -= taken;
    if (is_counted && remaining_ == 0) {
        if (at_ == At::Content) status_ = BodyStatus::Done;
        at_ = At::DataCr;
    }
    return static_cast<std::uint32_t>(taken);
}

bool BodyFramer::step(std::uint8_t octet) {
    const char c = static_cast<char>(octet);
    const bool is_in_trailers = at_ >= At::TrailerStart;
    if (is_in_trailers && ++trailers_ > kTrailersMax) return false;
    if (!is_in_trailers && withheld_ > kChunkLineMax) return false;
    switch (at_) {
        case At::Size: return step_size(c);
        case At::SizeSpace: return step_behind_size(c);
        case At::Extension: return step_extension(c);
        case At::SizeLf: return step_size_lf(c);
        case At::DataCr: return expect(c, '\r', At::DataLf);
        case At::DataLf: return step_data_lf(c);
        case At::TrailerStart: return step_trailer_start(c);
        case At::TrailerName: return step_trailer_name(c);
        case At::TrailerValue: return step_trailer_value(c);
        case At::TrailerLf: return expect(c, '\n', At::TrailerStart);
        case At::LastLf: return step_last_lf(c);
        case At::Content:
        case At::ChunkData: break;
    }
    __builtin_unreachable();
}

bool BodyFramer::expect(char c, char expected, At next) {
    at_ = next;
    return c == expected;
}

bool BodyFramer::step_size(char c) {
    const int digit = hex_value(c);
    if (digit < 0) return size_digits_ > 0 && step_behind_size(c);
    remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
    return ++size_digits_ <= kSizeDigitsMax && remaining_ < kChunkSizeEnd;
}

// Spaces only, as old servers fill up their lines; readers differ in what a tab is there, and
// whether digits may follow.
bool BodyFramer::step_behind_size(char c) {
    if (c == ' ') return expect(c, ' ', At::SizeSpace);
    if (c == ';') return expect(c, ';', At::Extension);
    return expect(c, '\r', At::SizeLf);
}

// RFC 9112 section 7.1.1: nobody knows an extension, all pass over it up to the end of the line.
bool BodyFramer::step_extension(char c) {
    return is_value_char(c) || expect(c, '\r', At::SizeLf);
}

bool BodyFramer::step_size_lf(char c) {
    if (remaining_ == 0) return expect(c, '\n', At::TrailerStart);
    at_ = At::ChunkData;
    withheld_ = c == '\n' ? 0 : withheld_;
    return c == '\n';
}

bool BodyFramer::step_data_lf(char c) {
    size_digits_ = 0;
    at_ = At::Size;
    withheld_ = c == '\n' ? 0 : withheld_;
    return c == '\n';
}

bool BodyFramer::step_trailer_start(char c) {
    if (c == '\r') return expect(c, '\r', At::LastLf);
    trailer_name_.clear();
    trailer_name_.add(c);
    at_ = At::TrailerName;
    return is_token_char(c);
}

bool BodyFramer::step_trailer_name(char c) {
    if (c == ':') return expect(c, ':', At::TrailerValue) && may_be_trailer(trailer_name_);
    trailer_name_.add(c);
    return is_token_char(c);
}

bool BodyFramer::step_trailer_value(char c) {
    return is_value_char(c) || expect(c, '\r', At::TrailerLf);
}

bool BodyFramer::step_last_lf(char c) {
    if (c != '\n') return false;
    withheld_ = 0;
    status_ = BodyStatus::Done;
    return true;
}

}  // namespace sallyport::dp::inspect
