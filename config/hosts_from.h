// SPDX-License-Identifier: Apache-2.0
// The files that rules name with hosts_from.
#pragma once
#include "config/load.h"
#include "config/model.h"
#include "config/report.h"

namespace sallyport::cfg {

// Fills in Rule::listed of every rule whose own values are good. A file is read once, however many
// rules name it. With options.keep_texts the texts go to `texts`.
void read_hosts_from(Model& model, const LoadOptions& options, Texts& texts, Report& report);

}  // namespace sallyport::cfg
