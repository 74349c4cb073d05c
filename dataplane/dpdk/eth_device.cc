// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/eth_device.h"

#include <rte_ethdev.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

#include "dataplane/dpdk/interface.h"
#include "dataplane/dpdk/memory_plan.h"
#include "dataplane/dpdk/rtnetlink.h"

namespace sallyport::dp {
namespace {

// The hash must see the ports of TCP and UDP; what else the device hashes is its own affair.
constexpr std::uint64_t kRssFunctions = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
                                        RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 |
                                        RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;

rte_eth_conf configuration(const rte_eth_dev_info& info, std::uint64_t rss_functions) {
    rte_eth_conf conf{};
    // Who tells of changes must not be asked: virtio_user takes its switch's coming back in hand when
    // asked, and from two threads at once that goes wrong.
    conf.intr_conf.lsc = (*info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0 ? 1 : 0;
    if (rss_functions != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = rss_functions;
    }
    // All buffers come from one pool, have one segment and are never shared: the conditions of
    // FAST_FREE hold.
    conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
    return conf;
}

}  // namespace

std::string mac_text(const wire::MacAddr& mac) {
    char text[18];
    const auto& o = mac.octets;
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2], o[3], o[4],
                  o[5]);
    return text;
}

EthDevice::EthDevice(const DeviceSpec& spec, std::uint16_t id)
    : port_(spec.port), device_(spec.device), id_(id), mtu_(spec.mtu) {}

EthDevice::~EthDevice() {
    stop();
    rte_eth_dev_close(id_);
}

void EthDevice::stop() {
    if (!stopped_) rte_eth_dev_stop(id_);
    stopped_ = true;
}

StartError EthDevice::failed(const std::string& step, int error) const {
    return {device_.setting,
            device_.text() + " does not " + step + " (" +
                std::strerror(error < 0 ? -error : error) + ")",
            "check the device and its arguments, or use another one"};
}

Result<std::unique_ptr<EthDevice>, StartError> EthDevice::open(Eal& eal, const DeviceSpec& spec) {
    const Result<std::uint16_t, StartError> id = eal.probe(spec.device);
    if (!id) return std::unexpected(id.error());
    std::unique_ptr<EthDevice> device(new EthDevice(spec, *id));
    if (auto error = device->configure(spec)) {
        const std::string said = eal.log().take_first_line();
        if (!said.empty()) error->what += ": " + said;
        return std::unexpected(*error);
    }
    return device;
}

std::optional<StartError> EthDevice::configure(const DeviceSpec& spec) {
    rte_eth_dev_info info{};
    if (const int rc = rte_eth_dev_info_get(id_, &info)) return failed("describe itself", rc);
    driver_ = info.driver_name != nullptr ? info.driver_name : "";
    if (auto error = choose_queues(spec, info)) return error;
    rss_functions_ = queues_ > 1 ? info.flow_type_rss_offloads & kRssFunctions : 0;
    const rte_eth_conf conf = configuration(info, rss_functions_);
    if (const int rc = rte_eth_dev_configure(id_, queues_, queues_, &conf))
        return failed("accept " + std::to_string(queues_) + " queues", rc);
    if (auto error = set_mtu()) return error;
    if (auto error = set_up_queues(spec, info)) return error;
    rte_ether_addr mac{};
    if (const int rc = rte_eth_macaddr_get(id_, &mac)) return failed("tell its MAC address", rc);
    std::copy_n(mac.addr_bytes, mac_.octets.size(), mac_.octets.begin());
    if (const int rc = rte_eth_dev_start(id_)) return failed("start", rc);
    receive_multicast();
    read_rss(info, spec.workers);
    return std::nullopt;
}

// Neighbor discovery comes to multicast groups. A device that takes neither setting has no filter that
// could keep them away (af_packet sockets and rings in memory take all that there is).
void EthDevice::receive_multicast() const {
    if (rte_eth_allmulticast_enable(id_) != 0) rte_eth_promiscuous_enable(id_);
}

std::optional<StartError> EthDevice::choose_queues(const DeviceSpec& spec,
                                                   const rte_eth_dev_info& info) {
    const std::uint16_t available = std::min(info.max_rx_queues, info.max_tx_queues);
    queues_ = std::min(spec.workers, available);
    if (spec.queues) {
        const std::uint16_t wanted = *spec.queues;
        const std::string setting = "ports." + port_ + ".queues";
        if (wanted > available)
            return StartError{setting,
                              std::to_string(wanted) + " queues are asked of " + device_.text() +
                                  ", which has " + std::to_string(available),
                              "set " + setting + " to " + std::to_string(available) + " or less"};
        queues_ = wanted;
    }
    if (queues_ == 0) return failed("have any queue", ENODEV);
    return std::nullopt;
}

