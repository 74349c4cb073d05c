// SPDX-License-Identifier: Apache-2.0
// The little of rtnetlink (RFC 3549) that the gate needs: one link's state, and being told of
// changes. af_packet itself reports every link as up.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::dp {

struct Link {
    int index = 0;
    std::uint32_t flags = 0;  // IFF_*
    std::string name;
    std::string master;  // name of the bridge or bond that it belongs to, if any
    bool gone = false;   // a change that says that the interface was removed

    bool is_running() const;
};

std::optional<Link> read_link(const std::string& name);

// Changes of all links in the namespace where it was made.
class LinkEvents {
   public:
    LinkEvents();
    ~LinkEvents();
    LinkEvents(const LinkEvents&) = delete;
    LinkEvents& operator=(const LinkEvents&) = delete;

    int fd() const { return fd_; }  // readable when there are changes; -1: not available
    // What changed since the last call; nullopt when changes were lost and all must be read anew.
    std::optional<std::vector<Link>> take();

   private:
    int fd_ = -1;
};

}  // namespace sallyport::dp
