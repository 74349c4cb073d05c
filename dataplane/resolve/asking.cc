// SPDX-License-Identifier: Apache-2.0
#include "dataplane/resolve/asking.h"

namespace sallyport::dp {

void ask_if_due(NameCache& cache, NameEntryIndex entry, WorkerIndex worker, Instant now,
                Outbox& outbox) {
    if (!cache.should_ask(entry, now)) return;
    NameQuery query;
    query.name.set(cache.name(entry));
    query.worker = worker;
    query.freshness = cache.freshness_wanted(entry, now);
    if (!outbox.ask(query)) cache.was_not_asked(entry);
}

}  // namespace sallyport::dp
