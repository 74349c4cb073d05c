// SPDX-License-Identifier: Apache-2.0
// Rules that take more than one value: what is right by itself and wrong together. A rule whose
// inputs have findings of their own is left out, so that one mistake is told once.
#pragma once
#include <chrono>

#include "config/model.h"
#include "config/report.h"

namespace sallyport::cfg {

// Of the native document, before objects are imported. `now` decides what has expired.
void validate(const Model& model, std::chrono::sys_seconds now, Report& report);
// Of all rules, wherever they come from.
void validate_rule_names(const Model& model, Report& report);

// For each key that differs from that of a running daemon and takes effect only at a start.
void refuse_restart(const Model& running, const Model& model, Report& report);

// By subject.
void validate_ports(const Model& model, Report& report);
void validate_egress(const Model& model, Report& report);
void validate_groups(const Model& model, Report& report);
void validate_rules(const Model& model, std::chrono::sys_seconds now, Report& report);
void validate_shadows(const Model& model, Report& report);

// A rule and where it stands: "policy.rules[2]".
struct PlacedRule {
    const Model& model;
    const Rule& rule;
    std::string path;
    Report& report;

    std::string at(std::string_view key) const { return child_path(path, key); }
    bool is_set(std::string_view key) const { return report.is_set(at(key)); }
    bool is_clean(std::string_view key) const { return report.is_clean(at(key)); }
    void say(FindingCode code, const std::string& where, Said said) const {
        report.add(code, report.where(where), where, std::move(said));
    }
};

void validate_hosts(const PlacedRule& at);
void validate_matching(const PlacedRule& at);  // its protocols with its other keys
void validate_upstream(const PlacedRule& at);
void validate_limits(const PlacedRule& at);

}  // namespace sallyport::cfg
