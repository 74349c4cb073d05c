// SPDX-License-Identifier: Apache-2.0
// The host patterns of one file, packed: a million names cost their octets and a few more each, and
// no allocation of their own. Filled once, then read by whoever holds it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cfg {

class NameList {
   public:
    struct Item {
        std::string_view name;  // normalised; without the leading "*."
        bool wildcard = false;
    };

    // At most 253 octets; the whole list at most 2^31 octets.
    void add(std::string_view name, bool wildcard) {
        texts_ += name;
        ends_.push_back(static_cast<std::uint32_t>(texts_.size()) << 1U | (wildcard ? 1U : 0U));
    }
    void reserve(std::size_t names, std::size_t octets) {
        ends_.reserve(names);
        texts_.reserve(octets);
    }
    std::size_t size() const { return ends_.size(); }
    std::size_t octets() const { return texts_.size(); }  // of all names
    Item operator[](std::size_t i) const {
        const std::uint32_t begin = i == 0 ? 0 : ends_[i - 1] >> 1U;
        return {std::string_view(texts_).substr(begin, (ends_[i] >> 1U) - begin),
                (ends_[i] & 1U) != 0};
    }
    friend bool operator==(const NameList&, const NameList&) = default;

   private:
    std::string texts_;
    std::vector<std::uint32_t> ends_;  // of each name in texts_; lowest bit: wildcard
};

}  // namespace sallyport::cfg
