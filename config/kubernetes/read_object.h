// SPDX-License-Identifier: Apache-2.0
// A document to an object: which kind it is of, its name, and its fields checked.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "config/kubernetes/object.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg::kubernetes {

// What all documents together are.
struct Objects {
    std::deque<Object> list;            // an object that was read stays where it is
    std::map<std::string, Span> names;  // of "kind group namespace/name"
};

// Adds the object of a document, or those of a List. A kind that is not read here is an error, of
// whatever group: it may narrow what others open (AuthorizationPolicy, Sidecar, EnvoyFilter), and
// nobody could tell from the result that it was left out.
void read_object(const Node& root, Objects& objects, Report& report);

}  // namespace sallyport::cfg::kubernetes
