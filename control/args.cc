// SPDX-License-Identifier: Apache-2.0
#include "control/args.h"

#include <boost/program_options.hpp>
#include <sstream>

#include "config/model.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;

po::options_description options() {
    po::options_description all("Options");
    auto add = all.add_options();
    using Paths = std::vector<std::string>;
    add("config", po::value<Paths>()->value_name("PATH"),
        "configuration to run: a file, or a directory for its *.yaml; may be given several times "
        "(default: /etc/sallyport/sallyport.yaml)");
    add("check", po::value<Paths>()->value_name("PATH"),
        "check a configuration and print every finding; needs neither root nor ports");
    add("last-good",
        po::value<std::string>()->value_name("DIR")->implicit_value(cfg::Control{}.state),
        "when the configuration is not valid, run the last good one that is kept in DIR, which is "
        "its control.state (without =DIR: /var/lib/sallyport)");
    add("help", "print this help");
    add("help-config", "print what every key of the configuration means");
    add("version", "print the version");
    return all;
}

Result<Args, std::string> args_of(const po::variables_map& given) {
    Args args;
    if (given.count("help") != 0) return Args{Mode::Help, {}, {}};
    if (given.count("help-config") != 0) return Args{Mode::HelpConfig, {}, {}};
    if (given.count("version") != 0) return Args{Mode::Version, {}, {}};
    if (given.count("check") != 0 && given.count("config") != 0)
        return std::unexpected("--check and --config exclude each other");
    using Paths = std::vector<std::string>;
    if (given.count("check") != 0 && given.count("last-good") != 0)
        return std::unexpected("--last-good belongs to --config");
    if (given.count("check") != 0) return Args{Mode::Check, given["check"].as<Paths>(), {}};
    if (given.count("config") != 0) args.config = given["config"].as<Paths>();
    if (given.count("last-good") != 0) args.last_good = given["last-good"].as<std::string>();
    return args;
}

}  // namespace

Result<Args, std::string> parse_args(int argc, const char* const* argv) {
    try {
        namespace style = po::command_line_style;
        // No guessing: `--conf` must not quietly mean `--config`.
        const int strict = style::unix_style & ~style::allow_guessing;
        const po::options_description all = options();
        const po::positional_options_description none;
        const auto parsed =
            po::command_line_parser(argc, argv).options(all).positional(none).style(strict).run();
        po::variables_map given;
        po::store(parsed, given);
        return args_of(given);
    } catch (const po::too_many_positional_options_error&) {
        return std::unexpected("only options are expected; the configuration is --config FILE");
    } catch (const po::error& e) {
        return std::unexpected(e.what());
    }
}

std::string help_text() {
    std::ostringstream out;
    out << "Usage: sallyport [--config PATH]... [--last-good[=DIR]]\n"
           "       sallyport --check PATH...\n\n"
           "The egress gateway: lets clients out by the names that the policy allows.\n\n"
        << options()
        << "\nExit codes: 0 stopped, or the configuration is good; 1 the start failed;\n"
           "2 wrong usage; 5 the configuration is not valid.\n"
           "SIGTERM and SIGINT stop it, SIGHUP has it read its configuration again; sallyctl asks\n"
           "and changes it.\n";
    return out.str();
}

}  // namespace sallyport::ctl
