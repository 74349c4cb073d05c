// SPDX-License-Identifier: Apache-2.0
// Each reason where it may end a request, and what the three fields make of it.
#include "control/access_ending.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using dp::Reason;

std::string told(const dp::AccessRecord& r) {
    const Ending ending = ending_of(r);
    std::string out(response_flag(ending));
    out.append(" ").append(response_details(r, ending));
    out.append(" ").append(termination_details(r, ending));
    return out;
}

std::string told_of(dp::AccessRecord r, Reason reason) {
    r.reason = reason;
    return told(r);
}

TEST(AccessEnding, RequestsThatTheGateRefuses) {
    const struct {
        Reason reason;
        std::string told;
    } rows[] = {
        {Reason::HostNotAllowed, "NR host_not_allowed -"},
        {Reason::IpLiteral, "NR ip_literal -"},
        {Reason::UpgradeDenied, "NR upgrade_denied -"},
        {Reason::DstNotPublic, "NR dst_not_public -"},
        {Reason::RequestHeadTimeout, "NR request_head_timeout -"},
        {Reason::ConflictingOverlap, "NR conflicting_overlap -"},
        {Reason::ProtocolMismatch, "NR protocol_mismatch -"},
        {Reason::HttpAmbiguous, "DPE http_ambiguous -"},
        {Reason::HostInvalid, "DPE host_invalid -"},
        {Reason::NoHost, "DPE no_host -"},
        {Reason::MethodUnknown, "DPE method_unknown -"},
        {Reason::HttpVersion, "DPE http_version -"},
        {Reason::RequestHeadTooLarge, "DPE request_head_too_large -"},
        {Reason::RequestTableFull, "UO request_table_full -"},
        {Reason::RelayFull, "UO relay_full -"},
        {Reason::SetupTableFull, "UO setup_table_full -"},
        {Reason::ClientClosed, "DC client_closed -"},
    };
    for (const auto& row : rows) EXPECT_EQ(told(refused_record(row.reason, 403)), row.told);
}

TEST(AccessEnding, NamesLimitsAndBudgets) {
    const struct {
        Reason reason;
        std::string told;
    } rows[] = {
        {Reason::DnsFailed, "DF dns_failed -"},
        {Reason::DnsTimeout, "DF dns_timeout -"},
        {Reason::NoFamily, "UH no_family -"},
        {Reason::DstMismatch, "NR dst_mismatch -"},
        {Reason::DnsLimited, "RL dns_limited -"},
        {Reason::RateLimit, "RL rate_limit -"},
        {Reason::ConnectionLimit, "UO connection_limit -"},
        {Reason::NameCacheFull, "UO name_cache_full -"},
        {Reason::LimitTableFull, "UO limit_table_full -"},
    };
    for (const auto& row : rows) EXPECT_EQ(told_of(denied_record(), row.reason), row.told);
    EXPECT_EQ(told_of(allowed_record(), Reason::BudgetExceeded), "RL - budget_exceeded");
    EXPECT_EQ(told_of(allowed_record(), Reason::MaxDuration), "DT - max_duration");
    EXPECT_EQ(told_of(allowed_record(), Reason::KeepaliveTimeout), "- - keepalive_timeout");
    EXPECT_EQ(told_of(allowed_record(), Reason::PolicyRecheck), "- - policy_recheck");
}

TEST(AccessEnding, WhatOnlyAuditModeLetPass) {
    dp::AccessRecord r = allowed_record();
    r.decision = dp::policy::Decision::WouldDeny;
    r.would_deny = Reason::SniNotAllowed;
    EXPECT_EQ(told(r), "- would_deny:sni_not_allowed -");
    EXPECT_EQ(told_of(r, Reason::IdleTimeout), "- would_deny:sni_not_allowed idle_timeout");
    EXPECT_EQ(told_of(r, Reason::UpstreamTimeout), "UF upstream_timeout -");
    dp::AccessRecord request = http_record();
    request.decision = dp::policy::Decision::WouldDeny;
    request.would_deny = Reason::HostNotAllowed;
    EXPECT_EQ(told(request), "- would_deny:host_not_allowed -");
}

