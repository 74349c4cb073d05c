// SPDX-License-Identifier: Apache-2.0
// Start and end of DPDK's environment layer. It can be started once in the life of a process.
#pragma once
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dataplane/dpdk/cpu_plan.h"
#include "dataplane/dpdk/device.h"

namespace sallyport::dp {

struct EalOptions {
    std::vector<std::string> pci_devices;  // with their arguments; nothing else is probed
    CpuPlan cpus;
    bool hugepages = false;
    std::uint32_t megabytes = 0;  // without hugepages: all the memory that there will be
    std::string file_prefix;
};

// The command line that EAL is given, program name first.
std::vector<std::string> eal_arguments(const EalOptions& options);

// Where DPDK's log goes: kept while starting, so that an error can quote it; to stderr afterwards.
class DriverLog {
   public:
    DriverLog();
    ~DriverLog();
    DriverLog(const DriverLog&) = delete;
    DriverLog& operator=(const DriverLog&) = delete;

    // The first line since the last call, or "".
    std::string take_first_line();
    void pass_to_stderr();

   private:
    static ssize_t write(void* cookie, const char* text, std::size_t length);
    std::FILE* stream_ = nullptr;
    std::mutex mutex_;
    std::string kept_;
    bool keep_ = true;
};

class Eal {
   public:
    static Result<std::unique_ptr<Eal>, StartError> start(const EalOptions& options);
    ~Eal();  // all ports and pools must be gone

    // Makes the device an ethdev; its DPDK port id.
    Result<std::uint16_t, StartError> probe(const Device& device);
    DriverLog& log() { return *log_; }

   private:
    explicit Eal(std::unique_ptr<DriverLog> log) : log_(std::move(log)) {}
    std::unique_ptr<DriverLog> log_;
};

}  // namespace sallyport::dp
