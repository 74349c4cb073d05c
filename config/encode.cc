// SPDX-License-Identifier: Apache-2.0
// The way back, from the model to text (codec.h).
#include <algorithm>
#include <string>

#include "config/address_text.h"
#include "config/codec.h"
#include "config/text_rules.h"
#include "config/time_text.h"
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
    Node node = Node::scalar(address_text(value));
    node.quoted = !value.is_v4();
    return node;
}

Node encode(const Source& value, const Field& field) {
    return value.group.empty() ? encode(value.network, field) : encode(value.group, field);
}

Node encode(const IpPrefix& value, const Field& /*field*/) {
    Node node = Node::scalar(address_text(value.address()) + '/' + std::to_string(value.length()));
    node.quoted = !value.address().is_v4();
    return node;
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
    Node node = encode(value.protocol, field);
    if (value.port != 0) node.text += '/' + std::to_string(value.port);
    return node;
}

Node encode(const Endpoint& value, const Field& field) {
    Node node = encode(value.address, field);
    const bool v6 = !value.address.is_v4();
    if (value.port != 0)
        node.text = (v6 ? '[' + node.text + ']' : node.text) + ':' + std::to_string(value.port);
    node.quoted = v6 || value.port != 0;
    return node;
}

Node encode(std::chrono::sys_seconds value, const Field& /*field*/) {
    Node node = Node::scalar(format_moment(value));
    node.quoted = true;
    return node;
}

Node encode(const TimeWindow& value, const Field& /*field*/) {
    Node node = Node::scalar(format_window(value));
    node.quoted = true;
    return node;
}

Node encode(const Label& value, const Field& /*field*/) {
    Node node = Node::scalar(value.key + '=' + value.value);
    node.quoted = true;
    return node;
}

Node encode_choice(std::uint8_t value, std::span<const Choice> choices) {
    const auto found = std::ranges::find(choices, value, &Choice::value);
    return Node::scalar(found == choices.end() ? std::string() : std::string(found->word));
}

}  // namespace sallyport::cfg
