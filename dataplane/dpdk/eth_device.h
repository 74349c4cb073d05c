// SPDX-License-Identifier: Apache-2.0
// An ethdev, opened and started. One port of the gate stands on it, or both, by VLAN (one-arm). The
// object owns it: when it is gone the device is closed.
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

// 02:00:00:00:00:01.
std::string mac_text(const wire::MacAddr& mac);

struct DeviceSpec {
    Device device;
    std::string port;         // the first port of the gate on it, whose settings an error names
    std::uint16_t mtu = 1500;  // the larger one of its ports; a tag does not count
    std::optional<std::uint16_t> queues;
    std::uint16_t workers = 1;
    rte_mempool* pool = nullptr;
};

class EthDevice {
   public:
    // Probes, configures and starts the device.
    static Result<std::unique_ptr<EthDevice>, StartError> open(Eal& eal, const DeviceSpec& spec);
    ~EthDevice();
    EthDevice(const EthDevice&) = delete;
    EthDevice& operator=(const EthDevice&) = delete;

    std::uint16_t id() const { return id_; }
    // Receive and transmit queues are as many: one for each worker, or what the device has.
    std::uint16_t queues() const { return queues_; }
    const wire::MacAddr& mac() const { return mac_; }
    // Meaningful for software only when each worker has a queue; else reta_size is 0.
    const RssKey& rss() const { return rss_; }
    const Device& device() const { return device_; }

    bool link_up() const;  // as the driver says; a kernel device's is asked of the kernel
    PortStatus status() const;  // what a port of the gate takes over from its device
    void stop();  // idempotent

   private:
    EthDevice(const DeviceSpec& spec, std::uint16_t id);
    std::optional<StartError> configure(const DeviceSpec& spec);
    std::optional<StartError> choose_queues(const DeviceSpec& spec, const rte_eth_dev_info& info);
    std::optional<StartError> set_up_queues(const DeviceSpec& spec, const rte_eth_dev_info& info);
    int apply_mtu() const;
    std::optional<StartError> set_mtu();
    void receive_multicast() const;
    void read_rss(const rte_eth_dev_info& info, std::uint16_t workers);
    StartError failed(const std::string& step, int error) const;

    std::string port_;
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
