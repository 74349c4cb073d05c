// SPDX-License-Identifier: Apache-2.0
// RFC 768.
#pragma once
#include "tcpstack/base/big_endian.h"

namespace sallyport::wire {

struct UdpHeader {
    Be16 src_port, dst_port, length, checksum;
};
static_assert(sizeof(UdpHeader) == 8 && alignof(UdpHeader) == 1);

}  // namespace sallyport::wire
