// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "config/parse_yaml.h"
#include "config/reader.h"
#include "config/report.h"
#include "config/schema.h"
#include "config/shown.h"
#include "config/text_check.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// A file in another language (an object of Kubernetes, say) gets one finding, not one for each key.
bool is_our_language(const Node& root, Report& report) {
    const auto version = std::ranges::find(root.items, "apiVersion", &Node::key);
    if (version == root.items.end() || version->kind != Node::Kind::Scalar ||
        version->text == kApiVersion)
        return true;
    Model unused;
    read_version({*version, *find_field({}, "apiVersion"), version->key, report}, unused);
    return false;
}

bool is_filled_map(const Node& root, Report& report) {
    if (root.kind == Node::Kind::Map && !root.items.empty()) return true;
    if (root.kind == Node::Kind::Broken || report.has_errors()) return false;
    if (root.kind == Node::Kind::Null || root.kind == Node::Kind::Map)
        report.add(FindingCode::Empty, {}, {},
                   {"the configuration is empty",
                    "begin the file with 'apiVersion: " + std::string(kApiVersion) + '\''});
    else
        report.add(FindingCode::WrongType, root.where, {},
                   {"a configuration is a map of keys and values"});
    return false;
}

void read(Model& model, Report& report) {
    if (!check_text(report)) return;
    const std::optional<Node> root = parse_yaml(report);
    if (!root || !is_filled_map(*root, report) || !is_our_language(*root, report)) return;
    read_model(*root, model, report);
    validate(model, report);
}

struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

// The octets of a file, one more than is allowed at most; or errno.
std::error_code read_file(const std::string& path, std::string& text) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
    if (!file) return {errno, std::generic_category()};
    std::array<char, 65536> chunk;
    while (text.size() <= kMaxFileBytes) {
        const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), file.get());
        if (n == 0) break;
        text.append(chunk.data(), n);
    }
    if (std::ferror(file.get()) != 0) return {errno, std::generic_category()};
    return {};
}

std::string remedy(const std::error_code& error, const std::string& path) {
    if (error == std::errc::no_such_file_or_directory) return "check the path " + shown(path);
    if (error == std::errc::permission_denied)
        return "let the user that runs the program read it (chmod, chown)";
    if (error == std::errc::is_a_directory) return "name a file, not a directory";
    return "check the file and the device that it is on";
}

}  // namespace

LoadResult load_text(std::string_view text, std::string_view file_name) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const SourceText source(text);
    Report report(source, file_name);
    Model model;
    read(model, report);
    LoadResult result;
    if (!report.has_errors()) result.model = std::move(model);
    result.findings = report.take();
    return result;
}

LoadResult load_file(const std::string& path) {
    std::string text;
    const std::error_code error = read_file(path, text);
    if (!error) return load_text(text, path);
    const SourceText source({});
    Report report(source, path);
    report.add(FindingCode::Unreadable, {}, {},
               {"the file cannot be read: " + error.message(), remedy(error, path)});
    return {.model = std::nullopt, .findings = report.take()};
}

}  // namespace sallyport::cfg
