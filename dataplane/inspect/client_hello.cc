// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/client_hello.h"

#include <algorithm>
#include <array>

#include "dataplane/inspect/tls_record.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::dp::inspect {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kRandomSize = 32;
constexpr std::size_t kSessionIdMax = 32;

constexpr std::uint16_t kServerName = 0;  // RFC 6066 section 3
constexpr std::uint16_t kPreSharedKey = 41;
constexpr std::uint16_t kEarlyData = 42;
constexpr std::uint16_t kEncryptedClientHello = 0xfe0d;  // RFC 9849
constexpr std::uint8_t kHostNameType = 0;

// What the records have yielded so far.
struct Message {
    HelloStatus status = HelloStatus::NeedMore;
    Bytes body;              // behind the handshake header, when Done
    std::size_t length = 0;  // of the records, when Done
};

constexpr HelloResult bad(Reason reason) {
    return {HelloStatus::Bad, reason};
}

// Of one record header, as far as it is there. Checks run in the order of the octets, so that a
// longer stream never changes what a shorter one said. An empty handshake record is forbidden by
// RFC 8446 section 5.1.
HelloStatus check_record_header(Bytes rest, std::size_t& fragment_length) {
    if (!rest.empty() && rest[0] != kHandshake) return HelloStatus::Bad;
    if (rest.size() >= 2 && rest[1] != kMajorVersion) return HelloStatus::Bad;
    if (rest.size() < kRecordHeader) return HelloStatus::NeedMore;
    fragment_length = static_cast<std::size_t>(rest[3]) << 8 | rest[4];
    if (fragment_length == 0 || fragment_length > kFragmentMax) return HelloStatus::Bad;
    return HelloStatus::Done;
}

// Of the joined octets; `missing` more will come with the record that is being read. A record that
// goes on behind the message would hide a second one from whoever reads only the first.
HelloStatus check_message(Bytes joined, std::size_t missing) {
    if (!joined.empty() && joined[0] != kClientHello) return HelloStatus::Bad;
    if (joined.size() < kHandshakeHeader) return HelloStatus::NeedMore;
    ByteReader header(joined.subspan(1));
    const std::size_t whole = kHandshakeHeader + header.u24();
    if (joined.size() + missing > whole) return HelloStatus::Bad;
    return joined.size() == whole ? HelloStatus::Done : HelloStatus::NeedMore;
}

Message join_records(Bytes stream, std::span<std::uint8_t> scratch) {
    JoinedFragments joined(scratch);
    std::size_t at = 0;
    while (true) {
        const Bytes rest = stream.subspan(at);
        std::size_t fragment_length = 0;
        const HelloStatus header = check_record_header(rest, fragment_length);
        if (header != HelloStatus::Done) return {header, {}, 0};

        const Bytes content = rest.subspan(kRecordHeader);
        const Bytes fragment = content.first(std::min(content.size(), fragment_length));
        const std::size_t missing = fragment_length - fragment.size();
        joined.add(fragment);
        const HelloStatus message = check_message(joined.bytes(), missing);
        if (message == HelloStatus::Bad) return {message, {}, 0};

        at += kRecordHeader + fragment.size();
        if (message == HelloStatus::Done)
            return {message, joined.bytes().subspan(kHandshakeHeader), at};
        if (missing > 0) return {};
    }
}

// Every 16-bit number at most once, without a limit on how many there are.
class SeenTypes {
   public:
    bool insert(std::uint16_t type) {
        std::uint64_t& word = words_[type / 64];
        const std::uint64_t bit = 1ULL << (type % 64);
        const bool is_new = (word & bit) == 0;
        word |= bit;
        return is_new;
    }

   private:
    std::array<std::uint64_t, 1024> words_{};
};

struct Extensions {
    Bytes server_name;
    bool has_server_name = false, early_data = false, ech = false;
};

void note_extension(std::uint16_t type, Bytes data, Extensions& out) {
    if (type == kServerName) {
        out.server_name = data;
        out.has_server_name = true;
    }
    if (type == kEarlyData) out.early_data = true;
    if (type == kEncryptedClientHello) out.ech = true;
}

