// SPDX-License-Identifier: Apache-2.0
// Fragments on their way to being a datagram, of which something can be decided.
#pragma once
#include "dataplane/classify.h"
#include "dataplane/fragments.h"

namespace sallyport::dp {

// The worker that gathers the fragments of this one's datagram.
WorkerIndex gatherer(const Core& core, const Packet& fragment);

// Takes a fragment (Way::Fragment). False: it waits or was dropped. True: its datagram is whole and has
// another way, which may be Drop. A TCP segment that fits one buffer is one packet now, as if it had come
// so (RFC 1858 and RFC 3128: however its header was cut, nothing was decided about a part). Of any other
// datagram `r` has the first fragment, parsed as the whole, and the later ones until the next call.
bool gather(Core& core, Routed& r);

// Whether the transport checksum is right, over all fragments.
bool checksum_ok(const Packet& packet);

}  // namespace sallyport::dp
