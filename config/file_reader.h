// SPDX-License-Identifier: Apache-2.0
// Files of a load: which there are, and what they hold. Only regular files are read, each once and
// never further than its limit; a pipe or a device could hold the reader forever.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "tcpstack/base/result.h"

namespace sallyport::cfg {

// Texts by the names of their files.
using Texts = std::map<std::string, std::string>;

struct ReadFailure {
    std::string message;  // "the file cannot be read: ..."
    std::string remedy;
};

// The octets of a regular file: at most `limit`, and one more when it is longer.
Result<std::string, ReadFailure> read_file(const std::string& path, std::size_t limit);
// The same from texts, when there are any: a load that must not touch the disk.
Result<std::string, ReadFailure> read_input(const Texts* texts, const std::string& path,
                                            std::size_t limit);

bool is_directory(const std::string& path);
// The *.yaml and *.yml of a directory, in the order of their names; not those of its folders, and
// not hidden ones.
Result<std::vector<std::string>, ReadFailure> list_directory(const std::string& path);

// A path as a file means it: relative to the folder that the file is in.
std::string beside(const std::string& file, const std::string& path);

}  // namespace sallyport::cfg
