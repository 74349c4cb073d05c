// SPDX-License-Identifier: Apache-2.0
// A running data plane for a test.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "dataplane/dataplane.h"

namespace sallyport::dp::test {

// Inside 10.10.0.1/24 on gi, outside 203.0.113.2/24 on go, by af_packet; one worker that naps.
cfg::Model gate_model();
// The same between two in-memory rings: what is sent by a port comes in by it again.
cfg::Model ring_model();
std::unique_ptr<const Generation> generation_of(const cfg::Model& model, std::uint64_t id = 1);

Result<std::unique_ptr<Dataplane>, StartError> start(const cfg::Model& model);
// Fails the test when it does not start.
std::unique_ptr<Dataplane> running(const cfg::Model& model);

std::uint64_t counter(const Dataplane& gate, std::size_t worker, std::string_view name);
std::uint64_t reason(const Dataplane& gate, std::size_t worker, Reason reason);
// Waits until `condition` holds; false when it does not within seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace sallyport::dp::test
