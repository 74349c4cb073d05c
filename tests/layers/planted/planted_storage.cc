// SPDX-License-Identifier: Apache-2.0
// A construction object: it may allocate, and nothing else that is forbidden.
#include <pthread.h>

#include "tests/layers/planted/planted.h"

namespace sallyport::planted {

int* make() {
    int* values = new int[2]{1, 2};
    values[0] = pure(values);
    return values;
}

void lock(pthread_mutex_t& mutex) { pthread_mutex_lock(&mutex); }

}  // namespace sallyport::planted
