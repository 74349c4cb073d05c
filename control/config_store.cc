// SPDX-License-Identifier: Apache-2.0
#include "control/config_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include "control/durable_file.h"

namespace sallyport::ctl {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr int kFormat = 1;  // of manifest.json
constexpr std::size_t kManifestMax = 1024 * 1024;
constexpr std::size_t kStoredFileMax = 1024UL * 1024 * 1024;
constexpr const char* kTrial = "trial";
constexpr const char* kUnfinished = "unfinished";

std::string directory_name(std::uint64_t number) {
    char text[24];
    std::snprintf(text, sizeof text, "%06llu", static_cast<unsigned long long>(number));
    return text;
}

Json manifest_of(const StoredConfig& config) {
    const auto since_epoch = config.applied.time_since_epoch();
    Json files = Json::array();
    for (const auto& [name, text] : config.texts) files.push_back(name);
    return Json{{"format", kFormat},
                {"applied_ms", std::chrono::duration_cast<milliseconds>(since_epoch).count()},
                {"documents", config.documents},
                {"files", files}};
}

struct Manifest {
    system_clock::time_point applied;
    std::vector<std::string> documents, files;
};

Result<Manifest, std::string> read_manifest(const std::string& directory) {
    const std::string path = directory + "/manifest.json";
    const auto text = cfg::read_file(path, kManifestMax);
    if (!text) return std::unexpected(path + ": " + text.error().message);
    try {
        const Json json = Json::parse(*text);
        if (json.at("format") != kFormat)
            return std::unexpected(path + " is of another version of sallyport");
        return Manifest{system_clock::time_point(milliseconds(json.at("applied_ms").get<long>())),
                        json.at("documents").get<std::vector<std::string>>(),
                        json.at("files").get<std::vector<std::string>>()};
    } catch (const nlohmann::json::exception& e) {
        return std::unexpected(path + " is damaged: " + e.what());
    }
}

Result<StoredConfig, std::string> read_config(const std::string& directory) {
    auto manifest = read_manifest(directory);
    if (!manifest) return std::unexpected(std::move(manifest.error()));
    StoredConfig config{manifest->applied, std::move(manifest->documents), {}};
    for (std::size_t i = 0; i < manifest->files.size(); ++i) {
        const std::string path = directory + '/' + std::to_string(i);
        auto text = cfg::read_file(path, kStoredFileMax);
        if (!text) return std::unexpected(path + ": " + text.error().message);
        config.texts.emplace(std::move(manifest->files[i]), std::move(*text));
    }
    return config;
}

std::string failed(const std::string& what, const std::string& path) {
    return what + ' ' + path + ": " + std::strerror(errno);
}

}  // namespace

std::optional<std::string> ConfigStore::write(const StoredConfig& config, const std::string& name) {
    const std::string beside = generations() + '/' + kUnfinished, final = generations() + '/' + name;
    std::error_code ignored;
    fs::remove_all(beside, ignored);
    for (const std::string& directory : {directory_, generations(), beside})
        if (auto error = make_private_directory(directory)) return error;
    std::size_t number = 0;
    for (const auto& [file, text] : config.texts)
        if (auto error = write_durably(beside + '/' + std::to_string(number++), text)) return error;
    if (auto error = write_durably(beside + "/manifest.json", manifest_of(config).dump(2) + '\n'))
        return error;
    if (auto error = sync_directory(beside)) return error;
    fs::remove_all(final, ignored);
    if (::rename(beside.c_str(), final.c_str()) != 0) return failed("cannot rename", beside);
    return sync_directory(generations());
}

Result<std::uint64_t, std::string> ConfigStore::keep(const StoredConfig& config) {
    const std::uint64_t number = next_number();
    if (auto error = write(config, directory_name(number)))
        return std::unexpected(std::move(*error));
    forget_old();
    return number;
}

std::optional<std::string> ConfigStore::put_on_trial(const StoredConfig& config) {
    return write(config, kTrial);
}

Result<std::uint64_t, std::string> ConfigStore::keep_trial() {
    const std::uint64_t number = next_number();
    const std::string trial = generations() + '/' + kTrial;
    const std::string final = generations() + '/' + directory_name(number);
    if (::rename(trial.c_str(), final.c_str()) != 0)
        return std::unexpected(failed("cannot rename", trial));
    if (auto error = sync_directory(generations())) return std::unexpected(std::move(*error));
    forget_old();
    return number;
}

void ConfigStore::drop_trial() {
    std::error_code ignored;
    fs::remove_all(generations() + '/' + kTrial, ignored);
}

std::vector<std::uint64_t> ConfigStore::numbers() const {
    std::vector<std::uint64_t> out;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(generations(), error)) {
        const std::string name = entry.path().filename();
        std::uint64_t number = 0;
        const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (bad == std::errc{} && end == name.data() + name.size()) out.push_back(number);
    }
    std::ranges::sort(out, std::greater{});
    return out;
}

std::uint64_t ConfigStore::next_number() const {
    const auto known = numbers();
    return known.empty() ? 1 : known.front() + 1;
}

void ConfigStore::forget_old() const {
    const auto known = numbers();
    std::error_code ignored;
    for (std::size_t i = kKept; i < known.size(); ++i)
        fs::remove_all(generations() + '/' + directory_name(known[i]), ignored);
}

std::vector<StoreEntry> ConfigStore::list() const {
    std::vector<StoreEntry> out;
    for (const std::uint64_t number : numbers()) {
        auto manifest = read_manifest(generations() + '/' + directory_name(number));
        if (manifest) out.push_back({number, manifest->applied, std::move(manifest->documents)});
    }
    return out;
}

Result<StoredConfig, std::string> ConfigStore::read(std::uint64_t number) const {
    return read_config(generations() + '/' + directory_name(number));
}

Result<StoredConfig, std::string> ConfigStore::read_newest() const {
    std::string why = "there is no good configuration in " + generations();
    for (const std::uint64_t number : numbers()) {
        auto config = read(number);
        if (config) return config;
        why = config.error();
    }
    return std::unexpected(std::move(why));
}

std::optional<StoredConfig> ConfigStore::read_trial() const {
    auto config = read_config(generations() + '/' + kTrial);
    if (!config) return std::nullopt;
    return std::move(*config);
}

}  // namespace sallyport::ctl
