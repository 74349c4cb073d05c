// SPDX-License-Identifier: Apache-2.0
// The Unix socket in the file system: taken by one daemon at a time, removed when it is done with
// it.
#pragma once
#include <sys/types.h>

#include <string>

#include "tcpstack/base/result.h"

namespace sallyport::ctl {

struct SocketError {
    std::string what, remedy;
};

class ControlSocket {
   public:
    // Binds and listens with mode 0660. Makes the directory (0750) when only it is missing. A
    // socket that nobody serves is replaced; one that a live daemon serves, or a file that is no
    // socket, is an error. Clients that connect wait in the backlog until somebody accepts.
    static Result<ControlSocket, SocketError> claim(const std::string& path);

    ControlSocket(ControlSocket&& other) noexcept;
    ControlSocket& operator=(ControlSocket&&) = delete;
    // Closes, and removes the file and a directory that claim() made, unless somebody else has put
    // another one in its place.
    ~ControlSocket();

    int fd() const { return fd_; }
    const std::string& path() const { return path_; }

   private:
    ControlSocket() = default;
    void own(const std::string& path);  // the file that bind() made

    int fd_ = -1;
    std::string path_;
    std::string made_directory_;  // empty: it was there
    dev_t device_ = 0;            // of the file that bind() made
    ino_t inode_ = 0;
};

}  // namespace sallyport::ctl
