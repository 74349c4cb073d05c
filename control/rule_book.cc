// SPDX-License-Identifier: Apache-2.0
#include "control/rule_book.h"

#include <algorithm>
#include <utility>

namespace sallyport::ctl {
namespace {

ClusterText cluster_of(const cfg::Upstream& upstream) {
    return {upstream.cluster_port, upstream.cluster_subset, upstream.cluster_host};
}

std::string place_of(const cfg::Model& model, const cfg::Mark& mark) {
    if (mark.line == 0 || mark.file >= model.files.size()) return {};
    return model.files[mark.file] + ':' + std::to_string(mark.line);
}

RuleText text_of(const cfg::Model& model, const cfg::Rule& rule) {
    RuleText text{rule.name, place_of(model, rule.mark), {}};
    if (rule.split.empty()) text.clusters.push_back(cluster_of(rule.upstream));
    for (const cfg::Upstream& upstream : rule.split) text.clusters.push_back(cluster_of(upstream));
    return text;
}

}  // namespace

RuleBook::RuleBook()
    : default_rule_(std::make_shared<RuleText>(RuleText{"default-deny", {}, {}})),
      unknown_(std::make_shared<RuleText>(RuleText{"-", {}, {}})) {}

void RuleBook::update(Entry& entry, RuleText text, std::uint64_t generation) const {
    entry.gone_since = 0;
    if (!entry.versions.empty() && *entry.versions.back().text == text) return;
    entry.versions.push_back({generation, std::make_shared<const RuleText>(std::move(text))});
}

std::vector<dp::policy::RuleId> RuleBook::enter(const cfg::Model& model,
                                                std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_)
        if (entry.gone_since == 0) entry.gone_since = generation;
    std::vector<dp::policy::RuleId> ids;
    for (const cfg::Rule& rule : model.policy.rules) {
        const auto [known, fresh] = ids_.try_emplace(rule.name, last_id_ + 1);
        if (fresh) ++last_id_;
        update(entries_[known->second], text_of(model, rule), generation);
        ids.push_back(known->second);
    }
    return ids;
}

std::shared_ptr<const RuleText> RuleBook::find(dp::policy::RuleId id,
                                               std::uint64_t generation) const {
    if (id == dp::policy::kDefaultRule) return default_rule_;
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return unknown_;
    const std::vector<Version>& versions = found->second.versions;
    const auto later = std::ranges::upper_bound(versions, generation, {}, &Version::from);
    // A text that was forgotten is told by the oldest that is left: the name is the same.
    return later == versions.begin() ? versions.front().text : std::prev(later)->text;
}

void RuleBook::forget_before(std::uint64_t oldest) {
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        std::vector<Version>& versions = at->second.versions;
        if (at->second.gone_since != 0 && at->second.gone_since <= oldest) {
            ids_.erase(versions.back().text->name);
            at = entries_.erase(at);
            continue;
        }
        const auto still_needed = std::ranges::upper_bound(versions, oldest, {}, &Version::from);
        if (still_needed - versions.begin() > 1)
            versions.erase(versions.begin(), std::prev(still_needed));
        ++at;
    }
}

std::size_t RuleBook::size() const {
    const std::lock_guard lock(mutex_);
    std::size_t texts = 0;
    for (const auto& [id, entry] : entries_) texts += entry.versions.size();
    return texts;
}

}  // namespace sallyport::ctl
