// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/tcp_options.h"

#include <algorithm>
#include <cstddef>

#include "tcpstack/base/big_endian.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::wire {
namespace {

constexpr std::uint8_t kEnd = 0, kNop = 1, kMss = 2, kWindowScale = 3, kSackPermitted = 4,
                       kSack = 5, kTimestamps = 8, kMd5 = 19;

// Lengths as they stand in the option, kind and length octets included. A known kind with another
// length is skipped like an unknown one.
constexpr std::uint8_t kMssLength = 4, kWindowScaleLength = 3, kSackPermittedLength = 2,
                       kTimestampsLength = 10, kMd5Length = 18;
constexpr std::size_t kSackBlockLength = 8;

struct Option {
    std::uint8_t kind;
    std::size_t value_at;  // behind kind and length
    std::span<const std::uint8_t> value;
    std::size_t length() const { return value.size() + 2; }
};

template <class Visit>
void walk(std::span<const std::uint8_t> octets, Visit visit) {
    for (std::size_t at = 0; at < octets.size();) {
        const std::uint8_t kind = octets[at];
        if (kind == kEnd) return;
        if (kind == kNop) {
            ++at;
            continue;
        }
        if (at + 1 == octets.size()) return;
        const std::size_t length = octets[at + 1];
        if (length < 2 || length > octets.size() - at) return;  // MUST-7: survive, without looping
        visit(Option{kind, at + 2, octets.subspan(at + 2, length - 2)});
        at += length;
    }
}

bool is_sack(const Option& o) {
    return o.kind == kSack && !o.value.empty() && o.value.size() % kSackBlockLength == 0 &&
           o.value.size() / kSackBlockLength <= kSackBlocksMax;
}

void read_sack(const Option& o, FixedVector<SackBlock, kSackBlocksMax>& out) {
    if (!is_sack(o) || !out.empty()) return;
    ByteReader reader(o.value);
    while (!reader.at_end()) {
        const SeqNum left{reader.u32()}, right{reader.u32()};
        (void)out.push_back({left, right});  // is_sack() has bounded the count
    }
}

void read_option(const Option& o, TcpOptions& out) {
    ByteReader reader(o.value);
    switch (o.kind) {
        case kMss:
            if (o.length() == kMssLength && !out.mss) out.mss = reader.u16();
            return;
        case kWindowScale:
            if (o.length() == kWindowScaleLength && !out.window_shift)
                out.window_shift = std::min(reader.u8(), kWindowShiftMax);
            return;
        case kSackPermitted:
            if (o.length() == kSackPermittedLength) out.sack_permitted = true;
            return;
        case kSack: read_sack(o, out.sack); return;
        case kTimestamps:
            if (o.length() == kTimestampsLength && !out.timestamps) {
                const TsVal val{reader.u32()}, ecr{reader.u32()};
                out.timestamps = Timestamps{val, ecr};
            }
            return;
        case kMd5:
            if (o.length() == kMd5Length) out.md5 = true;
            return;
        default: return;  // MUST-6
    }
}

// Every put() is a multiple of four octets, so no padding is left to do at the end.
class Writer {
   public:
    explicit Writer(std::span<std::uint8_t, kTcpOptionsMax> out) : out_(out) {}
    std::size_t used() const { return used_; }
    std::size_t room() const { return out_.size() - used_; }
    void put(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
        for (const std::uint8_t octet : {a, b, c, d}) out_[used_++] = octet;
    }
    void put32(std::uint32_t v) {
        put(static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16),
            static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v));
    }

   private:
    std::span<std::uint8_t, kTcpOptionsMax> out_;
    std::size_t used_ = 0;
};

void put_timestamps_and_sack_permitted(const TcpOptions& options, Writer& out) {
    const std::uint8_t first = options.sack_permitted ? kSackPermitted : kNop;
    const std::uint8_t second = options.sack_permitted ? kSackPermittedLength : kNop;
    if (options.timestamps) {
        out.put(first, second, kTimestamps, kTimestampsLength);
        out.put32(options.timestamps->val.raw());
        out.put32(options.timestamps->ecr.raw());
    } else if (options.sack_permitted) {
        out.put(kNop, kNop, kSackPermitted, kSackPermittedLength);
    }
}

void put_sack(const TcpOptions& options, Writer& out) {
    if (options.sack.empty() || out.room() < 4 + kSackBlockLength) return;
    const std::size_t n = std::min(options.sack.size(), (out.room() - 4) / kSackBlockLength);
    out.put(kNop, kNop, kSack, static_cast<std::uint8_t>(2 + n * kSackBlockLength));
    for (std::size_t i = 0; i < n; ++i) {
        out.put32(options.sack[i].left.raw());
        out.put32(options.sack[i].right.raw());
    }
}

}  // namespace

TcpOptions parse_options(std::span<const std::uint8_t> octets) {
    TcpOptions out;
    walk(octets, [&out](const Option& o) { read_option(o, out); });
    return out;
}

std::size_t emit_options(const TcpOptions& options, std::span<std::uint8_t, kTcpOptionsMax> out) {
    Writer writer(out);
    if (options.mss)
        writer.put(kMss, kMssLength, static_cast<std::uint8_t>(*options.mss >> 8),
                   static_cast<std::uint8_t>(*options.mss));
    put_timestamps_and_sack_permitted(options, writer);
    if (options.window_shift)
        writer.put(kNop, kWindowScale, kWindowScaleLength, *options.window_shift);
    put_sack(options, writer);
    return writer.used();
}

OptionOffsets find_options(std::span<const std::uint8_t> octets) {
    OptionOffsets out;
    walk(octets, [&out](const Option& o) {
        const auto at = static_cast<std::uint8_t>(o.value_at);
        if (o.kind == kTimestamps && o.length() == kTimestampsLength && out.timestamps == 0)
            out.timestamps = at;
        if (is_sack(o) && out.sack == 0) {
            out.sack = at;
            out.sack_blocks = static_cast<std::uint8_t>(o.value.size() / kSackBlockLength);
        }
    });
    return out;
}

}  // namespace sallyport::wire
