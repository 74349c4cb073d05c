// SPDX-License-Identifier: Apache-2.0
#include "control/control_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace sallyport::ctl {
namespace {

constexpr mode_t kDirectoryMode = 0750;
constexpr mode_t kSocketUmask = 0117;  // leaves 0660
constexpr int kBacklog = 128;

struct Fd {
    int value = -1;
    explicit Fd(int v) : value(v) {}
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() {
        if (value >= 0) ::close(value);
    }
};

std::string reason() {
    return std::strerror(errno);
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int connect_result(int fd, const std::string& path) {
    const sockaddr_un address = address_of(path);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::string directory_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

// True when it was made, false when it was there.
Result<bool, SocketError> make_directory(const std::string& directory) {
    if (::mkdir(directory.c_str(), kDirectoryMode) == 0) return true;
    if (errno == EEXIST) return false;
    return std::unexpected(SocketError{
        "cannot make the directory " + directory + ": " + reason(),
        "make it, or set control.socket to a path whose directory is there and writable"});
}

// A full backlog (EAGAIN) is a daemon as well, if a slow one.
bool is_served(const std::string& path) {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return connect_result(probe.value, path) == 0 || errno == EAGAIN || errno == EINPROGRESS;
}

std::optional<SocketError> remove_stale(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    if (!S_ISSOCK(info.st_mode))
        return SocketError{path + " is there and is no socket",
                           "remove it, or set control.socket to another path"};
    if (is_served(path))
        return SocketError{"another daemon is serving " + path,
                           "stop it, or set control.socket to another path"};
    if (::unlink(path.c_str()) != 0)
        return SocketError{"cannot remove the stale socket " + path + ": " + reason(), "remove it"};
    return std::nullopt;
}

std::optional<SocketError> bind_to(int fd, const std::string& path) {
    const sockaddr_un address = address_of(path);
    const mode_t before = ::umask(kSocketUmask);
    const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = errno;
    ::umask(before);
    if (bound == 0) return std::nullopt;
    return SocketError{"cannot bind " + path + ": " + std::strerror(error),
                       error == EACCES ? "run the daemon as a user that may write to the directory"
                                       : "set control.socket to another path"};
}

}  // namespace

Result<ControlSocket, SocketError> ControlSocket::claim(const std::string& path) {
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return std::unexpected(SocketError{path + " is longer than a socket path may be (" +
                                               std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                               " characters)",
                                           "set control.socket to a shorter path"});
    const std::string directory = directory_of(path);
    const auto made = make_directory(directory);
    if (!made) return std::unexpected(made.error());

    ControlSocket claimed;  // from here on its destructor undoes what was done
    if (*made) claimed.made_directory_ = directory;
    // Two daemons that start at once would each take the other's fresh socket for a stale one.
    const Fd guard(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (guard.value < 0 || ::flock(guard.value, LOCK_EX) != 0)
        return std::unexpected(SocketError{"cannot lock " + directory + ": " + reason(),
                                           "make it readable, or set control.socket"});
    if (auto error = remove_stale(path)) return std::unexpected(*error);
    claimed.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (claimed.fd_ < 0)
        return std::unexpected(
            SocketError{"cannot make a socket: " + reason(), "raise the limits"});
    if (auto error = bind_to(claimed.fd_, path)) return std::unexpected(*error);
    claimed.own(path);
    if (::listen(claimed.fd_, kBacklog) != 0)
        return std::unexpected(SocketError{"cannot listen on " + path + ": " + reason(),
                                           "set control.socket to another path"});
    return claimed;
}

void ControlSocket::own(const std::string& path) {
    path_ = path;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return;
    device_ = info.st_dev;
    inode_ = info.st_ino;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::exchange(other.path_, {})),
      made_directory_(std::exchange(other.made_directory_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

ControlSocket::~ControlSocket() {
    if (fd_ >= 0) ::close(fd_);
    struct stat info {};
    const bool ours = !path_.empty() && ::lstat(path_.c_str(), &info) == 0 &&
                      info.st_dev == device_ && info.st_ino == inode_;
    if (ours) ::unlink(path_.c_str());
    // Fails, as it should, when somebody has put a file there meanwhile.
    if (!made_directory_.empty()) ::rmdir(made_directory_.c_str());
}

}  // namespace sallyport::ctl
