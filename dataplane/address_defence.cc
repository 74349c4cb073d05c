// SPDX-License-Identifier: Apache-2.0
#include "dataplane/address_defence.h"

namespace sallyport::dp {

void AddressDefence::want(PortIndex port, const IpAddr& address, Instant now) {
    Entry* free = nullptr;
    for (Entry& e : entries_) {
        if (!e.wanted && now >= e.next) {
            free = &e;
        } else if (e.port == port && e.address == address) {
            e.wanted = true;
            return;
        }
    }
    if (free != nullptr) *free = {.address = address, .port = port, .wanted = true, .next = now};
}

void AddressDefence::forget(PortIndex port) {
    for (Entry& e : entries_)
        if (e.port == port) e = Entry{};
}

}  // namespace sallyport::dp