TEST(AccessEnding, RequestsThatAServerShouldHaveAnswered) {
    const struct {
        Reason reason;
        std::string told;
    } rows[] = {
        {Reason::UpstreamRefused, "UF upstream_refused -"},
        {Reason::UpstreamTimeout, "UF upstream_timeout -"},
        {Reason::UpstreamSetupTimeout, "UF upstream_setup_timeout -"},
        {Reason::UpstreamUnreachable, "UF upstream_unreachable -"},
        {Reason::NoRoute, "UF no_route -"},
        {Reason::UpstreamClosed, "UC upstream_closed -"},
        {Reason::UpstreamReset, "UC upstream_reset -"},
        {Reason::UpstreamProtocol, "UPE upstream_protocol -"},
        {Reason::PortsExhausted, "UO snat_exhausted -"},
        {Reason::ClientClosed, "DC client_closed -"},
        {Reason::ClientReset, "DC client_reset -"},
    };
    auto r = http_record();
    r.http->code = 502;
    r.http->own_answer = true;
    for (const auto& row : rows) EXPECT_EQ(told_of(r, row.reason), row.told);
}

TEST(AccessEnding, ResponsesOfTheServer) {
    EXPECT_EQ(told_of(http_record(), Reason::None), "- via_upstream -");
    EXPECT_EQ(told_of(http_record(), Reason::Closed), "- via_upstream -");
    EXPECT_EQ(told_of(http_record(), Reason::IdleTimeout), "- via_upstream idle_timeout");
    EXPECT_EQ(told_of(http_record(), Reason::Shutdown), "- via_upstream shutdown");
}

TEST(AccessEnding, AResponseThatIsCutShortTellsWhoCutIt) {
    EXPECT_EQ(told_of(http_record(), Reason::UpstreamReset), "UC upstream_reset -");
    EXPECT_EQ(told_of(http_record(), Reason::UpstreamClosed), "UC upstream_closed -");
    EXPECT_EQ(told_of(http_record(), Reason::ClientReset), "DC client_reset -");
    // The head of the request was allowed, a trailer was not.
    EXPECT_EQ(told_of(http_record(), Reason::HttpAmbiguous), "DPE http_ambiguous -");
}

TEST(AccessEnding, WithoutAResponseNothingCameViaTheServer) {
    auto r = http_record();
    r.http->code = 0;
    EXPECT_EQ(told_of(r, Reason::Shutdown), "- - shutdown");
    EXPECT_EQ(told_of(r, Reason::None), "- - -");
}

// A session without a request: TLS, or HTTP that ended before a head was complete.
TEST(AccessEnding, SessionsTellPeersApartFromRefusals) {
    EXPECT_EQ(told_of(allowed_record(), Reason::Closed), "- - -");
    EXPECT_EQ(told_of(allowed_record(), Reason::ClientReset), "- - client_reset");
    EXPECT_EQ(told_of(allowed_record(), Reason::UpstreamReset), "- - upstream_reset");
    EXPECT_EQ(told_of(allowed_record(), Reason::UpstreamClosed), "- - upstream_closed");
    EXPECT_EQ(told_of(allowed_record(), Reason::UpstreamProtocol), "UF upstream_protocol -");
    EXPECT_EQ(told_of(denied_record(), Reason::ClientClosed), "DC client_closed -");
    EXPECT_EQ(told_of(denied_record(), Reason::RequestHeadTimeout), "NR request_head_timeout -");
    EXPECT_EQ(told_of(denied_record(), Reason::HttpVersion), "DPE http_version -");
    EXPECT_EQ(told_of(denied_record(), Reason::NameTableFull), "UO name_table_full -");
}

}  // namespace
}  // namespace sallyport::ctl
