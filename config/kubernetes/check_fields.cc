// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/check_fields.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "config/shown.h"
#include "config/spelling.h"
#include "config/units.h"

namespace sallyport::cfg::kubernetes {
namespace {

// A value that is looked at.
struct Place {
    const Node& node;
    const std::string& path;
    Report& report;

    bool fail(FindingCode code, std::string message, std::string hint = {}) const {
        report.add(code, node.where, path, {std::move(message), std::move(hint)});
        return false;
    }
};

std::string_view name_of(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::List: return "a list";
        case Node::Kind::Map: return "a map";
        case Node::Kind::Scalar: return "one value";
        case Node::Kind::Null: return "nothing";
        case Node::Kind::Broken: break;
    }
    return "something";
}

bool is_kind(const Place& at, Node::Kind kind) {
    if (at.node.kind == kind) return true;
    if (at.node.kind == Node::Kind::Broken) return false;
    if (at.node.kind == Node::Kind::Null)
        return at.fail(FindingCode::MissingValue, "no value", "write one, or leave the key out");
    return at.fail(FindingCode::WrongType, std::string(name_of(at.node.kind)) + " stands where " +
                                               std::string(name_of(kind)) + " is expected");
}

bool is_number(const Place& at) {
    if (!is_kind(at, Node::Kind::Scalar)) return false;
    const auto number = parse_number(at.node.text);
    if (!number && number.error() == NumberError::LeadingZero)
        return at.fail(FindingCode::LeadingZero, shown(at.node.text) + " has a leading zero",
                       "some readers take it as octal; write it without the zero");
    if (at.node.quoted || (!number && number.error() == NumberError::NotANumber))
        return at.fail(FindingCode::WrongType, shown(at.node.text) + " is not a number",
                       at.node.quoted ? "remove the quotes" : "");
    if (!number || *number > std::numeric_limits<std::uint32_t>::max())
        return at.fail(FindingCode::OutOfRange, shown(at.node.text) + " is too large");
    return true;
}

bool is_boolean(const Place& at) {
    if (!is_kind(at, Node::Kind::Scalar)) return false;
    if (!at.node.quoted && (at.node.text == "true" || at.node.text == "false")) return true;
    return at.fail(FindingCode::WrongType, shown(at.node.text) + " is not a boolean",
                   "write true or false");
}

void check_value(const Place& at, const ObjectField& field, std::vector<Objection>& objections) {
    const auto each = [&](Node::Kind kind, auto check) {
        if (!is_kind(at, kind)) return;
        for (std::size_t i = 0; i < at.node.items.size(); ++i) {
            const Node& item = at.node.items[i];
            const std::string path =
                kind == Node::Kind::List ? item_path(at.path, i) : child_path(at.path, item.key);
            check(Place{item, path, at.report});
        }
    };
    const auto is_text = [](const Place& item) { (void)is_kind(item, Node::Kind::Scalar); };
    const auto check_map = [&](const Place& map) {
        if (is_kind(map, Node::Kind::Map))
            check_fields(map.node, field.below, map.path, map.report, objections);
    };
    switch (field.shape) {
        case Shape::Map: return check_map(at);
        case Shape::Maps: return each(Node::Kind::List, check_map);
        case Shape::Text: return is_text(at);
        case Shape::Texts: return each(Node::Kind::List, is_text);
        case Shape::Number: return (void)is_number(at);
        case Shape::Boolean: return (void)is_boolean(at);
        case Shape::Labels: return each(Node::Kind::Map, is_text);
        case Shape::Numbers:
            return each(Node::Kind::Map, [](const Place& item) { (void)is_number(item); });
        case Shape::Anything: return;
    }
}

void refuse_unknown(const Place& entry, std::span<const ObjectField> fields) {
    std::vector<std::string_view> keys;
    for (const ObjectField& field : fields) keys.push_back(field.key);
    const std::string_view meant = nearest(entry.node.key, keys);
    // Long rows of keys that nobody writes by hand (metadata, say) are not repeated.
    std::erase_if(keys, [&](std::string_view key) {
        return std::ranges::find(fields, key, &ObjectField::key)->treatment != Treatment::Honoured;
    });
    std::string hint = meant.empty() ? "" : "did you mean '" + std::string(meant) + "'?  ";
    entry.report.add(FindingCode::UnknownKey, entry.node.key_where, entry.path,
                     {"unknown field " + shown(entry.node.key), hint += "fields: " + joined(keys)});
}

Objection objection_to(const Place& entry, const ObjectField& field) {
    const bool refused = field.treatment == Treatment::Refused;
    return {.code = refused ? FindingCode::RefusedField : FindingCode::IgnoredField,
            .where = entry.node.key_where,
            .path = entry.path,
            .said = {'\'' + std::string(field.key) + (refused ? "' is refused" : "' has no effect"),
                     std::string(field.why)}};
}

}  // namespace

void check_fields(const Node& map, std::span<const ObjectField> fields, const std::string& path,
                  Report& report, std::vector<Objection>& objections) {
    for (const Node& node : map.items) {
        const std::string entry_path = child_path(path, node.key);
        const Place entry{node, entry_path, report};
        const auto field = std::ranges::find(fields, node.key, &ObjectField::key);
        if (field == fields.end())
            refuse_unknown(entry, fields);
        else if (field->treatment == Treatment::Honoured)
            check_value(entry, *field, objections);
        else if (field->treatment != Treatment::Described)
            objections.push_back(objection_to(entry, *field));
    }
}

}  // namespace sallyport::cfg::kubernetes
