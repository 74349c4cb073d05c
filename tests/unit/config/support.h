// SPDX-License-Identifier: Apache-2.0
// Short ways to what the tests of the configuration need again and again.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/codec.h"
#include "config/load.h"
#include "config/report.h"
#include "config/schema.h"

namespace sallyport::cfg::test {

inline std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A folder of its own that goes away with this object.
class TemporaryFolder {
   public:
    TemporaryFolder() {
        path_ = (std::filesystem::temp_directory_path() / "sallyport-config-XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) __builtin_trap();
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }
    // The path of the file.
    std::string write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = std::filesystem::path(path_) / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }

   private:
    std::string path_;
};

// A configuration without findings; further keys may be appended.
inline constexpr std::string_view kMinimal =
    "apiVersion: sallyport/v1\n"
    "ports:\n"
    "  inside: {device: net_null0, addresses: [10.10.0.1/24]}\n"
    "  outside: {device: net_null1, addresses: [203.0.113.2/24]}\n"
    "egress: [{name: public, addresses: [203.0.113.7]}]\n";

inline std::string with(std::string_view more) {
    return std::string(kMinimal) + std::string(more);
}

inline std::vector<std::string> codes_of(const std::vector<Finding>& findings) {
    std::vector<std::string> codes;
    for (const Finding& finding : findings) codes.emplace_back(finding.code);
    return codes;
}

inline const Field& field_of(std::string_view path) {
    for (const Field& field : kFields)
        if (field.path == path) return field;
    __builtin_trap();
}

inline IpAddr address(std::string_view text) {
    return IpAddr::parse(text).value();
}
inline IpPrefix prefix(std::string_view text) {
    return IpPrefix::parse(text).value();
}

enum class Style { Plain, Quoted };

// What became of one value.
template <class T>
struct Decoded {
    std::optional<T> value;
    std::vector<Finding> findings;
};

// Decodes one scalar as a value of the row.
template <class T>
Decoded<T> decode(std::string_view field, std::string_view text, Style style = Style::Plain) {
    Report report;
    report.open(text, "test.yaml");
    Node node = Node::scalar(std::string(text));
    node.quoted = style == Style::Quoted;
    node.where = {.mark = {1, 1}, .end_column = static_cast<int>(text.size())};
    const std::string path(field);
    T value{};
    const bool decoded = decode_into(Value{node, field_of(field), path, report}, value);
    return {decoded ? std::optional<T>(value) : std::nullopt, report.take()};
}

// Places of a file are no part of what it means.
inline Model without_marks(Model model) {
    model.files.clear();
    model.has_native = false;
    for (auto* side : {&model.inside, &model.outside})
        for (Port& port : *side) {
            port.mark = {};
            for (InterfaceAddress& own : port.addresses) own.mark = {};
            for (Route& route : port.routes) route.mark = {};
        }
    for (EgressSet& set : model.egress) set.mark = {};
    for (Group& group : model.groups) group.mark = {};
    for (Workload& workload : model.kubernetes.workloads) workload.mark = {};
    for (Rule& rule : model.policy.rules) {
        rule.mark = {};
        for (HostPattern& host : rule.hosts) host.mark = {};
    }
    return model;
}

}  // namespace sallyport::cfg::test
