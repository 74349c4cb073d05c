// SPDX-License-Identifier: Apache-2.0
// Records for people and for programs. The keys are an interface: they are added to, never renamed.
#pragma once
#include <nlohmann/json.hpp>
#include <span>

#include "tools/sallyctl/replay/record.h"
#include "tools/sallyctl/replay/sessions.h"
#include "tools/sallyctl/text_table.h"

namespace sallyport::replay {

using Json = nlohmann::ordered_json;

Json to_json(const Record& record, const ctl::OfflinePolicy& policy);
Json to_json(const Totals& totals);

std::span<const ctl::Column> record_columns();
ctl::Row to_row(const Record& record, const ctl::OfflinePolicy& policy);

}  // namespace sallyport::replay
