// SPDX-License-Identifier: Apache-2.0
// What the gate denies, or lets pass in audit only, gathered as it happens: the log writer adds, the
// API asks. Bounded, since the start of the daemon.
#pragma once
#include <chrono>
#include <mutex>

#include <nlohmann/json.hpp>

#include "control/suggestions.h"
#include "dataplane/access_record.h"

namespace sallyport::ctl {

// What a record says that somebody wanted and did not get, or would not; nullopt: nothing.
std::optional<Wanted> wanted_of(const dp::AccessRecord& record,
                                std::chrono::system_clock::time_point at);

// May be used from any thread.
class LiveSuggestions {
   public:
    void add(const dp::AccessRecord& record, std::chrono::system_clock::time_point at);
    nlohmann::ordered_json reply(std::size_t wildcard_above) const;

   private:
    mutable std::mutex mutex_;
    Suggestions suggestions_;
};

}  // namespace sallyport::ctl
