// SPDX-License-Identifier: Apache-2.0
// One object of a load: which it is, where it stands, what was said against it, and what became of
// it.
#pragma once
#include <string>
#include <vector>

#include "config/kubernetes/kinds.h"
#include "config/report.h"
#include "config/yaml_tree.h"

namespace sallyport::cfg::kubernetes {

// A field that is not honoured. It counts only in a part of an object that this gate carries out:
// what it does not (the way from a sidecar to the gateway, the Gateway of another class) may ask
// for anything.
struct Objection {
    FindingCode code = FindingCode::RefusedField;
    Span where = {};
    std::string path = {};
    Said said = {};
    bool raised = false;
};

// What one part of an object (a route, say) came to.
struct Outcome {
    std::string reason =
        {};  // in the words of the Gateway API: NoMatchingParent, BackendNotFound, ...
    std::string message = {};
};

struct Object {
    Kind kind = Kind::ServiceEntry;
    std::string api_version = {}, name_space = {}, name = {};
    Span where = {};
    std::string path =
        {};  // "ServiceEntry default/cnn": the beginning of the paths of its findings
    const Node* spec = nullptr;  // a map
    std::vector<Objection> objections = {};

    bool accepted = false;                   // some part is carried out here
    std::vector<Outcome> not_accepted = {};  // parts that are not, by no choice of the author
    std::vector<Outcome> not_resolved = {};  // references that lead nowhere
    std::vector<std::string> not_ours = {};  // parts that others carry out
    std::vector<std::string> rules = {};     // names of the rules that came of it; may repeat
};

// Makes findings of the objections at `path` and below it, but for those at `except` and below it.
// Each becomes one once.
void raise_objections(Object& object, const std::string& path, Report& report,
                      const std::string& except = {});

}  // namespace sallyport::cfg::kubernetes
