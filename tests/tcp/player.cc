// SPDX-License-Identifier: Apache-2.0
#include "tests/tcp/player.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tcpstack/tcp/isn.h"
#include "tcpstack/tcp/syn_cookie.h"
#include "tcpstack/wire/pretty.h"
#include "tests/support/twins.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::test {
namespace {

constexpr std::uint16_t kFirstClientPort = 40000;

Words words_of(const std::string& line) {
    std::istringstream in(line.substr(0, line.find('#')));
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

std::string_view text_of(dp::EndedBy by) {
    return by == dp::EndedBy::Gate ? "gate" : by == dp::EndedBy::Client ? "client" : "server";
}

std::string_view text_of(dp::policy::Decision d) {
    switch (d) {
        case dp::policy::Decision::Allow: return "allow";
        case dp::policy::Decision::Deny: return "deny";
        case dp::policy::Decision::WouldDeny: return "would_deny";
    }
    __builtin_unreachable();
}

std::string shown(const IpAddr& address, Port port) {
    std::array<char, kIpTextMax> text;
    const std::string_view shown = format(address, text);
    return (address.is_v4() ? std::string(shown) : "[" + std::string(shown) + "]") + ":" +
           std::to_string(port.number);
}

std::string field_of(const dp::AccessRecord& r, std::string_view key) {
    if (key == "reason") return std::string(dp::text(r.reason));
    if (key == "decision") return std::string(text_of(r.decision));
    if (key == "ended_by") return std::string(text_of(r.ended_by));
    if (key == "name") return std::string(r.name());
    if (key == "bytes_received") return std::to_string(r.bytes_received);
    if (key == "bytes_sent") return std::to_string(r.bytes_sent);
    if (key == "has_server") return r.has_server ? "yes" : "no";
    if (key == "redirected") return r.redirected ? "yes" : "no";
    if (key == "would_deny") return std::string(dp::text(r.would_deny));
    if (key == "rule") return std::to_string(r.rule);
    if (key == "upstream") return std::to_string(r.upstream);
    throw ScriptError("a record has no " + std::string(key));
}

cfg::Answer answer_of(std::string_view word) {
    if (word == "drop") return cfg::Answer::Drop;
    return word == "reset" ? cfg::Answer::Reset : cfg::Answer::Alert;
}

cfg::CrossFamily cross_family_of(const std::string& value) {
    if (value == "deny") return cfg::CrossFamily::Deny;
    if (value == "always") return cfg::CrossFamily::Always;
    if (value == "relay") return cfg::CrossFamily::Relay;
    throw ScriptError("cross_family is relay, always or deny, not " + value);
}

cfg::Destination destination_of(std::string_view word) {
    if (word == "original") return cfg::Destination::Original;
    if (word == "static") return cfg::Destination::Static;
    if (word == "resolved") return cfg::Destination::Resolved;
    if (word == "verified") return cfg::Destination::Verified;
    throw ScriptError("no such destination: " + std::string(word));
}

std::chrono::milliseconds milliseconds_of(std::string_view word) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration_of(word));
}

// TIME,INTERVAL,PROBES.
cfg::Keepalive keepalive_of(const std::string& words) {
    const std::size_t first = words.find(','), second = words.rfind(',');
    if (first == words.npos || first == second) throw ScriptError("TIME,INTERVAL,PROBES");
    return {milliseconds_of(words.substr(0, first)),
            milliseconds_of(words.substr(first + 1, second - first - 1)),
            number_of(words.substr(second + 1), {})};
}

// ADDRESS[:PORT][*WEIGHT], separated by commas; no port behind an IPv6 address.
std::vector<cfg::Endpoint> endpoints_of(const std::string& words) {
    std::vector<cfg::Endpoint> out;
    std::istringstream in(words);
    for (std::string word; std::getline(in, word, ',');) {
        cfg::Endpoint endpoint;
        if (const std::size_t star = word.find('*'); star != word.npos) {
            endpoint.weight = number_of(word.substr(star + 1), {});
            word.resize(star);
        }
        const std::size_t colon = word.find(':');
        if (colon != word.npos && colon == word.rfind(':')) {
            endpoint.port = static_cast<std::uint16_t>(number_of(word.substr(colon + 1), {}));
            word.resize(colon);
        }
        endpoint.address = address(word);
        out.push_back(endpoint);
    }
    return out;
}

}  // namespace

IpAddr Player::own(const IpAddr& written) const {
    return family_ == Family::V4 ? written : twin(written);
}

