// SPDX-License-Identifier: Apache-2.0
// Which keys of a rule say something beside its others.
#pragma once
#include <string>
#include <string_view>

#include "config/model.h"

namespace sallyport::cfg {

// tcp, udp, icmp: flows that are judged by address.
bool is_layer4(Protocol protocol);

// Empty: the key goes with the rule. Else what the rule is or says that the key does not go with:
// "tcp, udp and icmp, which are judged by address".
std::string_view clash_of(const Rule& rule, std::string_view key);

}  // namespace sallyport::cfg
