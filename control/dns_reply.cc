// SPDX-License-Identifier: Apache-2.0
#include "control/dns_reply.h"

#include <ares.h>
#include <strings.h>

#include <algorithm>
#include <memory>
#include <string>

#include "dataplane/resolve/messages.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::ctl {
namespace {

using std::chrono::seconds;
using Octets = std::span<const std::uint8_t>;

constexpr std::uint16_t kTypeCname = 5, kTypeSoa = 6, kClassIn = 1;
constexpr unsigned kNoError = 0, kNxDomain = 3;

struct Record {
    std::string owner;
    std::uint16_t type = 0;
    seconds ttl{};
    Octets data;
    std::size_t data_at = 0;  // in the message: names in the data may point elsewhere
};

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Reads a message from its header on. What is out of bounds makes ok() false for good.
class MessageReader {
   public:
    explicit MessageReader(Octets message) : message_(message), at_(message) {}

    bool ok() const { return ok_ && at_.ok(); }
    std::uint16_t u16() { return at_.u16(); }

    std::string name() {
        const auto [text, length] = name_at(at_.position());
        at_.skip(length);
        return text;
    }
    std::vector<Record> records(unsigned count) {
        std::vector<Record> out;
        for (; count > 0 && ok(); --count) {
            Record r;
            r.owner = name();
            r.type = at_.u16();
            const std::uint16_t record_class = at_.u16();
            r.ttl = ttl_of(at_.u32());
            const std::uint16_t length = at_.u16();
            r.data_at = at_.position();
            r.data = at_.take(length);
            if (ok() && record_class == kClassIn) out.push_back(std::move(r));
        }
        return out;
    }
    std::string alias_target(const Record& r) { return name_at(r.data_at).first; }
    // Of a SOA record: the least of its own TTL and MINIMUM (RFC 2308 section 5).
    seconds negative_ttl(const Record& r) {
        ByteReader data{r.data};
        for (int names = 0; names < 2; ++names)
            data.skip(name_at(r.data_at + data.position()).second);
        data.skip(16);  // SERIAL, REFRESH, RETRY, EXPIRE
        const seconds minimum = ttl_of(data.u32());
        return data.ok() ? std::min(r.ttl, minimum) : seconds(0);
    }

   private:
    // RFC 2181 section 8: with the highest bit set it is to be taken as zero.
    static seconds ttl_of(std::uint32_t v) { return seconds(v >> 31 == 0 ? v : 0); }

    std::pair<std::string, std::size_t> name_at(std::size_t at) {
        char* text = nullptr;
        long length = 0;
        if (at >= message_.size() ||
            ares_expand_name(message_.data() + at, message_.data(),
                             static_cast<int>(message_.size()), &text, &length) != ARES_SUCCESS) {
            ok_ = false;
            return {};
        }
        const std::unique_ptr<char, decltype(&ares_free_string)> owner(text, ares_free_string);
        return {std::string(text), static_cast<std::size_t>(length)};
    }

