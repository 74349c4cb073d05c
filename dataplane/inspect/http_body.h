// SPDX-License-Identifier: Apache-2.0
// Where the body of an HTTP/1.x message ends (RFC 9112 sections 6 and 7). Bodies stream through:
// the framer only counts, and never keeps an octet.
#pragma once
#include <cstdint>
#include <span>

#include "dataplane/inspect/http_field_name.h"

namespace sallyport::dp::inspect {

enum class BodyKind : std::uint8_t { None, Length, Chunked, UntilClose };

struct BodyFraming {
    BodyKind kind = BodyKind::None;
    std::uint64_t length = 0;  // of BodyKind::Length
    friend bool operator==(const BodyFraming&, const BodyFraming&) = default;
};

inline constexpr std::uint32_t kTrailersMax = 8 * 1024;  // octets of a trailer section
inline constexpr std::uint32_t kChunkLineMax = 256;      // octets of a chunk-size line

enum class BodyStatus : std::uint8_t {
    More,
    Done,
    Bad,  // no chunk as RFC 9112 section 7.1 has it, or a trailer that may not stand there
};

class BodyFramer {
   public:
    // BodyKind::None is done at once.
    void start(const BodyFraming& framing);

    BodyStatus status() const { return status_; }
    // Takes octets up to the end of the body; `used` says how many. The octet that makes a body Bad
    // is not taken, and nothing after it.
    BodyStatus feed(std::span<const std::uint8_t> octets, std::uint32_t& used);

    // Of the octets taken last, in this call and those before, so many belong to a line or a
    // trailer section that is not complete: they are not to be sent on yet. They never outnumber
    // kChunkLineMax + kTrailersMax. A trailer section begins with the line of the last chunk.
    std::uint32_t withheld() const { return withheld_; }
    // Payload of the body so far, without chunk lines and trailers.
    std::uint64_t octets() const { return octets_; }

   private:
    enum class At : std::uint8_t {
        Content,  // of BodyKind::Length and UntilClose
        Size,
        SizeSpace,  // between the size and its extension
        Extension,
        SizeLf,
        ChunkData,
        DataCr,
        DataLf,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLf,
        LastLf,
    };
    bool takes_content() const { return at_ == At::Content || at_ == At::ChunkData; }
    std::uint32_t take_content(std::size_t available);
    bool step(std::uint8_t octet);
    bool step_size(char c);
    bool step_behind_size(char c);
    bool step_extension(char c);
    bool step_size_lf(char c);
    bool step_data_lf(char c);
    bool step_trailer_start(char c);
    bool step_trailer_name(char c);
    bool step_trailer_value(char c);
    bool step_last_lf(char c);
    bool expect(char c, char expected, At next);

    BodyStatus status_ = BodyStatus::Done;
    At at_ = At::Content;
    bool has_end_ = false;  // of BodyKind::Length: the octets that remain are counted
    std::uint8_t size_digits_ = 0;
    std::uint32_t withheld_ = 0;
    std::uint32_t trailers_ = 0;   // octets of the trailer section
    std::uint64_t remaining_ = 0;  // of the content or the chunk
    std::uint64_t octets_ = 0;
    FoldedName trailer_name_;
};

}  // namespace sallyport::dp::inspect
