// SPDX-License-Identifier: Apache-2.0
// The way from texts to a configuration: files -> trees -> model -> findings. Nothing throws out of
// here.
//
// A load takes one or more files. Their documents are native ones (`apiVersion: sallyport/v1`), at
// most one in all, and objects of Kubernetes (those with a `kind`), any number of them; a file may
// hold several documents.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/file_reader.h"
#include "config/finding.h"
#include "config/model.h"

namespace sallyport::cfg {

inline constexpr std::size_t kMaxFileBytes = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t kMaxLoadBytes = 4 * kMaxFileBytes;  // of all files but lists of hosts

struct LoadOptions {
    // The model is to run: a native document with ports and egress must be there.
    bool to_run = false;
    // Not null: the configuration of a daemon that is to take the new one over as it runs. Each key
    // that differs and takes effect only at a start is a finding.
    const Model* running = nullptr;
    // Not null: these instead of the disk, by the very names that are asked for. A relative path in
    // a file is one beside it: "dir/a.yaml" that names "b.txt" asks for "dir/b.txt".
    const Texts* texts = nullptr;
    // What `expires` is compared with; default: the present.
    std::optional<std::chrono::sys_seconds> now = {};
    // Give back what was read.
    bool keep_texts = false;
};

struct LoadResult {
    std::optional<Model> model;     // set when no finding is an error
    std::vector<Finding> findings;  // all of them, in the order of the files
    Texts texts;                    // with keep_texts: every file that was read, by its name
};

// Files, and directories for the *.yaml and *.yml in them, in the order of names.
LoadResult load(std::span<const std::string> paths, const LoadOptions& options = {});
// One file.
LoadResult load_file(const std::string& path, const LoadOptions& options = {});
// One text without any file; `file_name` is only used in the findings.
LoadResult load_text(std::string_view text, std::string_view file_name);

}  // namespace sallyport::cfg
