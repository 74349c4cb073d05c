// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/yaml_text.h"

#include "config/text_rules.h"

namespace sallyport::ctl {
namespace {

using Json = nlohmann::ordered_json;

// One line; a quoted text of JSON is one of YAML.
std::string scalar_text(const Json& value) {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (cfg::is_plain_text(text)) return text;
    }
    return value.dump();
}

bool is_block(const Json& value) {
    return value.is_structured() && !value.empty();
}

void write(const Json& value, const std::string& indent, std::string& out) {
    for (const auto& [key, item] : value.items()) {
        if (value.is_object()) {
            out += indent + scalar_text(key) + ':';
            if (!is_block(item)) {
                out += ' ' + scalar_text(item) + '\n';
                continue;
            }
            out += '\n';
            write(item, item.is_array() ? indent : indent + "  ", out);
        } else {
            std::string lines;
            if (is_block(item))
                write(item, indent + "  ", lines);
            else
                lines = indent + "  " + scalar_text(item) + '\n';
            out += lines.replace(indent.size(), 2, "- ");
        }
    }
}

}  // namespace

std::string yaml_text(const Json& value) {
    if (!is_block(value)) return scalar_text(value) + '\n';
    std::string out;
    write(value, "", out);
    return out;
}

}  // namespace sallyport::ctl
