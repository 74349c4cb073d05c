// SPDX-License-Identifier: Apache-2.0
// A configuration as written: texts, lists and maps, each with its place. It knows nothing of the
// YAML library, and nothing of what the keys mean.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/source_text.h"

namespace sallyport::cfg {

struct Node {
    // Broken: there is a finding about it already, so readers pass over it.
    enum class Kind : std::uint8_t { Null, Scalar, List, Map, Broken };

    Kind kind = Kind::Null;
    bool quoted = false;  // a scalar that was not plain: always a text
    Span where;           // of a list or map: where it begins
    std::string text;     // of a scalar
    std::string key;      // of an entry of a map
    Span key_where;
    std::vector<Node> items;  // of a list: the items; of a map: the values, each with its key

    static Node scalar(std::string text) {
        Node node;
        node.kind = Kind::Scalar;
        node.text = std::move(text);
        return node;
    }
};

}  // namespace sallyport::cfg
