// SPDX-License-Identifier: Apache-2.0
// Configurations on disk, each as the octets of all files that were read: the last good ones, and
// one that runs on trial until it is confirmed.
//
//   DIRECTORY/generations/000042/manifest.json, 0, 1, ...   a good one; the highest number is newest
//   DIRECTORY/generations/trial/...                         the one that waits for its confirmation
//
// A configuration is complete or not there: it is written beside, synced, and renamed. Files have
// mode 0600, directories 0700. One thread at a time.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/file_reader.h"
#include "tcpstack/base/result.h"

namespace sallyport::ctl {

struct StoredConfig {
    std::chrono::system_clock::time_point applied;
    std::vector<std::string> documents;  // to be loaded, in this order; names in `texts`
    cfg::Texts texts;                    // what the files held, files of host names included
};

struct StoreEntry {
    std::uint64_t number = 0;
    std::chrono::system_clock::time_point applied;
    std::vector<std::string> documents;
};

class ConfigStore {
   public:
    static constexpr std::size_t kKept = 5;  // good ones

    explicit ConfigStore(std::string directory) : directory_(std::move(directory)) {}
    const std::string& directory() const { return directory_; }

    // Errors are sentences that name the file.
    Result<std::uint64_t, std::string> keep(const StoredConfig& config);  // its number
    std::optional<std::string> put_on_trial(const StoredConfig& config);
    // What was on trial becomes the newest good one.
    Result<std::uint64_t, std::string> keep_trial();
    void drop_trial();

    std::vector<StoreEntry> list() const;  // newest first; what is damaged is left out
    Result<StoredConfig, std::string> read(std::uint64_t number) const;
    Result<StoredConfig, std::string> read_newest() const;
    std::optional<StoredConfig> read_trial() const;  // nullopt: none, or damaged

   private:
    std::string generations() const { return directory_ + "/generations"; }
    std::optional<std::string> write(const StoredConfig& config, const std::string& name);
    std::vector<std::uint64_t> numbers() const;  // newest first
    std::uint64_t next_number() const;
    void forget_old() const;

    std::string directory_;
};

}  // namespace sallyport::ctl
