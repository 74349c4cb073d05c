// SPDX-License-Identifier: Apache-2.0
#include "control/start_config.h"

#include <utility>

#include "control/text.h"

namespace sallyport::ctl {
namespace {

// Sets loaded and stale when there is a good one.
void take_last_good(StartConfig& out, const ConfigStore& store, const std::string& why) {
    const auto kept = store.read_newest();
    if (!kept) {
        out.note = "no last good configuration: " + kept.error();
        return;
    }
    LoadedConfig loaded = load_config(*kept);
    if (!loaded.model) {
        out.note = "the last good configuration, of " + time_text(kept->applied) +
                   ", is not valid for this version:\n" + cfg::format_findings(loaded.findings);
        return;
    }
    out.loaded = std::move(loaded);
    out.stale = why + "; the last good configuration, of " + time_text(kept->applied) + ", runs";
    out.note = out.stale;
}

}  // namespace

StartConfig choose_config(std::span<const std::string> paths,
                          const std::optional<std::string>& last_good) {
    StartConfig out;
    out.loaded = load_config(paths);
    out.findings = out.loaded.findings;
    if (!out.loaded.model) {
        if (last_good)
            take_last_good(out, ConfigStore(*last_good), "the configuration files are not valid");
        return out;
    }
    const ConfigStore store(out.loaded.model->control.state);
    const auto trial = store.read_trial();
    if (trial && trial->texts == out.loaded.texts)
        take_last_good(out, store,
                       "the configuration files hold one that was on trial and never confirmed");
    return out;
}

}  // namespace sallyport::ctl
