// SPDX-License-Identifier: Apache-2.0
// The resolver: one thread that takes the workers' questions, asks DNS and gives each worker its
// answers. A worker never waits for it, nor it for a worker.
//
//   question --known--> answer
//            --unknown--> lookup: A and AAAA at once, the same for all workers that ask
//                half of `timeout` later: what one type has brought, or an earlier answer (RFC 8767)
//                when both have ended: the answer
//
// Answers are passed on as DNS gave them, private and loopback addresses included: what may be
// dialled is decided where it is dialled.
#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "control/dns_client.h"
#include "control/known_names.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

struct ResolverCounts {
    std::uint64_t questions = 0;  // of workers
    std::uint64_t known = 0;      // of them, answered without asking DNS
    std::uint64_t lookups = 0;    // begun
    std::uint64_t found = 0, not_found = 0, failed = 0;  // lookups, by how they ended
    std::uint64_t stale = 0;      // earlier answers given because DNS was late or down
    std::uint64_t refused = 0;    // questions, because too many lookups were under way
    std::uint64_t lost = 0;       // answers, because a worker did not take them
    std::uint64_t in_flight = 0;  // lookups under way
    std::uint64_t names = 0;      // remembered
};

class Resolver {
   public:
    static constexpr std::size_t kLookupsMax = 1024;  // under way
    static constexpr std::size_t kNamesMax = 65536;   // remembered

    // Starts the thread. `dataplane` must outlive this object. The error is a sentence.
    static Result<std::unique_ptr<Resolver>, std::string> start(dp::Dataplane& dataplane,
                                                                const cfg::Resolver& settings,
                                                                std::uint16_t dns_port = 53);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Takes effect within moments. With other servers, nothing that the former ones said is given
    // out any more.
    void reconfigure(const cfg::Resolver& settings);
    // Idempotent.
    void stop();

    ResolverCounts counts() const;
    // The servers that are asked, the next one first.
    std::vector<IpAddr> servers() const;
    // nullopt: nobody asked for the name of late.
    std::optional<KnownName> find(const std::string& name) const;

   private:
    struct Lookup {
        Instant hurry_at{};
        std::uint64_t workers = 0;  // a bit for each that waits
        std::optional<DnsReply> a, aaaa;
        bool hurried = false;
    };
    using Lookups = std::unordered_map<std::string, Lookup>;

    Resolver(dp::Dataplane& dataplane, const cfg::Resolver& settings, std::uint16_t dns_port,
             DnsClient client);
    void run();
    bool turn();
    void wait();
    void use(const cfg::Resolver& settings);
    void use_servers(const DnsOptions& options);
    bool take_questions();
    void on_question(const dp::NameQuery& query);
    void begin_lookup(const std::string& name, std::uint64_t worker);
    bool take_results();
    void on_result(DnsResult result);
    void end_lookup(Lookups::iterator at);
    void hurry();
    std::optional<dp::NameAnswer> meanwhile(const std::string& name, const Lookup& lookup);
    void give(dp::NameAnswer answer, std::uint64_t workers);
    void deliver();
    void report(bool usable, const std::string& name);

    dp::Dataplane& dataplane_;
    const std::uint16_t dns_port_;

    mutable std::mutex mutex_;  // all that follows, down to counts_
    std::optional<cfg::Resolver> wanted_;
    cfg::Resolver settings_;
    std::uint64_t servers_;  // Settings::dns_servers of settings_
    DnsClient dns_;
    KnownNames known_;
    Lookups lookups_;
    std::array<std::deque<dp::NameAnswer>, dp::kWorkersMax> outgoing_;
    unsigned failures_in_row_ = 0;
    ResolverCounts counts_;

    std::vector<pollfd> fds_;  // of the thread
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace sallyport::ctl
