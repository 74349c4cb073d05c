// SPDX-License-Identifier: Apache-2.0
// Single values between text and model, one overload pair for each type of the model. A decode_into
// that fails has added a finding and left `out` as it was.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/field.h"
#include "config/model.h"

namespace sallyport::cfg {

struct PortRange {
    std::uint16_t first = 0, last = 0;
};

// The text of a scalar; nullptr (and a finding, unless there is one already) for anything else.
const std::string* scalar_of(const Value& value);

bool decode_into(const Value& value, bool& out);
bool decode_into(const Value& value, std::uint16_t& out);
bool decode_into(const Value& value, std::uint32_t& out);
bool decode_into(const Value& value, std::uint64_t& out);
bool decode_into(const Value& value, std::chrono::milliseconds& out);
bool decode_into(const Value& value, std::string& out);
bool decode_into(const Value& value, IpAddr& out);
bool decode_into(const Value& value, IpPrefix& out);
bool decode_into(const Value& value, Source& out);
bool decode_into(const Value& value, InterfaceAddress& out);
bool decode_into(const Value& value, PortRange& out);
bool decode_into(const Value& value, HostPattern& out);
bool decode_into(const Value& value, ProtocolPort& out);
bool decode_into(const Value& value, Endpoint& out);
bool decode_into(const Value& value, std::chrono::sys_seconds& out);
bool decode_into(const Value& value, TimeWindow& out);
bool decode_into(const Value& value, Label& out);

// The choice that the value names, or nullptr and a finding.
const Choice* decode_choice(const Value& value, std::span<const Choice> choices);

template <class E>
requires std::is_enum_v<E>
bool decode_into(const Value& value, E& out) {
    const Choice* found = decode_choice(value, kChoices<E>);
    if (found != nullptr) out = static_cast<E>(found->value);
    return found != nullptr;
}

Node encode(bool value, const Field& field);
Node encode(std::uint16_t value, const Field& field);
Node encode(std::uint32_t value, const Field& field);
Node encode(std::uint64_t value, const Field& field);
Node encode(std::chrono::milliseconds value, const Field& field);
Node encode(const std::string& value, const Field& field);
Node encode(const IpAddr& value, const Field& field);
Node encode(const IpPrefix& value, const Field& field);
Node encode(const Source& value, const Field& field);
Node encode(const InterfaceAddress& value, const Field& field);
Node encode(const PortRange& value, const Field& field);
Node encode(const HostPattern& value, const Field& field);
Node encode(const ProtocolPort& value, const Field& field);
Node encode(const Endpoint& value, const Field& field);
Node encode(std::chrono::sys_seconds value, const Field& field);
Node encode(const TimeWindow& value, const Field& field);
Node encode(const Label& value, const Field& field);

Node encode_choice(std::uint8_t value, std::span<const Choice> choices);

template <class E>
requires std::is_enum_v<E> Node encode(E value, const Field& /*field*/) {
    return encode_choice(static_cast<std::uint8_t>(value), kChoices<E>);
}

}  // namespace sallyport::cfg
