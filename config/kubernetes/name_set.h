// SPDX-License-Identifier: Apache-2.0
// Host patterns with what each belongs to, and which names they share with another pattern. The
// work is bounded by the labels of a name and by what is found, so that long lists stay cheap.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/model.h"

namespace sallyport::cfg::kubernetes {

class NameSet {
   public:
    struct Match {
        HostPattern names;
        std::size_t owner = 0;
        friend bool operator==(const Match&, const Match&) = default;
    };

    void add(const HostPattern& host, std::size_t owner);
    // What each pattern of the set has in common with `host`.
    std::vector<Match> intersect(const HostPattern& host) const;
    std::vector<Match> all() const;

   private:
    struct Entry {
        HostPattern host;
        std::vector<std::size_t> owners;
    };
    // By the name from its end to its beginning, so that what is below a name follows it.
    using Key = std::pair<std::string, bool>;

    void add_owners(const std::string& reversed, bool wildcard, const HostPattern& names,
                    std::vector<Match>& out) const;

    std::map<Key, Entry> entries_;
};

}  // namespace sallyport::cfg::kubernetes
