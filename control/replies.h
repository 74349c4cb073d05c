// SPDX-License-Identifier: Apache-2.0
// The bodies of the replies: one function for each route, each writes the keys that the route table
// declares. They read snapshots; nothing here waits but sessions_reply.
#pragma once
#include <cstddef>

#include "control/routes.h"

namespace sallyport::ctl {

Json list_reply();
Json status_reply(const ApiContext& context);
Json workers_reply(const ApiContext& context);
Json ports_reply(const ApiContext& context);
Json counters_reply(const ApiContext& context);
Json objects_reply(const ApiContext& context);
// An error reply when a worker did not answer in time.
Reply sessions_reply(const ApiContext& context, std::size_t limit);

}  // namespace sallyport::ctl