// What a resolver says: addresses, none or failed.
dp::NameAnswer Player::answer_of_names(const std::string& words) const {
    if (words == "none") return not_found();
    if (words == "failed") return failed();
    std::vector<IpAddr> addresses;
    std::istringstream in(words);
    for (std::string word; std::getline(in, word, ',');) addresses.push_back(own(address(word)));
    return found(addresses, std::chrono::seconds(60));
}

void Player::set_endpoints(const std::string& value) {
    auto& endpoints = options_.model.policy.rules[0].upstream.endpoints;
    endpoints = endpoints_of(value);
    for (cfg::Endpoint& e : endpoints) e.address = own(e.address);
}

// ADDRESS:PORT of a script, as it is shown.
std::string Player::server_of(const std::string& word) const {
    const std::size_t colon = word.rfind(':');
    const auto port = static_cast<std::uint16_t>(number(word.substr(colon + 1)));
    return shown(own(address(word.substr(0, colon))), Port{port});
}

void Player::lines(const std::string& text, const std::string& where) {
    std::istringstream in(text);
    int n = 0;
    for (std::string l; std::getline(in, l);) {
        ++n;
        try {
            if (const Words words = words_of(l); !words.empty()) line(words);
        } catch (const ScriptError& e) {
            fail(where + std::to_string(n) + ": " + l + "\n  " + e.what());
        }
    }
}

void Player::use(const std::string& name) {
    std::ifstream file(shared_ + "/" + name + ".steps");
    if (!file) fail("no shared steps are called " + name);
    std::ostringstream text;
    text << file.rdbuf();
    lines(text.str(), name + " line ");
}

void Player::play(const std::string& text) {
    lines(text, "line ");
    start();
    no_output();
    gate_->finish();
    for (const std::string& problem : gate_->problems()) fail(problem);
}

void Player::line(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "set" && words.size() == 3) return set(words[1], words[2]);
    if (verb == "let" && words.size() == 3) {
        names_[words[1]] = octets_named(words[2], names_);
        return;
    }
    if (verb == "use" && words.size() == 2) return use(words[1]);
    if (verb == "resolver" && words.size() == 3) {
        answers_[words[1]] = answer_of_names(words[2]);
        if (gate_ != nullptr) gate_->names = answers_;
        return;
    }
    start();
    if (verb == "answer") return gate_->answer_name(words.at(1), answer_of_names(words.at(2)));
    if (verb == "recheck") return gate_->recheck();
    if (verb == "expect") return expect(words);
    if (verb == "wait") {
        no_output();
        gate_->advance(duration_of(words.at(1)));
        return no_output();
    }
    packet_line(words);
    if (!gate_->problems().empty()) fail(gate_->problems().front());
}

void Player::set(const std::string& key, const std::string& value) {
    if (gate_ != nullptr && key == "stock") {
        gate_->stock_size = number(value);
        return gate_->advance(std::chrono::milliseconds(1));
    }
    if (gate_ != nullptr && set_model(key, value)) return gate_->reconfigure(options_.model);
    if (set_leg(key, value)) return;
    if (gate_ != nullptr) fail(key + " must be set before the first packet");
    if (set_model(key, value)) return;
    if (key == "sessions") options_.sessions = number(value);
    else if (key == "hold_bytes") options_.hold_bytes = number(value);
    else if (key == "stock") stock_ = number(value);
    else if (key == "resolver_delay") resolver_delay_ = duration_of(value);
    else if (key == "outside_arp") outside_arp_ = value == "answered";
    else if (key == "families" && (value == "v4" || value == "v6")) return;
    else if (key == "isns" && value == "near_wrap") near_wrap_ = true;
    else fail("unknown key " + key);
}

