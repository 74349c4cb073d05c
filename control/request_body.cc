// SPDX-License-Identifier: Apache-2.0
#include "control/request_body.h"

#include <algorithm>
#include <vector>

#include "config/spelling.h"

namespace sallyport::ctl {
namespace {

constexpr int kDepthMax = 32;

std::unexpected<Reply> bad(const std::string& message, const std::string& hint) {
    return std::unexpected(error_reply(400, "bad_body", message, hint));
}

bool has_type(const Json& value, JsonType type) {
    switch (type) {
        case JsonType::Text: return value.is_string();
        case JsonType::Number: return value.is_number_unsigned();
        case JsonType::Bool: return value.is_boolean();
        case JsonType::List: return value.is_array();
        case JsonType::Object: return value.is_object();
    }
    __builtin_unreachable();
}

std::string hint_for(const Route& route, std::string_view key) {
    std::vector<std::string_view> known;
    for (const BodyField& f : route.body) known.push_back(f.name);
    const std::string_view guess = cfg::nearest(key, known);
    if (!guess.empty()) return "did you mean " + std::string(guess) + "?";
    if (known.empty()) return std::string(route.path) + " takes no body";
    std::string list;
    for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
    return "it takes " + list;
}

Json parsed(const std::string& text) {
    bool too_deep = false;
    const auto bound = [&too_deep](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > kDepthMax;
        return !too_deep;
    };
    Json json = Json::parse(text, bound, false);
    return too_deep ? Json() : json;
}

}  // namespace

Result<Json, Reply> body_of(const Route& route, const std::string& text) {
    Json body = text.empty() ? Json::object() : parsed(text);
    if (!body.is_object())
        return bad("the body of the request is no JSON object", "GET /v1 lists its keys");
    for (const auto& [key, value] : body.items()) {
        const auto field = std::ranges::find(route.body, key, &BodyField::name);
        if (field == route.body.end())
            return bad("there is no key " + key, hint_for(route, key));
        if (!has_type(value, field->type))
            return bad(key + " has to be of type " + std::string(ctl::text(field->type)),
                       std::string(field->help));
    }
    for (const BodyField& field : route.body)
        if (field.required && !body.contains(std::string(field.name)))
            return bad("the key " + std::string(field.name) + " is missing",
                       std::string(field.help));
    return body;
}

}  // namespace sallyport::ctl
