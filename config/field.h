// SPDX-License-Identifier: Apache-2.0
// One row of the field table: everything that is known of one key.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "config/choices.h"
#include "config/model.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg {

// How a value is written. What is unclear about a word is said in type_name().
enum class Type : std::uint8_t {
    Section,  // a map of further keys
    Record,   // a map with its own rows, or a list of them
    Version,
    Text,
    Name,
    Device,
    Path,          // absolute
    RelativePath,  // or absolute; relative to the folder of the file
    PathOrStdout,
    Interface,  // of the kernel
    Integer,
    Size,
    Duration,
    Boolean,
    Choice,
    Address,
    Network,           // address/length without host bits
    InterfaceAddress,  // address/length with host bits
    PortRange,
    Host,
    ProtocolPort,
    Source,    // a network, or the name of a group
    Endpoint,  // address, or address:port
    Moment,
    TimeWindow,
    Label,  // key=value of Kubernetes
};

enum class Need : std::uint8_t { Optional, Required };
enum class Live : std::uint8_t { Restart, Reload };  // when a change takes effect

struct ValueLimits {
    std::uint64_t min = 0;
    std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
};

struct Field;

// One value on its way from the tree to the model.
struct Value {
    const Node& node;
    const Field& field;
    const std::string& path;
    Report& report;

    void fail(FindingCode code, std::string message, std::string hint = {}) const {
        report.add(code, node.where, path, {std::move(message), std::move(hint)});
    }
};

// How a row's value gets into and out of the struct that owns it. The two are made from member
// pointers (bind.h).
template <class Owner>
struct Bound {
    void (*read)(const Value& value, Owner& owner) = nullptr;
    // nullopt: not set, so there is nothing to write.
    std::optional<Node> (*write)(const Owner& owner, const Field& field) = nullptr;
    std::span<const Choice> choices = {};
};

using Access = std::variant<std::monostate, Bound<Model>, Bound<Port>, Bound<Route>,
                            Bound<EgressSet>, Bound<Group>, Bound<Rule>, Bound<Workload>>;

struct Field {
    std::string_view path;  // "tcp.hello_timeout", "policy.rules[].hosts"
    Type type = Type::Text;
    bool list = false;
    Need need = Need::Optional;
    std::string_view default_text = {};  // as dump writes it; empty: there is none
    std::string_view default_note = {};  // what holds when the key is absent, if that is no value
    ValueLimits limits = {};             // of numbers, octets, or milliseconds
    std::span<const Choice> words = {};  // of a text that is a choice
    Live live = Live::Restart;
    std::string_view later = {};  // empty: supported now; else what it comes with
    std::string_view help = {};
    Access access = {};
    std::string_view record = {};  // path before the keys of a record's rows
};

}  // namespace sallyport::cfg
