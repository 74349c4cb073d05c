// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/eal.h"

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>

#include "dataplane/dpdk/interface.h"
#include "dataplane/dpdk/signals_blocked.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp {
namespace {

constexpr std::size_t kKeptMax = 16 * 1024;

// "function(): text" to "text".
std::string without_function(std::string line) {
    const std::size_t call = line.find("(): ");
    if (call != std::string::npos && line.find(' ') > call) line.erase(0, call + 4);
    return line;
}

// EAL makes a run-time directory even when it keeps nothing in it.
void remove_runtime_directory() {
    const char* directory = rte_eal_get_runtime_dir();
    if (directory == nullptr || *directory == 0) return;
    rmdir(directory);
    rmdir(std::filesystem::path(directory).parent_path().c_str());  // unless others use it
}

int initialise(std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    const SignalsBlocked blocked;
    return rte_eal_init(static_cast<int>(arguments.size()), argv.data());
}

StartError initialise_error(const EalOptions& options, const std::string& said) {
    const std::string what =
        "DPDK does not start: " + (said.empty() ? rte_strerror(rte_errno) : said);
    if (rte_errno == ENOMEM || said.find("memory") != std::string::npos)
        return {"memory", what,
                options.hugepages
                    ? "reserve more hugepages or set memory.hugepages to off"
                    : "give the process " + std::to_string(options.megabytes) + " MB more"};
    if (rte_errno == EACCES || rte_errno == EPERM)
        return {"privileges", what,
                "run as root or give the process CAP_NET_ADMIN and CAP_NET_RAW"};
    return {"DPDK", what, "check the devices, workers.cpus and memory.hugepages"};
}

StartError unusable(const Device& device, const std::string& said) {
    return {device.setting,
            "DPDK cannot use " + device.text() + (said.empty() ? "" : " (" + said + ")"),
            "correct the driver's name and arguments"};
}

StartError unusable_pci(const Device& device, const std::string& said) {
    const PciFacts facts = read_pci(device.name);
    if (!facts.exists)
        return {device.setting, "there is no PCI device " + device.name,
                "correct the address (dpdk-devbind.py --status lists them)"};
    StartError error = unusable(device, said);
    if (!facts.driver.empty()) error.what += ", which is bound to " + facts.driver;
    error.remedy = "bind it to vfio-pci (dpdk-devbind.py -b vfio-pci " + device.name + ")";
    return error;
}

// The driver waits in accept(); a signal that ends the start ends that as well.
StartError no_switch(const Device& device, const std::string& socket) {
    return {device.setting, "no switch has connected to " + socket,
            "start the switch (a vhost-user client of that socket), then the gate"};
}

// A gate that was killed leaves the socket on which its switch found it, and binding fails.
void remove_stale_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return;
    path.copy(address.sun_path, path.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const bool refused =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno == ECONNREFUSED;
    close(fd);
    if (refused) unlink(path.c_str());
}

}  // namespace

std::vector<std::string> eal_arguments(const EalOptions& options) {
    std::vector<std::string> out{
        "sallyport",     "--lcores",          lcores_text(options.cpus), "--main-lcore",       "0",
        "--file-prefix", options.file_prefix, "--no-telemetry",          "--log-level=warning"};
    if (options.hugepages) {
        // virtio_user needs one file for its memory.
        out.insert(out.end(), {"--in-memory", "--single-file-segments"});
    } else {
        // --in-memory contradicts --no-huge.
        out.insert(out.end(),
                   {"--no-huge", "--no-shconf", "-m", std::to_string(options.megabytes)});
    }
    if (options.pci_devices.empty()) out.push_back("--no-pci");
    for (const std::string& device : options.pci_devices) out.insert(out.end(), {"-a", device});
    return out;
}

DriverLog::DriverLog() {
    cookie_io_functions_t io{};
    io.write = &DriverLog::write;
    stream_ = fopencookie(this, "w", io);
    SP_CHECK(stream_ != nullptr);
    setvbuf(stream_, nullptr, _IOLBF, 0);
    rte_openlog_stream(stream_);
}

DriverLog::~DriverLog() {
    rte_openlog_stream(nullptr);
    std::fclose(stream_);
}

ssize_t DriverLog::write(void* cookie, const char* text, std::size_t length) {
    auto* self = static_cast<DriverLog*>(cookie);
    const std::lock_guard lock(self->mutex_);
    if (!self->keep_) {
        std::fprintf(stderr, "dpdk: %.*s", static_cast<int>(length), text);
    } else if (self->kept_.size() < kKeptMax) {
        self->kept_.append(text, length);
    }
    return static_cast<ssize_t>(length);
}

std::string DriverLog::take_first_line() {
    std::fflush(stream_);
    const std::lock_guard lock(mutex_);
    std::string line = kept_.substr(0, kept_.find('\n'));
    kept_.clear();
    return without_function(std::move(line));
}

void DriverLog::pass_to_stderr() {
    std::fflush(stream_);
    const std::lock_guard lock(mutex_);
    keep_ = false;
    kept_.clear();
}

Result<std::unique_ptr<Eal>, StartError> Eal::start(const EalOptions& options) {
    static std::atomic<bool> started = false;
    if (started.exchange(true))
        return std::unexpected(
            StartError{"DPDK", "it was started in this process before", "start a new process"});
    auto log = std::make_unique<DriverLog>();
    const int used = initialise(eal_arguments(options));
    const int error = rte_errno;
    remove_runtime_directory();
    if (used < 0) {
        rte_errno = error;
        return std::unexpected(initialise_error(options, log->take_first_line()));
    }
    return std::unique_ptr<Eal>(new Eal(std::move(log)));
}

Eal::~Eal() {
    rte_eal_cleanup();
}

Result<std::uint16_t, StartError> Eal::probe(const Device& device) {
    const std::string socket(device.argument("path").value_or(""));
    const bool waits = device.argument("server") == "1";
    if (waits) {
        remove_stale_socket(socket);
        std::fprintf(stderr, "%s: waiting for a switch to connect to %s\n",
                     device.setting.c_str(), socket.c_str());
    }
    const bool was_there = access(socket.c_str(), F_OK) == 0;
    log_->take_first_line();
    if (!device.pci) rte_dev_probe(device.text().c_str());
    std::uint16_t id = 0;
    if (rte_eth_dev_get_port_by_name(device.name.c_str(), &id) == 0) return id;
    const std::string said = log_->take_first_line();
    // virtio_user leaves the socket that it made when nobody connects.
    if (!was_there && !socket.empty()) unlink(socket.c_str());
    if (waits && said.find("accept") != std::string::npos)
        return std::unexpected(no_switch(device, socket));
    return std::unexpected(device.pci ? unusable_pci(device, said) : unusable(device, said));
}

}  // namespace sallyport::dp
