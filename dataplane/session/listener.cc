// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/listener.h"

#include <algorithm>

#include "dataplane/policy/admission.h"
#include "dataplane/session/client_leg.h"
#include "dataplane/session/late.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/translated.h"
#include "tcpstack/tcp/isn.h"

namespace sallyport::dp {
namespace {

using policy::Way;

// An embryo that has sent nothing for so long, no probe either, is forgotten; a browser opens spare
// connections and uses them within this time, or probes them to keep them.
constexpr Duration kEmbryoLife = std::chrono::minutes(1);

void log_refused_syn(Core& core, const Packet& packet, Reason reason, policy::RuleId rule) {
    if (core.limits.syn_records.take(core.now))
        log_refusal(core, {.client = packet.view.four_tuple(), .reason = reason, .rule = rule});
    else
        core.counters.count(Reason::RateLimited);
}

// By the address that the client chose, or by one of the other family that its name may have.
bool may_be_served(const Core& core, const FourTuple& client) {
    return has_way_out(core.settings(), client.dst) ||
           core.generation->policy.may_cross(client.src, client.dst_port);
}

// Whatever the policy answers: a client that has another family tries it at once.
void refuse_family(Core& core, const Packet& packet) {
    log_refused_syn(core, packet, Reason::NoRoute, policy::kDefaultRule);
    reply_reset(core, packet);
    core.drop(packet, Reason::NoRoute);
}

// A SYN has no protocol yet, so `alert` means a reset here as well.
void refuse_syn(Core& core, const Packet& packet, Reason reason, policy::RuleId rule) {
    log_refused_syn(core, packet, reason, rule);
    if (core.generation->policy.default_answer() != policy::Answer::Drop) reply_reset(core, packet);
    core.drop(packet, reason);
}

std::uint16_t mss_for_client(const Core& core, std::uint16_t offered, Family family) {
    const Settings& settings = core.settings();
    return std::min({offered, mss_of(core, kInsidePort, family), mss_of(core, kOutsidePort, family),
                     family == Family::V4 ? settings.client_mss_v4 : settings.client_mss_v6});
}

tcp::ClientOptions remember(const wire::TcpOptions& offered, Family family,
                            bool mirror_timestamps) {
    return {.mss_class = tcp::mss_class_of(offered.mss.value_or(mss_without_option(family))),
            .window_shift = offered.window_shift.value_or(tcp::kNoWindowScale),
            .sack = offered.sack_permitted,
            .timestamps = mirror_timestamps && offered.timestamps.has_value()};
}

void answer_syn(Core& core, const Packet& packet, const wire::TcpOptions& offered) {
    const Settings& settings = core.settings();
    const FourTuple tuple = packet.view.four_tuple();
    const SeqNum irs = packet.view.tcp().seq_num();
    const Family family = tuple.src.family();
    const tcp::ClientOptions options = remember(offered, family, settings.timestamps);
    const tcp::SynCookie cookie =
        tcp::make_cookie(core.config.secrets.cookie, tuple, irs, options, core.now);

    wire::TcpFields reply{.tuple = tuple.reversed(),
                          .seq = cookie.isn,
                          .ack = irs + 1,
                          .flags = wire::kSyn | wire::kAck,
                          .window = static_cast<std::uint16_t>(
                              std::min<std::uint32_t>(settings.hello_bytes, 0xffff))};
    reply.options.mss = mss_for_client(core, offered.mss.value_or(0xffff), family);
    reply.options.sack_permitted = options.sack;
    if (options.window_shift != tcp::kNoWindowScale) reply.options.window_shift = kGateWindowShift;
    if (options.timestamps) {
        const TsVal clock =
            tcp::timestamp_clock(core.config.secrets.timestamp, tuple.dst, tuple.src, core.now);
        reply.options.timestamps = wire::Timestamps{tcp::cookie_timestamp(clock, cookie.ts_mac),
                                                    offered.timestamps->val};
    }
    core.counters.syn_acks_sent.add(1);
    reply_segment(core, packet, reply, {});
    core.free(packet);
}

// What a segment proves about its sender, and what the SYN had said.
struct Proof {
    SeqNum irs, iss;
    tcp::ClientOptions options;
};

std::optional<Proof> check_proof(Core& core, const Packet& packet, const wire::TcpOptions& options) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    const SeqNum irs = tcp.seq_num() - 1, iss = tcp.ack_num() - 1;
    std::optional<TsVal> echo;
    if (options.timestamps) echo = options.timestamps->ecr;
    const auto remembered = tcp::check_cookie(core.config.secrets.cookie, packet.view.four_tuple(),
                                              irs, iss, echo, core.now);
    if (!remembered) return std::nullopt;
    return Proof{irs, iss, *remembered};
}

ClientStart client_start(const Proof& proof, const wire::TcpOptions& options) {
    return {.irs = proof.irs,
            .iss = proof.iss,
            .ts_recent = options.timestamps ? options.timestamps->val : TsVal{},
            .options = proof.options};
}

void remember_embryo(Core& core, const Packet& packet, const ClientStart& start) {
    const FourTuple client = packet.view.four_tuple();
    Embryos& embryos = core.store.embryos;
    const SourceHash source = core.source_hash(client.src);
    if (!core.store.shares.may_take(Resource::Embryos, source, embryos.in_use(client.src.family()),
                                    embryos.capacity()))
        return core.drop(packet, Reason::SourceShareFull);
    const tcp::Embryo embryo{.irs = start.irs,
                             .iss = start.iss,
                             .ts_recent = start.ts_recent,
                             .deadline = tcp::coarse(core.now + kEmbryoLife),
                             .options = start.options};
    // Nothing is lost: the first segment in order will prove the address again.
    if (!embryos.add(client, embryo)) return core.drop(packet, Reason::EmbryoTableFull);
    core.store.shares.took(Resource::Embryos, source);
    core.counters.embryos_made.add(1);
    core.free(packet);
}

void forget_embryo(Core& core, const FourTuple& client, tcp::Embryo& embryo) {
    core.store.shares.gave_back(Resource::Embryos, core.source_hash(client.src));
    core.store.embryos.erase(client, embryo);
}

// A close before any data: answered and over (design: nothing was asked, so nothing is judged).
void answer_fin(Core& core, const Packet& packet, const ClientStart& start) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    wire::TcpFields reply{.tuple = packet.view.four_tuple().reversed(),
                          .seq = start.iss + 1,
                          .ack = tcp.seq_num() + 1,
                          .flags = wire::kFin | wire::kAck,
                          .window = tcp.window.host()};
    if (start.options.timestamps)
        reply.options.timestamps = reply_timestamps(core, packet);
    reply_segment(core, packet, reply, {});
    bury(core, packet.view.four_tuple(),
         {.irs = start.irs,
          .iss = start.iss,
          .rcv_nxt = tcp.seq_num() + 1,
          .timestamps = start.options.timestamps});
    core.free(packet);
}