    Octets message_;
    ByteReader at_;
    bool ok_ = true;
};

std::optional<IpAddr> address_of(const Record& r) {
    if (r.type == kTypeA && r.data.size() == 4) {
        Ipv4Addr v4;
        std::ranges::copy(r.data, v4.octets.begin());
        return v4;
    }
    if (r.type == kTypeAaaa && r.data.size() == 16) {
        Ipv6Addr v6;
        std::ranges::copy(r.data, v6.octets.begin());
        return v6;
    }
    return std::nullopt;
}

void shorten(std::optional<seconds>& ttl, seconds other) {
    ttl = ttl ? std::min(*ttl, other) : other;
}

// Follows the aliases from `name` on, whatever the order of the records. False: too many of them.
bool follow(MessageReader& reader, const std::vector<Record>& answers, std::string& name,
            std::optional<seconds>& ttl) {
    for (int steps = 0;; ++steps) {
        const auto alias = std::ranges::find_if(answers, [&](const Record& r) {
            return r.type == kTypeCname && same_name(r.owner, name);
        });
        if (alias == answers.end()) return true;
        if (steps == kAliasesMax) return false;
        shorten(ttl, alias->ttl);
        name = reader.alias_target(*alias);
        if (!reader.ok()) return false;
    }
}

DnsReply negative(MessageReader& reader, DnsReply::Kind kind, const std::vector<Record>& authority) {
    DnsReply reply{.kind = kind, .addresses = {}, .ttl = std::nullopt};
    for (const Record& r : authority)
        if (r.type == kTypeSoa) shorten(reply.ttl, reader.negative_ttl(r));
    return reader.ok() ? reply : DnsReply{};
}

// How many addresses of each type fit when neither may push the other out.
std::pair<std::size_t, std::size_t> shares(std::size_t a, std::size_t aaaa) {
    constexpr std::size_t kMax = dp::kAnswerAddressesMax, kHalf = kMax / 2;
    const std::size_t first = std::min(a, kMax - std::min(aaaa, kHalf));
    return {first, std::min(aaaa, kMax - first)};
}

DnsReply joined_found(const DnsReply& a, const DnsReply& aaaa) {
    DnsReply out{.kind = DnsReply::Kind::Found, .addresses = {}, .ttl = std::nullopt};
    const auto [first, second] = shares(a.addresses.size(), aaaa.addresses.size());
    out.addresses.assign(a.addresses.begin(),
                         a.addresses.begin() + static_cast<std::ptrdiff_t>(first));
    out.addresses.insert(out.addresses.end(), aaaa.addresses.begin(),
                         aaaa.addresses.begin() + static_cast<std::ptrdiff_t>(second));
    for (const DnsReply* reply : {&a, &aaaa})
        if (reply->kind == DnsReply::Kind::Found && reply->ttl) shorten(out.ttl, *reply->ttl);
    return out;
}

}  // namespace

DnsReply read_reply(Octets message, std::string_view name, std::uint16_t type) {
    MessageReader reader(message);
    reader.u16();  // the id, which c-ares has compared as it has the question
    const std::uint16_t flags = reader.u16();
    unsigned questions = reader.u16();
    const unsigned answer_count = reader.u16(), authority_count = reader.u16();
    reader.u16();
    for (; questions > 0 && reader.ok(); --questions) {
        reader.name();
        reader.u16();
        reader.u16();
    }
    const std::vector<Record> answers = reader.records(answer_count);
    const std::vector<Record> authority = reader.records(authority_count);
    const unsigned code = flags & 0xfU;
    constexpr unsigned kTruncated = 0x0200;
    if (!reader.ok() || (flags & kTruncated) != 0 || (code != kNoError && code != kNxDomain))
        return {};
    DnsReply reply;
    std::string owner(name);
    if (!follow(reader, answers, owner, reply.ttl)) return {};
    if (code == kNxDomain) return negative(reader, DnsReply::Kind::NoName, authority);
    for (const Record& r : answers) {
        if (r.type != type || !same_name(r.owner, owner)) continue;
        const auto address = address_of(r);
        if (!address) return {};
        reply.addresses.push_back(*address);
        shorten(reply.ttl, r.ttl);
    }
    if (reply.addresses.empty()) return negative(reader, DnsReply::Kind::NoData, authority);
    reply.kind = DnsReply::Kind::Found;
    return reply;
}

DnsReply joined(const DnsReply& a, const DnsReply& aaaa) {
    using Kind = DnsReply::Kind;
    if (a.kind == Kind::Found || aaaa.kind == Kind::Found) return joined_found(a, aaaa);
    DnsReply out;
    for (const DnsReply* reply : {&a, &aaaa}) {
        if (reply->kind == Kind::NoName) out.kind = Kind::NoName;
        if (reply->ttl) shorten(out.ttl, *reply->ttl);
    }
    if (a.kind == Kind::NoData && aaaa.kind == Kind::NoData) out.kind = Kind::NoData;
    return out;
}

}  // namespace sallyport::ctl
