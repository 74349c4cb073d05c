// SPDX-License-Identifier: Apache-2.0
// Fragments on their way to being a datagram, of which something can be decided.
#pragma once
#include "dataplane/classify.h"
#include "dataplane/fragments.h"

namespace sallyport::dp {

// The worker that gathers the fragments of this one's datagram.
WorkerIndex gatherer(const Core& core, const Packet& fragment);

// Takes a fragment (Way::Fragment). False: it waits or was dropped. True: its datagram is whole; `r` has
// its first fragment, parsed as the whole, the later ones (in `frames`, which must live as long) and
// another way, which may be Drop.
bool gather(Core& core, Routed& r, FragmentStore::Frames& frames);

// Whether the transport checksum is right, over all fragments.
bool checksum_ok(const Packet& packet);

}  // namespace sallyport::dp
