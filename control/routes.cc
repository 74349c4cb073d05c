// SPDX-License-Identifier: Apache-2.0
#include "control/routes.h"

#include <charconv>
#include <optional>

#include "config/shown.h"
#include "config/spelling.h"
#include "control/config_replies.h"
#include "control/explain_reply.h"
#include "control/replies.h"
#include "control/request_body.h"
#include "control/route_table.h"

namespace sallyport::ctl {
namespace {

struct Target {
    std::string_view path, query;
};

Target split(std::string_view target) {
    const std::size_t mark = target.find('?');
    Target t{target.substr(0, mark), {}};
    if (mark != std::string_view::npos) t.query = target.substr(mark + 1);
    if (t.path.size() > 1 && t.path.ends_with('/')) t.path.remove_suffix(1);
    return t;
}

Reply not_found(std::string_view path) {
    std::vector<std::string_view> known;
    for (const Route& r : routes()) known.push_back(r.path);
    const std::string_view guess = cfg::nearest(path, known);
    const std::string hint =
        guess.empty() ? "GET /v1 lists what there is" : "did you mean " + std::string(guess) + "?";
    return error_reply(404, "not_found", "there is no " + std::string(path), hint);
}

Reply wrong_method(std::string_view path, const std::string& allowed) {
    Reply reply = error_reply(405, "method_not_allowed",
                              std::string(path) + " does not take that method", "use " + allowed);
    reply.allow = allowed;
    return reply;
}

Reply bad_parameter(const std::string& message, const std::string& hint) {
    return error_reply(400, "bad_parameter", message, hint);
}

std::string range_hint(const Parameter& p) {
    return std::string(p.name) + " is a number from " + std::to_string(p.least) + " to " +
           std::to_string(p.most);
}

Reply unknown_parameter(const Route& r, std::string_view name) {
    std::vector<std::string_view> known;
    for (const Parameter& p : r.parameters) known.push_back(p.name);
    for (const TextParameter& p : r.texts) known.push_back(p.name);
    const std::string_view guess = cfg::nearest(name, known);
    const std::string hint = !guess.empty()  ? "did you mean " + std::string(guess) + "?"
                             : known.empty() ? std::string(r.path) + " takes no parameter"
                             : r.parameters.empty() ? "it takes " + cfg::joined(known)
                                                    : range_hint(r.parameters.front());
    return bad_parameter("there is no parameter " + std::string(name), hint);
}

std::optional<std::uint32_t> number(std::string_view text, const Parameter& p) {
    std::uint32_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (n < p.least || n > p.most) return std::nullopt;
    return n;
}

struct Arguments {
    std::vector<std::uint32_t> numbers;            // by place in Route::parameters
    std::vector<std::optional<std::string>> texts;  // by place in Route::texts
};

// RFC 3986 section 2.1; nullopt: a percent sign that begins no octet.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned octet = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2)
            return std::nullopt;
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

// Puts one name=value where it belongs; the error is the reply.
std::optional<Reply> take_argument(const Route& r, std::string_view part, Arguments& out) {
    const std::size_t mark = part.find('=');
    const std::string_view name = part.substr(0, mark);
    for (std::size_t i = 0; i < r.parameters.size(); ++i) {
        if (r.parameters[i].name != name) continue;
        const auto value = mark == std::string_view::npos
                               ? std::nullopt
                               : number(part.substr(mark + 1), r.parameters[i]);
        if (!value)
            return bad_parameter("cannot use " + std::string(part), range_hint(r.parameters[i]));
        out.numbers[i] = *value;
        return std::nullopt;
    }
    for (std::size_t i = 0; i < r.texts.size(); ++i) {
        if (r.texts[i].name != name) continue;
        out.texts[i] = mark == std::string_view::npos ? std::nullopt : decoded(part.substr(mark + 1));
        if (out.texts[i]) return std::nullopt;
        return bad_parameter("cannot use " + std::string(part), std::string(r.texts[i].help));
    }
    return unknown_parameter(r, name);
}

Result<Arguments, Reply> arguments_of(const Route& r, std::string_view query) {
    Arguments out;
    for (const Parameter& p : r.parameters) out.numbers.push_back(p.otherwise);
    out.texts.resize(r.texts.size());
    while (!query.empty()) {
        const std::size_t mark = query.find('&');
        if (auto error = take_argument(r, query.substr(0, mark), out))
            return std::unexpected(std::move(*error));
        query = mark == std::string_view::npos ? std::string_view{} : query.substr(mark + 1);
    }
    return out;
}

Reply call(const ApiContext& context, const Route& route, const Arguments& arguments,
           const std::string& body) {
    const auto request = body_of(route, body);
    if (!request) return request.error();
    switch (route.id) {
        case RouteId::List: return {200, list_reply(), {}};
        case RouteId::Status: return {200, status_reply(context), {}};
        case RouteId::Workers: return {200, workers_reply(context), {}};
        case RouteId::Ports: return {200, ports_reply(context), {}};
        case RouteId::Sessions: return sessions_reply(context, arguments.numbers.at(0));
        case RouteId::Counters: return {200, counters_reply(context), {}};
        case RouteId::Objects: return {200, objects_reply(context), {}};
        case RouteId::Explain: return explain_reply(context, arguments.texts);
        case RouteId::Suggest:
            return {200, context.suggestions->reply(arguments.numbers.at(0)), {}};
        case RouteId::Config: return {200, config_reply(*context.reload), {}};
        case RouteId::ConfigHistory: return {200, history_reply(*context.reload), {}};
        case RouteId::ConfigDiff: return diff_reply(*context.reload, *request);
        case RouteId::ConfigApply: return apply_reply(*context.reload, *request);
        case RouteId::ConfigConfirm: return confirm_reply(*context.reload);
        case RouteId::ConfigRollback: return rollback_reply(*context.reload, *request);
    }
    __builtin_unreachable();
}

}  // namespace

Reply error_reply(unsigned status, std::string_view code, std::string_view message,
                  std::string_view hint) {
    return {status, Json{{"code", code}, {"message", message}, {"hint", hint}}, {}};
}

Reply answer(const ApiContext& context, const Request& request) {
    const auto [path, query] = split(request.target);
    std::string allowed;
    for (const Route& r : routes()) {
        if (r.path != path) continue;
        if (r.method == request.method) {
            auto arguments = arguments_of(r, query);
            return arguments ? call(context, r, *arguments, request.body)
                             : std::move(arguments.error());
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string(r.method);
    }
    return allowed.empty() ? not_found(path) : wrong_method(path, allowed);
}

}  // namespace sallyport::ctl