void on_proven(Core& core, Packet& packet, const ClientStart& start, bool is_new) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    if (packet.view.payload_length() > 0) return begin_session(core, packet, start);
    if (tcp.has(wire::kFin) && tcp.seq_num() == start.irs + 1) return answer_fin(core, packet, start);
    if (is_new) return remember_embryo(core, packet, start);
    core.free(packet);
}

void acknowledge_embryo(Core& core, const Packet& packet, tcp::Embryo& embryo) {
    embryo.deadline = tcp::coarse(core.now + kEmbryoLife);
    wire::TcpFields reply{.tuple = packet.view.four_tuple().reversed(),
                          .seq = embryo.iss + 1,
                          .ack = embryo.irs + 1,
                          .flags = wire::kAck,
                          .window = first_window(core, embryo.options)};
    if (embryo.options.timestamps) reply.options.timestamps = reply_timestamps(core, packet);
    reply_segment(core, packet, reply, {});
    core.free(packet);
}

// RFC 9293 section 3.8.4: one octet may come with the probe, in front of the client's first.
bool is_keepalive(const Packet& packet, const tcp::Embryo& embryo) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    return tcp.seq_num() == embryo.irs && packet.view.payload_length() <= 1 &&
           !tcp.has(wire::kFin | wire::kSyn);
}

