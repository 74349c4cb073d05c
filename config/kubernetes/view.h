// SPDX-License-Identifier: Apache-2.0
// Values of an object whose fields were checked (check_fields.h). What is absent, or has a finding
// already, is read as not there.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/kubernetes/object.h"
#include "config/model.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg::kubernetes {

// One value with its place.
struct Placed {
    const Node& node;
    std::string path;
    Object& object;
    Report& report;

    const std::string& text() const { return node.text; }
    void fail(FindingCode code, std::string message, std::string hint = {}) const {
        report.add(code, node.where, path, {std::move(message), std::move(hint)});
    }
    // Against the value, should the part that it stands in be carried out here.
    void object_to(FindingCode code, std::string message, std::string hint = {}) const {
        object.objections.push_back(
            {code, node.where, path, {std::move(message), std::move(hint)}});
    }
};

class View {
   public:
    View(const Node* map, std::string path, Object& object, Report& report)
        : map_(map), path_(std::move(path)), object_(&object), report_(&report) {}

    const std::string& path() const { return path_; }
    std::string path_of(std::string_view key) const { return child_path(path_, key); }
    // The map itself, or its nearest place when it is not there.
    Span where() const { return map_ == nullptr ? object_->where : map_->where; }
    Object& object() const { return *object_; }
    Report& report() const { return *report_; }

    bool has(std::string_view key) const { return find(key) != nullptr; }
    std::optional<Placed> value(std::string_view key) const;
    std::string text(std::string_view key, std::string_view otherwise = {}) const;
    std::vector<Placed> values(std::string_view key) const;      // of a list
    std::vector<std::string> texts(std::string_view key) const;  // the same
    View map(std::string_view key) const;
    std::vector<View> maps(std::string_view key) const;
    std::vector<Label> labels(std::string_view key) const;

    // With a finding for what is out of the range.
    std::optional<std::uint32_t> number(std::string_view key, std::uint32_t min,
                                        std::uint32_t max) const;
    std::optional<std::uint16_t> port(std::string_view key) const;  // 1 to 65535
    // "10s", "1.5s", "1h30m"; at least 1 ms.
    std::optional<std::chrono::milliseconds> duration(std::string_view key) const;

    // A finding about the map as a whole.
    void fail(FindingCode code, std::string message, std::string hint = {}) const {
        report_->add(code, where(), path_, {std::move(message), std::move(hint)});
    }
    // A finding when the key is not there, or holds nothing.
    void need(std::string_view key) const;

   private:
    const Node* find(std::string_view key) const;

    const Node* map_;  // null: not there
    std::string path_;
    Object* object_;
    Report* report_;
};

// A duration as Go writes it: decimal numbers with the units h, m, s, ms. nullopt: it is none.
std::optional<std::chrono::milliseconds> parse_go_duration(std::string_view text);

}  // namespace sallyport::cfg::kubernetes
