// SPDX-License-Identifier: Apache-2.0
#include "control/resolver.h"

#include <poll.h>

#include <bit>
#include <chrono>
#include <utility>

#include "control/log.h"
#include "dataplane/policy/compile.h"

namespace sallyport::ctl {
namespace {

// How long a question may lie in its ring.
constexpr auto kPause = std::chrono::milliseconds(2);
constexpr std::size_t kBatch = 64;
// Answers that a worker has not taken yet; beyond that the oldest is lost.
constexpr std::size_t kOutgoingMax = 4096;
constexpr unsigned kFailuresToReport = 3;
constexpr Duration kRefusedLife = std::chrono::seconds(1);

Instant now() {
    return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

DnsOptions dns_options(const cfg::Resolver& settings, std::uint16_t port) {
    return {.servers = settings.servers,
            .port = port,
            .source = settings.source,
            .device = settings.device,
            .timeout = settings.timeout};
}

AnswerTimes answer_times(const cfg::Resolver& settings) {
    return {settings.ttl_floor, settings.ttl_ceiling, settings.grace};
}

std::string text_of(const IpAddr& address) {
    std::array<char, kIpTextMax> text;
    return std::string(format(address, text));
}

}  // namespace

Result<std::unique_ptr<Resolver>, std::string> Resolver::start(dp::Dataplane& dataplane,
                                                               const cfg::Resolver& settings,
                                                               std::uint16_t dns_port) {
    auto client = DnsClient::make(dns_options(settings, dns_port));
    if (!client) return std::unexpected(std::move(client.error()));
    return std::unique_ptr<Resolver>(
        new Resolver(dataplane, settings, dns_port, std::move(*client)));
}

Resolver::Resolver(dp::Dataplane& dataplane, const cfg::Resolver& settings, std::uint16_t dns_port,
                   DnsClient client)
    : dataplane_(dataplane),
      dns_port_(dns_port),
      settings_(settings),
      servers_(dp::policy::dns_servers_of(settings)),
      dns_(std::move(client)),
      known_(answer_times(settings), kNamesMax),
      thread_([this] { run(); }) {}

Resolver::~Resolver() {
    stop();
}

void Resolver::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void Resolver::reconfigure(const cfg::Resolver& settings) {
    const std::lock_guard lock(mutex_);
    wanted_ = settings;
}

ResolverCounts Resolver::counts() const {
    const std::lock_guard lock(mutex_);
    ResolverCounts out = counts_;
    out.in_flight = lookups_.size();
    out.names = known_.size();
    return out;
}

std::vector<IpAddr> Resolver::servers() const {
    const std::lock_guard lock(mutex_);
    return dns_.servers();
}

std::optional<KnownName> Resolver::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return known_.find(name, now());
}

void Resolver::run() {
    while (!stopping_)
        if (!turn()) wait();
}

// True: there may be more to do at once.
bool Resolver::turn() {
    const std::lock_guard lock(mutex_);
    if (wanted_) use(*std::exchange(wanted_, std::nullopt));
    dns_.process(fds_);
    bool more = take_questions();
    more |= take_results();
    hurry();
    deliver();
    fds_.clear();
    dns_.add_fds(fds_);
    return more;
}

void Resolver::wait() {
    std::chrono::milliseconds pause;
    {
        const std::lock_guard lock(mutex_);
        pause = dns_.due_within(kPause);
    }
    (void)poll(fds_.data(), fds_.size(), static_cast<int>(pause.count()));
}

void Resolver::use(const cfg::Resolver& settings) {
    const DnsOptions former = dns_options(settings_, dns_port_);
    settings_ = settings;
    servers_ = dp::policy::dns_servers_of(settings);
    known_.use(answer_times(settings));
    const DnsOptions wanted = dns_options(settings, dns_port_);
    if (wanted != former) use_servers(wanted);
}

// Lookups under way begin anew with the new servers.
void Resolver::use_servers(const DnsOptions& options) {
    auto client = DnsClient::make(options);
    if (!client)
        return log_event(LogLevel::Error, "the former DNS servers stay in use",
                         {{"why", client.error()}});
    dns_ = std::move(*client);
    fds_.clear();
    known_.forget_all();
    for (auto& [name, lookup] : lookups_) {
        lookup.a = lookup.aaaa = std::nullopt;
        dns_.ask(name);
    }
}

bool Resolver::take_questions() {
    std::array<dp::NameQuery, kBatch> questions;
    const std::size_t n = dataplane_.take_queries(questions);
    for (std::size_t i = 0; i < n; ++i) on_question(questions[i]);
    return n == questions.size();
}

void Resolver::on_question(const dp::NameQuery& query) {
    ++counts_.questions;
    const std::string name(query.name.view());
    const std::uint64_t worker = std::uint64_t{1} << query.worker % dp::kWorkersMax;
    if (const auto known = known_.answer(name, query.freshness, now())) {
        ++counts_.known;
        if (known->stale) ++counts_.stale;
        return give(*known, worker);
    }
    const auto under_way = lookups_.find(name);
    if (under_way == lookups_.end()) return begin_lookup(name, worker);
    under_way->second.workers |= worker;
    if (!under_way->second.hurried) return;
    if (const auto answer = meanwhile(name, under_way->second)) give(*answer, worker);
}

void Resolver::begin_lookup(const std::string& name, std::uint64_t worker) {
    if (lookups_.size() >= kLookupsMax) {
        ++counts_.refused;
        dp::NameAnswer refused;
        refused.name.set(name);
        refused.ttl = kRefusedLife;
        return give(known_.stale(name, now()).value_or(refused), worker);
    }
    ++counts_.lookups;
    Lookup& lookup = lookups_[name];
    lookup.workers = worker;
    lookup.hurry_at = now() + settings_.timeout / 2;
    dns_.ask(name);
}

bool Resolver::take_results() {
    std::vector<DnsResult> results = dns_.take_results();
    for (DnsResult& result : results) on_result(std::move(result));
    return !results.empty();
}

void Resolver::on_result(DnsResult result) {
    const auto at = lookups_.find(result.name);
    if (at == lookups_.end()) return;
    Lookup& lookup = at->second;
    (result.type == kTypeA ? lookup.a : lookup.aaaa) = std::move(result.reply);
    if (lookup.a && lookup.aaaa) return end_lookup(at);
    if (!lookup.hurried) return;
    if (const auto answer = meanwhile(at->first, lookup)) give(*answer, lookup.workers);
}

void Resolver::end_lookup(Lookups::iterator at) {
    const auto& [name, lookup] = *at;
    const DnsReply reply = joined(*lookup.a, *lookup.aaaa);
    const dp::NameAnswer answer = known_.learn(name, reply, now());
    switch (reply.kind) {
        case DnsReply::Kind::Found: ++counts_.found; break;
        case DnsReply::Kind::NoData:
        case DnsReply::Kind::NoName: ++counts_.not_found; break;
        case DnsReply::Kind::Unusable: ++counts_.failed; break;
    }
    if (answer.stale) ++counts_.stale;
    report(reply.kind != DnsReply::Kind::Unusable, name);
    give(answer, lookup.workers);
    lookups_.erase(at);
}

// A session waits for `timeout` at most, so half of it must do for a server that does not answer one
// of the types, or none.
void Resolver::hurry() {
    const Instant at = now();
    for (auto& [name, lookup] : lookups_) {
        if (lookup.hurried || at < lookup.hurry_at) continue;
        lookup.hurried = true;
        if (const auto answer = meanwhile(name, lookup)) give(*answer, lookup.workers);
    }
}

std::optional<dp::NameAnswer> Resolver::meanwhile(const std::string& name, const Lookup& lookup) {
    const DnsReply so_far = joined(lookup.a.value_or(DnsReply{}), lookup.aaaa.value_or(DnsReply{}));
    if (so_far.kind == DnsReply::Kind::Found) return known_.learn(name, so_far, now());
    auto earlier = known_.stale(name, now());
    if (earlier) ++counts_.stale;
    return earlier;
}

void Resolver::give(dp::NameAnswer answer, std::uint64_t workers) {
    answer.servers = servers_;
    for (; workers != 0; workers &= workers - 1) {
        auto& queue = outgoing_[static_cast<std::size_t>(std::countr_zero(workers))];
        if (queue.size() >= kOutgoingMax) {
            queue.pop_front();
            ++counts_.lost;
        }
        queue.push_back(answer);
    }
}

// What a worker's ring does not take waits for the next turn.
void Resolver::deliver() {
    for (std::size_t worker = 0; worker < outgoing_.size(); ++worker) {
        auto& queue = outgoing_[worker];
        while (!queue.empty() &&
               dataplane_.give_answers(static_cast<dp::WorkerIndex>(worker), {&queue.front(), 1}) == 1)
            queue.pop_front();
    }
}

// Single names fail for reasons of their own; several in a row mean that DNS is down.
void Resolver::report(bool usable, const std::string& name) {
    const bool was_down = failures_in_row_ >= kFailuresToReport;
    failures_in_row_ = usable ? 0 : failures_in_row_ + 1;
    const bool is_down = failures_in_row_ >= kFailuresToReport;
    if (is_down && !was_down)
        log_event(LogLevel::Warning, "DNS does not answer",
                  {{"name", name}, {"next_server", text_of(dns_.servers().front())}});
    if (was_down && !is_down) log_event(LogLevel::Info, "DNS answers again");
}

}  // namespace sallyport::ctl
