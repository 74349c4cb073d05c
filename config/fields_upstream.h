// SPDX-License-Identifier: Apache-2.0
// Rows of the field table (schema.h): where the allowed sessions of a rule go.
#pragma once
#include <array>

#include "config/bind.h"
#include "config/field.h"
#include "config/fields_common.h"
#include "config/model.h"

namespace sallyport::cfg {

inline constexpr auto kUpstreamFields = std::to_array<Field>({
    {.path = "policy.rules[].destination",
     .type = Type::Choice,
     .default_text = "verified",
     .live = Live::Reload,
     .help = "How the name is bound to an address. verified: the client's address must be one that "
             "the gate has for the name; resolved: always the gate's own answer; static: one of "
             "endpoints; original: the client's address, inside networks only.",
     .access = bind<&Rule::upstream, &Upstream::destination>()},
    {.path = "policy.rules[].on_mismatch",
     .type = Type::Choice,
     .default_text = "redirect",
     .live = Live::Reload,
     .help =
         "Of destination: verified, when the client's address is not one of the name's: connect "
         "to one that is, or deny.",
     .access = bind<&Rule::upstream, &Upstream::on_mismatch>()},
    {.path = "policy.rules[].cross_family",
     .type = Type::Choice,
     .default_text = "relay",
     .live = Live::Reload,
     .help = "When the name has no address in the client's family, or the egress set none of it: "
             "relay the session to one of the other family, or deny it. always: relay also where the "
             "gate has no way out for the client's family at all; otherwise such a client is refused at "
             "once, so that programs that know both families go on with the other one.",
     .access = bind<&Rule::upstream, &Upstream::cross_family>()},
    {.path = "policy.rules[].endpoints",
     .type = Type::Endpoint,
     .list = true,
     .live = Live::Reload,
     .help = "Servers of destination: static, each an address or address:port; without a port it "
             "is the client's.",
     .access = bind<&Rule::upstream, &Upstream::endpoints>()},
    {.path = "policy.rules[].balance",
     .type = Type::Choice,
     .default_text = "round_robin",
     .live = Live::Reload,
     .help = "Which of several addresses comes first: each in turn, or the one with the fewest "
             "sessions.",
     .access = bind<&Rule::upstream, &Upstream::balance>()},
    {.path = "policy.rules[].connect_timeout",
     .type = Type::Duration,
     .default_note = "`tcp.connect_timeout`",
     .limits = {100, 2 * kMinute},
     .live = Live::Reload,
     .help = "How long one server address may take to answer.",
     .access = bind<&Rule::upstream, &Upstream::connect_timeout>()},
    {.path = "policy.rules[].idle_timeout",
     .type = Type::Duration,
     .default_note = "`tcp.idle_timeout`",
     .limits = {kSecond, 7 * kDay},
     .live = Live::Reload,
     .help = "When a session without packets ends.",
     .access = bind<&Rule::upstream, &Upstream::idle_timeout>()},
    {.path = "policy.rules[].max_duration",
     .type = Type::Duration,
     .default_note = "no limit",
     .limits = {kSecond, 365 * kDay},
     .live = Live::Reload,
     .help = "When a session ends, whatever it does.",
     .access = bind<&Rule::upstream, &Upstream::max_duration>()},
});

}  // namespace sallyport::cfg
