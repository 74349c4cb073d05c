// SPDX-License-Identifier: Apache-2.0
// The data plane as control sees it. Implemented by dataplane/dpdk; control tests bring their own.
// Every call may come from any control thread; none blocks a worker.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/access_record.h"
#include "dataplane/counters.h"
#include "dataplane/policy/generation.h"
#include "dataplane/resolve/messages.h"
#include "dataplane/session_row.h"
#include "tcpstack/base/result.h"

namespace sallyport::dp {

struct NamedValue {
    std::string name;
    std::uint64_t value = 0;
};

struct WorkerStatus {
    std::uint32_t index = 0;
    std::uint32_t lcore = 0;
    std::uint64_t busy_cycles = 0, total_cycles = 0, polls = 0, empty_polls = 0, naps = 0;
    std::vector<NamedValue> counters;  // counters.def, in its order
    std::vector<std::uint64_t> reasons;  // by Reason
};

// An address of the gate that another station was heard to have.
struct DuplicateAddress {
    std::string address, mac;  // of the other station
    bool given_up = false;     // the gate does not answer for it (RFC 4862 section 5.4.5)
};

struct PortStatus {
    std::string name;  // "inside", "outside"
    // Of the device, as all numbers of frames; ports in VLANs of one device share them.
    std::string device, driver;
    std::string mac;
    bool link_up = false;
    std::uint32_t link_losses = 0;  // how often it went down since the start
    std::uint16_t vlan = 0;  // 0: none, its frames have no tag
    std::uint16_t mtu = 0, rx_queues = 0, tx_queues = 0;
    std::uint64_t rx_packets = 0, rx_bytes = 0, rx_missed = 0, rx_errors = 0;
    std::uint64_t tx_packets = 0, tx_bytes = 0, tx_errors = 0;
    std::vector<std::string> addresses;
    std::vector<DuplicateAddress> duplicates;  // heard of within ten minutes; 16 of all ports at most
};

struct MemoryStatus {
    std::uint32_t mbufs_total = 0, mbufs_free = 0;
    bool hugepages = false;
};

class Dataplane {
   public:
    virtual ~Dataplane() = default;

    // Workers read the generation from their next burst on; the one before is freed when none of
    // them reads it any more. Addresses that are new at a port are announced there.
    virtual void publish(std::shared_ptr<const Generation> generation) = 0;
    // Waits until every worker reads the generation that was published last; false when one did
    // not within `timeout`.
    virtual bool settle(std::chrono::milliseconds timeout) = 0;
    // Has the workers end the sessions that the present generation no longer allows, a bounded
    // number a turn. False: a worker could not be told.
    virtual bool recheck() = 0;
    virtual std::uint64_t generation_id() const = 0;
    // The address of a set by which a client leaves, as every worker chooses it while a port is left
    // there; nullopt: the set has none of the family.
    virtual std::optional<IpAddr> public_address(const EgressSet& set, const IpAddr& client,
                                                 Family family) const = 0;
    virtual std::vector<WorkerStatus> workers() const = 0;
    virtual std::vector<PortStatus> ports() const = 0;
    virtual MemoryStatus memory() const = 0;
    // Asks the workers at a burst boundary; nullopt when one did not answer within `timeout`.
    virtual std::optional<std::vector<SessionRow>> sessions(std::size_t limit,
                                                            std::chrono::milliseconds timeout) = 0;
    // Shows every live session, a portion of a worker's table at a time, so that memory and work of
    // a turn are bounded: one that begins or ends meanwhile may be missed. False when a worker did
    // not answer within `timeout` for its portion.
    virtual bool visit_sessions(const std::function<void(const SessionRow&)>& visit,
                                std::chrono::milliseconds timeout) = 0;
    // Takes up to records.size() access records; one caller (the log writer).
    virtual std::size_t take_records(std::span<AccessRecord> records) = 0;
    // Takes up to queries.size() questions of workers; one caller (the resolver).
    virtual std::size_t take_queries(std::span<NameQuery> queries) = 0;
    // How many of them the worker's ring took, from the first on; one caller (the resolver).
    virtual std::size_t give_answers(WorkerIndex worker, std::span<const NameAnswer> answers) = 0;
    // The worker clock, for turning record times into wall time.
    virtual Instant now() const = 0;
    // Ends sessions with a record each, stops the workers and closes the ports. Idempotent.
    virtual void stop() = 0;
};

// What went wrong, with the setting that it concerns and the remedy; printed as one sentence.
struct StartError {
    std::string setting, what, remedy;
};

// Brings up EAL, ports, pools and workers. On an error nothing is left behind. Notes that an
// operator should see (no hugepages, MTU capped) go to `warnings`.
Result<std::unique_ptr<Dataplane>, StartError> start_dataplane(
    const cfg::Model& model, std::shared_ptr<const Generation> generation,
    std::vector<std::string>& warnings);

}  // namespace sallyport::dp
