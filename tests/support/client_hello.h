// SPDX-License-Identifier: Apache-2.0
// Writes ClientHellos for tests: whole and right by default, every part of them changeable.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::test {

using Octets = std::vector<std::uint8_t>;

inline void put(Octets& out, std::size_t width, std::size_t value) {
    while (width-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * width)));
}
inline void put(Octets& out, std::span<const std::uint8_t> octets) {
    for (const std::uint8_t octet : octets) out.push_back(octet);
}
inline Octets octets_of(std::string_view text) {
    return {text.begin(), text.end()};
}

// A vector of TLS: its length in `width` octets, then its content.
inline Octets with_length(std::size_t width, std::span<const std::uint8_t> content) {
    Octets out;
    put(out, width, content.size());
    put(out, content);
    return out;
}
inline Octets joined(std::initializer_list<Octets> parts) {
    Octets out;
    for (const Octets& part : parts) put(out, part);
    return out;
}

struct Extension {
    std::uint16_t type = 0;
    Octets data;
};

inline Octets name_entry(std::string_view name, std::uint8_t type = 0) {
    return joined({{type}, with_length(2, octets_of(name))});
}
inline Extension server_name(std::string_view name) {
    return {0, with_length(2, name_entry(name))};
}
inline Extension padding(std::size_t size) {
    return {21, Octets(size)};
}
// Size of a client's share of X25519MLKEM768 (group 0x11ec): 1184 + 32.
inline constexpr std::size_t kPostQuantumShare = 1216;
inline Extension key_share(std::uint16_t group, std::size_t size) {
    Octets share;
    put(share, 2, group);
    put(share, with_length(2, Octets(size, 0x5a)));
    return {51, with_length(2, share)};
}

struct Hello {
    std::uint16_t version = 0x0303;
    Octets session_id;
    Octets suites{0x13, 0x01, 0x13, 0x02, 0xc0, 0x2f};
    Octets compressions{0};
    std::vector<Extension> extensions;

    // supported_versions and supported_groups, then the name, then a key share.
    static Hello of(std::string_view name) {
        Hello hello;
        hello.extensions = {{43, {4, 3, 4, 3, 3}},
                            {10, {0, 4, 0, 0x1d, 0, 0x17}},
                            server_name(name),
                            key_share(0x001d, 32)};
        return hello;
    }
    static Hello post_quantum(std::string_view name) {
        Hello hello = of(name);
        hello.extensions.back() = key_share(0x11ec, kPostQuantumShare);
        hello.extensions.push_back(padding(400));
        return hello;
    }
    Hello& drop(std::uint16_t type) {
        std::erase_if(extensions, [=](const Extension& e) { return e.type == type; });
        return *this;
    }
    Hello& add(Extension extension) { return extensions.push_back(std::move(extension)), *this; }

    Octets extension_block() const {
        Octets list;
        for (const Extension& e : extensions) {
            put(list, 2, e.type);
            put(list, with_length(2, e.data));
        }
        return with_length(2, list);
    }
    Octets body() const {
        Octets out;
        put(out, 2, version);
        put(out, Octets(32, 0x77));
        put(out, with_length(1, session_id));
        put(out, with_length(2, suites));
        put(out, with_length(1, compressions));
        if (!extensions.empty()) put(out, extension_block());
        return out;
    }
    // With its handshake header.
    Octets message() const { return joined({{1}, with_length(3, body())}); }
};

inline Octets record(std::span<const std::uint8_t> fragment, std::uint8_t type = 22,
                     std::uint16_t version = 0x0301) {
    Octets out{type};
    put(out, 2, version);
    put(out, with_length(2, fragment));
    return out;
}
// Records of `size` octets each; the last may be shorter.
inline Octets records(const Octets& message, std::size_t size) {
    Octets out;
    const std::span<const std::uint8_t> all(message);
    for (std::size_t at = 0; at < all.size(); at += size)
        put(out, record(all.subspan(at, std::min(size, all.size() - at))));
    return out;
}
// Two records, the first of `cut` octets.
inline Octets records_cut(const Octets& message, std::size_t cut) {
    const std::span<const std::uint8_t> all(message);
    return joined({record(all.first(cut)), record(all.subspan(cut))});
}

}  // namespace sallyport::test
