// SPDX-License-Identifier: Apache-2.0
// Everything that a hot object must not do, so that the symbol gate is known to see it.
#include "tests/layers/planted/planted.h"

#include <pthread.h>
#include <time.h>

#include <cstdio>
#include <cstring>

namespace sallyport::planted {

int pure(const int* values) {
    int copy[2];
    std::memcpy(copy, values, sizeof copy);
    return copy[0] + copy[1];
}

int* allocate() { return new int(1); }

int lock_and_read_the_clock(pthread_mutex_t& mutex) {
    timespec now{};
    pthread_mutex_lock(&mutex);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::puts("planted");
}

int* construct_on_the_way() { return make(); }

}  // namespace sallyport::planted
