// SPDX-License-Identifier: Apache-2.0
#include "config/validate.h"

#include <cstdint>
#include <string>

#include "config/units.h"

namespace sallyport::cfg {
namespace {

void say(Report& report, FindingCode code, const std::string& path, Said said) {
    report.add(code, report.where(path), path, std::move(said));
}

void check_cpus(const Model& model, Report& report) {
    const Workers& workers = model.workers;
    if (workers.cpus.empty() || workers.cpus.size() == workers.count) return;
    if (!report.is_clean("workers.cpus") || !report.is_clean("workers.count")) return;
    say(report, FindingCode::CpuCount, "workers.cpus",
        {std::to_string(workers.cpus.size()) + " CPUs for " + std::to_string(workers.count) +
             " workers",
         "name one CPU for each worker, or leave cpus out"});
}

void check_hold(const Model& model, Report& report) {
    const std::uint64_t least = std::uint64_t{model.tcp.hello_bytes} * model.workers.count;
    if (model.memory.hold_bytes >= least) return;
    if (!report.is_clean("memory.hold_bytes") || !report.is_clean("tcp.hello_bytes") ||
        !report.is_clean("workers.count"))
        return;
    say(report, FindingCode::HoldTooSmall, "memory.hold_bytes",
        {"no room for one hello of each worker", "at least " + format_size(least)});
}

void check_timeouts(const Model& model, Report& report) {
    if (model.tcp.connect_timeout <= model.tcp.setup_timeout) return;
    if (!report.is_clean("tcp.connect_timeout") || !report.is_clean("tcp.setup_timeout")) return;
    const bool set = report.is_set("tcp.connect_timeout");
    say(report, FindingCode::NoEffect, set ? "tcp.connect_timeout" : "tcp.setup_timeout",
        {"connect_timeout is longer than setup_timeout (" +
         format_duration(model.tcp.setup_timeout) + ") and never reached"});
}

void check_default(const Model& model, Report& report) {
    if (model.policy.default_action == Action::Deny) return;
    say(report, FindingCode::UnknownChoice, "policy.default.action",
        {"'allow' is not a choice here: what no rule allows does not go out", "choices: deny"});
}

void check_resolver(const Model& model, Report& report) {
    const Resolver& resolver = model.resolver;
    if (!report.is_clean("resolver")) return;
    if (resolver.ttl_floor > resolver.ttl_ceiling) {
        const bool set = report.is_set("resolver.ttl_floor");
        say(report, FindingCode::BadOrder, set ? "resolver.ttl_floor" : "resolver.ttl_ceiling",
            {"ttl_floor (" + format_duration(resolver.ttl_floor) +
             ") is larger than ttl_ceiling (" + format_duration(resolver.ttl_ceiling) + ')'});
    }
    if (resolver.timeout > model.tcp.setup_timeout && report.is_clean("tcp.setup_timeout"))
        say(report, FindingCode::NoEffect,
            report.is_set("resolver.timeout") ? "resolver.timeout" : "tcp.setup_timeout",
            {"resolver.timeout is longer than tcp.setup_timeout and never reached"});
}

}  // namespace

void validate(const Model& model, std::chrono::sys_seconds now, Report& report) {
    check_cpus(model, report);
    check_hold(model, report);
    check_timeouts(model, report);
    validate_ports(model, report);
    validate_egress(model, report);
    check_default(model, report);
    check_resolver(model, report);
    validate_groups(model, report);
    validate_rules(model, now, report);
}

}  // namespace sallyport::cfg
