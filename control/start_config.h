// SPDX-License-Identifier: Apache-2.0
// Which configuration a start runs: that of the files, or the last good one that was kept, when the
// files are broken or hold one that was on trial and never confirmed.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "control/loaded_config.h"

namespace sallyport::ctl {

struct StartConfig {
    LoadedConfig loaded;
    std::string stale;  // why it is not that of the files; empty: it is
    // What is wrong with the files (they say it in full), or what is to be known of them.
    std::vector<cfg::Finding> findings;
    std::string note;  // a sentence for whoever starts the daemon; empty: none
};

// `last_good`: the directory (control.state) whose newest configuration is to be run when the files
// are broken; nullopt: then nothing is run, and loaded.model is null.
StartConfig choose_config(std::span<const std::string> paths,
                          const std::optional<std::string>& last_good);

}  // namespace sallyport::ctl
