// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/schema.h"
#include "config/shown.h"
#include "config/spelling.h"

namespace sallyport::cfg {
namespace {

// A map that is read: where it stands in the file and in the table.
struct Section {
    const Node& node;
    std::string_view prefix;  // of the table: "policy.rules[]"
    std::string path;         // of the file: "policy.rules[2]"
    Report& report;
};

std::string quoted(std::string_view key) {
    return '\'' + std::string(key) + '\'';
}

std::string named(const std::string& path) {
    return path.empty() ? "the file" : path;
}

// The key that was probably meant; empty when there is none.
std::string_view refuse_unknown(const Section& section, const Node& entry) {
    std::vector<std::string_view> keys;
    for (const Field* field : fields_below(section.prefix)) keys.push_back(key_of(*field));
    const std::string_view meant = nearest(entry.key, keys);
    std::erase_if(keys, [&](std::string_view key) {
        return !find_field(section.prefix, key)->later.empty();
    });
    std::string hint = meant.empty() ? "" : "did you mean " + quoted(meant) + "?  ";
    section.report.add(FindingCode::UnknownKey, entry.key_where,
                       child_path(section.path, entry.key),
                       {"unknown key " + shown(entry.key) + " in " + named(section.path),
                        hint += "known keys: " + joined(keys)});
    return meant;
}

void refuse_later(const Section& section, const Node& entry, const Field& field) {
    section.report.add(FindingCode::NotSupportedYet, entry.key_where,
                       child_path(section.path, entry.key),
                       {quoted(entry.key) + " is not supported yet",
                        "it comes with " + std::string(field.later) + "; leave it out for now"});
}

bool is_map(const Value& value) {
    switch (value.node.kind) {
        case Node::Kind::Map: return true;
        case Node::Kind::Broken: return false;
        case Node::Kind::Null:
            value.fail(FindingCode::MissingValue, "no value", "write one, or leave the key out");
            return false;
        case Node::Kind::List:
        case Node::Kind::Scalar: break;
    }
    const bool list = value.node.kind == Node::Kind::List;
    value.fail(FindingCode::WrongType,
               std::string(list ? "a list" : "a text") + " stands where a map is expected");
    return false;
}

template <class Owner>
void read_section(const Section& section, Owner& owner);

template <class Owner>
void read_entry(const Section& section, const Node& entry, const Field& field, Owner& owner) {
    const std::string path = child_path(section.path, entry.key);
    section.report.note(path, entry.where);
    const Value value{entry, field, path, section.report};
    if (field.type == Type::Section) {
        if (is_map(value)) read_section(Section{entry, field.path, path, section.report}, owner);
    } else if (const auto* bound = std::get_if<Bound<Owner>>(&field.access)) {
        bound->read(value, owner);
    }
}

// A record with a key of a later version may lack what this version needs. A key that was misspelt
// is not missing too, here or in the rules that take more than one key (validate.h).
void find_missing(const Section& section, const std::set<std::string_view>& seen, bool has_later) {
    for (const Field* field : fields_below(section.prefix)) {
        if (field->need != Need::Required || seen.contains(key_of(*field))) continue;
        if (has_later && section.prefix.ends_with("[]")) continue;
        const bool version = field->type == Type::Version;
        section.report.add(
            FindingCode::MissingKey, section.node.where, section.path,
            {quoted(key_of(*field)) + " is missing in " + named(section.path),
             version ? "begin the file with 'apiVersion: " + std::string(kApiVersion) + '\''
                     : std::string(field->help)});
    }
}

template <class Owner>
void read_section(const Section& section, Owner& owner) {
    std::set<std::string_view> seen;
    bool has_later = false;
    for (const Node& entry : section.node.items) {
        const Field* field = find_field(section.prefix, entry.key);
        seen.insert(entry.key);
        if (field == nullptr) {
            const std::string_view meant = refuse_unknown(section, entry);
            if (meant.empty()) continue;
            seen.insert(meant);
            section.report.note(child_path(section.path, meant), entry.where);
        } else if (!field->later.empty()) {
            has_later = true;
            refuse_later(section, entry, *field);
        } else {
            read_entry(section, entry, *field, owner);
        }
    }
    find_missing(section, seen, has_later);
}

template <class Owner>
bool is_list_for_later(const Value& value) {
    if (!std::is_same_v<Owner, Port> || value.node.kind != Node::Kind::List) return false;
    value.fail(FindingCode::NotSupportedYet, "a list of ports is not supported yet",
               "write one map: {device: ..., addresses: [...]}");
    return true;
}

}  // namespace

bool is_filled_list(const Value& value) {
    const Node& node = value.node;
    if (node.kind == Node::Kind::Broken) return false;
    if (node.kind == Node::Kind::Null)
        value.fail(FindingCode::MissingValue, "no value", "write a list, or leave the key out");
    else if (node.kind != Node::Kind::List)
        value.fail(FindingCode::WrongType,
                   std::string(node.kind == Node::Kind::Map ? "a map" : "one value") +
                       " stands where a list is expected",
                   node.kind == Node::Kind::Map ? "" : "write it in brackets: [...]");
    else if (node.items.empty())
        value.fail(FindingCode::EmptyList, "the list is empty",
                   "write an item, or leave the key out");
    else
        return true;
    return false;
}

template <class Owner>
void read_record(const Value& value, Owner& owner) {
    owner.mark = value.node.where.mark;
    if (is_list_for_later<Owner>(value) || !is_map(value)) return;
    read_section(Section{value.node, value.field.record, value.path, value.report}, owner);
}

template void read_record(const Value&, Port&);
template void read_record(const Value&, Route&);
template void read_record(const Value&, EgressSet&);
template void read_record(const Value&, Group&);
template void read_record(const Value&, Rule&);
template void read_record(const Value&, Workload&);

void read_version(const Value& value, Model& /*model*/) {
    const std::string* text = scalar_of(value);
    if (text == nullptr || *text == kApiVersion) return;
    value.fail(FindingCode::WrongVersion, shown(*text) + " is not a version that is known here",
               "write " + std::string(kApiVersion));
}

void read_egress_ports(const Value& value, EgressSet& set) {
    PortRange range;
    if (!decode_into(value, range)) return;
    set.first_port = range.first;
    set.last_port = range.last;
}

void read_model(const Node& root, Model& model, Report& report) {
    report.note({}, {.mark = {root.where.mark.line, 1, root.where.mark.file}, .end_column = 1});
    read_section(Section{root, {}, {}, report}, model);
}

}  // namespace sallyport::cfg
