// SPDX-License-Identifier: Apache-2.0
// A bad network between two devices, for tests. Frames of CLIENT-SIDE leave at SERVER-SIDE and the
// other way round; what happens on the way is said by --up and --down (impairment.h). Prints the seed
// at once, and as JSON what really happened: at SIGUSR1, and at the end, which SIGTERM brings.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>

#include "tests/impairment/packet_socket.h"

namespace sallyport::test {
namespace {

struct Options {
    std::string client_side, server_side;
    Impairment up, down;
    std::uint64_t seed = 0;
};

Instant clock_now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return Instant{std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec)};
}

// One direction, between its two devices.
struct Way {
    PacketSocket &from, &to;
    ImpairedWay packets;
    Duration lateness{};  // the most that a frame left later than it should have

    void collect(Instant now) {
        for (Frame& frame : from.receive()) packets.put(std::move(frame), now);
    }
    void pass_on(Instant now) {
        if (packets.due() > now) return;
        lateness = std::max(lateness, now - packets.due());
        std::vector<Frame> frames;
        while (auto frame = packets.take(now)) frames.push_back(std::move(*frame));
        to.send(frames);
    }
};

nlohmann::json to_json(Way& way) {
    const WayCounts& c = way.packets.counts();
    using std::chrono::duration_cast;
    return {{"arrived", c.arrived},
            {"arrived_octets", c.arrived_octets},
            {"left", c.left},
            {"left_octets", c.left_octets},
            {"queue_full", c.queue_full},
            {"lost", c.lost},
            {"lost_in_bursts", c.lost_in_bursts},
            {"bursts", c.bursts},
            {"corrupted", c.corrupted},
            {"duplicated", c.duplicated},
            {"held_back", c.held_back},
            {"overtaken", c.overtaken},
            {"missed", way.from.missed()},
            {"not_sent", way.to.not_sent()},
            {"lateness_us", duration_cast<std::chrono::microseconds>(way.lateness).count()}};
}

class Network {
   public:
    explicit Network(const Options& options)
        : client_side_(options.client_side),
          server_side_(options.server_side),
          seed_(options.seed),
          // A generator for each direction: what one carries changes nothing in the other.
          up_{client_side_, server_side_, {options.up, options.seed * 2}},
          down_{server_side_, client_side_, {options.down, options.seed * 2 + 1}} {}

    void run(int signals) {
        for (;;) {
            wait(signals);
            const Instant now = clock_now();
            for (Way* way : {&up_, &down_}) way->collect(now);
            for (Way* way : {&up_, &down_}) way->pass_on(clock_now());
            signalfd_siginfo signal{};
            if (read(signals, &signal, sizeof signal) != sizeof signal) continue;
            print();
            if (signal.ssi_signo != SIGUSR1) return;
        }
    }

   private:
    void wait(int signals) const {
        const Duration left = std::min(up_.packets.due(), down_.packets.due()) - clock_now();
        const auto ns = std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000);
        const timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
        pollfd fds[] = {{client_side_.fd(), POLLIN, 0}, {server_side_.fd(), POLLIN, 0}, {signals, POLLIN, 0}};
        (void)ppoll(fds, std::size(fds), &timeout, nullptr);
    }
    void print() {
        const nlohmann::json all{{"seed", seed_}, {"up", to_json(up_)}, {"down", to_json(down_)}};
        std::cout << all.dump() << std::endl;
    }

    PacketSocket client_side_, server_side_;
    std::uint64_t seed_;
    Way up_, down_;
};

Impairment parsed(const std::string& name, const std::string& text) {
    auto impairment = parse_impairment(text);
    if (!impairment) throw std::runtime_error("--" + name + ": " + impairment.error());
    return *impairment;
}

Options read_options(int argc, char** argv) {
    namespace po = boost::program_options;
    po::options_description named("impair [OPTION...] CLIENT-SIDE SERVER-SIDE");
    named.add_options()("up", po::value<std::string>()->default_value(""), "impairment towards the server")(
        "down", po::value<std::string>()->default_value(""), "impairment towards the client")(
        "seed", po::value<std::uint64_t>()->default_value(std::random_device{}()), "of all chances")(
        "device", po::value<std::vector<std::string>>()->default_value({}, ""), "the two devices");
    po::positional_options_description devices;
    devices.add("device", 2);
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(named).positional(devices).run(), values);
    po::notify(values);
    const auto names = values["device"].as<std::vector<std::string>>();
    if (names.size() != 2) throw std::runtime_error("expected two devices");
    return {names[0], names[1], parsed("up", values["up"].as<std::string>()),
            parsed("down", values["down"].as<std::string>()), values["seed"].as<std::uint64_t>()};
}

// Signals as a descriptor: they end the wait, and nothing else is interrupted.
int signal_descriptor() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int impair(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    const int signals = signal_descriptor();
    prctl(PR_SET_TIMERSLACK, 1UL);  // waits end when they should
    Network network(options);
    std::cout << "seed " << options.seed << std::endl;
    network.run(signals);
    return 0;
}

}  // namespace
}  // namespace sallyport::test

int main(int argc, char** argv) {
    try {
        return sallyport::test::impair(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "impair: " << error.what() << '\n';
        return 2;
    }
}