// RFC 9293 section 3.10.7.4 for a connection of which only an embryo exists.
void on_embryo(Core& core, Packet& packet, tcp::Embryo& embryo) {
    const FourTuple client = packet.view.four_tuple();
    const wire::TcpHeader& tcp = packet.view.tcp();
    const SeqNum next = embryo.irs + 1;
    if (tcp.has(wire::kRst)) {
        // The cookie stays valid for a while; the tombstone keeps it from opening a session again.
        if (tcp.seq_num() == next) {
            bury(core, client,
                 {.irs = embryo.irs,
                  .iss = embryo.iss,
                  .rcv_nxt = next,
                  .answer = tcp::LateAnswer::Reset});
            forget_embryo(core, client, embryo);
        }
        return core.free(packet);
    }
    if (is_keepalive(packet, embryo)) return acknowledge_embryo(core, packet, embryo);
    if (tcp.ack_num() != embryo.iss + 1) return core.drop(packet, Reason::BadAck);
    const bool closes = tcp.has(wire::kFin) && tcp.seq_num() == next;
    if (packet.view.payload_length() == 0 && !closes) return core.free(packet);
    const ClientStart start{embryo.irs, embryo.iss, embryo.ts_recent, embryo.options};
    forget_embryo(core, client, embryo);
    on_proven(core, packet, start, false);
}

// Who has not proven an address may have taken any of a /64, so that one alone is not answered for it.
SourceHash claimed_source(const Core& core, const IpAddr& address) {
    return siphash_of(core.config.secrets.table, address) | 1;
}

void on_unproven(Core& core, Packet& packet) {
    const FourTuple tuple = packet.view.four_tuple();
    core.limits.bad_cookies.count(claimed_source(core, tuple.src), core.now);
    if (packet.view.payload_length() == 0) {
        reply_reset(core, packet);
        return core.drop(packet, Reason::BadCookie);
    }
    if (core.limits.strays.is_persistent(core.flow_hash(tuple), core.now)) {
        reply_reset(core, packet);
        return core.drop(packet, Reason::NoSession);
    }
    core.drop(packet, Reason::DataBeforeProof);
}

}  // namespace

void on_syn(Core& core, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    const FourTuple tuple = packet.view.four_tuple();
    if (core.limits.bad_cookies.is_quiet(claimed_source(core, tuple.src), core.now))
        return core.drop(packet, Reason::BadCookieLimit);
    const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    if (options.md5) return core.drop(packet, Reason::TcpMd5);
    const policy::Admission admission =
        policy::admit(*core.generation, tuple.src, tuple.dst, tuple.dst_port);
    switch (admission.way) {
        case Way::Inspect:
            if (!may_be_served(core, tuple)) return refuse_family(core, packet);
            return answer_syn(core, packet, options);
        case Way::Translate: return open_flow(core, packet, admission.verdict);
        case Way::Refuse:
            return refuse_syn(core, packet, admission.verdict.reason, admission.verdict.rule);
    }
}

void on_stray(Core& core, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    const wire::TcpHeader& tcp = packet.view.tcp();
    const FourTuple client = packet.view.four_tuple();
    const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    if (options.md5) return core.drop(packet, Reason::TcpMd5);

    tcp::Embryo* embryo = core.store.embryos.find(client, core.now);
    if (tcp.has(wire::kRst)) {
        if (embryo != nullptr) return on_embryo(core, packet, *embryo);
        return core.drop(packet, Reason::NoSession);
    }
    if (!tcp.has(wire::kAck)) return core.drop(packet, Reason::TcpFlagsInvalid);
    if (embryo != nullptr && tcp.ack_num() == embryo->iss + 1)
        return on_embryo(core, packet, *embryo);
    if (tcp::Tombstone* tombstone = core.store.tombstones.find(client, core.now);
        tombstone != nullptr && tombstone->covers(tcp.seq_num(), tcp.ack_num(), core.settings().hello_bytes))
        return on_late(core, packet, *tombstone);

    if (core.limits.bad_cookies.is_quiet(claimed_source(core, client.src), core.now))
        return core.drop(packet, Reason::BadCookieLimit);
    const auto proof = check_proof(core, packet, options);
    if (!proof) return on_unproven(core, packet);
    if (embryo != nullptr) forget_embryo(core, client, *embryo);  // of an earlier handshake on these ports
    on_proven(core, packet, client_start(*proof, options), true);
}

}  // namespace sallyport::dp
