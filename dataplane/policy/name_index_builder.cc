// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/name_index_builder.h"

#include <algorithm>
#include <utility>

#include "tcpstack/base/check.h"

namespace sallyport::dp::policy {
namespace {

constexpr std::size_t kNameMax = 253;  // RFC 1035 section 2.3.4

// Seven in ten slots are in use, so that a search for what is not there looks at six on average.
std::size_t slots_for(std::size_t patterns) {
    return patterns * 10 / 7 + 8;
}

void set(std::vector<char>& records, std::size_t record, NameIndex::ListAndKind value) {
    std::memcpy(&records[record], &value, sizeof value);
}

}  // namespace

NameIndexBuilder::NameIndexBuilder(std::uint64_t seed, std::size_t patterns, std::size_t octets) {
    const std::size_t records = octets + patterns * NameIndex::kRecordOctets;
    // What the readers of a configuration take is far below.
    SP_CHECK(records < NameIndex::kEmpty && slots_for(patterns) < NameIndex::kEmpty);
    index_.seed = seed;
    index_.records.reserve(records);
    index_.slots.resize(slots_for(patterns));
}

void NameIndexBuilder::add(std::string_view name, PatternKind kind, std::uint32_t rule) {
    SP_CHECK(name.size() <= kNameMax);  // the reader of the configuration refuses this
    const std::uint64_t hash = name_hash(index_.seed, name, kind);
    NameIndex::Slot& slot = index_.slots[index_.find(hash, name, kind)];
    const auto kind_bit = static_cast<std::uint32_t>(kind) << 31;
    if (slot.record != NameIndex::kEmpty) {
        const RuleListId before = NameIndex::list_of(index_.list_and_kind(slot.record));
        set(index_.records, slot.record, lists_.with(before, rule) | kind_bit);
        return;
    }
    ++index_.patterns;
    const std::size_t record = index_.records.size();
    slot = {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(record)};
    index_.records.resize(record + NameIndex::kRecordOctets);
    set(index_.records, record, lists_.with(RuleLists::kEmpty, rule) | kind_bit);
    index_.records.back() = static_cast<char>(name.size());
    index_.records.insert(index_.records.end(), name.begin(), name.end());
}

NameIndex NameIndexBuilder::finish(const std::function<bool(std::uint32_t)>& denies) {
    std::vector<bool> used(lists_.size());
    for (const NameIndex::Slot& slot : index_.slots)
        if (slot.record != NameIndex::kEmpty)
            used[NameIndex::list_of(index_.list_and_kind(slot.record))] = true;
    index_.lists.resize(lists_.size());
    for (RuleListId list = 1; list < lists_.size(); ++list) {
        if (!used[list]) continue;  // only on the way to longer ones
        std::vector<std::uint32_t> numbers = lists_.numbers(list);
        std::ranges::sort(numbers, {}, [&](std::uint32_t n) { return std::pair(!denies(n), n); });
        index_.lists[list] = {static_cast<std::uint32_t>(index_.rule_numbers.size()),
                              static_cast<std::uint32_t>(numbers.size())};
        index_.rule_numbers.insert(index_.rule_numbers.end(), numbers.begin(), numbers.end());
    }
    lists_ = {};
    return std::move(index_);
}

}  // namespace sallyport::dp::policy
