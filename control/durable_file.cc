// SPDX-License-Identifier: Apache-2.0
#include "control/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sallyport::ctl {
namespace {

std::string failed(const char* what, const std::string& path) {
    return std::string("cannot ") + what + ' ' + path + ": " + std::strerror(errno);
}

bool write_all(int fd, std::string_view rest) {
    while (!rest.empty()) {
        const ssize_t n = ::write(fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

std::optional<std::string> make_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return std::nullopt;
    return failed("make the directory", path);
}

std::optional<std::string> write_durably(const std::string& path, std::string_view text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failed("make", path);
    std::optional<std::string> error;
    if (!write_all(fd, text) || ::fsync(fd) != 0) error = failed("write", path);
    if (::close(fd) != 0 && !error) error = failed("write", path);
    return error;
}

std::optional<std::string> sync_directory(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed("open", path);
    std::optional<std::string> error;
    if (::fsync(fd) != 0) error = failed("sync", path);
    ::close(fd);
    return error;
}

}  // namespace sallyport::ctl
