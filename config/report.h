// SPDX-License-Identifier: Apache-2.0
// What one reading of a configuration found, and where each value stands in its files. Readers and
// rules add to it; none of them stops at the first finding.
#pragma once
#include <cstddef>
#include <deque>
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

// Mark::file holds an index below it.
inline constexpr std::size_t kMaxFiles = 4096;

// What a finding says beside its kind.
struct Said {
    std::string message;
    std::string hint = {};
};

class Report {
   public:
    // A further file, whose marks have the index that the result has. The text must outlive this
    // object; it is empty for a file that could not be read. At most kMaxFiles.
    const SourceText& open(std::string_view text, std::string_view name);
    std::size_t file_count() const { return files_.size(); }
    std::vector<std::string> file_names() const;
    // "line 7", or "other.yaml:7" when it stands in another file than `from`.
    std::string place_text(const Mark& mark, const Mark& from) const;

    // `where.mark` says in which file; line 0: the file as a whole.
    void add(FindingCode code, const Span& where, std::string path, Said said);
    // The same about a text that was not kept: `line` is the line there.
    void add(FindingCode code, const Span& where, std::string path, Said said,
             std::string_view line);

    // Remembers where the value of a path of the native document stands; the empty path is the
    // document itself.
    void note(const std::string& path, const Span& where);
    // Where a path, or else its nearest ancestor that is in the file, stands.
    Span where(std::string path) const;
    bool is_set(const std::string& path) const { return places_.contains(path); }

    // Whether neither the path nor anything below or above it has an error, so that a rule about
    // its value makes sense.
    bool is_clean(const std::string& path) const;
    bool has_errors() const { return errors_ > 0; }
    std::size_t error_count() const { return errors_; }

    std::vector<Finding> take();  // in the order of the files

   private:
    struct File {
        std::string name;
        SourceText source;
    };

    std::deque<File> files_;  // a source that was given out stays where it is
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
