// SPDX-License-Identifier: Apache-2.0
// Rows from member pointers: bind<&Model::tcp, &Tcp::hello_timeout>() says where a value lives, and
// its type says how it is read and written.
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/codec.h"
#include "config/field.h"
#include "config/model.h"
#include "config/shown.h"

namespace sallyport::cfg {

// The keys of a record, from its rows in the table (reader.cc, dump.cc).
template <class Owner>
void read_record(const Value& value, Owner& owner);
template <class Owner>
Node write_record(const Owner& owner, const Field& field);
template <>
Node write_record(const Rule& rule, const Field& field);

template <class T>
concept Recorded = std::same_as<T, Port> || std::same_as<T, Route> || std::same_as<T, EgressSet> ||
    std::same_as<T, Group> || std::same_as<T, Rule> || std::same_as<T, Workload>;

template <class T>
void read_value(const Value& value, T& out) {
    decode_into(value, out);
}

template <class T>
void read_value(const Value& value, std::optional<T>& out) {
    T item{};
    if (decode_into(value, item)) out = item;
}

// True: the node is a list with something in it.
bool is_filled_list(const Value& value);

template <class T>
void read_value(const Value& value, std::vector<T>& out) {
    if (!is_filled_list(value)) return;
    out.clear();
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < value.node.items.size(); ++i) {
        const Node& node = value.node.items[i];
        const std::string path = item_path(value.path, i);
        value.report.note(path, node.where);
        const Value item{node, value.field, path, value.report};
        T decoded{};
        if (!decode_into(item, decoded)) continue;
        const auto [first, fresh] = seen.try_emplace(encode(decoded, value.field).text, i);
        if (!fresh)
            item.fail(FindingCode::DuplicateItem, shown(node.text) + " is in the list already",
                      "see item " + std::to_string(first->second + 1));
        out.push_back(std::move(decoded));
    }
}

template <Recorded T>
void read_value(const Value& value, std::vector<T>& out) {
    if (!is_filled_list(value)) return;
    out.clear();
    for (std::size_t i = 0; i < value.node.items.size(); ++i) {
        const std::string path = item_path(value.path, i);
        value.report.note(path, value.node.items[i].where);
        read_record(Value{value.node.items[i], value.field, path, value.report},
                    out.emplace_back());
    }
}

// A port is written as one map for now; its list comes later and is refused in read_record.
inline void read_value(const Value& value, std::vector<Port>& out) {
    out.clear();
    read_record(value, out.emplace_back());
}

template <class T>
std::optional<Node> write_value(const T& value, const Field& field) {
    return encode(value, field);
}

template <class T>
std::optional<Node> write_value(const std::optional<T>& value, const Field& field) {
    if (!value) return std::nullopt;
    return encode(*value, field);
}

template <class T>
std::optional<Node> write_value(const std::vector<T>& values, const Field& field) {
    if (values.empty()) return std::nullopt;
    Node list;
    list.kind = Node::Kind::List;
    for (const T& value : values) {
        if constexpr (Recorded<T>)
            list.items.push_back(write_record(value, field));
        else
            list.items.push_back(encode(value, field));
    }
    return list;
}

// Zero where zero cannot be written is a limit that is not set.
template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) std::optional<Node> write_value(const T& value,
                                                                 const Field& field) {
    if (value == 0 && field.limits.min > 0) return std::nullopt;
    return encode(value, field);
}

inline std::optional<Node> write_value(const std::vector<Port>& ports, const Field& field) {
    if (ports.empty()) return std::nullopt;
    return write_record(ports.front(), field);
}

inline std::optional<Node> write_value(const std::string& text, const Field& field) {
    if (text.empty()) return std::nullopt;
    return encode(text, field);
}

template <class Member>
struct MemberOf;
template <class OwnerType, class T>
struct MemberOf<T OwnerType::*> {
    using Owner = OwnerType;
};

template <auto First, auto... Rest>
struct Binding {
    using Owner = typename MemberOf<decltype(First)>::Owner;
    template <class O>
    static auto& get(O& owner) {
        if constexpr (sizeof...(Rest) == 0)
            return owner.*First;
        else
            return Binding<Rest...>::get(owner.*First);
    }
    static void read(const Value& value, Owner& owner) { read_value(value, get(owner)); }
    static std::optional<Node> write(const Owner& owner, const Field& field) {
        return write_value(get(owner), field);
    }
};

template <class T>
struct Bare {
    using Type = T;
};
template <class T>
struct Bare<std::optional<T>> {
    using Type = T;
};

template <auto First, auto... Rest>
constexpr auto bind() {
    using B = Binding<First, Rest...>;
    using T = std::remove_cvref_t<decltype(B::get(std::declval<typename B::Owner&>()))>;
    return Bound<typename B::Owner>{&B::read, &B::write, kChoices<typename Bare<T>::Type>};
}

}  // namespace sallyport::cfg
