// SPDX-License-Identifier: Apache-2.0
// The name in a TLS ClientHello (RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3), over any
// number of records. Pure: the same octets always give the same result, and a result other than
// NeedMore never changes when more octets follow.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/inspect/host_name.h"
#include "dataplane/reason.h"

namespace sallyport::dp::inspect {

enum class HelloStatus : std::uint8_t { NeedMore, Done, Bad };

struct ClientHello {
    HostName name;             // normalised; valid when Done
    std::uint32_t length = 0;  // octets of the stream up to the end of the hello's last record
    bool early_data = false;   // offers 0-RTT (RFC 8446 section 4.2.10)
    bool ech = false;          // encrypted_client_hello present, GREASE included
};

struct HelloResult {
    HelloStatus status = HelloStatus::NeedMore;
    // When Bad: ClientHelloMalformed, ProtocolMismatch (not TLS at all), NoSni, SniInvalid,
    // IpLiteral.
    Reason reason = Reason::None;
};

// `stream` is everything the client has sent so far, from its first payload octet. The handshake
// message may be spread over records, which are joined in `scratch` (at least as long as `stream`;
// untouched when one record holds it all). A hello whose record carries octets after the message is
// Bad. A second ClientHello behind the first is not looked at here (see find_second_hello).
HelloResult parse_client_hello(std::span<const std::uint8_t> stream,
                               std::span<std::uint8_t> scratch, ClientHello& out);

// Behind the first hello, before the server has answered: early data, dummy ChangeCipherSpec
// records and alerts may follow (RFC 8446 sections 4.2.10 and D.4); a handshake record means a
// second ClientHello. `stream` begins at the first record behind the first hello; `scratch` as
// above. None: no second hello so far, and `length` octets (whole records) need not be looked at
// again. NeedMore: a second hello has begun. SameName, OtherName (a well-formed hello without a
// valid name included): `length` octets reach to the end of its last record.
enum class SecondHello : std::uint8_t { None, NeedMore, SameName, OtherName, Bad };
SecondHello find_second_hello(std::span<const std::uint8_t> stream, std::span<std::uint8_t> scratch,
                              std::string_view first_name, std::uint32_t& length);

}  // namespace sallyport::dp::inspect
