// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/syn_cookie.h"

namespace sallyport::tcp {
namespace {

constexpr std::uint32_t kMacMask = (1U << 23) - 1;

struct Covered {  // what the MAC covers, without padding
    FourTuple tuple;
    std::uint32_t client_isn;
    std::uint32_t options;
    std::uint32_t tick_high, tick_low;
};

std::uint64_t tick_of(Instant now) {
    return nanoseconds(now) / static_cast<std::uint64_t>(kCookieTick.count());
}

std::uint32_t option_bits(const ClientOptions& o) {
    return static_cast<std::uint32_t>(o.mss_class) << 29 |
           static_cast<std::uint32_t>(o.window_shift) << 25 | (o.sack ? 1U << 24 : 0U);
}

std::uint64_t mac(const SipKey& secret, const FourTuple& tuple, SeqNum client_isn,
                  std::uint32_t bits, std::uint64_t tick) {
    return siphash_of(secret, Covered{tuple, client_isn.raw(), bits,
                                      static_cast<std::uint32_t>(tick >> 32),
                                      static_cast<std::uint32_t>(tick)});
}

std::uint32_t covered_bits(const ClientOptions& o) {
    return option_bits(o) | (o.timestamps ? 1U : 0U);
}

std::uint8_t extra_mac(std::uint64_t full) { return static_cast<std::uint8_t>(full >> 32); }

}  // namespace

std::uint8_t mss_class_of(std::uint16_t mss) {
    std::uint8_t best = 0;
    for (std::uint8_t i = 0; i < kMssClasses.size(); ++i)
        if (kMssClasses[i] <= mss) best = i;
    return best;
}

SynCookie make_cookie(const SipKey& secret, const FourTuple& tuple, SeqNum client_isn,
                      const ClientOptions& options, Instant now) {
    const std::uint64_t tick = tick_of(now);
    const std::uint64_t full = mac(secret, tuple, client_isn, covered_bits(options), tick);
    const auto parity = static_cast<std::uint32_t>(tick & 1) << 23;
    return {SeqNum{option_bits(options) | parity | (static_cast<std::uint32_t>(full) & kMacMask)},
            extra_mac(full)};
}

std::optional<ClientOptions> check_cookie(const SipKey& secret, const FourTuple& tuple,
                                          SeqNum client_isn, SeqNum cookie,
                                          std::optional<TsVal> ts_echo, Instant now) {
    const std::uint32_t raw = cookie.raw();
    const ClientOptions options{.mss_class = static_cast<std::uint8_t>(raw >> 29),
                                .window_shift = static_cast<std::uint8_t>(raw >> 25 & 15),
                                .sack = (raw >> 24 & 1) != 0,
                                .timestamps = ts_echo.has_value()};
    std::uint64_t tick = tick_of(now);
    if ((tick & 1) != (raw >> 23 & 1)) {
        if (tick == 0) return std::nullopt;
        --tick;
    }
    const std::uint64_t full = mac(secret, tuple, client_isn, covered_bits(options), tick);
    if ((static_cast<std::uint32_t>(full) & kMacMask) != (raw & kMacMask)) return std::nullopt;
    if (ts_echo && static_cast<std::uint8_t>(ts_echo->raw()) != extra_mac(full))
        return std::nullopt;
    return options;
}

}  // namespace sallyport::tcp
