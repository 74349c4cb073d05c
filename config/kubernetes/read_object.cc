// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/read_object.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "config/kubernetes/check_fields.h"
#include "config/kubernetes/place.h"
#include "config/shown.h"
#include "config/spelling.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::string_view kDefaultNamespace = "default";
constexpr int kListDepthMax = 4;

const Node* entry_of(const Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.items, key, &Node::key);
    return found == map.items.end() ? nullptr : &*found;
}

std::string text_of(const Node& map, std::string_view key) {
    const Node* entry = entry_of(map, key);
    return entry != nullptr && entry->kind == Node::Kind::Scalar ? entry->text : std::string();
}

Span where_of(const Node& map, std::string_view key) {
    const Node* entry = entry_of(map, key);
    return entry == nullptr ? map.where : entry->where;
}

struct Version {
    std::string group, version;
};

Version version_of(const Node& root) {
    const std::string text = text_of(root, "apiVersion");
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return {{}, text};
    return {text.substr(0, slash), text.substr(slash + 1)};
}

void refuse_kind(const Node& root, const Version& version, Report& report) {
    std::vector<std::string_view> names;
    for (const KindInfo& info : all_kinds())
        if (std::ranges::find(names, info.name) == names.end()) names.push_back(info.name);
    const std::string kind = text_of(root, "kind");
    const std::string_view meant = nearest(kind, names);
    const std::string group = version.group.empty() ? "" : " of " + shown(version.group);
    std::string hint =
        meant.empty() || meant == kind ? "" : "did you mean '" + std::string(meant) + "'?  ";
    report.add(FindingCode::UnknownKind, where_of(root, "kind"), "kind",
               {"kind " + shown(kind) + group + " is not read here",
                hint += "leave the object out; kinds: " + joined(names)});
}

const KindInfo* info_of(const Node& root, Report& report) {
    const Version version = version_of(root);
    const std::string kind = text_of(root, "kind");
    const auto found = std::ranges::find_if(all_kinds(), [&](const KindInfo& info) {
        return info.name == kind && info.group == version.group;
    });
    if (found == all_kinds().end()) {
        refuse_kind(root, version, report);
        return nullptr;
    }
    if (std::ranges::find(found->versions, version.version) == found->versions.end()) {
        report.add(FindingCode::ObjectVersion, where_of(root, "apiVersion"), "apiVersion",
                   {shown(version.version) + " is not a version of " + kind + " that is known here",
                    "versions: " + joined(found->versions)});
        return nullptr;
    }
    return &*found;
}

bool is_name(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

// False, with a finding, for what is no name of Kubernetes.
bool read_names(const Node& root, Object& object, Report& report) {
    const Node* metadata = entry_of(root, "metadata");
    const bool map = metadata != nullptr && metadata->kind == Node::Kind::Map;
    object.name = map ? text_of(*metadata, "name") : std::string();
    const std::string name_space = map ? text_of(*metadata, "namespace") : std::string();
    object.name_space = name_space.empty() ? kDefaultNamespace : name_space;
    if (object.name.empty()) {
        report.add(FindingCode::MissingKey, map ? metadata->where : root.where, "metadata",
                   {"'metadata.name' is missing"});
        return false;
    }
    constexpr std::size_t kNameMax = 253, kNamespaceMax = 63;  // RFC 1123 subdomain and label
    if (is_name(object.name, kNameMax) && is_name(object.name_space, kNamespaceMax)) return true;
    report.add(FindingCode::BadName, metadata->where, "metadata",
               {shown(object.name_space + '/' + object.name) + " is not a name of an object",
                "lower-case letters, digits, '-' and '.'"});
    return false;
}

bool is_new(const Object& object, Objects& objects, Report& report) {
    const KindInfo& info = info_of(object.kind);
    const std::string key = std::string(info.group) + ' ' + object.path;
    const auto [first, fresh] = objects.names.try_emplace(key, object.where);
    if (fresh) return true;
    report.add(
        FindingCode::DuplicateObject, object.where, object.path,
        {object.path + " is there already (" + place_text(first->second, report.file_names()) + ')',
         "keep one of the two"});
    return false;
}

void read_one(const Node& root, Objects& objects, Report& report) {
    const KindInfo* info = info_of(root, report);
    if (info == nullptr) return;
    Object object{.kind = info->kind,
                  .api_version = text_of(root, "apiVersion"),
                  .name_space = {},
                  .name = {},
                  .where = root.where,
                  .path = {}};
    if (!read_names(root, object, report)) return;
    object.path = std::string(info->name) + ' ' + object.name_space + '/' + object.name;
    if (!is_new(object, objects, report)) return;
    check_fields(root, object_fields(), object.path, report, object.objections);
    const Node* spec = entry_of(root, "spec");
    if (spec == nullptr || spec->kind != Node::Kind::Map) {
        report.add(FindingCode::MissingKey, spec == nullptr ? root.where : spec->where, object.path,
                   {"'spec' is missing in " + object.path});
        return;
    }
    object.spec = spec;
    check_fields(*spec, info->spec, object.path + ".spec", report, object.objections);
    objects.list.push_back(std::move(object));
}

void read_list(const Node& root, Objects& objects, int depth, Report& report) {
    const bool list = text_of(root, "kind") == "List" && text_of(root, "apiVersion") == "v1";
    if (!list || depth >= kListDepthMax) return read_one(root, objects, report);
    for (const Node& entry : root.items)
        if (entry.key != "apiVersion" && entry.key != "kind" && entry.key != "metadata" &&
            entry.key != "items")
            report.add(FindingCode::UnknownKey, entry.key_where, "List",
                       {"unknown field " + shown(entry.key), "fields: items"});
    const Node* items = entry_of(root, "items");
    if (items == nullptr || items->kind != Node::Kind::List)
        return report.add(FindingCode::MissingKey, root.where, "List",
                          {"'items' is missing in a List"});
    for (const Node& item : items->items) {
        if (item.kind == Node::Kind::Map)
            read_list(item, objects, depth + 1, report);
        else if (item.kind != Node::Kind::Broken)
            report.add(FindingCode::WrongType, item.where, "List.items",
                       {"an item of a List is an object"});
    }
}

}  // namespace

void read_object(const Node& root, Objects& objects, Report& report) {
    read_list(root, objects, 0, report);
}

}  // namespace sallyport::cfg::kubernetes
