// SPDX-License-Identifier: Apache-2.0
// Addresses in a configuration, both ways. What cannot be read is a finding of the value.
#pragma once
#include <string>
#include <string_view>

#include "config/field.h"
#include "config/model.h"

namespace sallyport::cfg {

// False, with a finding, for anything but an address of either family.
bool parse_address(const Value& value, std::string_view text, IpAddr& out);
// "10.10.0.1/24"; host bits may be set.
bool parse_address_length(const Value& value, std::string_view text, InterfaceAddress& out);

std::string address_text(const IpAddr& address);

}  // namespace sallyport::cfg
