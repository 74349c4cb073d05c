// SPDX-License-Identifier: Apache-2.0
#include "config/differences.h"
#include "config/shown.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

std::string told(const std::string& value) {
    return value.empty() ? "nothing" : shown(value);
}

}  // namespace

void refuse_restart(const Model& running, const Model& model, Report& report) {
    for (const Difference& d : differences(running, model)) {
        if (d.live != Live::Restart) continue;
        report.add(FindingCode::NeedsRestart, report.where(d.path), d.path,
                   {"changes from " + told(d.before) + " to " + told(d.after) +
                        ", which takes a restart",
                    "restart sallyport, or leave it at " + told(d.before)});
    }
}

}  // namespace sallyport::cfg
