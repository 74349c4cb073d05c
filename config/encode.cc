// SPDX-License-Identifier: Apache-2.0
// The way back, from the model to text (codec.h).
#include <algorithm>
#include <string>

#include "config/address_text.h"
#include "config/codec.h"
#include "config/text_rules.h"
#include "config/units.h"

namespace sallyport::cfg {

Node encode(bool value, const Field& /*field*/) {
    return Node::scalar(value ? "true" : "false");
}

Node encode(std::uint16_t value, const Field& field) {
    return encode(std::uint64_t{value}, field);
}

Node encode(std::uint32_t value, const Field& field) {
    return encode(std::uint64_t{value}, field);
}

Node encode(std::uint64_t value, const Field& field) {
    return Node::scalar(field.type == Type::Size ? format_size(value) : std::to_string(value));
}

Node encode(std::chrono::milliseconds value, const Field& /*field*/) {
    return Node::scalar(format_duration(value));
}

Node encode(const std::string& value, const Field& /*field*/) {
    Node node = Node::scalar(value);
    node.quoted = !is_plain_text(value);
    return node;
}

Node encode(const IpAddr& value, const Field& /*field*/) {
    return Node::scalar(address_text(value));
}

Node encode(const Source& value, const Field& field) {
    return encode(value.network, field);
}
Node encode(const IpPrefix& value, const Field& /*field*/) {
    return Node::scalar(address_text(value.address()) + '/' + std::to_string(value.length()));
}

Node encode(const InterfaceAddress& value, const Field& /*field*/) {
    return Node::scalar(address_text(value.address) + '/' + std::to_string(value.prefix_length));
}

Node encode(const PortRange& value, const Field& /*field*/) {
    return Node::scalar(std::to_string(value.first) + '-' + std::to_string(value.last));
}

Node encode(const HostPattern& value, const Field& /*field*/) {
    Node node = Node::scalar(value.wildcard ? "*." + value.name : value.name);
    node.quoted = value.wildcard || !is_plain_text(value.name);
    return node;
}

Node encode(const ProtocolPort& value, const Field& field) {
    return Node::scalar(encode(value.protocol, field).text + '/' + std::to_string(value.port));
}

Node encode_choice(std::uint8_t value, std::span<const Choice> choices) {
    const auto found = std::ranges::find(choices, value, &Choice::value);
    return Node::scalar(found == choices.end() ? std::string() : std::string(found->word));
}

}  // namespace sallyport::cfg