bool Player::set_model(const std::string& key, const std::string& value) {
    cfg::Model& model = options_.model;
    if (set_rule(key, value)) return true;
    if (key == "egress") model.egress[0].addresses = {own(address(value))};
    else if (key == "hello_bytes") model.tcp.hello_bytes = number(value);
    else if (key == "user_timeout") model.tcp.user_timeout = milliseconds_of(value);
    else if (key == "tcp_keepalive") model.tcp.keepalive = milliseconds_of(value);
    else if (key == "resolve_timeout") model.resolver.timeout = milliseconds_of(value);
    else if (key == "dns_server") model.resolver.servers = {address(value)};
    else if (key == "grace") model.resolver.grace = milliseconds_of(value);
    else if (key == "new_names_per_second") model.resolver.new_names_per_second = number(value);
    else if (key == "egress_of_the_rule") {
        model.egress.push_back({"partners", {}, 1024, 65535, {}});
        std::istringstream in(value);
        for (std::string word; std::getline(in, word, ',');)
            model.egress.back().addresses.push_back(own(address(word)));
        model.policy.rules[0].egress = "partners";
    }
    else if (key == "client_mss") model.tcp.client_mss = static_cast<std::uint16_t>(number(value));
    else if (key == "timestamps") model.tcp.timestamps = value == "off" ? cfg::Timestamps::Off : cfg::Timestamps::Mirror;
    else if (key == "fragments") model.fragments = value == "drop" ? cfg::Fragments::Drop : cfg::Fragments::Reassemble;
    else if (key == "hrr") model.tls.hrr = value == "pass" ? cfg::HelloRetry::Pass : cfg::HelloRetry::Check;
    else if (key == "mtu_inside") model.inside[0].mtu = static_cast<std::uint16_t>(number(value));
    else if (key == "mtu_outside") model.outside[0].mtu = static_cast<std::uint16_t>(number(value));
    else if (key == "egress_first") model.egress[0].first_port = static_cast<std::uint16_t>(number(value));
    else if (key == "egress_last") model.egress[0].last_port = static_cast<std::uint16_t>(number(value));
    else if (key == "answer") model.policy.default_answer = answer_of(value);
    else return false;
    return true;
}

bool Player::set_rule(const std::string& key, const std::string& value) {
    cfg::Rule& rule = options_.model.policy.rules[0];
    cfg::Upstream& upstream = rule.upstream;
    if (key == "action") rule.action = value == "deny" ? cfg::Action::Deny : cfg::Action::Allow;
    else if (key == "mode") rule.mode = value == "audit" ? cfg::Mode::Audit : cfg::Mode::Enforce;
    else if (key == "private") rule.allow_private = value == "true";
    else if (key == "rule_answer") rule.answer = answer_of(value);
    else if (key == "destination") upstream.destination = destination_of(value);
    else if (key == "on_mismatch") upstream.on_mismatch = value == "deny" ? cfg::OnMismatch::Deny : cfg::OnMismatch::Redirect;
    else if (key == "balance") upstream.balance = value == "least_loaded" ? cfg::Balance::LeastLoaded : cfg::Balance::RoundRobin;
    else if (key == "endpoints") set_endpoints(value);
    else if (key == "cross_family") upstream.cross_family = cross_family_of(value);
    else if (key == "networks") upstream.networks = {family_ == Family::V4 ? prefix(value) : twin(prefix(value))};
    else if (key == "upstream_port") upstream.port = static_cast<std::uint16_t>(number(value));
    else if (key == "max_connections") rule.limits.rule.max_connections = number(value);
    else if (key == "new_per_second") rule.limits.rule.new_per_second = number(value);
    else if (key == "source_connections") rule.limits.source.max_connections = number(value);
    else if (key == "bytes_per_second") rule.limits.rule.bytes_per_second = number(value);
    else if (key == "bytes") rule.limits.rule.bytes = number(value);
    else if (key == "upstream_connections") upstream.max_connections = number(value);
    else if (key == "max_duration") upstream.max_duration = milliseconds_of(value);
    else if (key == "upstream_idle") upstream.idle_timeout = milliseconds_of(value);
    else if (key == "keepalive") upstream.keepalive = keepalive_of(value);
    else if (key == "connect_timeout") upstream.connect_timeout = milliseconds_of(value);
    else return false;
    return true;
}

bool Player::set_leg(const std::string& key, const std::string& value) {
    const std::size_t dot = key.find('.');
    if (dot == key.npos) return false;
    Leg& leg = leg_of(key.substr(0, dot));
    const std::string what = key.substr(dot + 1);
    if (what == "isn") leg.own_isn = number(value);
    else if (what == "address") leg.addresses.src = own(address(value));
    else if (what == "dst") leg.addresses.dst = own(address(value));
    else if (what == "port") leg.own_port = static_cast<std::uint16_t>(number(value));
    else if (what == "dport") leg.gate_port = static_cast<std::uint16_t>(number(value));
    else if (what == "ts") leg.ts_base = number(value);
    else return false;
    return true;
}

Leg& Player::leg_of(const std::string& actor) {
    const bool client = actor.starts_with("client");
    if (!client && !actor.starts_with("server")) fail("no such actor: " + actor);
    const auto [at, is_new] = legs_.try_emplace(actor);
    Leg& leg = at->second;
    if (!is_new) return leg;
    const std::string digits = actor.substr(6);
    const std::uint32_t n = digits.empty() ? 1 : number(digits);
    leg.is_client = client;
    leg.own_isn = (client ? 1000000U : 7000000U) * n;
    leg.ts_base = (client ? 500000U : 900000U) * n;
    if (client) {
        leg.bound = true;
        leg.addresses = {own(address("10.10.0.5")), own(address("198.51.100.80")), kStationMac, kGateMac};
        leg.own_port = static_cast<std::uint16_t>(kFirstClientPort + n);
        leg.gate_port = 443;
    }
    return leg;
}

