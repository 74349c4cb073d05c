// SPDX-License-Identifier: Apache-2.0
// Files that must be whole after a crash. Errors are sentences that name the file.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::ctl {

// With mode 0700; one that is there is good as it is.
std::optional<std::string> make_private_directory(const std::string& path);
// A new file with mode 0600 whose octets are on the disk afterwards.
std::optional<std::string> write_durably(const std::string& path, std::string_view text);
// So that what was made, renamed or removed in it is on the disk.
std::optional<std::string> sync_directory(const std::string& path);

}  // namespace sallyport::ctl