// af_packet's driver knows no frame above 1518 octets, though its ring slots (and with them
// fit_ring_slots) decide what fits; so the interface is told directly. (A tap's means it: it sends
// nothing larger.)
int EthDevice::apply_mtu() const {
    if (!device_.driver.ends_with("_af_packet")) return rte_eth_dev_set_mtu(id_, mtu_);
    if (mtu_ > largest_mtu(device_)) return -EINVAL;
    for (const std::string& name : device_.kernel_interfaces())
        if (const int rc = set_interface_mtu(name, mtu_)) return rc;
    return 0;
}

std::optional<StartError> EthDevice::set_mtu() {
    const int rc = apply_mtu();
    // A device that knows no MTU (a ring in memory) takes any frame that fits a buffer.
    if (rc == 0 || rc == -ENOTSUP) return std::nullopt;
    const std::string setting = "ports." + port_ + ".mtu";
    return StartError{setting,
                      device_.text() + " does not take an MTU of " + std::to_string(mtu_) + " (" +
                          std::strerror(-rc) + ")",
                      "lower " + setting};
}

std::optional<StartError> EthDevice::set_up_queues(const DeviceSpec& spec,
                                                   const rte_eth_dev_info& info) {
    std::uint16_t rx = kDescriptors, tx = kDescriptors;
    if (const int rc = rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx, &tx))
        return failed("accept its queue sizes", rc);
    const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id_));
    rte_eth_rxconf rx_conf = info.default_rxconf;
    rx_conf.offloads = 0;
    rte_eth_txconf tx_conf = info.default_txconf;
    tx_conf.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
    for (std::uint16_t q = 0; q < queues_; ++q) {
        if (const int rc = rte_eth_rx_queue_setup(id_, q, rx, socket, &rx_conf, spec.pool))
            return failed("set up a receive queue", rc);
        if (const int rc = rte_eth_tx_queue_setup(id_, q, tx, socket, &tx_conf))
            return failed("set up a transmit queue", rc);
    }
    return std::nullopt;
}

void EthDevice::read_rss(const rte_eth_dev_info& info, std::uint16_t workers) {
    rss_.reta_size = 0;
    const bool usable = rss_functions_ != 0 && queues_ == workers && info.reta_size > 0 &&
                        info.reta_size <= rss_.reta.size() && std::has_single_bit(info.reta_size);
    if (!usable) return;
    std::array<std::uint8_t, 64> key{};
    rte_eth_rss_conf conf{};
    conf.rss_key = key.data();
    conf.rss_key_len = key.size();
    if (info.hash_key_size > key.size() || rte_eth_dev_rss_hash_conf_get(id_, &conf) != 0) return;
    std::array<rte_eth_rss_reta_entry64, 512 / RTE_ETH_RETA_GROUP_SIZE> table{};
    for (rte_eth_rss_reta_entry64& group : table) group.mask = ~0ULL;
    if (rte_eth_dev_rss_reta_query(id_, table.data(), info.reta_size) != 0) return;
    for (std::uint16_t i = 0; i < info.reta_size; ++i)
        rss_.reta[i] = table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
    std::copy_n(key.begin(), rss_.key.size(), rss_.key.begin());
    rss_.reta_size = info.reta_size;
}

bool EthDevice::link_up() const {
    if (stopped_) return false;
    if (const auto far = device_.far_interface()) {
        // Its driver calls a tap that was moved to another namespace down, which is the usual place.
        const std::optional<Link> link = read_link(*far);
        return !link || link->is_running();
    }
    rte_eth_link link{};
    return rte_eth_link_get_nowait(id_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

PortStatus EthDevice::status() const {
    PortStatus status;
    status.device = device_.text();
    status.driver = driver_;
    status.mac = mac_text(mac_);
    status.rx_queues = status.tx_queues = queues_;
    rte_eth_stats stats{};
    if (rte_eth_stats_get(id_, &stats) != 0) return status;
    status.rx_packets = stats.ipackets;
    status.rx_bytes = stats.ibytes;
    status.rx_missed = stats.imissed + stats.rx_nombuf;
    status.rx_errors = stats.ierrors;
    status.tx_packets = stats.opackets;
    status.tx_bytes = stats.obytes;
    status.tx_errors = stats.oerrors;
    return status;
}

}  // namespace sallyport::dp
