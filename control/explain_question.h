// SPDX-License-Identifier: Apache-2.0
// The question that explain answers, from texts: those of a command line or of a query string.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/policy/explain.h"
#include "tcpstack/base/result.h"

namespace sallyport::ctl {

// Nullopt: not given.
struct QuestionText {
    std::optional<std::string> source, sni, host, address, protocol;
    std::optional<std::uint32_t> port;
};

// Names are normalised like those of a configuration. Without a port it is 443 for a server name and
// 80 for a host. The error is a sentence that names what is wrong.
Result<dp::policy::Question, std::string> question_of(const QuestionText& given);

}  // namespace sallyport::ctl
