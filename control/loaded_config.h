// SPDX-License-Identifier: Apache-2.0
// A configuration as it was read: the model, what there is to say about it, and the octets of its
// files, so that exactly these can be kept.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/finding.h"
#include "config/load.h"
#include "control/config_store.h"

namespace sallyport::ctl {

struct LoadedConfig {
    std::shared_ptr<const cfg::Model> model;  // null: a finding is an error
    std::vector<cfg::Finding> findings;
    std::vector<std::string> documents;  // the files that were asked for, directories listed
    cfg::Texts texts;                    // of all files that were read
};

// Files and directories, from the disk. `running`, if not null, is what cannot be changed without a
// restart: each key that differs from it and needs one is an error finding.
LoadedConfig load_config(std::span<const std::string> paths, const cfg::Model* running = nullptr);
// What was kept, by the names that the files had then.
LoadedConfig load_config(const StoredConfig& kept, const cfg::Model* running = nullptr);

}  // namespace sallyport::ctl
