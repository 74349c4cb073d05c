// SPDX-License-Identifier: Apache-2.0
#include "config/json_text.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace sallyport::cfg {
namespace {

void write_string(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escape{};
            (void)std::snprintf(escape.data(), escape.size(), "\\u%04x",
                                static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += escape.data();
        } else {
            out += c;
        }
    }
    out += '"';
}

void write(const Node& node, const std::string& indent, std::string& out) {
    if (node.kind == Node::Kind::Scalar) {
        if (node.quoted)
            write_string(node.text, out);
        else
            out += node.text;
        return;
    }
    const bool map = node.kind == Node::Kind::Map;
    const std::string deeper = indent + "  ";
    out += map ? '{' : '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        out += (i == 0 ? "\n" : ",\n") + deeper;
        if (map) {
            write_string(node.items[i].key, out);
            out += ": ";
        }
        write(node.items[i], deeper, out);
    }
    if (!node.items.empty()) out += '\n' + indent;
    out += map ? '}' : ']';
}

}  // namespace

Node json_string(std::string_view text) {
    Node node = Node::scalar(std::string(text));
    node.quoted = true;
    return node;
}

Node json_literal(std::string_view text) {
    return Node::scalar(std::string(text));
}

Node json_list(std::vector<Node> items) {
    Node node;
    node.kind = Node::Kind::List;
    node.items = std::move(items);
    return node;
}

Node json_map() {
    Node node;
    node.kind = Node::Kind::Map;
    return node;
}

void set(Node& map, std::string_view key, Node value) {
    value.key = key;
    map.items.push_back(std::move(value));
}

std::string json_text(const Node& root) {
    std::string out;
    write(root, "", out);
    return out += '\n';
}

}  // namespace sallyport::cfg
