// SPDX-License-Identifier: Apache-2.0
#include "config/json_schema.h"

#include <string_view>
#include <utility>
#include <vector>

#include "config/json_text.h"
#include "config/schema.h"

namespace sallyport::cfg {
namespace {

// What a text of the type looks like: a regular expression of ECMA-262. They are wider than the
// reader where a narrow one would be hard to read.
std::string_view pattern_of(const Field& field) {
    switch (field.type) {
        case Type::Name: return "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";
        case Type::Device: return "^[!-~]{1,255}$";
        case Type::Path: return "^/[ -~]*$";
        case Type::RelativePath: return "^[ -~]+$";
        case Type::PathOrStdout: return "^(/[ -~]*|stdout)$";
        case Type::Interface: return "^[!-.0-9;-~]{1,15}$";
        case Type::Size: return "^(0|[1-9][0-9]*)( ?(KiB|MiB|GiB))?$";
        case Type::Duration: return "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
        case Type::Address: return "^[0-9A-Fa-f:.]{2,45}$";
        case Type::Network:
        case Type::InterfaceAddress: return "^[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}$";
        case Type::PortRange: return "^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$";
        case Type::Host: return "^([*][.])?[^*/:@ ]+$";
        case Type::ProtocolPort: return "^((tls|http|tcp|udp)/[1-9][0-9]{0,4}|icmp)$";
        case Type::Source:
            return "^([0-9A-Fa-f:.]{2,45}/[0-9]{1,3}|[A-Za-z0-9][A-Za-z0-9._-]{0,62})$";
        case Type::Endpoint:
            return "^([0-9.]+|[0-9.]+:[1-9][0-9]{0,4}|[0-9A-Fa-f:.]+|"
                   "\\[[0-9A-Fa-f:.]+\\](:[1-9][0-9]{0,4})?)$";
        case Type::Moment: return "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$";
        case Type::TimeWindow: return "^[A-Za-z0-9:, -]+$";
        case Type::Label: return "^[A-Za-z0-9][A-Za-z0-9._/-]*=[A-Za-z0-9._-]*$";
        case Type::Section:
        case Type::Record:
        case Type::Version:
        case Type::Text:
        case Type::Integer:
        case Type::Boolean:
        case Type::Choice: break;
    }
    return {};
}

Node typed(std::string_view type) {
    Node schema = json_map();
    set(schema, "type", json_string(type));
    return schema;
}

Node text_schema(const Field& field) {
    Node schema = typed("string");
    if (const std::string_view pattern = pattern_of(field); !pattern.empty())
        set(schema, "pattern", json_string(pattern));
    return schema;
}

Node integer_schema(std::uint64_t min, std::uint64_t max) {
    Node schema = typed("integer");
    set(schema, "minimum", json_literal(std::to_string(min)));
    set(schema, "maximum", json_literal(std::to_string(max)));
    return schema;
}

// A number without a unit is a number of YAML; with one it is a text.
Node number_or_text(const Field& field, std::uint64_t min, std::uint64_t max) {
    Node schema = json_map();
    set(schema, "anyOf", json_list({integer_schema(min, max), text_schema(field)}));
    return schema;
}

Node choice_schema(const Field& field) {
    std::vector<Node> words;
    for (const Choice& choice : choices_of(field))
        if (choice.later.empty()) words.push_back(json_string(choice.word));
    Node schema = json_map();
    set(schema, "enum", json_list(std::move(words)));
    return schema;
}

Node map_schema(std::string_view prefix);

Node item_schema(const Field& field) {
    switch (field.type) {
        case Type::Section: return map_schema(field.path);
        case Type::Record: return map_schema(field.record);
        case Type::Version: {
            Node schema = json_map();
            set(schema, "const", json_string(kApiVersion));
            return schema;
        }
        case Type::Integer: return integer_schema(field.limits.min, field.limits.max);
        case Type::Size: return number_or_text(field, field.limits.min, field.limits.max);
        case Type::PortRange: return number_or_text(field, 1, 65535);
        case Type::Boolean: return typed("boolean");
        case Type::Choice: return choice_schema(field);
        case Type::Text:
        case Type::Name:
        case Type::Device:
        case Type::Path:
        case Type::RelativePath:
        case Type::PathOrStdout:
        case Type::Interface:
        case Type::Duration:
        case Type::Address:
        case Type::Network:
        case Type::InterfaceAddress:
        case Type::Host:
        case Type::ProtocolPort:
        case Type::Source:
        case Type::Endpoint:
        case Type::Moment:
        case Type::TimeWindow:
        case Type::Label: break;
    }
    return text_schema(field);
}

Node field_schema(const Field& field) {
    Node schema = item_schema(field);
    if (field.list) {
        Node list = typed("array");
        set(list, "minItems", json_literal("1"));
        set(list, "items", std::move(schema));
        schema = std::move(list);
    }
    set(schema, "description", json_string(field.help));
    if (!field.default_text.empty()) {
        const bool bare = field.type == Type::Integer || field.type == Type::Boolean;
        set(schema, "default",
            bare ? json_literal(field.default_text) : json_string(field.default_text));
    }
    return schema;
}

// Keys of later versions are left out, so that they are refused like unknown ones.
Node map_schema(std::string_view prefix) {
    Node properties = json_map();
    std::vector<Node> required;
    for (const Field* field : fields_below(prefix)) {
        if (!field->later.empty()) continue;
        set(properties, key_of(*field), field_schema(*field));
        if (field->need == Need::Required) required.push_back(json_string(key_of(*field)));
    }
    Node schema = typed("object");
    set(schema, "additionalProperties", json_literal("false"));
    set(schema, "properties", std::move(properties));
    if (!required.empty()) set(schema, "required", json_list(std::move(required)));
    return schema;
}

}  // namespace

std::string json_schema() {
    Node schema = json_map();
    set(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    set(schema, "title", json_string("Sallyport configuration, " + std::string(kApiVersion)));
    Node root = map_schema({});
    for (Node& entry : root.items) schema.items.push_back(std::move(entry));
    return json_text(schema);
}

}  // namespace sallyport::cfg
