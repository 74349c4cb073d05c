// SPDX-License-Identifier: Apache-2.0
// What became of an object, as conditions in the words of the Gateway API:
//
//   Accepted      false when no part of it can be carried out; true with reason NotOurs when it is
//                 for others to carry out (a sidecar, another gateway, the cluster's network)
//   ResolvedRefs  false when a reference leads nowhere
//   Programmed    true when it came to a rule, or is a Gateway of ours; else Pending or NotOurs
#pragma once
#include "config/kubernetes/object.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

ObjectStatus status_of(const Object& object);

}  // namespace sallyport::cfg::kubernetes
