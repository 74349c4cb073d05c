// SPDX-License-Identifier: Apache-2.0
// The one table of what can be asked over the control socket. It drives the dispatch of the daemon,
// the listing at GET /v1, and the grammar, the help and the tables of sallyctl. Nothing here needs
// a socket or a data plane, so that the client and the documentation link this part alone.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::ctl {

// Who may call: to look, to operate (drain, capture), to change the configuration.
enum class Role : std::uint8_t { View, Operate, Admin };
std::string_view text(Role role);

// The daemon's switch over these has no default: a route without a handler does not compile.
enum class RouteId : std::uint8_t {
    List,
    Status,
    Workers,
    Ports,
    Sessions,
    Counters,
    Objects,
    Explain,
    Suggest,
    Config,
    ConfigHistory,
    ConfigDiff,
    ConfigApply,
    ConfigConfirm,
    ConfigRollback
};

enum class JsonType : std::uint8_t { Text, Number, Bool, List, Object };
std::string_view text(JsonType type);

// One key of a reply. `column` is its heading in sallyctl's tables; empty: JSON only.
struct ReplyField {
    std::string_view key;
    JsonType type;
    std::string_view column;
    std::string_view help;
};

// A number in the query string: ?name=N.
struct Parameter {
    std::string_view name;
    std::uint32_t least, most, otherwise;
    std::string_view help;
};

// A text in the query string.
struct TextParameter {
    std::string_view name, help;
};

// A key of the JSON object that a request carries.
struct BodyField {
    std::string_view name;
    JsonType type;
    bool required;
    std::string_view help;
};

struct Route {
    RouteId id;
    std::string_view method, path;
    Role role;
    // The word of sallyctl that asks this and prints the reply as it is; empty: sallyctl has a
    // command of its own for it.
    std::string_view command;
    std::string_view help;
    std::span<const Parameter> parameters;
    std::string_view rows;  // the key whose array holds the rows; empty: the reply is one object
    std::span<const ReplyField> reply;  // the keys of the object, or of each row
    std::span<const BodyField> body = {};
    std::span<const TextParameter> texts = {};
};

std::span<const Route> routes();
const Route& route(RouteId id);
const Route* find_command(std::string_view command);  // nullptr: no such word

}  // namespace sallyport::ctl
