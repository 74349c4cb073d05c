// SPDX-License-Identifier: Apache-2.0
// Ways to hide a name or a length in HTTP/1.x, and what must become of each. A verdict has a letter
// for each request of the stream: A allowed, B allowed and ended in its body, D denied, U not
// decided; nothing follows a B, D or U.
#pragma once
#include <string>
#include <vector>

#include "dataplane/reason.h"

namespace sallyport::test {

struct HttpRecipe {
    std::string id, description, stream;
    std::string with_real, with_other;     // the verdict when only that name is allowed
    dp::Reason reason = dp::Reason::None;  // of the parser, about the last request
    bool must_work() const { return with_real.find_first_not_of('A') == std::string::npos; }
};

std::vector<HttpRecipe> http_recipes();

}  // namespace sallyport::test
