// SPDX-License-Identifier: Apache-2.0
// Rules that take more than one value: what is right by itself and wrong together. A rule whose
// inputs have findings of their own is left out, so that one mistake is told once.
#pragma once
#include "config/model.h"
#include "config/report.h"

namespace sallyport::cfg {

// All of them.
void validate(const Model& model, Report& report);

// By subject.
void validate_ports(const Model& model, Report& report);
void validate_egress(const Model& model, Report& report);
void validate_rules(const Model& model, Report& report);

}  // namespace sallyport::cfg
