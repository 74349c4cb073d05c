// SPDX-License-Identifier: Apache-2.0
// The first octets of a TLS client and of its server. The first two octets of the input say where
// the stream is cut; the rest is the stream.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/inspect/alert.h"
#include "dataplane/inspect/client_hello.h"
#include "dataplane/inspect/server_hello.h"
#include "tcpstack/base/check.h"

namespace {

using namespace sallyport::dp;
using namespace sallyport::dp::inspect;
using Octets = std::vector<std::uint8_t>;
using Bytes = std::span<const std::uint8_t>;

struct Parsed {
    HelloResult result;
    ClientHello hello;
};

// A copy, so that its end is the end of its memory.
Parsed parse(Bytes stream) {
    const Octets exact(stream.begin(), stream.end());
    Octets scratch(stream.size());
    Parsed parsed;
    parsed.result = parse_client_hello(exact, scratch, parsed.hello);
    return parsed;
}

bool same(const Parsed& a, const Parsed& b) {
    return a.result.status == b.result.status && a.result.reason == b.result.reason &&
           a.hello.name.view() == b.hello.name.view() && a.hello.ech == b.hello.ech &&
           a.hello.early_data == b.hello.early_data;
}

void check_name(const HostName& name) {
    const std::string text(name.view());
    HostName again;
    const auto* octets = reinterpret_cast<const std::uint8_t*>(text.data());
    SP_CHECK(!text.empty());
    SP_CHECK(normalise({octets, text.size()}, again) == HostNameError::None);
    SP_CHECK(again.view() == name.view());
}

// The same message in records of another size.
Octets in_other_records(Bytes records, std::size_t size) {
    Octets message, out;
    for (std::size_t at = 0; at < records.size();) {
        const std::size_t length = static_cast<std::size_t>(records[at + 3]) << 8 | records[at + 4];
        const Bytes fragment = records.subspan(at + 5, length);
        message.insert(message.end(), fragment.begin(), fragment.end());
        at += 5 + length;
    }
    for (std::size_t at = 0; at < message.size(); at += size) {
        const Bytes fragment = Bytes(message).subspan(at, std::min(size, message.size() - at));
        out.insert(out.end(), {22, 3, 1, static_cast<std::uint8_t>(fragment.size() >> 8),
                               static_cast<std::uint8_t>(fragment.size())});
        out.insert(out.end(), fragment.begin(), fragment.end());
    }
    return out;
}

void check_second_hello(Bytes stream, std::string_view first_name) {
    const Octets exact(stream.begin(), stream.end());
    Octets scratch(stream.size());
    std::uint32_t length = 0;
    const SecondHello found = find_second_hello(exact, scratch, first_name, length);
    SP_CHECK(found <= SecondHello::Bad);
    SP_CHECK(length <= stream.size());
}

void check_server_first(Bytes stream) {
    const Octets exact(stream.begin(), stream.end());
    const ServerFirst first = classify_server_first(exact);
    if (stream.size() >= kServerHelloPrefix) SP_CHECK(first != ServerFirst::NeedMore);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cut = static_cast<std::size_t>(data[0]) << 8 | data[1];
    const Bytes stream(data + 2, size - 2);
    const Bytes prefix = stream.first(std::min(cut, stream.size()));

    const Parsed whole = parse(stream), part = parse(prefix);
    if (part.result.status != HelloStatus::NeedMore) SP_CHECK(same(part, whole));
    if (whole.result.status == HelloStatus::Done) {
        check_name(whole.hello.name);
        SP_CHECK(whole.hello.length <= stream.size());
        const Bytes records = stream.first(whole.hello.length);
        const std::size_t other_size = cut % 16384 + 1;
        SP_CHECK(same(parse(in_other_records(records, other_size)), whole));
        check_second_hello(stream.subspan(whole.hello.length), whole.hello.name.view());
    }
    check_second_hello(stream, "edition.example");
    check_server_first(stream);
    check_server_first(prefix);
    SP_CHECK(unrecognized_name_alert(Octets(prefix.begin(), prefix.end()))[6] == 112);
    return 0;
}
