// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/isn.h"

namespace sallyport::tcp {

SeqNum initial_sequence(const SipKey& secret, const FourTuple& tuple, Instant now) {
    const auto clock = static_cast<std::uint32_t>(nanoseconds(now) / 4000);
    return SeqNum{clock + static_cast<std::uint32_t>(siphash_of(secret, tuple))};
}

TsVal timestamp_clock(const SipKey& secret, const IpAddr& local, const IpAddr& remote,
                      Instant now) {
    const FourTuple pair{local, remote, {}, {}};
    const auto offset = static_cast<std::uint32_t>(siphash_of(secret, pair));
    return TsVal{offset + static_cast<std::uint32_t>(milliseconds(now))};
}

TsVal cookie_timestamp(TsVal clock, std::uint8_t mac) {
    return TsVal{((clock.raw() + 255U) & ~255U) | mac};
}

}  // namespace sallyport::tcp
