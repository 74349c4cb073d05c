// SPDX-License-Identifier: Apache-2.0
#include "config/differences.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "config/dump.h"
#include "config/schema.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {
namespace {

using Kind = Difference::Kind;
using enum Difference::Kind;

constexpr std::size_t kShownMax = 200;  // octets of a value

std::string cut(std::string text) {
    if (text.size() > kShownMax) text.replace(kShownMax, std::string::npos, "...");
    return text;
}

std::string shown_value(const Node* node) {
    return node == nullptr ? std::string() : cut(flow_text(*node));
}

const Node* entry(const Node* map, std::string_view key) {
    if (map == nullptr) return nullptr;
    const auto found = std::ranges::find(map->items, key, &Node::key);
    return found == map->items.end() ? nullptr : &*found;
}

// The name of an item of a list of records; empty when such records have none.
std::string name_of(const Node& item) {
    const Node* name = entry(&item, "name");
    return name == nullptr ? std::string() : name->text;
}

// Two trees of the same place in the table, one of which may be absent.
class Comparison {
   public:
    void compare(const Node* before, const Node* after, std::string_view rows,
                 const std::string& path) {
        for (const Field* field : fields_below(rows)) {
            const std::string_view key = key_of(*field);
            const std::string below = path.empty() ? std::string(key) : child_path(path, key);
            field_of(entry(before, key), entry(after, key), *field, below);
        }
    }
    std::vector<Difference> take() { return std::move(found_); }

   private:
    void field_of(const Node* before, const Node* after, const Field& field,
                  const std::string& path) {
        if (before == nullptr && after == nullptr) return;
        if (field.type == Type::Section) return compare(before, after, field.path, path);
        const bool one_record = field.type == Type::Record && is_map(before) && is_map(after);
        if (one_record) return compare(before, after, field.record, path);
        if (field.type == Type::Record && are_named(before) && are_named(after))
            return items(before, after, field, path);
        if (before != nullptr && after != nullptr && flow_text(*before) == flow_text(*after)) return;
        add(before == nullptr ? Added : after == nullptr ? Removed : Changed, path, before, after,
            field.live);
    }

    // Items by their names, those of `after` in their order, then those that are gone.
    void items(const Node* before, const Node* after, const Field& field, const std::string& path) {
        const auto named = index(before);
        const auto still = index(after);
        for (const Node& item : items_of(after)) {
            const auto old = named.find(name_of(item));
            const std::string place = path + '[' + name_of(item) + ']';
            if (old == named.end())
                add(Added, place, nullptr, &item, field.live);
            else
                compare(old->second, &item, field.record, place);
        }
        for (const Node& item : items_of(before))
            if (!still.contains(name_of(item)))
                add(Removed, path + '[' + name_of(item) + ']', &item, nullptr, field.live);
        const std::string old_order = order(before, still), present_order = order(after, named);
        if (old_order != present_order)
            found_.push_back({Changed, path, cut(old_order), cut(present_order), field.live});
    }

    using Index = std::unordered_map<std::string, const Node*>;
    static Index index(const Node* list) {
        Index out;
        for (const Node& item : items_of(list)) out.emplace(name_of(item), &item);
        return out;
    }
    // The names that both lists have.
    static std::string order(const Node* list, const Index& other) {
        std::string out;
        for (const Node& item : items_of(list))
            if (other.contains(name_of(item))) out += (out.empty() ? "" : ", ") + name_of(item);
        return out;
    }
    static const std::vector<Node>& items_of(const Node* list) {
        static const std::vector<Node> none;
        return list == nullptr ? none : list->items;
    }
    static bool is_map(const Node* node) {
        return node != nullptr && node->kind == Node::Kind::Map;
    }
    static bool are_named(const Node* list) {
        return list == nullptr ||
               (list->kind == Node::Kind::List &&
                std::ranges::all_of(list->items, [](const Node& n) { return !name_of(n).empty(); }));
    }
    void add(Kind kind, const std::string& path, const Node* before, const Node* after, Live live) {
        found_.push_back({kind, path, shown_value(before), shown_value(after), live});
    }

    std::vector<Difference> found_;
};

// Rules whose tree is not the whole of them: names out of files, and what an object was turned into.
Rule without_marks(Rule rule) {
    rule.mark = {};
    for (HostPattern& host : rule.hosts) host.mark = {};
    return rule;
}

std::string name_count(const Rule& rule) {
    return rule.listed ? std::to_string(rule.listed->size()) + " names" : std::string();
}

bool same_listed(const Rule& a, const Rule& b) {
    return a.listed == b.listed || (a.listed && b.listed && *a.listed == *b.listed);
}

bool is_told(const std::vector<Difference>& found, const std::string& rule_path) {
    return std::ranges::any_of(
        found, [&](const Difference& d) { return d.path.starts_with(rule_path); });
}

void compare_hidden(const Rule& before, const Rule& after, std::vector<Difference>& out) {
    const std::string path = "policy.rules[" + after.name + ']';
    if (!same_listed(before, after))
        out.push_back({Changed, path + ".hosts_from", name_count(before), name_count(after),
                       Live::Reload});
    else if (without_marks(before) != without_marks(after) && !is_told(out, path))
        out.push_back({Changed, path, {}, {}, Live::Reload});
}

void compare_rules(const Policy& before, const Policy& after, std::vector<Difference>& out) {
    std::unordered_map<std::string_view, const Rule*> old;
    for (const Rule& rule : before.rules) old.emplace(rule.name, &rule);
    for (const Rule& rule : after.rules)
        if (const auto found = old.find(rule.name); found != old.end())
            compare_hidden(*found->second, rule, out);
}

}  // namespace

std::string_view text(Difference::Kind kind) {
    switch (kind) {
        case Added: return "added";
        case Removed: return "removed";
        case Changed: return "changed";
    }
    __builtin_unreachable();
}

std::vector<Difference> differences(const Model& before, const Model& after) {
    const Node old = dump_tree(before), present = dump_tree(after);
    Comparison comparison;
    comparison.compare(&old, &present, {}, {});
    std::vector<Difference> out = comparison.take();
    compare_rules(before.policy, after.policy, out);
    return out;
}

}  // namespace sallyport::cfg
