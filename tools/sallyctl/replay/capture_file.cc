// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/capture_file.h"

#include <pcap/pcap.h>

#include <array>
#include <memory>
#include <string_view>

namespace sallyport::replay {
namespace {

struct Close {
    void operator()(pcap_t* file) const { pcap_close(file); }
};

std::string remedy_of(std::string_view error) {
    if (error.find("different from the type of the first interface") != std::string_view::npos)
        return "interfaces of several link types in one file cannot be read; write them to files of "
               "their own: tshark -r FILE -Y 'frame.interface_id == N' -w OTHER";
    if (error.find("truncated") != std::string_view::npos)
        return "the file ends within a packet; what stands before it was replayed";
    return "expected a pcap or pcapng file";
}

std::string link_name(int dlt) {
    const char* name = pcap_datalink_val_to_name(dlt);
    return name != nullptr ? name : std::to_string(dlt);
}

Time time_of(const pcap_pkthdr& header) {
    return Time(std::chrono::seconds(header.ts.tv_sec) +
                std::chrono::nanoseconds(header.ts.tv_usec));  // nanoseconds, as was asked for
}

}  // namespace

std::optional<CaptureError> read_capture(
    const std::string& path, const std::function<void(LinkType, Octets, Time)>& on_frame) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    const std::unique_ptr<pcap_t, Close> file(pcap_open_offline_with_tstamp_precision(
        path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data()));
    if (!file) return CaptureError{path + ": " + error.data(), remedy_of(error.data())};
    const int dlt = pcap_datalink(file.get());
    const auto link = link_type_of(dlt);
    if (!link)
        return CaptureError{path + ": link type " + link_name(dlt) + " cannot be read",
                            "expected Ethernet, raw IP, Linux cooked (SLL, SLL2) or loopback"};
    pcap_pkthdr* header = nullptr;
    const u_char* octets = nullptr;
    int result = 0;
    while ((result = pcap_next_ex(file.get(), &header, &octets)) == 1)
        on_frame(*link, {octets, header->caplen}, time_of(*header));
    if (result != PCAP_ERROR) return std::nullopt;
    const std::string what = pcap_geterr(file.get());
    return CaptureError{path + ": " + what, remedy_of(what)};
}

}  // namespace sallyport::replay
