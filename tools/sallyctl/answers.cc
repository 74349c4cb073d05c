// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/answers.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "dataplane/inspect/host_name.h"

namespace sallyport::ctl {
namespace {

constexpr std::size_t kErrorsMax = 20;

std::optional<std::string> name_of(const std::string& word) {
    dp::inspect::HostName out;
    const std::span octets(reinterpret_cast<const std::uint8_t*>(word.data()), word.size());
    if (dp::inspect::normalise(octets, out) != dp::inspect::HostNameError::None)
        return std::nullopt;
    return std::string(out.view());
}

struct Line {
    std::vector<std::string> names;
    std::vector<IpAddr> addresses;
    std::string wrong;
};

// One of the two comes once and first, the other as often as one likes.
Line parse(const std::string& text) {
    Line line;
    std::istringstream words(text.substr(0, text.find('#')));
    std::size_t count = 0;
    bool address_first = false;
    for (std::string word; words >> word && line.wrong.empty(); ++count) {
        const auto address = IpAddr::parse(word);
        if (count == 0) address_first = address.has_value();
        const bool expects_address = (count == 0) == address_first;
        const auto name = address ? std::nullopt : name_of(word);
        if (address.has_value() != expects_address || (!address && !name))
            line.wrong = "'" + word + "' is no " + (expects_address ? "IP address" : "host name");
        else if (address)
            line.addresses.push_back(*address);
        else
            line.names.push_back(*name);
    }
    if (line.wrong.empty() && count == 1)
        line.wrong = "expected NAME ADDRESS... or ADDRESS NAME...";
    return line;
}

}  // namespace

Result<Answers, std::vector<std::string>> Answers::read(std::istream& in, std::string_view file) {
    Answers answers;
    std::vector<std::string> errors;
    std::size_t number = 0;
    for (std::string text; std::getline(in, text) && errors.size() < kErrorsMax;) {
        ++number;
        Line line = parse(text);
        if (number > kLinesMax) line.wrong = "more lines than are read";
        if (!line.wrong.empty())
            errors.push_back(std::string(file) + ":" + std::to_string(number) + ": " + line.wrong);
        for (const std::string& name : line.names)
            for (const IpAddr& address : line.addresses) {
                auto& known = answers.addresses_[name];
                if (std::ranges::find(known, address) == known.end()) known.push_back(address);
            }
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return answers;
}

Result<Answers, std::vector<std::string>> Answers::read_file(const std::string& path) {
    std::ifstream in(path);
    if (!in) return std::unexpected(std::vector{path + ": cannot be read"});
    return read(in, path);
}

std::span<const IpAddr> Answers::of(std::string_view normalised_name) const {
    const auto at = addresses_.find(normalised_name);
    return at == addresses_.end() ? std::span<const IpAddr>{} : std::span(at->second);
}

}  // namespace sallyport::ctl
