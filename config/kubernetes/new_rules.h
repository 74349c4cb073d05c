// SPDX-License-Identifier: Apache-2.0
// The rules that objects come to, each under a name of its own, behind those of the native form.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "config/kubernetes/object.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

class NewRules {
   public:
    explicit NewRules(Model& model);

    // `index` is the place in the object's list, `given` a name that the author gave (route.h).
    // Sets what every such rule has, and returns the name.
    std::string add(Rule rule, const Object& object, std::size_t index, std::string_view given);
    Rule& at(std::size_t position) { return model_.policy.rules[position]; }
    std::size_t size() const { return model_.policy.rules.size(); }

   private:
    std::string free_name(const Object& object, std::size_t index, std::string_view given);

    Model& model_;
    std::unordered_set<std::string> names_;
};

}  // namespace sallyport::cfg::kubernetes
