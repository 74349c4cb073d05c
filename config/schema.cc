// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <type_traits>

namespace sallyport::cfg {
namespace {

// The path one level up; a dot inside braces does not occur.
std::string_view parent_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

struct TypeName {
    std::string_view one, many;
};

TypeName name_of(Type type) {
    switch (type) {
        case Type::Section: return {"map", "maps"};
        case Type::Record: return {"map", "maps"};
        case Type::Version: return {"version", "versions"};
        case Type::Text: return {"text", "texts"};
        case Type::Name: return {"name", "names"};
        case Type::Device: return {"device", "devices"};
        case Type::Path: return {"path", "paths"};
        case Type::RelativePath: return {"path", "paths"};
        case Type::Interface: return {"kernel interface", "kernel interfaces"};
        case Type::PathOrStdout: return {"path or stdout", "paths"};
        case Type::Integer: return {"number", "numbers"};
        case Type::Size: return {"size", "sizes"};
        case Type::Duration: return {"duration", "durations"};
        case Type::Boolean: return {"boolean", "booleans"};
        case Type::Choice: return {"choice", "choices"};
        case Type::Address: return {"address", "addresses"};
        case Type::Network: return {"network", "networks"};
        case Type::InterfaceAddress: return {"address/length", "addresses/lengths"};
        case Type::PortRange: return {"port range", "port ranges"};
        case Type::Host: return {"host name", "host names"};
        case Type::ProtocolPort: return {"protocol/port", "protocols/ports"};
        case Type::Source: return {"network or group", "networks or groups"};
        case Type::Endpoint: return {"endpoint", "endpoints"};
        case Type::Moment: return {"moment", "moments"};
        case Type::TimeWindow: return {"time of the week", "times of the week"};
        case Type::Label: return {"label", "labels"};
    }
    return {};
}

}  // namespace

const Field* find_field(std::string_view parent, std::string_view key) {
    for (const Field& field : kFields)
        if (key_of(field) == key && parent_of(field.path) == parent) return &field;
    return nullptr;
}

std::vector<const Field*> fields_below(std::string_view parent) {
    std::vector<const Field*> found;
    for (const Field& field : kFields)
        // The record's own row "a[]" has none, so every row has exactly one parent.
        if (parent_of(field.path) == parent) found.push_back(&field);
    return found;
}

std::string_view key_of(const Field& field) {
    const std::size_t dot = field.path.rfind('.');
    return dot == std::string_view::npos ? field.path : field.path.substr(dot + 1);
}

std::span<const Choice> choices_of(const Field& field) {
    if (!field.words.empty()) return field.words;
    return std::visit(
        [](const auto& access) -> std::span<const Choice> {
            if constexpr (std::is_same_v<std::decay_t<decltype(access)>, std::monostate>)
                return {};
            else
                return access.choices;
        },
        field.access);
}

std::string type_name(const Field& field) {
    const TypeName name = name_of(field.type);
    std::string text = field.list ? "list of " : "";
    return text += field.list ? name.many : name.one;
}

}  // namespace sallyport::cfg
