// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/syn_cookie.h"

#include <gtest/gtest.h>

#include "tcpstack/base/rng.h"

namespace sallyport::tcp {
namespace {

constexpr SipKey kSecret{11, 22};
constexpr SeqNum kIsn{0xfffffff0};
constexpr Instant kStart = Instant{} + 10 * kCookieTick;

FourTuple tuple() {
    return {*IpAddr::parse("10.10.0.5"), *IpAddr::parse("198.51.100.80"), {40000}, {443}};
}

TEST(SynCookie, BringsEveryOptionBack) {
    for (std::uint8_t mss = 0; mss < kMssClasses.size(); ++mss)
        for (std::uint8_t shift = 0; shift <= kNoWindowScale; ++shift)
            for (const bool sack : {false, true})
                for (const bool ts : {false, true}) {
                    const ClientOptions options{mss, shift, sack, ts};
                    const SynCookie c = make_cookie(kSecret, tuple(), kIsn, options, kStart);
                    std::optional<TsVal> echo;
                    if (ts) echo = TsVal{0xabcdef00U | c.ts_mac};
                    const auto back = check_cookie(kSecret, tuple(), kIsn, c.isn, echo, kStart);
                    ASSERT_TRUE(back.has_value());
                    EXPECT_EQ(*back, options);
                }
}

TEST(SynCookie, RejectsTenThousandForgedNumbers) {
    Rng rng(7);
    int accepted = 0;
    for (int i = 0; i < 10'000; ++i) {
        const SeqNum forged{static_cast<std::uint32_t>(rng.next())};
        accepted += check_cookie(kSecret, tuple(), kIsn, forged, std::nullopt, kStart) ? 1 : 0;
    }
    EXPECT_EQ(accepted, 0);  // 10,000 * 2^-23
}

TEST(SynCookie, IsBoundToTupleIsnOptionsAndSecret) {
    const SynCookie c = make_cookie(kSecret, tuple(), kIsn, {}, kStart);
    const auto accepts = [&](const SipKey& key, const FourTuple& t, SeqNum isn, SeqNum cookie) {
        return check_cookie(key, t, isn, cookie, std::nullopt, kStart).has_value();
    };
    FourTuple other = tuple();
    other.src_port.number ^= 1;
    EXPECT_TRUE(accepts(kSecret, tuple(), kIsn, c.isn));
    EXPECT_FALSE(accepts({11, 23}, tuple(), kIsn, c.isn));
    EXPECT_FALSE(accepts(kSecret, other, kIsn, c.isn));
    EXPECT_FALSE(accepts(kSecret, tuple().reversed(), kIsn, c.isn));
    EXPECT_FALSE(accepts(kSecret, tuple(), kIsn + 1, c.isn));
    for (unsigned bit = 0; bit < 32; ++bit)
        EXPECT_FALSE(accepts(kSecret, tuple(), kIsn, SeqNum{c.isn.raw() ^ 1U << bit})) << bit;
}

TEST(SynCookie, NeedsItsOctetOfTheTimestamp) {
    const ClientOptions options{.timestamps = true};
    const SynCookie c = make_cookie(kSecret, tuple(), kIsn, options, kStart);
    for (unsigned low = 0; low < 256; ++low)
        EXPECT_EQ(check_cookie(kSecret, tuple(), kIsn, c.isn, TsVal{0x5500 | low}, kStart).has_value(),
                  low == c.ts_mac);
    EXPECT_FALSE(check_cookie(kSecret, tuple(), kIsn, c.isn, std::nullopt, kStart));
}

struct Age {
    Duration made, checked;  // since the start of an even tick
    bool valid;
};

TEST(SynCookie, LivesInItsTickAndTheNext) {
    using std::chrono::seconds;
    const Age ages[] = {{seconds(0), seconds(0), true},    {seconds(31), seconds(32), true},
                        {seconds(0), seconds(63), true},   {seconds(0), seconds(64), false},
                        {seconds(31), seconds(64), false}, {seconds(32), seconds(95), true},
                        {seconds(32), seconds(96), false}, {seconds(0), seconds(128), false},
                        {seconds(32), seconds(31), false}};
    for (const Age& age : ages) {
        const SynCookie c = make_cookie(kSecret, tuple(), kIsn, {}, kStart + age.made);
        EXPECT_EQ(check_cookie(kSecret, tuple(), kIsn, c.isn, std::nullopt, kStart + age.checked)
                      .has_value(),
                  age.valid)
            << age.made.count() << " " << age.checked.count();
    }
}

TEST(SynCookie, RoundsTheMssDownToAClass) {
    EXPECT_EQ(kMssClasses[mss_class_of(0)], 64);
    EXPECT_EQ(kMssClasses[mss_class_of(535)], 256);
    EXPECT_EQ(kMssClasses[mss_class_of(536)], 536);
    EXPECT_EQ(kMssClasses[mss_class_of(1459)], 1400);
    EXPECT_EQ(kMssClasses[mss_class_of(65535)], 1460);
}

}  // namespace
}  // namespace sallyport::tcp
