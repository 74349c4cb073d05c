// SPDX-License-Identifier: Apache-2.0
// Expiry and schedule of rules. Time decides when a generation is compiled; the look-up knows none.
#pragma once
#include <chrono>
#include <optional>

#include "config/model.h"

namespace sallyport::dp::policy {

// Whether the rule has expired by `at`: it holds until the moment itself, not at it.
bool has_expired(const cfg::Rule& rule, std::chrono::sys_seconds at);
// Whether `at` lies in one of the rule's windows, in UTC; true without any. A window that ends at
// or before its beginning goes on until that minute of the next day.
bool is_scheduled(const cfg::Rule& rule, std::chrono::sys_seconds at);
bool holds(const cfg::Rule& rule, std::chrono::sys_seconds at);

// The first moment after `at` at which another set of rules holds; nullopt: never.
std::optional<std::chrono::sys_seconds> next_change(const cfg::Model& model,
                                                    std::chrono::sys_seconds at);

}  // namespace sallyport::dp::policy