// False: contradicts itself. No type twice (RFC 8446 section 4.2), nothing behind pre_shared_key
// (section 4.2.11).
bool read_extensions(ByteReader list, Extensions& out) {
    SeenTypes seen;
    bool may_follow = true;
    while (!list.at_end()) {
        const std::uint16_t type = list.u16();
        const Bytes data = list.take(list.u16());
        if (!list.ok() || !may_follow || !seen.insert(type)) return false;
        may_follow = type != kPreSharedKey;
        note_extension(type, data, out);
    }
    return true;
}

// RFC 8446 section 4.1.2; the null compression method is in every hello (RFC 5246 section 7.4.1.2).
bool read_fixed_part(ByteReader& body) {
    const std::uint8_t major = body.u8();
    body.skip(1);  // the minor version is the server's affair
    body.skip(kRandomSize);
    const Bytes session_id = body.take(body.u8());
    const Bytes suites = body.take(body.u16());
    const Bytes compressions = body.take(body.u8());
    const bool has_null =
        std::find(compressions.begin(), compressions.end(), 0) != compressions.end();
    return body.ok() && major == kMajorVersion && session_id.size() <= kSessionIdMax &&
           !suites.empty() && suites.size() % 2 == 0 && has_null;
}

Reason reason_of(HostNameError error) {
    switch (error) {
        case HostNameError::None: return Reason::None;
        case HostNameError::Invalid: return Reason::SniInvalid;
        case HostNameError::IpLiteral: return Reason::IpLiteral;
    }
    __builtin_unreachable();
}

// Exactly one name of type host_name. Servers disagree on which of several they take and on what
// another type means (RFC 6066 section 3 leaves it open), so neither is guessed at.
Reason read_server_name(Bytes data, HostName& name) {
    ByteReader extension(data);
    ByteReader list(extension.take(extension.u16()));
    if (!extension.ok() || !extension.at_end() || list.at_end())
        return Reason::ClientHelloMalformed;
    const bool is_host_name = list.u8() == kHostNameType;
    const Bytes host = list.take(list.u16());
    if (!is_host_name) return Reason::SniInvalid;
    if (!list.ok()) return Reason::ClientHelloMalformed;
    if (!list.at_end()) return Reason::SniInvalid;
    return reason_of(normalise(host, name));
}

HelloResult read_body(ByteReader body, ClientHello& out) {
    if (!read_fixed_part(body)) return bad(Reason::ClientHelloMalformed);
    if (body.at_end()) return bad(Reason::NoSni);  // TLS 1.2 may leave the block out
    const ByteReader list(body.take(body.u16()));
    Extensions extensions;
    if (!body.ok() || !body.at_end() || !read_extensions(list, extensions))
        return bad(Reason::ClientHelloMalformed);

    out.early_data = extensions.early_data;
    out.ech = extensions.ech;
    if (!extensions.has_server_name) return bad(Reason::NoSni);
    const Reason reason = read_server_name(extensions.server_name, out.name);
    return reason == Reason::None ? HelloResult{HelloStatus::Done, reason} : bad(reason);
}

}  // namespace

HelloResult parse_client_hello(std::span<const std::uint8_t> stream,
                               std::span<std::uint8_t> scratch, ClientHello& out) {
    const bool other_type = !stream.empty() && stream[0] != kHandshake;
    const bool other_version = stream.size() >= 2 && stream[1] != kMajorVersion;
    if (other_type || other_version) return bad(Reason::ProtocolMismatch);

    const Message message = join_records(stream, scratch);
    if (message.status == HelloStatus::NeedMore) return {};
    if (message.status == HelloStatus::Bad) return bad(Reason::ClientHelloMalformed);
    out.length = static_cast<std::uint32_t>(message.length);
    return read_body(ByteReader(message.body), out);
}

}  // namespace sallyport::dp::inspect