void Player::start() {
    if (gate_ != nullptr) return;
    if (near_wrap_) place_near_wrap();
    gate_ = std::make_unique<GateUnderTest>(options_);
    gate_->stock_size = stock_;
    gate_->names = answers_;
    gate_->resolver_delay = resolver_delay_;
    gate_->answer_arp[dp::kOutsidePort] = outside_arp_;
    gate_->advance(std::chrono::milliseconds(0));
}

// Chooses the time, the client's port and the client's ISN so that all four sequence numbers of a
// session, the gate's own among them, stand a few octets below 2^32. The secrets are those of the
// harness; the client must offer MSS 1460, SACK and timestamps and no window scale.
void Player::place_near_wrap() {
    constexpr std::uint64_t kRound = std::uint64_t{4000} << 32;  // nanoseconds of the ISN clock
    options_.model.egress[0].first_port = options_.model.egress[0].last_port = 2000;
    Leg& client = leg_of("client");
    leg_of("server").own_isn = 0xffff'fff5;
    const FourTuple out{own(address("203.0.113.7")), client.addresses.dst, {2000}, {client.gate_port}};
    const std::uint32_t at_zero = tcp::initial_sequence({3, 4}, out, Instant{}).raw();
    std::uint64_t nanoseconds = std::uint64_t{0xffff'fff0U - at_zero} * 4000;
    while (nanoseconds / 32'000'000'000 % 2 == 0) nanoseconds += kRound;  // parity is bit 23
    options_.start = Instant{} + std::chrono::nanoseconds(nanoseconds);
    const tcp::ClientOptions offer{7, tcp::kNoWindowScale, true, true};
    for (std::uint32_t trial = 0;; ++trial) {
        client.own_port = static_cast<std::uint16_t>(20000 + trial / 200);
        client.own_isn = 0xffff'ff00 + trial % 200;
        const FourTuple in{client.addresses.src, client.addresses.dst, {client.own_port}, {client.gate_port}};
        const auto cookie =
            tcp::make_cookie({1, 2}, in, SeqNum{client.own_isn}, offer, options_.start);
        if (cookie.isn.raw() >= 0xffff'ff00) return;
    }
}

void Player::no_output() {
    for (const dp::PortIndex port : {dp::kInsidePort, dp::kOutsidePort})
        for (const Emitted& e : gate_->out(port)) {
            std::array<char, wire::kPrettyMax> text;
            fail(std::string("unexpected at the ") + (port == 0 ? "client: " : "server: ") +
                 std::string(wire::pretty(e.frame, text)));
        }
}

void Player::expect(const Words& words) {
    if (words.at(1) == "no" && words.at(2) == "record") {
        if (gate_->records().empty()) return;
        fail("there is a record with reason " + field_of(gate_->records().front(), "reason"));
    }
    if (words.at(1) == "record") return expect_record(words);
    if (words.at(1) == "asked" || words.at(1) == "not") return expect_asked(words);
    gate_->advance(std::chrono::milliseconds(1));  // gauges are shown by housekeeping
    const auto value = gate_->counter(words[1]);
    if (!value) fail("no counter is called " + words[1]);
    if (*value != number(words.at(2))) fail(words[1] + " is " + std::to_string(*value));
}

void Player::expect_asked(const Words& words) {
    auto& asked = gate_->asked;
    if (words[1] == "not" && asked.empty()) return;
    if (words[1] == "not") fail("the resolver was asked for " + asked.front());
    if (asked.empty()) fail("the resolver was not asked");
    const std::string first = asked.front();
    asked.erase(asked.begin());
    if (first != words.at(2)) fail("the resolver was asked for " + first);
}

void Player::expect_record(const Words& words) {
    if (gate_->records().empty()) fail("no record was written");
    const dp::AccessRecord r = gate_->records().front();
    gate_->records().pop_front();
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
        if (words[i] == "server") {
            if (shown(r.server.dst, r.server.dst_port) != server_of(words[i + 1]))
                fail("server is " + shown(r.server.dst, r.server.dst_port));
            continue;
        }
        const std::string is = field_of(r, words[i]);
        const bool size = words[i].starts_with("bytes_") &&
                          words[i + 1].find_first_not_of("0123456789") != std::string::npos;
        const std::string want = size ? std::to_string(number(words[i + 1])) : words[i + 1];
        if (is != want) fail(words[i] + " is " + is);
    }
}

}  // namespace sallyport::test
