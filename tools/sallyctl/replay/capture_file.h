// SPDX-License-Identifier: Apache-2.0
// A pcap or pcapng file, read by libpcap.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "tools/sallyctl/replay/fragments.h"
#include "tools/sallyctl/replay/link.h"

namespace sallyport::replay {

struct CaptureError {
    std::string what, remedy;
};

// Calls `on_frame` for each frame, in the order of the file; "-" is standard input. An error may
// come after frames were given: the file ends in the middle of one.
std::optional<CaptureError> read_capture(
    const std::string& path, const std::function<void(LinkType, Octets, Time)>& on_frame);

}  // namespace sallyport::replay
