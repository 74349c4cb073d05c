// SPDX-License-Identifier: Apache-2.0
// From the cache of answers to the resolver.
#pragma once
#include "dataplane/outbox.h"
#include "dataplane/resolve/name_cache.h"

namespace sallyport::dp {

// Puts the question for the entry's name where one is due (NameCache::should_ask). Call it with each
// use of the entry, so that a name in use is asked for again before its answer ends.
void ask_if_due(NameCache& cache, NameEntryIndex entry, WorkerIndex worker, Instant now,
                Outbox& outbox);

}  // namespace sallyport::dp
