// SPDX-License-Identifier: Apache-2.0
// What one reading of a configuration found, and where each value stands in the file. Readers and
// rules add to it; none of them stops at the first finding.
#pragma once
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/finding.h"
#include "config/source_text.h"

namespace sallyport::cfg {

// More than anyone reads; bounds the memory that a hostile file can take.
inline constexpr std::size_t kMaxFindings = 1000;

// What a finding says beside its kind.
struct Said {
    std::string message;
    std::string hint = {};
};

class Report {
   public:
    Report(const SourceText& source, std::string_view file);  // the source must outlive this object

    const SourceText& source() const { return source_; }
    void add(FindingCode code, const Span& where, std::string path, Said said);

    // Remembers where the value of a path stands.
    void note(const std::string& path, const Span& where);
    // Where a path, or else its nearest ancestor that is in the file, stands.
    Span where(std::string path) const;
    bool is_set(const std::string& path) const { return places_.contains(path); }

    // Whether neither the path nor anything below or above it has an error, so that a rule about
    // its value makes sense.
    bool is_clean(const std::string& path) const;
    bool has_errors() const { return errors_ > 0; }

    std::vector<Finding> take();  // in the order of the file

   private:
    void set_excerpt(Finding& finding) const;

    const SourceText& source_;
    std::string file_;
    std::vector<Finding> findings_;
    std::unordered_map<std::string, Span> places_;
    std::set<std::string> bad_paths_;
    std::size_t errors_ = 0;
    std::size_t left_out_ = 0;
};

// The path of a key or an item below another path.
std::string child_path(std::string_view parent, std::string_view key);
std::string item_path(std::string_view list, std::size_t index);

}  // namespace sallyport::cfg
