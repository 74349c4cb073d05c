// SPDX-License-Identifier: Apache-2.0
// One question to the daemon over its control socket.
#pragma once
#include <chrono>
#include <string>

#include "tcpstack/base/result.h"

namespace sallyport::ctl {

struct HttpReply {
    unsigned status = 0;
    std::string body;
};

// The daemon could not be asked at all.
struct Unreachable {
    std::string what, remedy;
};

struct Question {
    std::string method, target, body;
};

// Gives up when connecting, sending and reading together take longer than `patience`.
Result<HttpReply, Unreachable> ask(const std::string& socket_path, const Question& question,
                                   std::chrono::milliseconds patience = std::chrono::seconds(10));
// GET.
Result<HttpReply, Unreachable> ask(const std::string& socket_path, const std::string& target,
                                   std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace sallyport::ctl
