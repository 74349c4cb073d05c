// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "dataplane/resolve/name_cache.h"

namespace sallyport::dp {

NameCacheStorage::NameCacheStorage(std::uint32_t capacity)
    : entries(capacity),
      links(capacity),
      buckets(std::bit_ceil(std::max<std::size_t>(capacity, 1)), kNoIndex) {}

}  // namespace sallyport::dp
