// SPDX-License-Identifier: Apache-2.0
// Why a client may reach something or may not, as JSON: one form for the daemon, which explains what
// is in force, and for sallyctl, which explains files.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "config/model.h"
#include "dataplane/policy/explain.h"

namespace sallyport::ctl {

struct ExplainRequest {
    const cfg::Model& model;
    const dp::Generation& generation;  // compiled from the model
    const dp::policy::Question& question;
    dp::policy::ExplainOptions options = {};
    std::span<const IpAddr> addresses = {};  // of the name, as far as anybody knows
    // Which address of a set the client leaves by; empty where only the gate's secret could tell.
    std::function<std::optional<IpAddr>(const dp::EgressSet&)> public_address = {};
};

// verdict, reason, rule and where it stands, how it matched, the nearest rule of a denial, binding
// and addresses, egress set, limits.
nlohmann::ordered_json explanation_json(const ExplainRequest& request);
// The same for people, a few lines.
std::string explanation_text(const nlohmann::ordered_json& explanation);

// "FILE:LINE"; empty for what stands in no file.
std::string place_text(const cfg::Model& model, const cfg::Mark& mark);

std::string_view text(dp::policy::Decision decision);  // allow, deny, would_deny

}  // namespace sallyport::ctl
