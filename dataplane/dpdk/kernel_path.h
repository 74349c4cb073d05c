// SPDX-License-Identifier: Apache-2.0
// On a kernel device the kernel's own stack sees every frame as well. With an address or forwarding
// it is a second, unfiltered path beside the gate, and it would stay when the gate is killed. So
// the start is refused until that path is closed. Pure, except check_kernel_path.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/device.h"
#include "dataplane/dpdk/interface.h"

namespace sallyport::dp {

// One way for the kernel to handle the gate's traffic, and the command that closes it.
struct Opening {
    std::string what, command;
};

std::vector<Opening> openings(const InterfaceFacts& interface);
std::vector<Opening> openings(const NamespaceFacts& settings);
// All of them in one sentence; nullopt: none.
std::optional<StartError> refusal(const std::string& setting, const std::vector<Opening>& found);

// nullopt: the device may be used. An interface that is down is only a warning.
std::optional<StartError> check_kernel_path(const Device& device,
                                            std::vector<std::string>& warnings);

}  // namespace sallyport::dp
