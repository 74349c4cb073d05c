// SPDX-License-Identifier: Apache-2.0
// Names and their addresses from a file, in place of a resolver. A line is a name and its addresses,
// or, as in a hosts file, an address and its names; what follows a # is a comment. Lines about one
// name add up.
#pragma once
#include <istream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/result.h"

namespace sallyport::ctl {

class Answers {
   public:
    static constexpr std::size_t kLinesMax = 1'000'000;

    // The error is "FILE:LINE: what is wrong" for each wrong line, twenty at most.
    static Result<Answers, std::vector<std::string>> read(std::istream& in, std::string_view file);
    static Result<Answers, std::vector<std::string>> read_file(const std::string& path);

    // Empty: the file says nothing about the name.
    std::span<const IpAddr> of(std::string_view normalised_name) const;

   private:
    std::map<std::string, std::vector<IpAddr>, std::less<>> addresses_;
};

}  // namespace sallyport::ctl
