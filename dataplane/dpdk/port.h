// SPDX-License-Identifier: Apache-2.0
// One side of the gate: a started ethdev. The object owns it: when it is gone the port is closed.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/model.h"
#include "dataplane/dataplane.h"
#include "dataplane/dpdk/device.h"
#include "dataplane/dpdk/eal.h"
#include "dataplane/path.h"

struct rte_eth_conf;
struct rte_eth_dev_info;
struct rte_mempool;

namespace sallyport::dp {

struct PortSpec {
    std::string name;  // "inside", "outside"
    const cfg::Port* model = nullptr;
    Device device;
    std::uint16_t workers = 1;
    rte_mempool* pool = nullptr;
};

class EthPort {
   public:
    // Probes, configures and starts the device.
    static Result<std::unique_ptr<EthPort>, StartError> open(Eal& eal, const PortSpec& spec);
    ~EthPort();
    EthPort(const EthPort&) = delete;
    EthPort& operator=(const EthPort&) = delete;

    std::uint16_t id() const { return id_; }
    // Receive and transmit queues are as many: one for each worker, or what the device has.
    std::uint16_t queues() const { return queues_; }
    const wire::MacAddr& mac() const { return mac_; }
    // Meaningful for software only when each worker has a queue; else reta_size is 0.
    const RssKey& rss() const { return rss_; }
    const Device& device() const { return device_; }

    bool link_up() const;  // as the driver says; a kernel device's is asked of the kernel
    PortStatus status() const;  // without addresses, which are the generation's
    void stop();  // idempotent

   private:
    EthPort(const PortSpec& spec, std::uint16_t id);
    std::optional<StartError> configure(const PortSpec& spec);
    std::optional<StartError> choose_queues(const PortSpec& spec, const rte_eth_dev_info& info);
    std::optional<StartError> set_up_queues(const PortSpec& spec, const rte_eth_dev_info& info);
    int apply_mtu() const;
    std::optional<StartError> set_mtu();
    void receive_multicast() const;
    void read_rss(const rte_eth_dev_info& info, std::uint16_t workers);
    StartError failed(const std::string& step, int error) const;

    std::string name_;
    Device device_;
    std::string driver_;
    std::uint16_t id_ = 0;
    std::uint16_t queues_ = 0;
    std::uint16_t mtu_ = 0;
    std::uint64_t rss_functions_ = 0;
    wire::MacAddr mac_;
    RssKey rss_;
    bool stopped_ = false;
};

}  // namespace sallyport::dp
