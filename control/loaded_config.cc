// SPDX-License-Identifier: Apache-2.0
#include "control/loaded_config.h"

#include <utility>

namespace sallyport::ctl {
namespace {

// A directory as the files that are in it now; what cannot be listed is left for load to say.
std::vector<std::string> files_of(std::span<const std::string> paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        auto listed = cfg::is_directory(path) ? cfg::list_directory(path)
                                              : std::vector<std::string>{path};
        if (!listed || listed->empty()) listed = std::vector<std::string>{path};
        files.insert(files.end(), listed->begin(), listed->end());
    }
    return files;
}

LoadedConfig taken(cfg::LoadResult result, std::vector<std::string> documents) {
    LoadedConfig out;
    if (result.model) out.model = std::make_shared<const cfg::Model>(std::move(*result.model));
    out.findings = std::move(result.findings);
    out.documents = std::move(documents);
    out.texts = std::move(result.texts);
    return out;
}

}  // namespace

LoadedConfig load_config(std::span<const std::string> paths, const cfg::Model* running) {
    auto documents = files_of(paths);
    auto result =
        cfg::load(documents, {.to_run = true, .running = running, .keep_texts = true});
    return taken(std::move(result), std::move(documents));
}

LoadedConfig load_config(const StoredConfig& kept, const cfg::Model* running) {
    auto result = cfg::load(
        kept.documents,
        {.to_run = true, .running = running, .texts = &kept.texts, .keep_texts = true});
    return taken(std::move(result), kept.documents);
}

}  // namespace sallyport::ctl
