// SPDX-License-Identifier: Apache-2.0
#include "config/dump.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "config/rule_keys.h"
#include "config/schema.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {
namespace {

Node map_node() {
    Node node;
    node.kind = Node::Kind::Map;
    return node;
}

template <class Owner>
Node write_section(const Owner& owner, std::string_view prefix);

template <class Owner>
std::optional<Node> write_field(const Owner& owner, const Field& field) {
    if (!field.later.empty()) return std::nullopt;
    if (field.type == Type::Section) return write_section(owner, field.path);
    const auto* bound = std::get_if<Bound<Owner>>(&field.access);
    return bound == nullptr ? std::nullopt : bound->write(owner, field);
}

template <class Owner>
Node write_section(const Owner& owner, std::string_view prefix) {
    Node section = map_node();
    for (const Field* field : fields_below(prefix)) {
        std::optional<Node> value = write_field(owner, *field);
        if (!value || (value->kind == Node::Kind::Map && value->items.empty())) continue;
        value->key = key_of(*field);
        section.items.push_back(std::move(*value));
    }
    return section;
}

std::string escaped(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

std::string scalar_text(const Node& node) {
    return node.quoted ? escaped(node.text) : node.text;
}

}  // namespace

std::string flow_text(const Node& node) {
    if (node.kind == Node::Kind::Scalar) return scalar_text(node);
    const bool map = node.kind == Node::Kind::Map;
    std::string text;
    for (const Node& item : node.items) {
        if (!text.empty()) text += ", ";
        if (map) text += item.key + ": ";
        text += flow_text(item);
    }
    return map ? '{' + text + '}' : '[' + text + ']';
}

namespace {

// Rules of objects are written by the objects.
Model without_imported(Model model) {
    std::erase_if(model.policy.rules, &Rule::imported);
    return model;
}

bool is_list_of_maps(const Node& node) {
    return node.kind == Node::Kind::List && node.items.front().kind == Node::Kind::Map;
}

void write_entries(const Node& map, std::string indent, std::string& out);

void write_items(const Node& list, const std::string& indent, std::string& out) {
    for (const Node& item : list.items) {
        std::string entries;
        write_entries(item, indent + "  ", entries);
        entries.replace(indent.size(), 2, "- ");
        out += entries;
    }
}

void write_entries(const Node& map, std::string indent, std::string& out) {
    for (const Node& entry : map.items) {
        out += indent + entry.key + ':';
        if (entry.kind == Node::Kind::Map) {
            out += '\n';
            write_entries(entry, indent + "  ", out);
        } else if (is_list_of_maps(entry)) {
            out += '\n';
            write_items(entry, indent + "  ", out);
        } else {
            out += ' ' + flow_text(entry) + '\n';
        }
    }
}

std::string write_model(const Model& model) {
    std::string text;
    write_entries(dump_tree(model), "", text);
    return text;
}

// What the native form cannot say of an upstream.
std::string more_of(const Upstream& upstream) {
    std::string text;
    if (!upstream.resolve.empty()) text += " resolves " + upstream.resolve + ';';
    if (upstream.port != 0) text += " dials port " + std::to_string(upstream.port) + ';';
    if (upstream.max_connections != 0)
        text += " at most " + std::to_string(upstream.max_connections) + " connections;";
    if (upstream.keepalive) text += " sends keepalive probes;";
    return text;
}

// Into the form of a native rule as far as there is one; the rest as comments.
std::string make_native(Rule& rule) {
    const std::string head = "# rule " + rule.name + ':';
    std::string notes;
    for (const Upstream& upstream : rule.split)
        notes += head + " weight " + std::to_string(upstream.weight) + " of a split;" +
                 more_of(upstream) + '\n';
    if (!rule.split.empty())
        rule.upstream = rule.split.front();
    else if (const std::string more = more_of(rule.upstream); !more.empty())
        notes += head + more + '\n';
    if (rule.networks.empty()) rule.networks = rule.upstream.networks;
    return notes;
}

}  // namespace

template <class Owner>
Node write_record(const Owner& owner, const Field& field) {
    return write_section(owner, field.record);
}

template <>
Node write_record(const Rule& rule, const Field& field) {
    Node record = write_section(rule, field.record);
    // Their defaults would be refused when they are read again.
    std::erase_if(record.items,
                  [&](const Node& entry) { return !clash_of(rule, entry.key).empty(); });
    return record;
}

template Node write_record(const Port&, const Field&);
template Node write_record(const Route&, const Field&);
template Node write_record(const EgressSet&, const Field&);
template Node write_record(const Group&, const Field&);
template Node write_record(const Workload&, const Field&);

std::optional<Node> write_version(const Model& /*model*/, const Field& /*field*/) {
    return Node::scalar(std::string(kApiVersion));
}

std::optional<Node> write_egress_ports(const EgressSet& set, const Field& field) {
    return encode(PortRange{set.first_port, set.last_port}, field);
}

Node dump_tree(const Model& model) {
    return write_section(model, {});
}

std::string dump(const Model& model) {
    return write_model(without_imported(model));
}

std::string dump_effective(const Model& model) {
    Model shown = model;
    std::string notes;
    for (Rule& rule : shown.policy.rules)
        if (rule.imported) notes += make_native(rule);
    return write_model(shown) + notes;
}

}  // namespace sallyport::cfg
